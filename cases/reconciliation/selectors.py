"""Reads: effects as their rows tell them, entries about them, and what differs."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Min, Model, Q, QuerySet

from cases.handoff.models import Handoff
from cases.journeys.models import Journey
from cases.memory.models import Case, Evidence, Message, Verification
from cases.memory.rules import is_uuid
from cases.reconciliation.models import Difference, Reconciliation
from cases.reconciliation.rules import needs_of_approval, needs_of_call
from cases.reconciliation.types import Effect, Seen, Unexplained
from cases.tools.models import ToolCall
from cases.tools.types import Effect as ToolEffect
from governance.approvals.models import ApprovalRequest
from governance.ledger.selectors import list_entries
from governance.policies.models import DecisionRecord
from orchestra.core.errors import NotFoundError

CHUNK: Final = 500
_CASE = "case:"


def effects_since(since: datetime | None) -> Iterator[list[Effect]]:
    """Yield what happened, in groups small enough to look up together.

    Args:
        since: Only what began or ended from then on; None for everything.
    """
    yield from _chunks(_calls(since), _call_effects)
    yield from _chunks(_approvals(since), _approval_effects)
    for plain in _PLAIN:
        found = (
            plain.rows() if since is None else plain.rows().filter(**{f"{plain.at}__gte": since})
        )
        yield from _chunks(found.order_by("pk"), plain.build)


def seen_of(ids: Collection[str]) -> dict[str, list[Seen]]:
    """Return the entries about some subjects, by the subject's public id."""
    found: dict[str, list[Seen]] = defaultdict(list)
    rows = list_entries().filter(subject_id__in=ids).order_by("pk")
    for place, kind, subject in rows.values_list("pk", "kind", "subject_id"):
        found[subject].append(Seen(place=place, kind=kind))
    return found


def subjects_since(place: int, until: int) -> Iterator[dict[tuple[str, str], str]]:
    """Yield which subjects have new entries: kind and id, to the public id of the case.

    Args:
        place: Entries after this one.
        until: And up to this one.
    """
    columns = ("pk", "subject_kind", "subject_id", "stream")
    rows = list_entries().filter(pk__lte=until, subject_kind__in=CHECKED)
    while chunk := list(rows.filter(pk__gt=place).order_by("pk").values_list(*columns)[:CHUNK]):
        place = chunk[-1][0]
        yield {
            (kind, subject): stream.removeprefix(_CASE) if stream.startswith(_CASE) else ""
            for _pk, kind, subject, stream in chunk
            if subject
        }


def known_ids(kind: str, ids: Collection[str]) -> set[str]:
    """Return those of some public ids for which a row of this kind stands."""
    wanted = [each for each in ids if is_uuid(each)]
    rows = CHECKED[kind]._default_manager.filter(public_id__in=wanted)  # noqa: SLF001  Django's documented entry for generic code
    return {str(found) for found in rows.values_list("public_id", flat=True)}


def newest_entry() -> int:
    """Return the number of the newest entry, 0 where there is none."""
    return list_entries().values_list("pk", flat=True).first() or 0


def writes_to_ask(since: datetime | None, most: int) -> list[ToolCall]:
    """Return settled writes of which a system of record can be asked, newest first."""
    rows = ToolCall.objects.filter(tool__effect=ToolEffect.WRITE, settled_at__isnull=False)
    if since is not None:
        rows = rows.filter(settled_at__gte=since)
    wanted = rows.select_related("tool__connection", "case", "decision").order_by("-pk")
    return list(wanted[:most])


def list_reconciliations() -> QuerySet[Reconciliation]:
    """Return the comparisons, newest first."""
    return Reconciliation.objects.order_by("-pk")


def last_reconciliation(*, whole: bool = False) -> Reconciliation | None:
    """Return the newest comparison; with ``whole`` the newest of everything."""
    rows = list_reconciliations()
    return (rows.filter(since_at__isnull=True) if whole else rows).first()


def list_differences() -> QuerySet[Difference]:
    """Return the differences that still stand, unexplained first, newest first."""
    return Difference.objects.filter(gone_at__isnull=True).order_by("-pk")


def count_unexplained() -> int:
    """Return how many differences stand that nobody explained."""
    return summarize_unexplained().count


def summarize_unexplained() -> Unexplained:
    """Return how many differences stand that nobody explained, and since when: one query."""
    standing = list_differences().filter(explained_at__isnull=True).order_by()
    found = standing.aggregate(count=Count("id"), oldest=Min("found_at"))
    return Unexplained(count=found["count"], oldest_at=found["oldest"])


