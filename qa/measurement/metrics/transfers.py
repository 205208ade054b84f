"""How often a contact changes hands, and in which of the eight ways; pure.

``TR = contacts with at least one counted transfer / contacts handled``. An offer that was
refused or that nobody answered is an attempt, which has no type.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from qa.measurement.formulas.shares import Share
from qa.measurement.metrics.common import Figure, as_figure, sift
from qa.measurement.rows import Contact, Handover, OwnerKind
from qa.measurement.types import LeftOut, Transfer

NOT_HANDLED: Final = "not_handled"
ATTEMPTS: Final = "attempts"
#: More minutes than any definition can name.
_EVER: Final = 10**8
HEADLINE: Final = (Transfer.CROSS_TEAM, Transfer.ESCALATION, Transfer.EXTERNAL)


@dataclass(frozen=True, slots=True)
class Transfers:
    """The whole metric.

    Attributes:
        rate: Contacts with a counted transfer.
        per_100: Counted transfers for 100 contacts handled.
        escalation: Contacts that an AI gave up unplanned, of those that an AI handled.
        with_planned: The rate with planned steps counted too.
        by_type: All eight, with how many transfers each.
        reasons: Of escalations, by reason code.
        warm: Of all transfers.
        attempts: Offers that nobody took.
    """

    rate: Figure
    per_100: Figure
    escalation: Figure
    with_planned: Figure
    by_type: Mapping[Transfer, int]
    reasons: Mapping[str, int]
    warm: Share
    attempts: int


def type_of(handover: Handover, *, return_minutes: int = 5) -> Transfer | None:
    """Return of which of the eight kinds a change of owner is; None of a mere attempt.

    The first that applies, in this order: consult, system, external, return, planned step,
    escalation, same team, cross team. A person who gives an AI the case back at once is a
    return, later a change of team or a planned step like any other.
    """
    for applies, transfer in _applies(handover, return_minutes):
        if applies:
            return transfer
    return Transfer.CROSS_TEAM


def unbounced_type(handover: Handover) -> Transfer | None:
    """Return of which kind a change of owner is where it is taken for no return."""
    return type_of(replace(handover, since=None))


def bounced_after(handover: Handover) -> float | None:
    """Return after how many seconds it went back; None where it did not.

    It is a return where that is within the minutes of the definition.
    """
    if handover.since is None or not _goes_back(handover):
        return None
    if type_of(handover, return_minutes=_EVER) is not Transfer.RETURN:
        return None
    return (handover.at - handover.since).total_seconds()


def transfer_rate(
    contacts: Iterable[Contact],
    handovers: Iterable[Handover],
    *,
    counted: Iterable[Transfer] = HEADLINE,
    return_minutes: int = 5,
    reasons: Iterable[LeftOut] = tuple(LeftOut),
    ai_contacts: frozenset[str] | None = None,
) -> Transfers:
    """Return the metric over the contacts of a period.

    Args:
        contacts: Of the cohort; one that nobody held is left out.
        handovers: Of those contacts; an event that two cases bring counts once.
        counted: Which kinds make the headline.
        return_minutes: Within which giving a contact back is a bounce.
        reasons: What the definition leaves out.
        ai_contacts: Contacts that an AI held; None for all.
    """
    kept, left = sift(contacts, reasons)
    handled = {one.id for one in kept if one.handled}
    left[NOT_HANDLED] += sum(not one.handled for one in kept)
    moves, attempts = _typed(handovers, handled, return_minutes)
    wanted = frozenset(counted)
    by_type = dict.fromkeys(Transfer, 0) | Counter(kind for _, kind in moves)
    hit = {one.contact for one, kind in moves if kind in wanted}
    planned = {one.contact for one, kind in moves if kind in wanted | {Transfer.PLANNED_STEP}}
    escalated = [one for one, kind in moves if kind is Transfer.ESCALATION]
    by_ai = handled if ai_contacts is None else handled & ai_contacts
    number = sum(by_type[kind] for kind in wanted)
    return Transfers(
        rate=as_figure(Share(len(hit), len(handled)), +left),
        per_100=Figure(
            value=100 * number / len(handled) if handled else None,
            interval=None,
            n=len(handled),
            hits=number,
            left_out=dict(sorted((+left).items())),
        ),
        escalation=as_figure(
            Share(len({one.contact for one in escalated} & by_ai), len(by_ai)), +left
        ),
        with_planned=as_figure(Share(len(planned), len(handled)), +left),
        by_type=by_type,
        reasons=Counter(one.reason for one in escalated),
        warm=Share(sum(one.warm for one, _ in moves), len(moves)),
        attempts=attempts,
    )


def _typed(
    handovers: Iterable[Handover], handled: set[str], return_minutes: int
) -> tuple[list[tuple[Handover, Transfer]], int]:
    once: dict[str, Handover] = {}
    for handover in handovers:
        if handover.contact in handled:
            once.setdefault(handover.id, handover)
    moves, attempts = [], 0
    for handover in once.values():
        kind = type_of(handover, return_minutes=return_minutes)
        if kind is None:
            attempts += 1
        else:
            moves.append((handover, kind))
    return moves, attempts


def _applies(one: Handover, return_minutes: int) -> Iterable[tuple[bool, Transfer | None]]:
    yield not one.taken, None
    yield one.keeps_owner, Transfer.CONSULT
    yield not one.handled_before, Transfer.SYSTEM
    yield one.leaves_house, Transfer.EXTERNAL
    yield _is_bounce(one, return_minutes), Transfer.RETURN
    yield one.planned, Transfer.PLANNED_STEP
    yield one.from_kind is OwnerKind.AI and one.to_kind is not OwnerKind.AI, Transfer.ESCALATION
    yield one.transfer is not None, one.transfer
    yield one.from_team == one.to_team, Transfer.SAME_TEAM


def _is_bounce(one: Handover, minutes: int) -> bool:
    if one.since is None or one.at - one.since > timedelta(minutes=minutes):
        return False
    return _goes_back(one)


def _goes_back(one: Handover) -> bool:
    to_before = bool(one.previous_owner) and one.to_owner == one.previous_owner
    to_ai = one.from_kind is OwnerKind.HUMAN and one.to_kind is OwnerKind.AI
    return to_before or to_ai
