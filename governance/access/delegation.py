"""Who may let whom act in their place, and what that does; pure.

A delegation widens nothing and goes no further: a delegate acts only where they may act
themselves, and cannot hand on what was handed to them.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from governance.access import rules
from governance.access.types import Authority, Capability, Delegation, Role
from orchestra.core.errors import FieldError

#: What one person can do in the place of another; a whole role hands over those it carries.
DELEGABLE = (
    Capability.APPROVAL_VOTE,
    Capability.CHANGE_REVIEW,
    Capability.CHANGE_PUBLISH,
    Capability.POLICY_EDIT,
    Capability.CUE_SHEET_EDIT,
)
LONGEST = timedelta(days=90)


def read_covers(text: str) -> Role | Capability | None:
    """Return what a stored or posted code covers, None where nothing that can be handed over."""
    if text in set(Role):
        return Role(text)
    return Capability(text) if text in {str(one) for one in DELEGABLE} else None


def capabilities_in(covers: Role | Capability) -> frozenset[Capability]:
    """Return the capabilities that a delegation hands over."""
    if isinstance(covers, Role):
        return rules.CAPABILITIES[covers] & frozenset(DELEGABLE)
    return frozenset({covers})


def is_in_force(given: Delegation, at: datetime) -> bool:
    """Return whether a delegation holds at a moment."""
    return given.begins_at <= at < _end(given)


def stands_after(given: Delegation, moment: datetime) -> bool:
    """Return whether a delegation holds, held or is to hold at any time after a moment."""
    return _end(given) > max(moment, given.begins_at)


def _end(given: Delegation) -> datetime:
    return given.until_at if given.ended_at is None else min(given.until_at, given.ended_at)


def delegates_for(
    delegations: Iterable[Delegation], *, capability: Capability, at: datetime
) -> dict[str, frozenset[str]]:
    """Return whom each person lets act in their place now: giver's public id to delegates'.

    Only what was handed over by its holder counts; a delegate's own delegations lead no
    further, so the answer is never followed twice.

    Args:
        delegations: Those of the people asked about.
        capability: What is to be done.
        at: The moment.
    """
    found: dict[str, set[str]] = {}
    for one in delegations:
        if capability in capabilities_in(one.covers) and is_in_force(one, at):
            found.setdefault(one.giver_id, set()).add(one.delegate_id)
    return {giver: frozenset(people) for giver, people in found.items()}


def check_delegation(
    *, giver: Authority, delegate: Authority, wanted: Delegation, reason: str, now: datetime
) -> tuple[FieldError, ...]:
    """Return everything that keeps a person from handing over; none where they may.

    Args:
        giver: What the person who hands over holds.
        delegate: What the other holds.
        wanted: The delegation.
        reason: Why, in the giver's words.
        now: The moment it is given.
    """
    return (
        *_check_people(giver, delegate, wanted),
        *_check_span(wanted, now),
        *(() if reason.strip() else [FieldError("reason", "required", "Say why.")]),
    )


def _check_people(
    giver: Authority, delegate: Authority, wanted: Delegation
) -> Iterable[FieldError]:
    held = _usable(giver, wanted.covers)
    if not held:
        yield FieldError("covers", "not_yours", "You can hand over only what you hold yourself.")
    if giver.actor.id == delegate.actor.id:
        yield FieldError("delegate", "self", "Choose somebody else.")
    elif not delegate.active:
        yield FieldError("delegate", "disabled", "This person's access is disabled.")
    elif held and not held & _usable(delegate, wanted.covers):
        yield FieldError(
            "delegate",
            "not_eligible",
            "This person may not do it on their own account, and a delegation widens nothing. "
            "Choose somebody whose role allows it.",
        )


def _usable(authority: Authority, covers: Role | Capability) -> frozenset[Capability]:
    """Return what of it a person could do on their own account."""
    if isinstance(covers, Role) and covers not in authority.roles:
        return frozenset()
    return frozenset(one for one in capabilities_in(covers) if rules.may(authority, one))


def _check_span(wanted: Delegation, now: datetime) -> Iterable[FieldError]:
    if wanted.until_at <= max(now, wanted.begins_at):
        yield FieldError("until_at", "range", "It has to end after it begins, and after now.")
    elif wanted.until_at - wanted.begins_at > LONGEST:
        message = f"Hand over for at most {LONGEST.days} days; it can be given again."
        yield FieldError("until_at", "range", message)


def has_overlap(delegations: Iterable[Delegation], wanted: Delegation) -> bool:
    """Return whether the same stands already between the same people in that time."""
    return any(
        (one.giver_id, one.delegate_id, one.covers)
        == (wanted.giver_id, wanted.delegate_id, wanted.covers)
        and one.begins_at < wanted.until_at
        and wanted.begins_at < _end(one)
        for one in delegations
    )
