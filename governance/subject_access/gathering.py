"""Put together what is held about a person: by holder, decisions, recipients, periods."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from governance.access.models import User
from governance.access.types import Role
from governance.approvals.models import ApprovalVote
from governance.evidence.models import ExportedStream
from governance.ledger.registry import kinds
from governance.ledger.selectors import sentence_of
from governance.policies.models import DecisionRecord
from governance.privacy.registry import in_order
from governance.privacy.types import PersonalRecord, Subject
from governance.retention.selectors import list_schedule
from governance.subject_access import rules
from governance.subject_access.types import Decided, Held, Json, Told
from orchestra.core.clock import rfc3339
from orchestra.core.words import plain

_MESSAGES = "messages"
_TOOLS = "tool_calls"
_CONTACT = "customers"
_LEDGER = "ledger"


def gather(*, subject: Subject, now: datetime) -> Told:
    """Return everything held about a person, as the person may read it.

    Args:
        subject: Whose data it is.
        now: When, UTC.
    """
    found = {holder.code: list(holder.collect(subject)) for holder in in_order()}
    titles = {holder.code: str(holder.title) for holder in in_order()}
    reader = rules.Reader(own=_own(subject, found), staff=_staff())
    held = [
        Held(code, titles[code], [_told(record, reader) for record in records])
        for code, records in found.items()
        if records
    ]
    return Told(
        label=subject.label,
        at=now,
        held=held,
        decided=list(_decided(subject, reader)),
        recipients=list(_recipients(subject, found)),
        periods=[
            _("%(title)s: %(days)d days from %(from)s")
            % {"title": one.kept.title, "days": one.days, "from": one.kept.counts_from}
            for one in list_schedule()
        ],
    )


def _own(subject: Subject, found: Mapping[str, list[PersonalRecord]]) -> set[str]:
    said = [
        str(record.values.get("text", ""))
        for record in found.get(_MESSAGES, [])
        if record.values.get("speaker") == "customer"
    ]
    own = {*subject.texts, *rules.own_data(said)}
    for record in found.get(_CONTACT, []):
        own |= set(_texts(dict(record.values)))
    return own


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _staff() -> dict[str, str]:
    """Return every name of a member of staff, with the role they are told as."""
    told: dict[str, str] = {}
    roles = [str(role) for role in Role]
    for person in User.objects.prefetch_related("groups"):
        held = sorted(
            (group.name for group in person.groups.all() if group.name in roles), key=roles.index
        )
        words = _("a %(role)s") % {"role": plain(held[0])} if held else _("a member of staff")
        told |= {name: words for name in (person.label, person.get_full_name()) if name.strip()}
    return told


def _told(record: PersonalRecord, reader: rules.Reader) -> PersonalRecord:
    values = {key: _plain(value) for key, value in record.values.items()}
    if record.holder == _LEDGER and str(record.values.get("kind")) in kinds:
        payload = values["payload"]
        sentence = sentence_of(kind=str(values["kind"]), payload=payload)
        values = {"what": sentence, **values}
    return replace(record, values=rules.tell_value(values, reader))


def _plain(value: Json) -> Json:
    """Return a value as JSON can hold it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        return rfc3339(value)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return _("%(n)d bytes") % {"n": len(value)} if isinstance(value, bytes) else str(value)


def _decided(subject: Subject, reader: rules.Reader) -> Iterator[Decided]:
    cases = {f"case:{case.id}": case.label for case in subject.cases}
    votes: dict[str, list[str]] = {}
    for vote in ApprovalVote.objects.filter(
        request__case_public_id__in=subject.case_ids
    ).select_related("request"):
        roles = ", ".join(plain(role) for role in vote.roles) or _("a person")
        said = _("%(role)s: %(choice)s. %(reason)s") % {
            "role": roles,
            "choice": plain(vote.choice),
            "reason": vote.reason,
        }
        votes.setdefault(vote.request.subject_id, []).append(rules.tell_text(said, reader))
    rows = DecisionRecord.objects.filter(stream__in=subject.streams).order_by("at", "pk")
    for row in rows.iterator():
        body = json.loads(bytes(row.body)) if row.body else {}
        reasons = [rules.tell_text(str(one), reader) for one in body.get("reasons", [])]
        human = votes.get(row.subject_id, [])
        yield Decided(row.at, cases.get(row.stream, ""), row.outcome, reasons, human)


def _recipients(subject: Subject, found: Mapping[str, list[PersonalRecord]]) -> Iterator[str]:
    tools = {str(record.values.get("tool__title", "")) for record in found.get(_TOOLS, [])}
    for title in sorted(tools - {""}):
        yield _("A system of record, through the tool “%(tool)s”") % {"tool": title}
    taken = ExportedStream.objects.filter(stream__in=subject.streams, export__downloads__gt=0)
    count = taken.values("export_id").distinct().count()
    if count:
        yield _("Whoever was given one of %(n)d files of evidence") % {"n": count}
    yield _("Staff of the centre, by their roles, as listed under what the audit history says")
