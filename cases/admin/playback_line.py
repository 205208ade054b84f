"""The time line of a case as a drawing: four lanes, filled up to a moment, hollow later."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from cases.memory.types import CaseEntry

LEFT, RIGHT = 70, 1050
_TOP = 14
_LANE = 17
_TICKS = 8
_LANES = ("customer", "agent", "human", "system")
#: How far apart the marks of the line may stand, from a second to a month.
_STEPS = [1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 86400, 7 * 86400, 30 * 86400]


#: That somebody looked at the case changed nothing in it: counted, but no place on the line.
LOOKS = frozenset({"case.read", "ledger.read"})


def happenings(entries: Sequence[CaseEntry]) -> list[CaseEntry]:
    """Return the entries of what happened in a case, without who looked at it."""
    return [entry for entry in entries if entry.kind not in LOOKS]


@dataclass(frozen=True, slots=True)
class _Scale:
    first: datetime
    last: datetime

    def x(self, at: datetime) -> float:
        """Return where a moment stands on the line."""
        whole = (self.last - self.first).total_seconds() or 1.0
        part = min(1.0, max(0.0, (at - self.first).total_seconds() / whole))
        return round(LEFT + 10 + part * (RIGHT - LEFT - 20), 1)


def draw_line(
    entries: Sequence[CaseEntry],
    *,
    moment: datetime,
    count: int,
    link: Callable[[datetime], str],
) -> dict[str, Any]:
    """Return lanes, dots, marks and the moment of a case's time line.

    Args:
        entries: The whole record.
        moment: The moment shown.
        count: How many entries had been recorded by then.
        link: The address of a moment.
    """
    told = happenings(entries)
    if not told:
        return {}
    scale = _Scale(told[0].at, max(entry.at for entry in told))
    at = scale.x(moment)
    return {
        "lanes": [
            {"y": _TOP + index * _LANE, "text_y": _TOP + 4 + index * _LANE, "title": title}
            for index, title in enumerate((_("customer"), _("AI"), _("person"), _("system")))
        ],
        "dots": _dots(told, scale, entries[count - 1].seq if count else 0, link),
        "ticks": _ticks(scale, at),
        "x": at,
        "clock": f"{localtime(moment):%H:%M:%S}",
        "rest": round(RIGHT - at, 1),
        "left": LEFT,
        "right": RIGHT,
        "words": _("From %(first)s to %(last)s; the moment shown is %(moment)s")
        % {
            "first": f"{localtime(scale.first):%d %b %H:%M:%S}",
            "last": f"{localtime(scale.last):%d %b %H:%M:%S}",
            "moment": f"{localtime(moment):%d %b %H:%M:%S}",
        },
    }


def lane_of(entry: CaseEntry) -> str:
    """Return whose act an entry is: the customer's words, an AI's, a person's, the system's."""
    payload = entry.payload or {}
    if entry.kind == "message.added" and payload.get("speaker") == "customer":
        return "customer"
    return entry.actor_kind if entry.actor_kind in _LANES else "system"


def _dots(
    entries: Sequence[CaseEntry], scale: _Scale, seq: int, link: Callable[[datetime], str]
) -> list[dict[str, Any]]:
    """Return one dot a lane and place; entries that fall on another's dot share it."""
    dots: dict[tuple[float, str, bool], dict[str, Any]] = {}
    for entry in entries:
        lane, x, past = lane_of(entry), scale.x(entry.at), entry.seq <= seq
        dots[x, lane, past] = {
            "x": x,
            "y": _TOP + _LANES.index(lane) * _LANE,
            "sign": f"is-{lane}" if past else "is-later",
            "link": link(entry.at),
            "title": f"{localtime(entry.at):%H:%M:%S}",
        }
    return list(dots.values())


def _ticks(scale: _Scale, at: float) -> list[dict[str, Any]]:
    span = (scale.last - scale.first).total_seconds()
    step = next((one for one in _STEPS if span / one <= _TICKS), _STEPS[-1])
    form = "%H:%M:%S" if step < 60 else "%H:%M" if step < 86400 else "%d %b"  # noqa: PLR2004  seconds
    begin = localtime(scale.first).replace(microsecond=0)
    midnight = begin.replace(hour=0, minute=0, second=0)
    gone = int((begin - midnight).total_seconds())
    tick = midnight + timedelta(seconds=(gone // step + 1) * step)
    found: list[dict[str, Any]] = []
    while tick <= scale.last and len(found) <= _TICKS:
        x = scale.x(tick)
        if abs(x - at) > 40:  # noqa: PLR2004  room for the moment's own time
            found.append({"x": x, "text": tick.strftime(form)})
        tick += timedelta(seconds=step)
    return found
