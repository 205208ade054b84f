"""Which stops need a second person to end, and within what a stop has to work; pure."""

from typing import Final

from governance.switches.types import Drill, StopScope

#: Source: actions.md, section 3: a switch stops new executions within 2 s.
WITHIN_SECONDS: Final = 2.0


def needs_two(scope: StopScope) -> bool:
    """Return whether two people have to agree before a stop ends."""
    return scope is StopScope.EVERYTHING


def may_agree(*, asked_by: str, person: str) -> bool:
    """Return whether someone may agree to the end that somebody asked for.

    Args:
        asked_by: Id of who asked; empty where nobody did.
        person: Id of who would agree.
    """
    return bool(asked_by) and asked_by != person


def drill_passed(drill: Drill) -> bool:
    """Return whether a drill shows that the stop worked.

    Work ran before it, ended in time, and was refused while it stood; what was held ran after.
    """
    in_time = drill.seconds <= WITHIN_SECONDS
    return in_time and drill.ran > 0 and drill.refused > 0 and drill.resumed == drill.held
