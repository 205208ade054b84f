"""Who holds a case as its ledger goes on, and how it changes hands; pure."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from cases.handoff import entries as handoff
from cases.memory import entries as memory
from qa.measurement.facts.types import Told
from qa.measurement.rows import Handover, OwnerKind, Segment
from qa.measurement.types import Transfer

AGENT, HUMAN = "agent", "human"
#: Kinds of entry by which a contact is handled too, and what each means to who holds the case.
HANDLING: Final = {
    memory.CASE_HELD: "held",
    handoff.HANDOFF_ACCEPTED: "accepted",
    handoff.HANDOFF_RETURNED: "returned",
    handoff.REFERRED_OUTSIDE: "referred",
    handoff.CONSULTED: "consulted",
}


@dataclass(slots=True)
class Holding:
    """The segments and handovers of one case, made while its entries are read in order."""

    case: str
    team: str = ""
    kind: OwnerKind = OwnerKind.QUEUE
    owner: str = ""
    since: datetime | None = None
    handled: bool = False
    segments: list[Segment] = field(default_factory=list)
    handovers: dict[str, Handover] = field(default_factory=dict)
    contact: str = ""
    asked: dict[str, Handover] = field(default_factory=dict)

    def begin(self, one: Told, kind: OwnerKind, owner: str) -> None:
        """Let somebody hold the case from an entry on."""
        if self.since is not None and (self.kind, self.owner) == (kind, owner):
            return
        self.end(one.at)
        self.kind, self.owner, self.since = kind, owner, one.at
        self.handled = self.handled or kind is not OwnerKind.QUEUE

    def end(self, at: datetime) -> None:
        """Let nobody hold it any more."""
        if self.since is not None:
            self.segments.append(Segment(self.case, self.kind, self.owner, self.since, at))
        self.since = None

    def whole(self) -> list[Segment]:
        """Return all segments, the one that lasts as the last."""
        if self.since is None:
            return self.segments
        return [*self.segments, Segment(self.case, self.kind, self.owner, self.since, None)]

    def act(self, one: Told) -> None:
        """Take an act of an agent or a person on a case that waits as taking it."""
        if self.since is not None and self.kind is not OwnerKind.QUEUE:
            return
        if any(not handover.taken for handover in self.handovers.values()):
            return
        if one.by_kind in (AGENT, HUMAN):
            kind = OwnerKind.AI if one.by_kind == AGENT else OwnerKind.HUMAN
            self.begin(one, kind, one.by)

    def offered(self, one: Told) -> None:
        """Note an offer; it is an attempt until somebody takes it."""
        told = str(one.payload.get("transfer", ""))
        transfer = Transfer(told) if told in list(Transfer) else None
        self.handovers[one.subject] = Handover(
            id=one.subject,
            contact=self.contact,
            at=one.at,
            from_kind=self.kind,
            from_owner=self.owner,
            from_team=self.team,
            to_kind=OwnerKind.HUMAN,
            to_owner="",
            to_team=str(one.payload.get("queue_key", "")),
            taken=False,
            planned=transfer is Transfer.PLANNED_STEP,
            handled_before=self.handled,
            since=self.since,
            reason=str(one.payload.get("reason_code", "")),
            transfer=transfer,
        )
        self.begin(one, OwnerKind.QUEUE, str(one.payload.get("queue_key", "")))

    def accepted(self, one: Told) -> None:
        """Let the person who accepts hold the case, in the team it was offered to."""
        offer = self.handovers.get(one.subject)
        if offer is not None:
            self.handovers[one.subject] = replace(
                offer,
                at=one.at,
                to_owner=one.by,
                taken=True,
                warm=bool(one.payload.get("both_present")),
            )
            self.team = offer.to_team or self.team
        self.begin(one, OwnerKind.HUMAN, one.by)

    def returned(self, one: Told) -> None:
        """Give the case back to whoever had offered it."""
        offer = self.handovers.get(one.subject)
        if offer is None:
            return
        back = f"{one.subject}/back"
        self.handovers[back] = replace(
            offer,
            id=back,
            contact=self.contact,
            at=one.at,
            from_kind=OwnerKind.HUMAN,
            from_owner=one.by,
            from_team=offer.to_team,
            to_kind=offer.from_kind,
            to_owner=offer.from_owner,
            to_team=offer.from_team,
            taken=True,
            planned=False,
            since=self.since,
            previous_owner=offer.from_owner,
            reason="returned",
            transfer=None,
        )
        self.team = offer.from_team
        self.begin(one, offer.from_kind, offer.from_owner)

    def referred(self, one: Told) -> None:
        """Pass it to somebody outside; whoever has the case keeps watching over it."""
        self.act(one)
        key = f"external/{one.index}"
        to = self._move(one, key, "", self.team)
        reason = str(one.payload.get("reason_code", ""))
        self.handovers[key] = replace(to, leaves_house=True, reason=reason)

    def consulted(self, one: Told) -> None:
        """Note whom the owner asked; it counts once somebody answers."""
        self.act(one)
        key = f"consult/{one.subject}"
        to_team = str(one.payload.get("queue_key", "")) or self.team
        asked = self._move(one, key, str(one.payload.get("person", "")), to_team)
        self.asked[one.subject] = replace(asked, keeps_owner=True)

    def answered(self, one: Told) -> None:
        """Count what was asked, in the contact in which it was; the owner stays."""
        asked = self.asked.pop(one.subject, None)
        if asked is not None:
            self.handovers[asked.id] = replace(asked, to_owner=one.by, to_kind=OwnerKind.HUMAN)

    def held(self, one: Told) -> None:
        """Let a person of the team take it from another; the first to take it moves nothing."""
        person = one.subject
        if self.kind is OwnerKind.HUMAN and self.since is not None and self.owner != person:
            key = f"held/{one.index}"
            self.handovers[key] = self._move(one, key, person, self.team)
        self.begin(one, OwnerKind.HUMAN, person)

    def moved(self, one: Told) -> None:
        """Move it to another queue; before anybody had it that is the system's routing."""
        to_team = str(one.payload.get("key", ""))
        if not self.handled or one.by_kind == HUMAN:
            key = f"moved/{one.index}"
            self.handovers[key] = self._move(one, key, "", to_team)
        self.team = to_team or self.team

    def _move(self, one: Told, key: str, to_owner: str, to_team: str) -> Handover:
        return Handover(
            id=key,
            contact=self.contact,
            at=one.at,
            from_kind=self.kind,
            from_owner=self.owner,
            from_team=self.team,
            to_kind=OwnerKind.HUMAN if to_owner else OwnerKind.QUEUE,
            to_owner=to_owner,
            to_team=to_team,
            handled_before=self.handled,
            since=self.since,
            reason=key.partition("/")[0],
        )
