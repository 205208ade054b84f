"""Which grants stood at a moment, from the version histories of all of them: two queries."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateTimeField,
    F,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast

from governance.access.models import (
    AgentIdentity,
    AgentQueueGrant,
    KindGroupGrant,
    KindUserGrant,
    QueueGroupGrant,
    QueueUserGrant,
)
from governance.access.registry import document_grants
from governance.access_reviews.rewind import Change, replay
from governance.access_reviews.types import Given

#: Kinds of history beside those of documents, which have the name of their kind.
PERSON_QUEUE, ROLE_QUEUE, AGENT_QUEUE = "person queue", "role queue", "agent queue"
PERSON_KIND, ROLE_KIND = "person kind", "role kind"
_AGENT = "agent"
_PERSON, _ROLE = "person ", "role "
_CODE, _GROUP = "code", "group"
_COLUMNS = tuple(
    f"past_{name}"
    for name in ("of", "pk", "at", "id", "sign", "by", "until", "who", "place", "code", "kind")
)
_NONE = Value(0, output_field=BigIntegerField())
_NOTHING = Value("", output_field=CharField())


@dataclass(frozen=True, slots=True)
class Version:
    """A grant as it stood.

    Attributes:
        who: Key of the person, role or agent.
        place: Key of the queue or document; 0 for none.
        code: Key of the permission; 0 for none.
        kind: Kind of document, all of which are granted; empty for none.
    """

    who: int
    place: int
    code: int
    kind: str
    given: Given


@dataclass(frozen=True, slots=True)
class Stood:
    """What stood at a moment.

    Attributes:
        grants: By kind of history.
        agents: Keys of the AI agents that were active.
    """

    grants: Mapping[str, list[Version]]
    agents: frozenset[int]


@dataclass(frozen=True, slots=True)
class Names:
    """What today's rows are called that histories name by key.

    Attributes:
        codes: Permissions.
        groups: Roles.
        documents: By kind of document, its key and title.
    """

    codes: Mapping[int, str]
    groups: Mapping[int, str]
    documents: Mapping[str, Mapping[int, tuple[str, str]]]


def by_person(kind: str) -> str:
    """Return the kind of history of what people hold on documents of a kind."""
    return f"{_PERSON}{kind}"


def by_role(kind: str) -> str:
    """Return the kind of history of what roles hold on documents of a kind."""
    return f"{_ROLE}{kind}"


def read_versions(*, at: datetime) -> Stood:
    """Return every grant that stood at a moment, with who gave it when: one query."""
    return stood_of(histories(at), at=at)


def histories(at: datetime) -> QuerySet[Any, Any]:
    """Return the versions of every table of grants up to a moment, for ``stood_of``."""
    first, *others = _histories(at)
    return first.union(*others, all=True)


def stood_of(versions: Iterable[tuple[Any, ...]], *, at: datetime) -> Stood:
    """Return what ``read_versions`` does, of the rows of ``histories``."""
    changes: dict[tuple[str, int], list[Change]] = {}
    last: dict[tuple[str, int], tuple[Any, ...]] = {}
    rows = sorted(versions, key=lambda row: (row[2], row[0], row[3]))
    for of, pk, moment, _id, sign, by, until, *rest in rows:
        last[of, pk] = tuple(rest)
        change = Change(at=moment, by=by, is_given=sign != "-", until_at=until)
        changes.setdefault((of, pk), []).append(change)
    grants: dict[str, list[Version]] = {}
    for (of, pk), past in changes.items():
        given = replay(past, at=at)
        if of != _AGENT and given is not None:
            who, place, code, kind = last[of, pk]
            grants.setdefault(of, []).append(Version(who, place, code, kind, given))
    active = frozenset(pk for (of, pk), row in last.items() if of == _AGENT and row[2])
    return Stood(grants=grants, agents=active)


def read_names() -> Names:
    """Return what permissions, roles and documents are called: one query."""
    return names_of(called())


def called() -> QuerySet[Any, Any]:
    """Return the key and title of every permission, role and document, for ``names_of``."""
    documents = [
        _called(kind, document_grants.get(kind).documents.objects, F("key"), F("title"))
        for kind in document_grants
    ]
    codes = Permission.objects.filter(content_type__app_label="governance")
    return _called(_CODE, codes, F("codename"), _NOTHING).union(
        _called(_GROUP, Group.objects, F("name"), _NOTHING), *documents, all=True
    )


def names_of(rows: Iterable[tuple[str, int, str, str]]) -> Names:
    """Return what ``read_names`` does, of the rows of ``called``."""
    found: dict[str, dict[int, tuple[str, str]]] = {}
    for of, pk, key, title in rows:
        found.setdefault(of, {})[pk] = (key, title)
    return Names(
        codes={pk: key for pk, (key, _title) in found.get(_CODE, {}).items()},
        groups={pk: key for pk, (key, _title) in found.get(_GROUP, {}).items()},
        documents={kind: found.get(kind, {}) for kind in document_grants},
    )


def _called(of: str, rows: Any, key: Any, title: Any) -> QuerySet[Any, Any]:
    told = rows.order_by().annotate(
        named_of=Value(of, output_field=CharField()), named_key=key, named_title=title
    )
    columns: QuerySet[Any, Any] = told.values_list("named_of", "pk", "named_key", "named_title")
    return columns


def _histories(at: datetime) -> Iterator[QuerySet[Any, Any]]:
    person, role, place = F("user_id"), F("group_id"), F("content_object_id")
    code = F("permission_id")
    yield _history(PERSON_QUEUE, QueueUserGrant, at, who=person, place=place, code=code)
    yield _history(ROLE_QUEUE, QueueGroupGrant, at, who=role, place=place, code=code)
    yield _history(AGENT_QUEUE, AgentQueueGrant, at, who=F("agent_id"), place=F("queue_id"))
    yield _history(PERSON_KIND, KindUserGrant, at, who=person, kind=F("kind"))
    yield _history(ROLE_KIND, KindGroupGrant, at, who=role, kind=F("kind"))
    for kind in document_grants:
        grants = document_grants.get(kind)
        yield _history(by_person(kind), grants.by_person, at, who=person, place=place)
        yield _history(by_role(kind), grants.by_role, at, who=role, place=place)
    active = Case(
        When(is_active=True, then=Value(1, output_field=BigIntegerField())), default=_NONE
    )
    never = Cast(Value(None), DateTimeField())
    yield _history(_AGENT, AgentIdentity, at, who=_NONE, code=active, until=never)


def _history(
    of: str,
    model: Any,
    at: datetime,
    *,
    who: Any,
    place: Any = _NONE,
    code: Any = _NONE,
    kind: Any = _NOTHING,
    until: Any = None,
) -> QuerySet[Any, Any]:
    """Return the versions of a table's rows up to a moment, in the columns that all share."""
    told = model.history.filter(history_date__lte=at).order_by()
    told = told.annotate(
        past_of=Value(of, output_field=CharField()),
        past_pk=F("id"),
        past_at=F("history_date"),
        past_id=F("history_id"),
        past_sign=F("history_type"),
        past_by=F("actor_label"),
        past_until=F("until_at") if until is None else until,
        past_who=who,
        past_place=place,
        past_code=code,
        past_kind=kind,
    )
    columns: QuerySet[Any, Any] = told.values_list(*_COLUMNS)
    return columns
