"""Whether memory grows: what processes hold, and the slope of it with its interval."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

#: Samples close in time say the same twice, so means of so many stretches are what counts.
STRETCHES = 12
#: Share of the time that a process takes to become warm, which says nothing of growth.
WARMING = 0.4
#: Two-sided 95 % quantile of Student's t with ``STRETCHES - 2`` degrees of freedom.
#: Source: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, 10 degrees, 0.975.
T_QUANTILE = 2.228
HOUR = 3600.0

Sample = tuple[float, int]


@dataclass(frozen=True, slots=True)
class Growth:
    """What memory does with time.

    Attributes:
        per_hour: Bytes an hour, by least squares over the means of the stretches.
        low: Lower bound of the 95 % interval.
        high: Upper bound of it.
        first: Bytes in the first stretch, in the mean.
        last: Bytes in the last.
    """

    per_hour: float
    low: float
    high: float
    first: float
    last: float


def growth_of(samples: Sequence[Sample]) -> Growth:
    """Return the slope of memory once a process is warm.

    Args:
        samples: Moment in seconds and bytes held, in order.

    Raises:
        ValueError: There are too few samples to tell.
    """
    if len(samples) < 2 * STRETCHES:
        raise ValueError(f"{len(samples)} samples are too few for {STRETCHES} stretches")
    begin, end = samples[0][0], samples[-1][0]
    warm = [one for one in samples if one[0] >= begin + WARMING * (end - begin)]
    points = [_mean(warm[len(warm) * n // STRETCHES : len(warm) * (n + 1) // STRETCHES])
              for n in range(STRETCHES)]  # fmt: skip
    mean_at, mean_held = fmean(at for at, _held in points), fmean(held for _at, held in points)
    spread = sum((at - mean_at) ** 2 for at, _held in points)
    slope = sum((at - mean_at) * (held - mean_held) for at, held in points) / spread
    left = sum((held - mean_held - slope * (at - mean_at)) ** 2 for at, held in points)
    error = math.sqrt(left / (STRETCHES - 2) / spread)
    return Growth(
        per_hour=slope * HOUR,
        low=(slope - T_QUANTILE * error) * HOUR,
        high=(slope + T_QUANTILE * error) * HOUR,
        first=points[0][1],
        last=points[-1][1],
    )


def held_by(pid: int) -> int:
    """Return the bytes of memory that a process and all it started hold at this moment."""
    total = 0
    for one in [pid, *_descendants(pid)]:
        try:
            status = Path(f"/proc/{one}/status").read_text(encoding="utf-8")
        except (FileNotFoundError, ProcessLookupError):
            # It ended since it was listed.
            continue
        found = next((line for line in status.splitlines() if line.startswith("VmRSS:")), "")
        total += int(found.split()[1]) * 1024 if found else 0
    return total


def _descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(one) for one in task.read_text(encoding="utf-8").split()]
        except (FileNotFoundError, ProcessLookupError):
            continue
        for child in children:
            found += [child, *_descendants(child)]
    return found


def _mean(points: Sequence[Sample]) -> tuple[float, float]:
    return fmean(at for at, _held in points), fmean(held for _at, held in points)
