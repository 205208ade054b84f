"""Read what happened on cases, many at once: as many queries for a hundred as for one."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from cases.handoff.models import Handoff
from cases.intake.models import ClassificationRecord
from cases.intake.types import Band, RiskFlag
from cases.journeys.models import Journey
from cases.memory.models import Case, CaseMerge, Interaction, Message
from cases.tools.models import ToolCall
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.ledger.selectors import list_streams, of_kinds, payload_of
from governance.policies.models import DecisionRecord
from governance.policies.replay import RecordError, read_record
from governance.policies.types import Outcome
from governance.reviews.types import RiskLevel
from orchestra.core.actors import ActorKind
from orchestra.core.prepared import Prepared, fill
from qa.population.story import (
    APPROVAL_ENDS,
    CONTACT_ENDS,
    ENDS,
    FLAGS,
    HANDOFF_ENDS,
    QUEUES,
    WENT_WRONG,
    CaseStory,
    Ended,
    Happening,
    Matter,
    matter_of,
)
from qa.population.types import Act, Decided, Read

Json = Any
#: An entry of the ledger, its payload at hand.
Entry = Any
Row = TypeVar("Row")
Key = TypeVar("Key")

_READ: Final = (
    *ENDS,
    *CONTACT_ENDS,
    *HANDOFF_ENDS,
    *APPROVAL_ENDS,
    *WENT_WRONG,
    *FLAGS,
    *QUEUES,
)
_TELLS: Final = frozenset({*FLAGS, *QUEUES})

_ENTRIES: Final = Prepared(
    lambda streams: (
        of_kinds(list_streams(streams=streams), _READ)
        .filter(leaf_index__isnull=False)
        .order_by("stream", "seq")
    )
)
_CALLS: Final = Prepared(
    lambda cases: (
        ToolCall.objects.filter(case__in=cases)
        .order_by("pk")
        .values_list(
            "case", "public_id", "requester_kind", "requester_id", "requester_label", "created_at"
        )
    )
)
_HANDOFFS: Final = Prepared(
    lambda cases: (
        Handoff.objects.filter(case__in=cases).select_related("queue", "accepted_by").order_by("pk")
    )
)
_APPROVALS: Final = Prepared(
    lambda cases: (
        ApprovalRequest.objects.filter(case_public_id__in=cases)
        .select_related("queue")
        .order_by("pk")
    )
)
_VOTES: Final = Prepared(
    lambda requests: (
        ApprovalVote.objects.filter(request__in=requests)
        .select_related("voter")
        .order_by("at", "pk")
    )
)
_SAID: Final = Prepared(
    lambda cases: (
        Message.objects.filter(case__in=cases)
        .exclude(speaker="customer")
        .order_by("at", "pk")
        .values_list("case", "interaction", "author_kind", "author_id", "author_label", "at")
    )
)
_CONTACTS: Final = Prepared(
    lambda cases: Interaction.objects.filter(case__in=cases).order_by("started_at", "pk")
)
_RETURNED: Final = Prepared(
    lambda customers, intents, since: (
        Interaction.objects.filter(
            case__customer__in=customers, case__intent__in=intents, started_at__gte=since
        )
        .order_by("started_at")
        .values_list("case__customer", "case__intent", "started_at")
    )
)
_DECIDED: Final = Prepared(
    lambda streams: DecisionRecord.objects.filter(stream__in=streams).order_by("at", "pk")
)
_CLASSIFIED: Final = Prepared(
    lambda cases: ClassificationRecord.objects.filter(case__in=cases, suggested=False).order_by(
        "at", "pk"
    )
)
_JOURNEYS: Final = Prepared(
    lambda cases: (
        Journey.objects.filter(case__in=cases)
        .select_related("version__cue_sheet")
        .order_by("started_at", "pk")
    )
)
_MERGED: Final = Prepared(
    lambda cases: (
        CaseMerge.objects.filter(absorbed__in=cases).select_related("survivor").order_by("pk")
    )
)
_ENDS: Final = Prepared(
    lambda streams: (
        of_kinds(list_streams(streams=streams), ENDS)
        .filter(leaf_index__isnull=False)
        .order_by("stream", "seq")
    )
)


@dataclass(frozen=True, slots=True)
class _Rows:
    """What stands of many cases: by case, by its public id, by its stream, by its matter."""

    entries: Mapping[str, Sequence[Entry]]
    calls: Mapping[int, Sequence[tuple[Json, ...]]]
    handoffs: Mapping[int, Sequence[Handoff]]
    approvals: Mapping[str, Sequence[ApprovalRequest]]
    votes: Mapping[int, Sequence[ApprovalVote]]
    said: Mapping[int, Sequence[tuple[Json, ...]]]
    interactions: Mapping[int, Sequence[Interaction]]
    decided: Mapping[str, Sequence[DecisionRecord]]
    classified: Mapping[int, Sequence[ClassificationRecord]]
    journeys: Mapping[int, Sequence[Journey]]
    merges: Mapping[int, Sequence[CaseMerge]]
    ends_of_survivors: Mapping[str, Sequence[Entry]]
    returned: Mapping[Matter, Sequence[tuple[Json, ...]]]


def read_cases(*, cases: Sequence[Case]) -> dict[int, CaseStory]:
    """Return all that was done on cases, by their keys; a fixed number of queries."""
    if not cases:
        return {}
    rows = _read_rows(cases)
    return {case.pk: _story(case, rows) for case in cases}


def _read_rows(cases: Sequence[Case]) -> _Rows:
    keys = fill([case.pk for case in cases])
    ids = fill([str(case.public_id) for case in cases])
    streams = fill([case.stream for case in cases])
    approvals = _APPROVALS.rows(ids)
    asked = fill([row.pk for row in approvals]) if approvals else []
    merges = _MERGED.rows(keys)
    survivors = fill([row.survivor.stream for row in merges]) if merges else []
    return _Rows(
        entries=_by(_ENTRIES.rows(streams), lambda row: row.stream),
        calls=_by(_CALLS.rows(keys), lambda row: row[0]),
        handoffs=_by(_HANDOFFS.rows(keys), lambda row: row.case_id),
        approvals=_by(approvals, lambda row: row.case_public_id),
        votes=_by(_VOTES.rows(asked) if asked else (), lambda row: row.request_id),
        said=_by(_SAID.rows(keys), lambda row: row[0]),
        interactions=_by(_CONTACTS.rows(keys), lambda row: row.case_id),
        decided=_by(_DECIDED.rows(streams), lambda row: row.stream),
        classified=_by(_CLASSIFIED.rows(keys), lambda row: row.case_id),
        journeys=_by(_JOURNEYS.rows(keys), lambda row: row.case_id),
        merges=_by(merges, lambda row: row.absorbed_id),
        ends_of_survivors=_by(_ENDS.rows(survivors) if survivors else (), lambda row: row.stream),
        returned=_returned(cases),
    )


def _returned(cases: Sequence[Case]) -> Mapping[Matter, Sequence[tuple[Json, ...]]]:
    """Return when customers made contact since the first of these cases, by their matter."""
    having = [(found, case.opened_at) for case in cases if (found := matter_of(case)) is not None]
    if not having:
        return {}
    customers, intents = zip(*sorted({matter for matter, _at in having}), strict=True)
    rows = _RETURNED.rows(fill(customers), fill(intents), min(at for _matter, at in having))
    return _by(rows, lambda row: (row[0], row[1]))


def _by(rows: Iterable[Row], key: Callable[[Row], Key]) -> dict[Key, list[Row]]:
    found: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return dict(found)


def _story(case: Case, rows: _Rows) -> CaseStory:
    entries = tuple(_happening(row) for row in rows.entries.get(case.stream, ()))
    calls = {str(row[1]): _act(*row[2:]) for row in rows.calls.get(case.pk, ())}
    handoffs = tuple(rows.handoffs.get(case.pk, ()))
    approvals = tuple(rows.approvals.get(str(case.public_id), ()))
    interactions = tuple(rows.interactions.get(case.pk, ()))
    votes = {
        row.pk: tuple(_vote(one) for one in rows.votes[row.pk])
        for row in approvals
        if row.pk in rows.votes
    }
    said = _said(rows.said.get(case.pk, ()))
    acts = [*calls.values(), *_of_handoffs(handoffs)]
    acts += [act for found in votes.values() for act in found]
    acts += [act for found in said.values() for act in found]
    acts += [one.actor for one in entries if one.kind in ENDS]
    return CaseStory(
        case=case,
        entries=entries,
        ends=_ends(entries, rows.merges.get(case.pk, ()), rows.ends_of_survivors),
        interactions=interactions,
        said=said,
        done=tuple(sorted(acts, key=lambda one: one.at)),
        decided=tuple(
            (
                row,
                Decided(row.at, _risk(row), row.outcome == Outcome.DENY),
                calls.get(row.subject_id),
            )
            for row in rows.decided.get(case.stream, ())
        ),
        read=tuple(_read(row) for row in rows.classified.get(case.pk, ())),
        journeys=tuple(rows.journeys.get(case.pk, ())),
        handoffs=handoffs,
        approvals=approvals,
        votes=votes,
        returns=_returns(case, interactions, rows),
    )


def _happening(row: Entry) -> Happening:
    return Happening(
        index=row.leaf_index or 0,
        kind=row.kind,
        at=row.at,
        actor=Act(
            at=row.at,
            kind=ActorKind(row.actor_kind),
            by=f"{row.actor_kind}:{row.actor_id}",
            label="",
            leads=False,
        ),
        subject=row.subject_id,
        payload=(payload_of(entry=row) or {}) if row.kind in _TELLS else {},
    )


def _ends(
    entries: Sequence[Happening],
    merges: Sequence[CaseMerge],
    of_survivors: Mapping[str, Sequence[Entry]],
) -> tuple[Ended, ...]:
    """Return when a case ended: by itself, or with the case that it was merged into."""
    found = [Ended(one.at, one.index) for one in entries if one.kind in ENDS]
    for merge in merges:
        found += [
            Ended(row.at, row.leaf_index or 0)
            for row in of_survivors.get(merge.survivor.stream, ())
            if row.at >= merge.at and (merge.undone_at is None or row.at < merge.undone_at)
        ]
    return tuple(sorted(found, key=lambda one: (one.at, one.index)))


def _act(kind: str, name: str, label: str, at: datetime) -> Act:
    return Act(at=at, kind=ActorKind(kind), by=f"{kind}:{name}", label=label)


def _said(rows: Iterable[tuple[Json, ...]]) -> dict[int, tuple[Act, ...]]:
    """Return what was said to the customer, by contact."""
    found: dict[int, list[Act]] = defaultdict(list)
    for _case, contact, *author in rows:
        found[contact].append(_act(*author))
    return {contact: tuple(acts) for contact, acts in found.items()}


def _of_handoffs(rows: Iterable[Handoff]) -> list[Act]:
    acts = [
        Act(row.offered_at, ActorKind(row.from_kind), f"{row.from_kind}:{row.from_id}",
            row.from_label, leads=False)
        for row in rows
    ]  # fmt: skip
    return acts + [
        Act(row.accepted_at, ActorKind.HUMAN, f"human:{row.accepted_by.public_id}",
            row.accepted_by.label)
        for row in rows
        if row.accepted_by and row.accepted_at
    ]  # fmt: skip


def _vote(vote: ApprovalVote) -> Act:
    by = f"human:{vote.voter.public_id}"
    return Act(vote.at, ActorKind.HUMAN, by, vote.voter.label, leads=False)


def _decided(row: DecisionRecord) -> Decided:
    return Decided(row.at, _risk(row), row.outcome == Outcome.DENY)


def _risk(row: DecisionRecord) -> RiskLevel | None:
    """Return the risk that a decision saw; None for one that saw none, or cannot be read."""
    try:
        return RiskLevel(read_record(bytes(row.body)).value["facts"]["values"]["risk"])
    except (RecordError, KeyError, TypeError, ValueError):
        return None


def _read(row: ClassificationRecord) -> Read:
    return Read(
        at=row.at,
        confidence=row.confidence,
        unsure=row.band in {Band.VERIFY, Band.HAND_OFF},
        complaint=RiskFlag.COMPLAINT in row.risk_flags,
    )


def _returns(case: Case, interactions: Sequence[Interaction], rows: _Rows) -> tuple[datetime, ...]:
    """Return when the customer made contact about the same matter."""
    matter = matter_of(case)
    if matter is None:
        return tuple(one.started_at for one in interactions)
    return tuple(row[2] for row in rows.returned.get(matter, ()))
