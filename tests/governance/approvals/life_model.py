"""What must be true of requests, people and time: a small model of the rules, written apart.

It knows nothing of the product's rules: it says by its own means who may vote, what counts and
what time does, so that both have to be wrong alike for a fault to stay unseen.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from governance.access.types import Role
from tests.factories.approvals import ASKED_AT

#: Everybody there is, and what they hold at first. Olga owns the agent that asks, Hana is the
#: person who asks where no agent does.
CAST: dict[str, frozenset[Role]] = {
    "anna": frozenset({Role.SUPERVISOR}),
    "bela": frozenset({Role.SUPERVISOR}),
    "cora": frozenset({Role.COMPLIANCE_OFFICER}),
    "dina": frozenset({Role.SUPERVISOR, Role.SPECIALIST}),
    "sami": frozenset({Role.SPECIALIST}),
    "olga": frozenset({Role.SUPERVISOR}),
    "hana": frozenset({Role.SUPERVISOR}),
}
NAMES = tuple(CAST)
VOTING = frozenset({"supervisor", "specialist", "compliance_officer"})
NEXT_ROLES = ("human_agent", "specialist", "compliance_officer")
HOUR = timedelta(hours=1)
CLAIM = timedelta(minutes=10)
EXECUTE_WITHIN = timedelta(minutes=10)
#: Moments at which a reminder is due, and the one at which the next role is asked.
REMINDERS = (timedelta(minutes=30), timedelta(minutes=50))
ESCALATION = timedelta(minutes=40)


@dataclass
class Given:
    """That one person lets another vote in their place."""

    giver: str
    delegate: str
    begins: datetime
    until: datetime
    ended: datetime | None = None

    def in_force(self, now: datetime) -> bool:
        return self.begins <= now < min(self.until, self.ended or self.until)

    def stood_after(self, moment: datetime) -> bool:
        if self.until <= moment:
            return False
        return self.ended is None or (self.ended > moment and self.ended > self.begins)


@dataclass(eq=False)
class Asked:
    """One request."""

    needed: int
    distinct: bool
    roles: frozenset[str]
    equal: bool
    requester: str
    barred: frozenset[str]
    at: datetime
    state: str = "pending"
    votes: dict[str, frozenset[str]] = field(default_factory=dict)
    rejected_by: str = ""
    execute_by: datetime | None = None
    claimed: tuple[str, datetime] | None = None
    handed: tuple[str, str, datetime] | None = None
    reminded: int = 0
    escalated: int = 0
    asked_too: frozenset[str] = frozenset()

    @property
    def deadline(self) -> datetime:
        return self.at + HOUR

    @property
    def is_open(self) -> bool:
        return self.state in {"pending", "granted"}

    def held_by(self, now: datetime) -> str:
        return self.claimed[0] if self.claimed and self.claimed[1] > now else ""

    def handed_to(self, now: datetime) -> str:
        return self.handed[0] if self.handed and self.handed[2] > now else ""


def most(choices: list[frozenset[str]]) -> int:
    """The most people who can each stand for a role of their own, by trying."""
    if not choices:
        return 0
    head, rest = choices[0], choices[1:]
    return max(most(rest), *(1 + most([one - {role} for one in rest]) for role in head), 0)


@dataclass
class Model:
    """The centre as it must stand."""

    now: datetime = ASKED_AT
    requests: list[Asked] = field(default_factory=list)
    roles: dict[str, frozenset[str]] = field(
        default_factory=lambda: {
            name: frozenset(str(role) for role in held) for name, held in CAST.items()
        }
    )
    granted: set[str] = field(default_factory=lambda: set(NAMES))
    disabled: set[str] = field(default_factory=set)
    given: list[Given] = field(default_factory=list)
    #: Kinds of entries that have to stand in the ledger, and what the room above was told.
    entries: list[str] = field(default_factory=list)
    told: list[tuple[int, str]] = field(default_factory=list)

    def usable(self, request: Asked, name: str) -> frozenset[str]:
        held = self.roles[name] & VOTING
        return held & request.roles if request.roles else held

    def can_vote_at_all(self, name: str) -> bool:
        return (
            name not in self.disabled and name in self.granted and bool(self.roles[name] & VOTING)
        )

    def sees(self, name: str) -> bool:
        reads = name in self.granted or "compliance_officer" in self.roles[name]
        return name not in self.disabled and reads

    def is_party(self, request: Asked, name: str) -> bool:
        parties = request.barred | {request.requester}
        return name in parties or any(
            one.delegate == name and one.giver in parties and one.stood_after(request.at)
            for one in self.given
        )

    def is_eligible(self, request: Asked, name: str) -> bool:
        return (
            self.can_vote_at_all(name)
            and not self.is_party(request, name)
            and bool(self.usable(request, name))
        )

    def count(self, request: Asked, votes: Iterable[frozenset[str]]) -> int:
        cast = list(votes)
        return most(cast) if request.distinct else len(cast)

    def may_vote(self, request: Asked, name: str, *, rejects: bool = False) -> bool:
        if request.state != "pending" or self.now >= request.deadline:
            return False
        if not self.is_eligible(request, name) or name in request.votes:
            return False
        before = list(request.votes.values())
        more = [*before, self.usable(request, name)]
        return rejects or self.count(request, more) > self.count(request, before)

    def may_run(self, request: Asked) -> bool:
        if request.state != "granted" or request.execute_by is None:
            return False
        counted = [
            roles & self.usable(request, name)
            for name, roles in request.votes.items()
            if self.is_eligible(request, name) and roles & self.usable(request, name)
        ]
        return self.now < request.execute_by and self.count(request, counted) >= request.needed

    def is_away(self, name: str) -> bool:
        return any(one.giver == name and one.in_force(self.now) for one in self.given)

    def may_hand_over(self, request: Asked, by: str, to: str, until: datetime) -> bool:
        return (
            self.may_vote(request, by)
            and not request.handed_to(self.now)
            and request.held_by(self.now) in {"", by}
            and to != by
            and self.may_vote(request, to)
            and not self.is_away(to)
            and self.now < until <= request.deadline
        )

    def may_delegate(self, giver: str, delegate: str) -> bool:
        return (
            giver != delegate
            and self.can_vote_at_all(giver)
            and self.can_vote_at_all(delegate)
            and not any(
                (one.giver, one.delegate) == (giver, delegate) and one.in_force(self.now)
                for one in self.given
            )
        )

    def next_role(self, request: Asked) -> str:
        for role in NEXT_ROLES:
            if role not in VOTING or role in request.roles | request.asked_too:
                continue
            if any(
                role in self.roles[name]
                and self.can_vote_at_all(name)
                and not self.is_party(request, name)
                and name not in request.votes
                and not self.is_away(name)
                for name in NAMES
            ):
                return role
        return ""

    # What acts do.

    def cast(self, request: Asked, name: str, *, rejects: bool) -> None:
        self.entries.append("approval.voted")
        if rejects:
            request.rejected_by = name
            self.end(request, "rejected")
            return
        request.votes[name] = self.usable(request, name)
        if request.handed_to(self.now) == name:
            request.handed = None
        if self.count(request, request.votes.values()) >= request.needed:
            request.execute_by = self.now + EXECUTE_WITHIN
            self.end(request, "granted")

    def end(self, request: Asked, state: str) -> None:
        assert request.is_open, "a final state is left"
        request.state, request.claimed, request.handed = state, None, None
        self.entries.append(f"approval.{state}")
        if state != "used":
            self.told.append((self.requests.index(request), state))

    def pass_time(self) -> int:
        """Do what a sweep has to do now; return how many transitions it makes."""
        before = len(self.entries)
        for request in self.requests:
            is_late = request.state == "pending" and self.now >= request.deadline
            lapsed = request.execute_by is not None and self.now >= request.execute_by
            if is_late or (request.state == "granted" and lapsed):
                self.end(request, "expired")
        for request in self.requests:
            self._release_absent(request)
        for request in self.requests:
            if request.state == "pending":
                self._turn(request)
        return len(self.entries) - before

    def _release_absent(self, request: Asked) -> None:
        holder = request.held_by(self.now) if request.state == "pending" else ""
        away = [one for one in self.given if one.giver == holder and one.in_force(self.now)]
        if away and request.claimed is not None and request.claimed[1] - CLAIM <= away[-1].begins:
            request.claimed = None
            self.entries.append("approval.claim_ended")

    def _turn(self, request: Asked) -> None:
        if request.handed is not None and request.handed[2] <= self.now:
            request.handed = None
            self.entries.append("approval.taken_back")
        reached = sum(request.at + span <= self.now for span in REMINDERS)
        if reached > request.reminded:
            request.reminded = reached
            self.entries.append("approval.reminded")
        is_held = request.held_by(self.now) or request.handed_to(self.now)
        if request.escalated == 0 and self.now >= request.at + ESCALATION and not is_held:
            role = self.next_role(request)
            request.escalated = 1
            request.asked_too |= {role} - {""}
            if request.roles:
                request.roles |= {role} - {""}
            self.entries.append("approval.escalated")
