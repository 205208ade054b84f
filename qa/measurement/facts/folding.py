"""A case's stream of the ledger, read into the rows of the metrics; pure.

The rows are a function of the entries alone, so reading on in whatever pieces, and reading all
from the beginning, come to the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from cases.handoff import entries as handoff
from cases.intake import entries as intake
from cases.journeys import entries as journeys
from cases.memory import entries as memory
from cases.memory.types import Trust
from cases.tools import entries as tools
from governance.approvals import entries as approvals
from qa.measurement.facts.holding import HANDLING, Holding
from qa.measurement.facts.requiring import required_facts
from qa.measurement.facts.stepping import Stepping
from qa.measurement.facts.types import CaseFacts, Told
from qa.measurement.facts.waiting import Waiting
from qa.measurement.facts.wrapping import wrap_of
from qa.measurement.metrics.transfers import HEADLINE, type_of
from qa.measurement.rows import (
    Contact,
    Dimensions,
    Episode,
    Issue,
    OwnerKind,
    Work,
)
from qa.measurement.types import LeftOut

_RISKS: Final = ("low", "medium", "high", "critical")
_WITHDRAWN: Final = "withdrawn"


@dataclass(slots=True)
class _Fold:
    """What is known of a case so far."""

    case: str
    holding: Holding
    stepping: Stepping
    waiting: Waiting
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    customer: str = ""
    intent: str = ""
    episodes: list[Episode] = field(default_factory=list)
    contacts: dict[str, Contact] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)
    work: list[Work] = field(default_factory=list)
    merged_into: str = ""
    absorbed: list[str] = field(default_factory=list)
    migrated: bool = False
    journeys: list[str] = field(default_factory=list)
    of: Dimensions = field(default_factory=Dimensions)
    spoke: bool = False


def fold(*, case: str, told: Sequence[Told]) -> CaseFacts | None:
    """Return the rows of a case as its entries tell them; None before it was opened.

    Args:
        case: Its public id.
        told: All entries of its stream up to some place, in order.
    """
    state = _Fold(case, Holding(case), Stepping(case), Waiting(case))
    for one in told:
        reader = _READERS.get(one.kind)
        if reader is not None:
            reader(state, one)
    if state.opened_at is None:
        return None
    return _whole(state, told)


def _opened(state: _Fold, one: Told) -> None:
    state.opened_at = one.at
    state.of = replace(state.of, channel=_text(one, "channel"), queue=_text(one, "queue"))
    state.holding.team = _text(one, "queue")
    state.episodes.append(Episode(state.case, 1, one.at, None, None))
    _contact(state, one, _text(one, "interaction") or state.case, by_customer=True)
    state.holding.begin(one, OwnerKind.QUEUE, state.holding.team)
    state.holding.act(one)


def _contact(state: _Fold, one: Told, name: str, *, by_customer: bool) -> None:
    channel = _text(one, "channel") or state.of.channel
    state.contacts[name] = Contact(
        name,
        state.case,
        one.at,
        None,
        by_customer=by_customer,
        handled=False,
        of=replace(state.of, channel=channel),
    )
    state.holding.contact = name
    state.spoke = True
    last = state.episodes[-1]
    if last.resolved_at is None:
        back = by_customer and last.number > 1 and not last.contacts
        state.episodes[-1] = replace(
            last,
            contacts=(*last.contacts, name),
            reopened_by_customer=last.reopened_by_customer or back,
        )


def _interaction(state: _Fold, one: Told) -> None:
    _contact(state, one, one.subject, by_customer=bool(one.payload.get("rejoined")))


def _message(state: _Fold, one: Told) -> None:
    name, speaker = _text(one, "interaction"), _text(one, "speaker")
    known = state.contacts.get(name)
    if known is not None and name not in state.words and speaker:
        # Whoever says the first word began the contact.
        state.words.add(name)
        if speaker == "customer" and not known.by_customer:
            state.contacts[name] = replace(known, by_customer=True)
    state.spoke = True
    if speaker in ("ai", "human"):
        _handled(state, name)
        state.holding.act(one)


def _handled(state: _Fold, name: str) -> None:
    known = state.contacts.get(name)
    if known is not None and not known.handled:
        state.contacts[name] = replace(known, handled=True)


def _classified(state: _Fold, one: Told) -> None:
    intent = _text(one, "intent")
    last = state.episodes[-1] if state.episodes else None
    if last is not None and last.number > 1 and intent and state.intent not in ("", intent):
        state.episodes[-1] = replace(last, same_cause=False)
    state.intent = intent or state.intent


def _started(state: _Fold, one: Told) -> None:
    sheet = _text(one, "cue_sheet")
    state.journeys.append(sheet)
    if len(state.journeys) == 1:
        state.of = replace(
            state.of,
            journey=sheet,
            pattern=_text(one, "pattern"),
            cue_sheet_version=str(one.payload.get("version", "")),
        )
    elif state.of.pattern not in ("", _text(one, "pattern")):
        state.of = replace(state.of, pattern="mixed")


def _risk(state: _Fold, risk: str) -> None:
    known = state.of.risk or _RISKS[0]
    if risk in _RISKS and _RISKS.index(risk) > _RISKS.index(known):
        state.of = replace(state.of, risk=risk)


def _resolved(state: _Fold, one: Told) -> None:
    holding, last = state.holding, state.episodes[-1]
    holding.act(one)
    state.episodes[-1] = replace(
        last,
        resolved_at=one.at,
        assumed=not one.payload.get("confirmed", one.erased),
        withdrawn=_text(one, "disposition") == _WITHDRAWN,
        without_contact=last.number > 1 and not state.spoke,
        last_owner=holding.owner if holding.since else last.last_owner,
    )
    wrap = wrap_of(one, case=state.case, holding=holding)
    state.work.extend([wrap] if wrap else [])
    holding.end(one.at)
    state.waiting.end(one.at)


def _reopened(state: _Fold, one: Told) -> None:
    number = len(state.episodes) + 1
    state.episodes.append(Episode(state.case, number, one.at, None, None))
    state.closed_at = None
    state.spoke = False
    state.holding.begin(one, OwnerKind.QUEUE, state.holding.team)


def _closed(state: _Fold, one: Told) -> None:
    state.closed_at = one.at


def _merged(state: _Fold, one: Told) -> None:
    state.merged_into = one.subject
    state.holding.end(one.at)
    state.waiting.end(one.at)


def _unmerged(state: _Fold, one: Told) -> None:
    state.merged_into = ""
    if state.episodes[-1].resolved_at is None:
        state.holding.begin(one, OwnerKind.QUEUE, state.holding.team)


def _took_in(state: _Fold, one: Told) -> None:
    state.absorbed.append(one.subject)


def _gave_back(state: _Fold, one: Told) -> None:
    state.absorbed = [held for held in state.absorbed if held != one.subject]


def _bound(state: _Fold, one: Told) -> None:
    state.customer = one.subject


def _verified(state: _Fold, one: Told) -> None:
    """Take whoever was named when the case was opened as its customer once that is confirmed."""
    if _text(one, "trust") != Trust.CLAIMED:
        state.customer = _text(one, "customer_id") or state.customer


def _moved(state: _Fold, one: Told) -> None:
    state.holding.moved(one)
    if not state.holding.handled:
        state.of = replace(state.of, queue=state.holding.team)


def _offered(state: _Fold, one: Told) -> None:
    state.holding.offered(one)
    state.stepping.handed_off(one)


def _proposed(state: _Fold, one: Told) -> None:
    state.stepping.proposed(one)
    _handled(state, state.holding.contact)
    state.holding.act(one)


def _approval(state: _Fold, one: Told) -> None:
    _risk(state, _text(one, "risk"))


def _gated(state: _Fold, one: Told) -> None:
    del one
    _risk(state, "critical")


def _moved_version(state: _Fold, one: Told) -> None:
    del one
    state.migrated = True


def _stepped(name: str) -> Callable[[_Fold, Told], None]:
    def read(state: _Fold, one: Told) -> None:
        getattr(state.stepping, name)(one)

    return read


def _waited(name: str) -> Callable[[_Fold, Told], None]:
    def read(state: _Fold, one: Told) -> None:
        getattr(state.waiting, name)(one)

    return read


def _held_by(name: str) -> Callable[[_Fold, Told], None]:
    def read(state: _Fold, one: Told) -> None:
        getattr(state.holding, name)(one)
        _handled(state, state.holding.contact)

    return read


_READERS: Final[Mapping[str, Callable[[_Fold, Told], None]]] = {
    memory.CASE_OPENED: _opened,
    memory.INTERACTION_STARTED: _interaction,
    memory.MESSAGE_ADDED: _message,
    memory.CUSTOMER_BOUND: _bound,
    memory.VERIFICATION_RECORDED: _verified,
    memory.CASE_RESOLVED: _resolved,
    memory.CASE_REOPENED: _reopened,
    memory.CASE_CLOSED: _closed,
    memory.CASE_MERGED: _merged,
    memory.CASE_UNMERGED: _unmerged,
    memory.CASE_TOOK_IN: _took_in,
    memory.CASE_GAVE_BACK: _gave_back,
    memory.CASE_MOVED: _moved,
    memory.CASE_GATED: _gated,
    intake.CASE_CLASSIFIED: _classified,
    intake.INTAKE_CONFIRMED: _classified,
    intake.INTAKE_CORRECTED: _classified,
    journeys.JOURNEY_STARTED: _started,
    journeys.JOURNEY_MOVED: _moved_version,
    journeys.JOURNEY_PAUSED: _waited("paused"),
    journeys.JOURNEY_RESUMED: _waited("goes_on"),
    journeys.JOURNEY_CANCELLED: _waited("goes_on"),
    journeys.JOURNEY_TIMED_OUT: _waited("goes_on"),
    journeys.STEP_READY: _stepped("ready"),
    journeys.STEP_DONE: _stepped("done"),
    journeys.STEP_FAILED: _stepped("failed"),
    journeys.STEP_REFUSED: _stepped("failed"),
    journeys.VERIFICATION_REFUSED: _stepped("call"),
    handoff.HANDOFF_OFFERED: _offered,
    handoff.CONSULT_ANSWERED: lambda state, one: state.holding.answered(one),
    **{kind: _held_by(name) for kind, name in HANDLING.items()},
    approvals.REQUESTED: _approval,
    tools.PROPOSED: _proposed,
    **{
        kind: _stepped("call")
        for kind in (
            tools.SUCCEEDED,
            tools.CONFIRMED,
            tools.ATTEMPT_FAILED,
            tools.FAILED,
            tools.REFUSED,
            tools.UNKNOWN,
            tools.DENIED,
            tools.REJECTED,
            tools.EXPIRED,
            tools.EDITED,
        )
    },
}

#: The kinds of entry that say something to a metric.
KINDS: Final = frozenset(_READERS) | frozenset(
    {"decision.recorded", "decision.reaffirmed", approvals.VOTED, approvals.VOIDED}
    | {approvals.EXPIRED, "subject.erased"}
)


def _whole(state: _Fold, told: Sequence[Told]) -> CaseFacts:
    issue = Issue(state.customer, state.intent or state.of.journey) if state.customer else None
    segments = state.holding.whole()
    by_ai = [row.owner for row in segments if row.owner_kind is OwnerKind.AI]
    owners = [row.owner for row in segments if row.owner_kind is not OwnerKind.QUEUE]
    of = replace(state.of, risk=state.of.risk or _RISKS[0], ai_version=by_ai[0] if by_ai else "")
    left_out = LeftOut.MERGED if state.merged_into else None
    handovers = tuple(replace(row, of=of) for row in state.holding.handovers.values())
    contacts = {
        name: replace(
            row,
            issue=issue,
            left_out=left_out,
            of=replace(of, channel=row.of.channel),
            handled=row.handled and bool(owners),
        )
        for name, row in state.contacts.items()
    }
    if left_out is None and not owners and state.episodes[-1].resolved_at is not None:
        left_out = LeftOut.ABANDONED
    moved = {row.contact for row in handovers if type_of(row) in HEADLINE}
    episodes = tuple(
        replace(
            row,
            issue=issue,
            left_out=left_out,
            of=of,
            first_owner=owners[0] if owners else "",
            transferred=bool(row.contacts) and row.contacts[0] in moved,
        )
        for row in state.episodes
    )
    return CaseFacts(
        case=state.case,
        opened_at=state.opened_at or told[0].at,
        issue=issue,
        closed_at=state.closed_at,
        left_out=left_out,
        merged_into=state.merged_into,
        absorbed=tuple(dict.fromkeys(state.absorbed)),
        migrated=state.migrated,
        replanned=tuple(dict.fromkeys(one for one in state.journeys[1:] if one != of.journey)),
        episodes=episodes,
        contacts=tuple(contacts.values()),
        segments=tuple(replace(row, of=of) for row in segments),
        handovers=handovers,
        work=tuple(replace(row, left_out=left_out, of=of) for row in state.work),
        steps=tuple(
            replace(row, left_out=left_out, of=of) for row in state.stepping.found.values()
        ),
        waits=state.waiting.whole(),
        required=(
            required_facts(case=state.case, told=told, closed_at=state.closed_at)
            if state.closed_at
            else ()
        ),
        of=of,
    )


def _text(one: Told, key: str) -> str:
    return str(one.payload.get(key) or "")
