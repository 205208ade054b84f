"""What happened on one case, read once, for every unit that it holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q

from cases.handoff import entries as handoffs
from cases.handoff.models import Handoff
from cases.intake.models import ClassificationRecord
from cases.intake.types import Band, RiskFlag
from cases.journeys import entries as journeys
from cases.journeys.models import Journey
from cases.memory import entries as memory
from cases.memory.models import Case, CaseMerge, Interaction, Message
from cases.memory.types import CaseStatus
from cases.tools.models import ToolCall
from governance.access.running_as import agent_versions_at
from governance.approvals import entries as approvals
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.ledger.selectors import list_stream, payload_of
from governance.policies.models import DecisionRecord
from governance.policies.replay import RecordError, read_record
from governance.policies.types import Outcome
from governance.reviews.types import RiskLevel
from orchestra.core.actors import ActorKind
from qa.population import entries
from qa.population.models import SamplingUnit
from qa.population.types import Act, Decided, Flag, Flagged, Read

Json = Any

ENDS: Final = (memory.CASE_RESOLVED, memory.CASE_CLOSED)
HANDOFF_ENDS: Final = (handoffs.HANDOFF_COMPLETED, handoffs.HANDOFF_RETURNED)
APPROVAL_ENDS: Final = (
    approvals.GRANTED,
    approvals.REJECTED,
    approvals.EXPIRED,
    approvals.VOIDED,
)
#: What counts as an exception: the beginning of the closed list of the metric of that name.
WENT_WRONG: Final = (
    journeys.STEP_FAILED,
    journeys.STEP_MISSED,
    journeys.STEP_OFF_PLAN,
    handoffs.HANDOFF_TIMED_OUT,
    approvals.REJECTED,
    approvals.EXPIRED,
)
#: What ends a contact, besides the end of its case.
CONTACT_ENDS: Final = (memory.INTERACTION_STARTED, memory.INTERACTION_ENDED)
_FLAGS: Final = (entries.LEFT_OUT, entries.TAKEN_BACK)
_QUEUES: Final = {
    memory.CASE_OPENED: "queue",
    memory.CASE_MOVED: "key",
    handoffs.HANDOFF_OFFERED: "queue_key",
}
_READ: Final = (
    *ENDS,
    *CONTACT_ENDS,
    *HANDOFF_ENDS,
    *APPROVAL_ENDS,
    *WENT_WRONG,
    *_FLAGS,
    *_QUEUES,
)


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry of the ledger that matters here."""

    index: int
    kind: str
    at: datetime
    actor: Act
    subject: str
    payload: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Ended:
    """When something ended, by which entry."""

    at: datetime
    index: int


@dataclass(frozen=True, slots=True)
class CaseStory:
    """One case with all that was done on it, each list in order of time."""

    case: Case
    entries: tuple[Happening, ...]
    ends: tuple[Ended, ...]
    interactions: tuple[Interaction, ...]
    said: Mapping[int, tuple[Act, ...]]
    done: tuple[Act, ...]
    decided: tuple[tuple[DecisionRecord, Decided, Act | None], ...]
    read: tuple[Read, ...]
    journeys: tuple[Journey, ...]
    handoffs: tuple[Handoff, ...]
    approvals: tuple[ApprovalRequest, ...]
    votes: Mapping[int, tuple[Act, ...]]
    returns: tuple[datetime, ...]

    def end_after(self, at: datetime) -> Ended | None:
        """Return the first end of the case at or after a moment."""
        return next((one for one in self.ends if one.at >= at), None)

    def end_of(self, subject: str, kinds: tuple[str, ...]) -> Ended | None:
        """Return the first end of something on the case, by its public id."""
        found = (one for one in self.entries if one.kind in kinds and one.subject == subject)
        return next((Ended(one.at, one.index) for one in found), None)

    def end_of_contact(self, talk: Interaction) -> Ended | None:
        """Return when a contact ended: with another, in silence, or at the latest with its case."""
        with_case = self.end_after(talk.started_at)
        at = talk.ended_at
        if at is None or (with_case is not None and with_case.at <= at):
            return with_case
        told = [one for one in self.entries if one.kind in CONTACT_ENDS and one.at == at]
        index = told[-1].index if told else with_case.index if with_case else None
        return None if index is None else Ended(at, index)

    def queue_at(self, at: datetime) -> str:
        """Return the key of the queue that the case stood in at a moment."""
        known = [one for one in self.entries if one.kind in _QUEUES and one.at <= at]
        return str(known[-1].payload.get(_QUEUES[known[-1].kind], "")) if known else ""

    def journey_at(self, at: datetime) -> Journey | None:
        """Return the journey that began last up to a moment."""
        return next((one for one in reversed(self.journeys) if one.started_at <= at), None)

    def flagged(self, subject: str) -> Flagged | None:
        """Return what a person last said of a unit; None where nobody did."""
        said = [one for one in self.entries if one.kind in _FLAGS and one.subject == subject]
        if not said:
            return None
        flag = said[-1].payload.get("flag") or None
        return Flagged(Flag(flag) if flag else None, str(said[-1].payload.get("reason", "")))


