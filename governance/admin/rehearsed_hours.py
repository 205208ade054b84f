"""Extra approvals by queue and hour of the day, as bars above and below a line."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from orchestra.core import words

Json = Any

_WIDE, _STEP, _HALF = 18, 24, 40
_NIGHT_ENDS, _NIGHT_BEGINS = 8, 20


def describe_hours(hours: Mapping[str, Mapping[str, list[int]]]) -> dict[str, Any]:
    """Return what the drawing of extra approvals needs.

    Args:
        hours: Queue to how many approvals more and fewer in each of the 24 hours.
    """
    nets = {
        queue: [more - fewer for more, fewer in zip(held["more"], held["fewer"], strict=True)]
        for queue, held in sorted(hours.items())
    }
    top = max((abs(net) for each in nets.values() for net in each), default=0) or 1
    return {
        "queues": [_queue(queue, each, top) for queue, each in nets.items()],
        "busiest": _busiest(nets),
        "width": 24 * _STEP,
        "height": 2 * _HALF,
        "middle": _HALF,
        "day_x": _NIGHT_ENDS * _STEP,
        "day_wide": (_NIGHT_BEGINS - _NIGHT_ENDS) * _STEP,
    }


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
    tall = max(2, abs(net) * (_HALF - 2) // top)
    return {
        "x": hour * _STEP + (_STEP - _WIDE) // 2,
        "y": _HALF - tall if net > 0 else _HALF,
        "wide": _WIDE,
        "tall": tall,
        "sign": "tight" if net > 0 else "loose",
        "title": _("%(from)02d:00 to %(to)02d:00: %(net)+d")
        % {"from": hour, "to": (hour + 1) % 24, "net": net},
    }


def _busiest(nets: Mapping[str, list[int]]) -> str:
    every = [(net, queue, hour) for queue, each in nets.items() for hour, net in enumerate(each)]
    none = (0, "", 0)
    net, queue, hour = max(every, key=lambda item: (abs(item[0]), item[1], -item[2]), default=none)
    if not net:
        return ""
    return _("Busiest change: %(queue)s, %(from)02d:00 to %(to)02d:00, %(net)+d.") % {
        "queue": words.plain(queue) or _("no queue"),
        "from": hour,
        "to": (hour + 1) % 24,
        "net": net,
    }
