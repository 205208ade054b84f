"""What bounds an AI agent: the scope of its token, its budget, its end; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from types import MappingProxyType

from governance.access.rules import PEOPLE_ONLY, capabilities_of
from governance.access.types import Budget, Capability, Role, Scope
from orchestra.core.errors import FieldError

#: What a token for an agent that only looks carries.
READ_ONLY = frozenset(
    {
        Capability.CASE_READ,
        Capability.APPROVAL_READ,
        Capability.CUE_SHEET_READ,
        Capability.TOOL_READ,
        Capability.KNOWLEDGE_READ,
    }
)
#: What an agent may be given at all.
GRANTABLE = capabilities_of([Role.AI_AGENT]) - PEOPLE_ONLY
#: Scopes that have a name: read only, read and propose, all of the role.
NAMED_SCOPES: Mapping[str, frozenset[Capability] | None] = MappingProxyType(
    {
        "read": READ_ONLY,
        "propose": READ_ONLY | {Capability.CASE_WORK, Capability.TOOL_PROPOSE},
        "all": None,
    }
)
_MOST = 1_000_000
#: A token that ends sooner is warned of.
WARN_BEFORE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Limit:
    """One bound of a budget.

    Attributes:
        name: The field of the budget.
        most: How many calls.
        within: In any span of this length.
        writes: Whether only calls that change something count.
    """

    name: str
    most: int
    within: timedelta
    writes: bool = False


def is_outside_scope(
    scope: Scope, *, capability: Capability | None = None, tool: str | None = None
) -> bool:
    """Return whether a token does not carry a capability, or may not propose a tool."""
    if capability is not None and scope.capabilities is not None:
        return capability not in scope.capabilities
    return tool is not None and scope.tools is not None and tool not in scope.tools


def check_scope(scope: Scope) -> list[FieldError]:
    """Return what is wrong with a scope: it is empty, or wider than the role of AI agents."""
    errors = []
    if scope.capabilities is not None:
        beyond = sorted(str(one) for one in scope.capabilities - GRANTABLE)
        if beyond:
            text = f"An AI agent may never hold {', '.join(beyond)}."
            errors.append(FieldError("capabilities", "beyond_role", text))
        if not scope.capabilities:
            errors.append(FieldError("capabilities", "required", "Name what the token carries."))
    if scope.tools is not None and not scope.tools:
        text = "Name a tool, or leave the list out for every tool."
        errors.append(FieldError("tools", "required", text))
    return errors


def limits_on(budget: Budget, *, is_write: bool) -> list[Limit]:
    """Return the bounds that one more call has to keep."""
    hour, day = timedelta(hours=1), timedelta(days=1)
    found = []
    if budget.calls_per_hour is not None:
        found.append(Limit("calls_per_hour", budget.calls_per_hour, hour))
    if budget.calls_per_day is not None:
        found.append(Limit("calls_per_day", budget.calls_per_day, day))
    if is_write and budget.writes_per_day is not None:
        found.append(Limit("writes_per_day", budget.writes_per_day, day, writes=True))
    return found


def check_limits(budget: Budget, *, ends_at: datetime | None, now: datetime) -> list[FieldError]:
    """Return what is wrong with a budget and an end."""
    errors = []
    for each in fields(budget):
        most = getattr(budget, each.name)
        if most is not None and not 0 <= most <= _MOST:
            text = f"Give a number from 0 to {_MOST:,}, or none for no bound."
            errors.append(FieldError(each.name, "range", text))
    if ends_at is not None and ends_at <= now:
        errors.append(FieldError("ends_at", "range", "The end has to lie in the future."))
    return errors


def loosens(
    *, old: Budget, new: Budget, old_end: datetime | None, new_end: datetime | None
) -> bool:
    """Return whether new bounds allow anything that the old ones did not."""
    pairs = [(getattr(old, each.name), getattr(new, each.name)) for each in fields(old)]
    if any(was is not None and (now is None or now > was) for was, now in pairs):
        return True
    return old_end is not None and (new_end is None or new_end > old_end)
