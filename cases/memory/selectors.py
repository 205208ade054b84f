"""Reads of a case's memory, filtered by what the reader may see."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from cases.memory.facts import FactSource, StatedFact
from cases.memory.locks import lock_case, not_found, refuse_gated
from cases.memory.merging import alike
from cases.memory.models import Case, CaseFact, Evidence, Interaction, Message, Verification
from cases.memory.rules import filter_errors, is_uuid
from cases.memory.timeline import (
    as_entries,
    as_timeline,
    labels_of_absorbed,
    list_entries,
    read_entries,
    reading_streams,
    timeline,
)
from cases.memory.types import (
    CaseFilters,
    CaseStatus,
    Channel,
    Speaker,
    Trust,
    VerificationLevel,
    VerificationStanding,
)
from governance.access.models import Queue, User
from governance.access.selectors import readable_queue_ids
from governance.access.types import Authority, Capability
from governance.ledger.selectors import list_stream
from orchestra.core.clock import parse_rfc3339
from orchestra.core.errors import InvalidInputError, NotFoundError
from orchestra.core.prepared import Prepared
from orchestra.core.together import read_together

__all__ = [
    "Duplicate",
    "as_entries",
    "as_facts",
    "as_timeline",
    "cited_ids",
    "duplicates_among",
    "find_latest_message",
    "get_case",
    "get_message",
    "labels_of_absorbed",
    "last_said_at",
    "list_absorbed",
    "list_cases",
    "list_duplicates",
    "list_entries",
    "list_evidence",
    "list_fact_rows",
    "list_facts",
    "list_messages",
    "list_of_customer",
    "list_stated",
    "list_verifications",
    "lock_case",
    "read_entries",
    "readable_ids",
    "reading_streams",
    "timeline",
    "verification_among",
    "verification_of",
]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A case that looks like the same matter.

    Attributes:
        why: ``intent``, and the names of facts that both state alike.
    """

    case: Case
    why: tuple[str, ...]


def get_case(*, authority: Authority, case_id: UUID | str) -> Case:
    """Return a case with its queue, customer and holder.

    Args:
        authority: What the reader holds.
        case_id: Public id.

    Raises:
        NotFoundError: There is no such case, or the reader may not see it.
        NotPermittedError: An AI agent asks, and a critical risk took the case to people.
    """
    wanted = _wanted(case_id)
    queues = readable_queue_ids(authority, Capability.CASE_READ)
    if queues is None:
        row = _ANY_CASE.first(wanted)
    else:
        row = _CASE_OF_QUEUES.first(wanted, sorted(queues)) if queues else None
    if row is None:
        raise not_found()
    refuse_gated(actor=authority.actor, case=row)
    return row


def _wanted(case_id: UUID | str) -> UUID:
    try:
        return case_id if isinstance(case_id, UUID) else UUID(case_id)
    except ValueError:
        raise not_found() from None


def get_case_with_entries(*, authority: Authority, case_id: UUID | str) -> tuple[Case, list[Any]]:
    """Return a case as ``get_case`` does, and its ledger entries, oldest first: one statement.

    Raises:
        NotFoundError: There is no such case, or the reader may not see it.
        NotPermittedError: An AI agent asks, and a critical risk took the case to people.
    """
    wanted = _wanted(case_id)
    rows = _visible(authority).filter(public_id=wanted)
    entries = list_stream(stream=f"case:{wanted}").filter(Exists(rows.order_by().values("pk")))
    read_together(rows, entries)
    case = next(iter(rows), None)
    if case is None:
        raise not_found()
    refuse_gated(actor=authority.actor, case=case)
    return case, list(entries)


def list_cases(*, authority: Authority, filters: CaseFilters | None = None) -> QuerySet[Case]:
    """Return the cases a reader may see, newest first, with queue, customer and holder.

    Raises:
        InvalidInputError: A filter is no value of its field; every such field is named.
    """
    filters = filters or CaseFilters()
    if findings := filter_errors(filters):
        raise InvalidInputError(findings[0].message, errors=findings)
    # The rows of the upper room are reached by name; nothing of its code is needed.
    wanted: dict[str, object] = {
        "status": filters.status,
        "journeys__version__cue_sheet__key": filters.journey,
        "customer__ref": filters.customer,
        "intent": filters.intent,
        "opened_at__gte": filters.opened_after and parse_rfc3339(filters.opened_after),
        "opened_at__lt": filters.opened_before and parse_rfc3339(filters.opened_before),
    }
    rows = _visible(authority)
    if authority.actor.is_agent:
        rows = rows.filter(gated_at__isnull=True)
    rows = rows.filter(**{key: value for key, value in wanted.items() if value})
    # Looked up before and not joined: the planner then knows how much a queue or a holder has.
    if filters.queue:
        queues = Queue.objects.filter(key=filters.queue)
        rows = rows.filter(queue_id__in=list(queues.values_list("pk", flat=True)))
    if filters.holder_id:
        holders = User.objects.filter(public_id=filters.holder_id)
        rows = rows.filter(holder_id__in=list(holders.values_list("pk", flat=True)))
    if filters.risk:
        # JSON containment is PostgreSQL's alone; a flag is a plain word, quoted in the text.
        rows = rows.annotate(flags_text=Cast("risk_flags", TextField())).filter(
            flags_text__contains=f'"{filters.risk}"'
        )
    return (rows.distinct() if filters.journey else rows).order_by("-pk")


