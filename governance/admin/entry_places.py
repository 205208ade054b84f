"""Where what an entry names is shown, of the rooms of governance: documents, people, changes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _t

from governance.access.types import Capability
from governance.admin.entry_links import Named, Way, as_uuid, places
from governance.admin.visit import Visit
from governance.reviews.registry import documents
from orchestra.core.actors import ActorKind
from orchestra.core.together import Reading, all_of, read

#: Kind of document to what a reader of its page needs; the page bears the kind's name.
_READING: Mapping[str, Capability] = {
    "policy": Capability.POLICY_READ,
    "article": Capability.KNOWLEDGE_READ,
    "cue_sheet": Capability.CUE_SHEET_READ,
    "tool": Capability.TOOL_READ,
    "scorecard": Capability.SCORECARD_READ,
    "sampling_plan": Capability.SAMPLING_READ,
    "metric_definition": Capability.METRIC_READ,
    "outcome_target": Capability.METRIC_READ,
}
#: Field of the envelope to the kind of the document whose digest it holds.
_FIELDS = {"policy": "policy", "cue": "cue_sheet", "schema": "tool"}
_VERSION = "_version"


@dataclass(frozen=True, slots=True)
class _Subject:
    """A kind of subject with a page of its own.

    Attributes:
        what: What it is called.
        page: Name of its page, which takes its public id.
        capability: What a reader of the page needs.
        name: Key of the payload that holds what people call this one.
    """

    what: object
    page: str
    capability: Capability
    name: str


_SUBJECTS: Mapping[str, _Subject] = {
    "change_request": _Subject(_t("Change request"), "change", Capability.CHANGE_READ, "change"),
    "agent": _Subject(_t("AI agent"), "agent", Capability.ACCESS_READ, "agent"),
    "user": _Subject(_t("Person"), "person", Capability.ACCESS_READ, "person"),
    "access_review": _Subject(
        _t("Access review"), "access_review", Capability.ACCESS_REVIEW, "title"
    ),
}


@dataclass(frozen=True, slots=True)
class _Versions:
    """Versions of a kind of document that an entry names, and the field that names them."""

    kind: str
    rows: "QuerySet[Any]"
    field: str = ""


def governed_places(visit: Visit, named: Named) -> Reading[list[Way]]:
    """Come to the people, agents, changes and documents that an entry names."""
    wanted = [*_subject_version(named), *_by_digest(named), *_deciding_policies(named)]
    found = yield from all_of(
        {
            str(number): read(one.rows.select_related(documents.get(one.kind).rows.link))
            for number, one in enumerate(wanted)
        }
    )
    return [
        *_actor(visit, named),
        *_subject(visit, named),
        *(
            way
            for one, versions in zip(wanted, found.values(), strict=True)
            for way in _ways_to(visit, one, versions)
        ),
    ]


def _actor(visit: Visit, named: Named) -> Iterator[Way]:
    pages = {ActorKind.HUMAN.value: "person", ActorKind.AGENT.value: "agent"}
    name = pages.get(named.actor_kind, "")
    title = named.text("actor_label") or named.actor_id
    yield Way(
        what=_("Who acted"),
        title=title,
        link=_link(visit, name, named.actor_id, Capability.ACCESS_READ) if name else "",
        field="actor",
    )


def _subject(visit: Visit, named: Named) -> Iterator[Way]:
    subject = _SUBJECTS.get(named.subject_kind)
    if subject is not None:
        yield Way(
            what=str(subject.what),
            title=named.text(subject.name) or named.subject_id,
            link=_link(visit, subject.page, named.subject_id, subject.capability),
            field="subject",
        )
    # What happens to a token or a grant is told in the stream of whom it is.
    of = _SUBJECTS.get(named.stream_kind)
    if of is not None and named.stream_id != named.subject_id:
        yield Way(
            what=str(of.what),
            title=named.text(of.name) or named.stream_id,
            link=_link(visit, of.page, named.stream_id, of.capability),
            field="stream",
        )


def _subject_version(named: Named) -> Iterator[_Versions]:
    kind = named.subject_kind.removesuffix(_VERSION)
    if named.subject_kind in {"tool", kind} or kind not in documents:
        return
    if as_uuid(named.subject_id) is None:
        return
    rows = documents.get(kind).rows.versions().filter(public_id=named.subject_id)
    yield _Versions(kind, rows, field="subject")


def _deciding_policies(named: Named) -> Iterator[_Versions]:
    """Yield the policy versions that a decision was made under, as it names them."""
    held = named.payload.get("policies")
    if not isinstance(held, Mapping):
        return
    wanted = Q(pk__in=[])
    for key, each in held.items():
        if isinstance(each, list) and each and isinstance(each[0], int):
            wanted |= Q(policy__key=key, number=each[0])
    yield _Versions("policy", documents.get("policy").rows.versions().filter(wanted))


def _by_digest(named: Named) -> Iterator[_Versions]:
    for field, digest in named.digests.items():
        kind = _FIELDS[field]
        if kind not in documents or named.subject_kind == f"{kind}{_VERSION}":
            continue
        rows = documents.get(kind).rows.versions().filter(digest=digest)
        # The same text can come into force again: the version meant is the newest of then.
        rows = rows.filter(published_at__lte=named.at).order_by("-published_at")[:1]
        yield _Versions(kind, rows, field=field)


def _ways_to(visit: Visit, wanted: _Versions, versions: Iterable[Any]) -> Iterator[Way]:
    kind = wanted.kind
    found = documents.get(kind)
    capability = _READING.get(kind)
    for version in versions:
        document = getattr(version, found.rows.link)
        key = getattr(document, found.rows.key_field)
        link = _link(visit, kind, key, capability) if capability else ""
        yield Way(
            what=str(found.title).capitalize(),
            title=_("%(title)s, version %(number)d")
            % {
                "title": version.document.get("title") or document.title,
                "number": version.number,
            },
            link=f"{link}?version={version.number}" if link else "",
            field=wanted.field,
        )


def _link(visit: Visit, page: str, key: str, capability: Capability) -> str:
    """Return the address of a page; empty where the reader may not open it."""
    takes_id = page in {"change", "agent", "person", "access_review"}
    if not visit.may(capability) or (takes_id and as_uuid(key) is None):
        return ""
    return reverse(f"admin:{page}", args=[key])


places.register("governance", governed_places)
