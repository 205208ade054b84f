"""What estimates need of rooms that may stand beside them; filled at start-up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from orchestra.core.registry import Registry

#: Who knows upheld disputes: keys of drawn units to how many of their reviews were disputed with
#: success. The first scores still count; the series is marked.
upheld: Registry[Callable[[Sequence[int]], Mapping[int, int]]] = Registry(
    "source of upheld disputes"
)


def upheld_of(drawn: Sequence[int]) -> Mapping[int, int]:
    """Return upheld disputes by drawn unit; those without are not in it."""
    found: dict[int, int] = {}
    for name in upheld:
        found.update(upheld.get(name)(drawn))
    return found


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that moved away from where it was.

    Attributes:
        link: Where it is looked at; empty for nowhere.
    """

    title: str
    text: str
    link: str = ""


#: Who knows of drift, such as of calibration: open alerts, in words.
alerts: Registry[Callable[[], Sequence[Alert]]] = Registry("source of drift alerts")