def _visible(authority: Authority) -> QuerySet[Case]:
    queues = readable_queue_ids(authority, Capability.CASE_READ)
    return _cases() if queues is None else _cases().filter(queue_id__in=queues)


def _cases() -> QuerySet[Case]:
    return Case.objects.select_related("queue", "customer", "holder")


_ANY_CASE = Prepared(lambda wanted: _cases().filter(public_id=wanted))
_CASE_OF_QUEUES = Prepared(
    lambda wanted, queues: _cases().filter(public_id=wanted, queue_id__in=queues)
)


def readable_ids(authority: Authority, case_ids: Collection[str]) -> frozenset[str]:
    """Return those of some cases (public ids) that an authority may read."""
    return frozenset(str(found) for found in list_readable(authority, case_ids))


def list_readable(authority: Authority, case_ids: Collection[str]) -> QuerySet[Any, UUID]:
    """Return the public ids of those of some cases that an authority may read."""
    wanted = [each for each in case_ids if is_uuid(each)]
    rows = _visible(authority).filter(public_id__in=wanted).order_by()
    return rows.values_list("public_id", flat=True)


def queues_of(case_ids: Collection[str]) -> dict[str, int]:
    """Return the queue (primary key) of each of some cases (public ids), whoever asks."""
    rows = Case.objects.filter(public_id__in=[each for each in case_ids if is_uuid(each)])
    return {str(case): queue for case, queue in rows.values_list("public_id", "queue_id")}


def list_messages(*, case: Case) -> QuerySet[Message]:
    """Return the utterances of a case in the order they were said, however late they arrived.

    With those of the cases it took in: what was said there was said here.
    """
    return _messages(case.pk)


def read_messages(*, case: Case) -> list[Message]:
    """Return the rows of ``list_messages``."""
    return _MESSAGES.rows(case.pk)


def _messages(case_id: int) -> QuerySet[Message]:
    absorbed = Case.objects.filter(Q(pk=case_id) | Q(merged_into_id=case_id)).values("pk")
    rows = Message.objects.filter(case__in=absorbed)
    return rows.select_related("interaction").order_by("at", "pk")


_MESSAGES = Prepared(_messages)


def _with_absorbed(case: Case) -> QuerySet[Case, Any]:
    """Return the keys of a case and of those it took in: what was said there was said here."""
    return Case.objects.filter(Q(pk=case.pk) | Q(merged_into=case)).values("pk")


def list_absorbed(*, case: Case) -> QuerySet[Case]:
    """Return the cases that a case took in, oldest first."""
    return Case.objects.filter(merged_into=case).order_by("pk")


def list_duplicates(*, authority: Authority, case: Case, most: int = 5) -> list[Duplicate]:
    """Return open cases of the same customer that look like the same matter, newest first.

    Nothing is merged by this; a person looks and decides. Two queries, none for a case of
    nobody known.
    """
    rows = list(list_of_customer(authority=authority, case=case))
    facts = list_stated(cases=[case, *rows]) if rows else ()
    return duplicates_among(rows, case=case, stated=facts, most=most)


def list_of_customer(*, authority: Authority, case: Case) -> QuerySet[Case]:
    """Return the other open cases of a case's customer that a reader may see, newest first."""
    if case.customer_id is None:
        return Case.objects.none()
    running = [CaseStatus.OPEN, CaseStatus.HANDED_OFF, CaseStatus.RESOLVED]
    rows = _visible(authority).filter(customer_id=case.customer_id, status__in=running)
    return rows.exclude(pk=case.pk).order_by("-pk")[:50]


def list_stated(*, cases: Iterable[Case]) -> QuerySet[CaseFact, tuple[int, str, str]]:
    """Return what was stated of the matter of some cases: key of the case, name and value."""
    facts = CaseFact.objects.filter(case__in=[one.pk for one in cases])
    return facts.values_list("case_id", "name", "value")