def get_difference(difference_id: UUID) -> Difference:
    """Return one difference.

    Raises:
        NotFoundError: There is none with this public id.
    """
    found = Difference.objects.filter(public_id=difference_id).first()
    if found is None:
        raise NotFoundError("There is no such difference.")
    return found


def case_labels(ids: Iterable[str]) -> dict[str, str]:
    """Return what cases are called, by public id."""
    wanted = {each for each in ids if is_uuid(each)}
    rows = Case.objects.filter(public_id__in=wanted)
    return {str(row.public_id): row.label for row in rows}


def _chunks(
    rows: "QuerySet[Any]", build: Callable[[Sequence[Any]], list[Effect]]
) -> Iterator[list[Effect]]:
    last = 0
    while chunk := list(rows.filter(pk__gt=last)[:CHUNK]):
        last = chunk[-1].pk
        yield build(chunk)


def _calls(since: datetime | None) -> "QuerySet[ToolCall]":
    rows = ToolCall.objects.select_related("case").order_by("pk")
    if since is not None:
        rows = rows.filter(Q(created_at__gte=since) | Q(settled_at__gte=since))
    return rows


def _approvals(since: datetime | None) -> "QuerySet[ApprovalRequest]":
    rows = ApprovalRequest.objects.annotate(cast=Count("votes")).order_by("pk")
    if since is not None:
        rows = rows.filter(Q(created_at__gte=since) | Q(decided_at__gte=since))
    return rows


def _call_effects(calls: Sequence[ToolCall]) -> list[Effect]:
    ids = [str(call.public_id) for call in calls]
    decided = dict(
        DecisionRecord.objects.filter(subject_id__in=ids)
        .order_by()
        .values_list("subject_id")
        .annotate(count=Count("pk"))
    )
    return [
        Effect(
            kind="tool_call",
            id=call_id,
            case_id=str(call.case.public_id),
            needs=needs_of_call(
                state=call.state,
                refused=call.refused,
                attempts=call.attempt,
                decisions=decided.get(call_id, 0),
                confirmed=call.confirmed,
            ),
            exact=frozenset({"execution.claimed", "tool_call.succeeded", "tool_call.refused"}),
        )
        for call, call_id in zip(calls, ids, strict=True)
    ]


def _approval_effects(requests: Sequence[Any]) -> list[Effect]:
    return [
        Effect(
            kind="approval",
            id=str(request.public_id),
            case_id=request.case_public_id,
            needs=needs_of_approval(state=request.state, votes=request.cast),
            exact=frozenset({"approval.voted", "approval.granted", "approval.used"}),
        )
        for request in requests
    ]


@dataclass(frozen=True, slots=True)
class _Plain:
    """Rows that one entry tells of.

    Attributes:
        kind: Kind of subject.
        entry: Kind of the entry.
        rows: Returns the rows, each with its case at hand.
        at: Column that says when they began.
    """

    kind: str
    entry: str
    rows: "Callable[[], QuerySet[Any]]"
    at: str

    def build(self, rows: Sequence[Any]) -> list[Effect]:
        return [
            Effect(
                kind=self.kind,
                id=str(row.public_id),
                case_id=str((row if isinstance(row, Case) else row.case).public_id),
                needs={self.entry: 1},
            )
            for row in rows
        ]


_PLAIN: Final = (
    _Plain("case", "case.opened", Case.objects.all, "opened_at"),
    _Plain("message", "message.added", lambda: Message.objects.select_related("case"), "at"),
    _Plain("evidence", "evidence.attached", lambda: Evidence.objects.select_related("case"), "at"),
    _Plain(
        "verification",
        "verification.recorded",
        lambda: Verification.objects.select_related("case"),
        "at",
    ),
    _Plain(
        "handoff", "handoff.offered", lambda: Handoff.objects.select_related("case"), "offered_at"
    ),
    _Plain(
        "journey", "journey.started", lambda: Journey.objects.select_related("case"), "started_at"
    ),
)

#: Kinds of subject whose entries must have their row.
CHECKED: Final[dict[str, type[Model]]] = {
    "tool_call": ToolCall,
    "approval": ApprovalRequest,
    "case": Case,
    "message": Message,
    "evidence": Evidence,
    "verification": Verification,
    "handoff": Handoff,
    "journey": Journey,
}
