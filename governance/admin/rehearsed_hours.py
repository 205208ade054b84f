"""Extra approvals by queue and hour of the day, as bars above and below a line."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orchestra.core import words

Json = Any

_WIDE, _STEP, _HALF = 18, 24, 38
#: Room above and below the bars for their numbers.
_LABEL = 12
_MIDDLE = _HALF + _LABEL
_NIGHT_ENDS, _NIGHT_BEGINS = 8, 20


def describe_hours(hours: Mapping[str, Mapping[str, list[int]]], *, days: int) -> dict[str, Any]:
    """Return what the drawing of extra approvals needs.

    Args:
        hours: Queue to how many approvals more and fewer in each of the 24 hours.
        days: How many days the span has.
    """
    nets = {
        queue: [more - fewer for more, fewer in zip(held["more"], held["fewer"], strict=True)]
        for queue, held in sorted(hours.items())
    }
    top = max((abs(net) for each in nets.values() for net in each), default=0) or 1
    return {
        "queues": [_queue(queue, each, top) for queue, each in nets.items()],
        "busiest": _busiest(nets, days),
        "days": days,
        "width": 24 * _STEP,
        "height": 2 * _MIDDLE,
        "middle": _MIDDLE,
        "marks": [
            {"x": hour * _STEP, "words": f"{hour:02d}:00", "side": _side(hour)}
            for hour in range(0, 25, 4)
        ],
        "day_x": _NIGHT_ENDS * _STEP,
        "day_wide": (_NIGHT_BEGINS - _NIGHT_ENDS) * _STEP,
    }


def _side(hour: int) -> str:
    return {0: "start", 24: "end"}.get(hour, "middle")


def _queue(queue: str, nets: list[int], top: int) -> dict[str, Any]:
    day = sum(nets[_NIGHT_ENDS:_NIGHT_BEGINS])
    return {
        "title": words.plain(queue) or _("no queue"),
        "sum": f"{sum(nets):+,}",
        "day": f"{day:+,}",
        "night": f"{sum(nets) - day:+,}",
        "bars": [_bar(hour, net, top) for hour, net in enumerate(nets) if net],
    }


def _bar(hour: int, net: int, top: int) -> dict[str, Any]:
    tall = max(2, abs(net) * _HALF // top)
    return {
        "x": hour * _STEP + (_STEP - _WIDE) // 2,
        "y": _MIDDLE - tall if net > 0 else _MIDDLE,
        "label_x": hour * _STEP + _STEP // 2,
        "label_y": _MIDDLE - tall - 3 if net > 0 else _MIDDLE + tall + 10,
        "label": f"{net:+,}",
        "wide": _WIDE,
        "tall": tall,
        "sign": "tight" if net > 0 else "loose",
        "title": _("%(from)02d:00 to %(to)02d:00: %(net)+d")
        % {"from": hour, "to": (hour + 1) % 24, "net": net},
    }


def _busiest(nets: Mapping[str, list[int]], days: int) -> str:
    every = [(net, queue, hour) for queue, each in nets.items() for hour, net in enumerate(each)]
    none = (0, "", 0)
    net, queue, hour = max(every, key=lambda item: (abs(item[0]), item[1], -item[2]), default=none)
    if not net:
        return ""
    where = _("Busiest change: %(queue)s, %(from)02d:00 to %(to)02d:00, %(net)+d") % {
        "queue": words.plain(queue) or _("no queue"),
        "from": hour,
        "to": (hour + 1) % 24,
        "net": net,
    }
    span = ngettext("%(days)d day", "%(days)d days", days) % {"days": days}
    return _("%(where)s in %(span)s, %(often)s.") % {
        "where": where,
        "span": span,
        "often": _often(net, days),
    }


def _often(net: int, days: int) -> str:
    more = _("more") if net > 0 else _("fewer")
    daily = round(abs(net) / days)
    if daily > 1:
        return _("about %(count)d %(more)s a day") % {"count": daily, "more": more}
    every = round(days / abs(net))
    if every <= 1:
        return _("one %(more)s a day") % {"more": more}
    return _("one %(more)s every %(every)d days") % {"every": every, "more": more}