def read_case(*, case: Case) -> CaseStory:
    """Return all that was done on a case; a fixed number of queries."""
    happened = tuple(_happenings(case))
    calls = {
        str(row["public_id"]): _act(row["requester_kind"], row["requester_id"], row)
        for row in ToolCall.objects.filter(case=case).values(
            "public_id", "requester_kind", "requester_id", "requester_label", "created_at"
        )
    }
    taken = list(Handoff.objects.filter(case=case).select_related("queue", "accepted_by"))
    asked = ApprovalRequest.objects.filter(case_public_id=str(case.public_id))
    approvals_of = tuple(asked.select_related("queue").order_by("pk"))
    said, votes = _said(case), _votes(approvals_of)
    acts = [*calls.values(), *_of_handoffs(taken)]
    acts += [act for row in votes.values() for act in row]
    acts += [act for row in said.values() for act in row]
    acts += [one.actor for one in happened if one.kind in ENDS]
    return CaseStory(
        case=case,
        entries=happened,
        ends=_ends(case, happened),
        interactions=tuple(Interaction.objects.filter(case=case).order_by("started_at", "pk")),
        said=said,
        done=tuple(sorted(acts, key=lambda one: one.at)),
        decided=tuple(_decided(case, calls)),
        read=tuple(_classified(case)),
        journeys=tuple(
            Journey.objects.filter(case=case)
            .select_related("version__cue_sheet")
            .order_by("started_at", "pk")
        ),
        handoffs=tuple(taken),
        approvals=approvals_of,
        votes=votes,
        returns=_returns(case),
    )


def _happenings(case: Case) -> list[Happening]:
    rows = list_stream(stream=case.stream).filter(kind__in=_READ, leaf_index__isnull=False)
    return [
        Happening(
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
            payload=payload_of(entry=row) or {},
        )
        for row in rows
    ]


def _ends(case: Case, happened: tuple[Happening, ...]) -> tuple[Ended, ...]:
    """Return when a case ended: by itself, or with the case that it was merged into."""
    found = [Ended(one.at, one.index) for one in happened if one.kind in ENDS]
    for merge in CaseMerge.objects.filter(absorbed=case).select_related("survivor"):
        rows = list_stream(stream=merge.survivor.stream).filter(
            kind__in=ENDS, at__gte=merge.at, leaf_index__isnull=False
        )
        if merge.undone_at:
            rows = rows.filter(at__lt=merge.undone_at)
        found += [Ended(row.at, row.leaf_index or 0) for row in rows]
    return tuple(sorted(found, key=lambda one: (one.at, one.index)))


def _act(kind: str, name: str, row: Mapping[str, Json]) -> Act:
    return Act(
        at=row["created_at"],
        kind=ActorKind(kind),
        by=f"{kind}:{name}",
        label=row["requester_label"],
    )


