"""What the benchmarks share: figures, their medians and tails, and how they are printed."""

import json
import os
import resource
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

from django.db import connection

P95 = 0.95


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured quantity of one subject.

    Attributes:
        subject: What was measured; ours is ``orchestra``.
        median: Of all runs, in ``unit``.
        p95: What 95 % of the runs do not do worse than.
        runs: How many runs stand behind it.
    """

    bench: str
    subject: str
    unit: str
    median: float
    p95: float
    runs: int

    def as_line(self) -> str:
        """Return the figure as one JSON object on one line."""
        return json.dumps(asdict(self))


def figure_of(
    *, bench: str, subject: str, unit: str, samples: Sequence[float], more_is_better: bool = False
) -> Figure:
    """Return the figure of some samples, one a run.

    Args:
        bench: Name of the measurement.
        subject: What was measured.
        unit: Of the samples.
        samples: At least one.
        more_is_better: Whether the tail is the low end, as for a rate.
    """
    best_first = sorted(samples, reverse=more_is_better)
    rank = -(-len(best_first) * P95 // 1)
    return Figure(
        bench=bench,
        subject=subject,
        unit=unit,
        median=round(statistics.median(samples), 2),
        p95=round(best_first[int(rank) - 1], 2),
        runs=len(samples),
    )


def print_lines(figures: Iterable[Figure]) -> None:
    """Print one JSON object a line."""
    for figure in figures:
        print(figure.as_line())


def print_table(figures: Iterable[Figure]) -> None:
    """Print the figures for a reader, one measurement a line with its subjects side by side."""
    rows: dict[tuple[str, str], list[Figure]] = {}
    for figure in figures:
        rows.setdefault((figure.bench, figure.unit), []).append(figure)
    for (bench, unit), found in rows.items():
        cells = "   ".join(
            f"{item.subject} {item.median:9,.1f} (95 %: {item.p95:,.1f})" for item in found
        )
        print(f"{bench:<36} {unit:<10} {cells}")


def peak_mb(*, of_children: bool = False) -> int:
    """Return the most memory this process held so far, or the largest child that ended, MiB."""
    whose = resource.RUSAGE_CHILDREN if of_children else resource.RUSAGE_SELF
    return round(resource.getrusage(whose).ru_maxrss / 1024)


def in_child(measure: Callable[[], dict[str, object]]) -> dict[str, object]:
    """Measure in a process of its own, so that filling does not count as its memory."""
    connection.close()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, json.dumps(measure()).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer: dict[str, object] = json.loads(pipe.read())
    os.waitpid(child, 0)
    return answer


def note(text: str) -> None:
    """Tell the person at the terminal something, beside the figures."""
    print(text, file=sys.stderr, flush=True)
