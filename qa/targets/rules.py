"""Who may answer an alert; pure."""

from governance.access import rules as access
from governance.access.types import Authority, Capability, Role


def may_answer(*, authority: Authority, owner: Role) -> bool:
    """Return whether somebody answers for a target: its owner, or who sets targets."""
    if not authority.active or not authority.actor.is_human:
        return False
    reads = access.may(authority, Capability.METRIC_READ)
    return reads and (owner in authority.roles or access.may(authority, Capability.METRIC_EDIT))