def _said(case: Case) -> dict[int, tuple[Act, ...]]:
    """Return what was said to the customer, by contact."""
    found: dict[int, tuple[Act, ...]] = {}
    rows = Message.objects.filter(case=case).exclude(speaker="customer").order_by("at", "pk")
    for row in rows.values("interaction_id", "author_kind", "author_id", "author_label", "at"):
        kind = ActorKind(row["author_kind"])
        act = Act(row["at"], kind, f"{kind}:{row['author_id']}", row["author_label"])
        found[row["interaction_id"]] = (*found.get(row["interaction_id"], ()), act)
    return found


def _of_handoffs(rows: list[Handoff]) -> list[Act]:
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


def _votes(rows: tuple[ApprovalRequest, ...]) -> dict[int, tuple[Act, ...]]:
    found: dict[int, tuple[Act, ...]] = {}
    votes = ApprovalVote.objects.filter(request__in=[row.pk for row in rows])
    for vote in votes.select_related("voter").order_by("at", "pk"):
        by = f"human:{vote.voter.public_id}"
        act = Act(vote.at, ActorKind.HUMAN, by, vote.voter.label, leads=False)
        found[vote.request_id] = (*found.get(vote.request_id, ()), act)
    return found


def _decided(
    case: Case, calls: Mapping[str, Act]
) -> list[tuple[DecisionRecord, Decided, Act | None]]:
    rows = DecisionRecord.objects.filter(stream=case.stream).order_by("at", "pk")
    return [
        (row, Decided(row.at, _risk(row), row.outcome == Outcome.DENY), calls.get(row.subject_id))
        for row in rows
    ]


def _risk(row: DecisionRecord) -> RiskLevel | None:
    """Return the risk that a decision saw; None for one that saw none, or cannot be read."""
    try:
        return RiskLevel(read_record(bytes(row.body)).value["facts"]["values"]["risk"])
    except (RecordError, KeyError, TypeError, ValueError):
        return None


def _classified(case: Case) -> list[Read]:
    rows = ClassificationRecord.objects.filter(case=case, suggested=False).order_by("at", "pk")
    return [
        Read(
            at=row.at,
            confidence=row.confidence,
            unsure=row.band in {Band.VERIFY, Band.HAND_OFF},
            complaint=RiskFlag.COMPLAINT in row.risk_flags,
        )
        for row in rows
    ]


def _returns(case: Case) -> tuple[datetime, ...]:
    """Return when the customer made contact about the same matter."""
    same = Q(case=case)
    if case.customer_id and case.intent:
        same |= Q(case__customer=case.customer_id, case__intent=case.intent)
    rows = Interaction.objects.filter(same).order_by("started_at")
    return tuple(rows.values_list("started_at", flat=True))


def first_work(*, by: str, before: datetime) -> datetime | None:
    """Return when the first unit that somebody worked here began; None before there is one."""
    rows = SamplingUnit.objects.filter(agent=by, ended_at__lte=before).order_by("ended_at", "pk")
    return rows.values_list("started_at", flat=True).first()


def version_label(*, act: Act | None, at: datetime) -> str:
    """Return what an AI agent ran as at a moment; empty for a person, or before its first."""
    if act is None or act.kind is not ActorKind.AGENT:
        return ""
    agent = act.by.partition(":")[2]
    found = agent_versions_at([(agent, at)])[agent, at]
    return f"{act.label} {found}" if found else ""


def is_merged(case: Case) -> bool:
    """Return whether a case stands in another."""
    return case.status == CaseStatus.MERGED


def others_lately(*, case: Case, since: timedelta, at: datetime) -> list[Case]:
    """Return a customer's other cases whose work ended lately, and which may have come back."""
    if case.customer_id is None:
        return []
    rows = Case.objects.filter(customer=case.customer_id).exclude(pk=case.pk)
    lately = rows.filter(sampling_units__ended_at__gte=at - since)
    return list(lately.distinct().order_by("pk"))
