"""What happened on one case, as values, for every unit that it holds; and what was before it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cases.handoff import entries as handoffs
from cases.handoff.models import Handoff
from cases.journeys import entries as journeys
from cases.journeys.models import Journey
from cases.memory import entries as memory
from cases.memory.models import Case, Interaction
from cases.memory.types import CaseStatus
from governance.access.running_as import RanAs
from governance.approvals import entries as approvals
from governance.approvals.models import ApprovalRequest
from governance.policies.models import DecisionRecord
from orchestra.core.actors import ActorKind
from qa.population import entries
from qa.population.types import Act, Decided, Flag, Flagged, Read

Json = Any
#: A customer, by key, and what about: contacts of one matter are returns of each other.
Matter = tuple[int, str]

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
FLAGS: Final = (entries.LEFT_OUT, entries.TAKEN_BACK)
#: What tells of the queue that a case stands in, and under which key.
QUEUES: Final = {
    memory.CASE_OPENED: "queue",
    memory.CASE_MOVED: "key",
    handoffs.HANDOFF_OFFERED: "queue_key",
}


def matter_of(case: Case) -> Matter | None:
    """Return what a case is about and whose it is; None while either is not known."""
    return (case.customer_id, case.intent) if case.customer_id and case.intent else None


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry of the ledger that matters here.

    Attributes:
        payload: Of flags and of what tells of a queue; empty for all else.
    """

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
        known = [one for one in self.entries if one.kind in QUEUES and one.at <= at]
        return str(known[-1].payload.get(QUEUES[known[-1].kind], "")) if known else ""

    def journey_at(self, at: datetime) -> Journey | None:
        """Return the journey that began last up to a moment."""
        return next((one for one in reversed(self.journeys) if one.started_at <= at), None)

    def flagged(self, subject: str) -> Flagged | None:
        """Return what a person last said of a unit; None where nobody did."""
        said = [one for one in self.entries if one.kind in FLAGS and one.subject == subject]
        if not said:
            return None
        flag = said[-1].payload.get("flag") or None
        return Flagged(Flag(flag) if flag else None, str(said[-1].payload.get("reason", "")))

    def is_merged(self) -> bool:
        """Return whether the case stands in another."""
        return self.case.status == CaseStatus.MERGED

    def workers(self) -> Iterator[str]:
        """Yield everybody who did anything here, as ``kind:id``; some of them more than once."""
        yield from (one.by for one in self.done)
        yield from (f"{row.from_kind}:{row.from_id}" for row in self.handoffs)
        yield from (f"{row.requester_kind}:{row.requester_id}" for row in self.approvals)


@dataclass(frozen=True, slots=True)
class FirstWork:
    """The unit of somebody's work that ended first: when it began and ended."""

    started_at: datetime
    ended_at: datetime


@dataclass(slots=True)
class Past:
    """What is known beyond a case of those who worked it.

    Attributes:
        firsts: By ``kind:id``, for everybody who has a unit.
        ran_as: By the public id of an AI agent.
    """

    firsts: dict[str, FirstWork]
    ran_as: Mapping[str, RanAs]

    def first_work(self, *, by: str, before: datetime) -> datetime | None:
        """Return when the first unit of somebody began that ended by a moment, or None."""
        first = self.firsts.get(by)
        return first.started_at if first and first.ended_at <= before else None

    def version_label(self, *, act: Act | None, at: datetime) -> str:
        """Return what an AI agent ran as; empty for a person, or before its first version."""
        if act is None or act.kind is not ActorKind.AGENT:
            return ""
        found = self.ran_as.get(act.by.partition(":")[2], RanAs()).at(at)
        return f"{act.label} {found}" if found else ""

    def take_in(self, *, by: str, started_at: datetime, ended_at: datetime) -> None:
        """Note a new unit of somebody; one that ended as early as the first comes after it."""
        first = self.firsts.get(by)
        if by and (first is None or ended_at < first.ended_at):
            self.firsts[by] = FirstWork(started_at, ended_at)
