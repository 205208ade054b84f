"""What estimates need of rooms that may stand beside them; filled at start-up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from orchestra.core.registry import Registry
from orchestra.core.together import Reading, all_of

#: Who knows upheld disputes: of keys of drawn units, how many of their reviews were disputed with
#: success. The first scores still count; the series is marked.
upheld: Registry[Callable[[Sequence[int]], Reading[Mapping[int, int]]]] = Registry(
    "source of upheld disputes"
)


def reading_upheld(drawn: Sequence[int]) -> Reading[Mapping[int, int]]:
    """Come to upheld disputes by drawn unit; those without are not in it."""
    told = yield from all_of({name: upheld.get(name)(drawn) for name in upheld})
    return {unit: count for one in told.values() for unit, count in one.items()}


def reading_alerts() -> Reading[list["Alert"]]:
    """Come to what is known of drift, source by source."""
    told = yield from all_of({name: alerts.get(name)() for name in alerts})
    return [one for found in told.values() for one in found]


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
alerts: Registry[Callable[[], Reading[Sequence[Alert]]]] = Registry("source of drift alerts")
