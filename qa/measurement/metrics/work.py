"""How long people go on working once the customer is gone; pure.

``AACW = sum of after-contact work / contacts handled``, those that needed none as zero, and its
share of the handle time. Long ones are held at the cap, not dropped.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qa.estimates.types import Interval
from qa.measurement.formulas.shares import Share
from qa.measurement.metrics.common import Figure, sift
from qa.measurement.rows import Work, WrapEnd
from qa.measurement.types import LeftOut
from qa.sampling.planning import z_of

NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class AfterContact:
    """The whole metric.

    Attributes:
        mean: Minutes for each contact handled.
        share: Of the handle time, 0 to 1.
        timed_out: Wrap-ups that a time-out ended.
        capped: Wrap-ups held at the cap.
        allocated: Wrap-ups whose time was divided among open items.
        back_office_minutes: Work on later days, which is another metric.
        by_draft: Mean minutes by what became of an AI's draft: none, offered, accepted.
    """

    mean: Figure
    share: Figure
    timed_out: Share
    capped: Share
    allocated: Share
    back_office_minutes: float
    by_draft: Mapping[str, Figure]


def wrap_seconds(work: Work) -> float | None:
    """Return the after-contact work of one human segment, before the cap; None where none applies.

    Focus time where it is recorded, otherwise the time on the wall divided by the open items.
    """
    if work.last_exchange_at is None or work.wrapped_at is None:
        return None
    if work.focus_seconds is not None:
        return max(0.0, work.focus_seconds)
    wall = max(0.0, (work.wrapped_at - work.last_exchange_at).total_seconds())
    return wall / max(1, work.open_items)


def after_contact_work(
    rows: Iterable[Work],
    *,
    cap_minutes: int = 30,
    reasons: Iterable[LeftOut] = tuple(LeftOut),
) -> AfterContact:
    """Return the metric over the human segments of a period; each has its own wrap-up."""
    kept, left = sift(rows, reasons)
    applied = [(one, seconds) for one in kept if (seconds := wrap_seconds(one)) is not None]
    left[NOT_APPLICABLE] += len(kept) - len(applied)
    cap = cap_minutes * 60.0
    held = [(one, min(seconds, cap)) for one, seconds in applied]
    count = len(applied)
    mean = _mean_by_contact(held, dict(sorted((+left).items())))
    whole = math.fsum(seconds for _, seconds in held)
    handle = math.fsum(one.handle_seconds for one, _ in held)
    return AfterContact(
        mean=mean,
        share=Figure(
            value=min(1.0, whole / handle) if handle > 0 else None,
            interval=None,
            n=mean.n,
            left_out=mean.left_out,
        ),
        timed_out=Share(sum(one.ended_by is WrapEnd.TIME_OUT for one, _ in held), count),
        capped=Share(sum(seconds > cap for _, seconds in applied), count),
        allocated=Share(
            sum(one.focus_seconds is None and one.open_items > 1 for one, _ in held), count
        ),
        back_office_minutes=math.fsum(one.back_office_seconds for one in kept) / 60,
        by_draft={
            name: _mean_by_contact([pair for pair in held if _draft(pair[0]) == name], {})
            for name in ("none", "offered", "accepted")
        },
    )


def _mean_by_contact(held: Sequence[tuple[Work, float]], left: Mapping[str, int]) -> Figure:
    minutes: dict[str, float] = {}
    for one, seconds in held:
        minutes[one.contact] = minutes.get(one.contact, 0.0) + seconds / 60
    count = len(minutes)
    if not count:
        return Figure(None, None, 0, left_out=left)
    mean = math.fsum(minutes.values()) / count
    interval = None
    if count > 1:
        spread = math.fsum((one - mean) ** 2 for one in minutes.values()) / (count - 1)
        half = z_of(0.95) * math.sqrt(spread / count)
        interval = Interval(max(0.0, mean - half), mean + half)
    zeros = sum(one == 0 for one in minutes.values())
    return Figure(mean, interval, count, left_out=left, beside={"zeros": zeros})


def _draft(work: Work) -> str:
    if work.draft_accepted:
        return "accepted"
    return "offered" if work.draft_offered else "none"
