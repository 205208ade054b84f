"""What can be stopped beside agents, and who is told when a stop ends; filled by wiring."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.switches.types import Target
from orchestra.core.registry import Registry


@dataclass(frozen=True, slots=True)
class TargetSource:
    """Where the targets of one scope are found.

    Attributes:
        find: Returns the target of a key or name, or None.
        choices: Returns every target, by name.
    """

    find: Callable[[str], Target | None]
    choices: Callable[[], Sequence[Target]]


#: By scope.
targets: Registry[TargetSource] = Registry("target of stops")
#: Called in the transaction that lifts a stop.
lifted: Registry[Callable[[datetime], None]] = Registry("listener to lifted stops")
