"""What the rooms above add to journeys; filled at start-up."""

from collections.abc import Callable
from typing import Final

from orchestra.core.registry import Registry

#: The task that is rung for whenever a customer said something; takes the message's key.
HEARD_TASK: Final = "cases.assist.heard"

#: Key of the cue sheet to why it may not come into force now; empty to let it. Asked in the
#: transaction that publishes, after its turn was taken.
first_publications: Registry[Callable[[str], str]] = Registry("check of a first publication")
