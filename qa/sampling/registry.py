"""What sampling plans name of rooms above; filled at start-up."""

from collections.abc import Callable

from orchestra.core.registry import Registry

#: Who knows the keys of the scorecards in force.
scorecard_keys: Registry[Callable[[], frozenset[str]]] = Registry("source of scorecard keys")


def present_scorecards() -> frozenset[str]:
    """Return the keys of every scorecard in force."""
    return frozenset[str]().union(*(scorecard_keys.get(name)() for name in scorecard_keys))