def duplicates_among(
    rows: Iterable[Case], *, case: Case, stated: Iterable[tuple[int, str, str]], most: int = 5
) -> list[Duplicate]:
    """Return those that ``list_duplicates`` finds among the other cases of a customer.

    Args:
        rows: As ``list_of_customer`` returns them.
        case: The case.
        stated: As ``list_stated`` returns it, of the case and of those.
        most: So many at most.
    """
    facts: dict[int, set[tuple[str, str]]] = {}
    for case_pk, name, value in stated:
        facts.setdefault(case_pk, set()).add((name, value))
    own = facts.get(case.pk, set())
    found = []
    for row in rows:
        shared = sorted(name for name, _value in own & facts.get(row.pk, set()))
        why = alike(intent=case.intent, other_intent=row.intent, shared=shared)
        if why:
            found.append(Duplicate(row, why))
    return found[:most]


def latest_channel(*, case: Case) -> Channel:
    """Return the channel of the latest contact of a case; its own before there is one."""
    found = Interaction.objects.filter(case=case).order_by("-pk").values_list("channel", flat=True)
    return Channel(found.first() or case.channel)


def get_message(*, case: Case, message_id: UUID | str) -> Message:
    """Return one utterance of a case.

    Raises:
        NotFoundError: The case has no such message.
    """
    found = Message.objects.filter(case=case, public_id=message_id).first()
    if found is None:
        raise NotFoundError(_("This case has no such message."), code="not_found.message")
    return found


def find_latest_message(*, case: Case, speaker: Speaker = Speaker.CUSTOMER) -> Message | None:
    """Return what a speaker said last, or None."""
    return Message.objects.filter(case=case, speaker=speaker).order_by("-at", "-pk").first()


def last_said_at(*, case: Case) -> datetime | None:
    """Return when anybody spoke with the customer last, or None."""
    rows = Message.objects.filter(case=case).order_by("-at").values_list("at", flat=True)
    return rows.first()


def list_evidence(*, case: Case) -> QuerySet[Evidence]:
    """Return the evidence of a case in the order it was attached."""
    rows = Evidence.objects.filter(case__in=_with_absorbed(case))
    return rows.select_related("case").order_by("pk")


def list_facts(*, case: Case) -> list[StatedFact]:
    """Return what was stated of a case's matter, in the order it was recorded: one query."""
    return as_facts(list_fact_rows(case=case))


def list_fact_rows(*, case: Case) -> QuerySet[CaseFact]:
    """Return the rows of ``list_facts``."""
    return CaseFact.objects.filter(case__in=_with_absorbed(case)).order_by("pk")


def as_facts(rows: Iterable[CaseFact]) -> list[StatedFact]:
    """Return facts as values, in their order."""
    return [
        StatedFact(
            name=row.name,
            value=row.value,
            trust=Trust(row.trust),
            source_kind=FactSource(row.source_kind),
            source_id=row.source_id,
            by_label=row.by_label,
            at=row.at,
        )
        for row in rows
    ]


def cited_ids(*, case: Case, cited: Sequence[str]) -> frozenset[str]:
    """Return which of the cited ids are of messages or evidence of a case, as cited."""
    wanted = {one: UUID(one) for one in cited if is_uuid(one)}
    if not wanted:
        return frozenset()
    ids = set(wanted.values())
    found = {
        *Message.objects.filter(case=case, public_id__in=ids).values_list("public_id", flat=True),
        *Evidence.objects.filter(case=case, public_id__in=ids).values_list("public_id", flat=True),
    }
    return frozenset(one for one, public_id in wanted.items() if public_id in found)


def _verifications(case_id: int, level: str) -> QuerySet[Verification]:
    return Verification.objects.filter(case_id=case_id, level=level).order_by("-pk")[:1]


_LAST_VERIFICATION = Prepared(_verifications)


def verification_of(case: Case) -> VerificationStanding:
    """Return how surely the customer of a case is known, and since which check."""
    level = VerificationLevel(case.verification)
    if level is VerificationLevel.NONE:
        return VerificationStanding(level=level)
    return verification_among(_LAST_VERIFICATION.rows(case.pk, level), case=case)


def list_verifications(*, case: Case) -> QuerySet[Verification]:
    """Return the check by which the customer of a case is known as surely as now, if any."""
    level = VerificationLevel(case.verification)
    if level is VerificationLevel.NONE:
        return Verification.objects.none()
    return _verifications(case.pk, level)


def verification_among(rows: Iterable[Verification], *, case: Case) -> VerificationStanding:
    """Return the standing of ``verification_of``, the rows of ``list_verifications`` at hand."""
    level = VerificationLevel(case.verification)
    found = next(iter(rows), None)
    if found is None:
        return VerificationStanding(level=level)
    return VerificationStanding(
        level=level,
        method=found.method,
        trust=Trust(found.trust),
        by_label=found.by_label,
        at=found.at,
        tool_call_id=found.tool_call_id_text,
    )
