"""What may keep a cue sheet that never was in force from coming into force; filled at start-up."""

from collections.abc import Callable

from orchestra.core.registry import Registry

#: Key of the cue sheet to why it may not come into force now; empty to let it. Asked in the
#: transaction that publishes, after its turn was taken.
first_publications: Registry[Callable[[str], str]] = Registry("check of a first publication")
