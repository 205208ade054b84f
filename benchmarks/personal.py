"""How much personal data in text is found, and how much of what is found is there.

Sentences of presidio-research (MIT), each with spans. A find counts where kind, first and last
character agree with the data. The sentences fall into two halves by a hash of their template,
so that no wording is in both: rules may be tuned on A, B is the figure.

    python benchmarks/personal.py [--json] [--misses]
"""

import argparse
import hashlib
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from orchestra.core.personal.finding import find_personal
from orchestra.core.personal.types import Kind

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "tests/orchestra/core/personal/data/presidio_research.jsonl"
RESULTS = ROOT / "benchmarks" / "results" / "personal.json"
ALL = "all"
_95 = 1.959964


@dataclass(frozen=True, slots=True)
class Quality:
    """How well one kind is found.

    Attributes:
        kind: Name of the kind, or ``all``.
        present: How many the data has.
        found: How many of them were found exactly.
        false: How many finds of the kind are not in the data.
        recall: Found of present.
        recall_low: Lower end of its 95 % Wilson interval.
        recall_high: Upper end.
        precision: Found of all finds.
        precision_low: Lower end of its 95 % Wilson interval.
        precision_high: Upper end.
    """

    kind: str
    present: int
    found: int
    false: int
    recall: float
    recall_low: float
    recall_high: float
    precision: float
    precision_low: float
    precision_high: float


def wilson(good: int, total: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share; 0 to 1 where nothing was counted.

    Source: E. B. Wilson, 1927.
    """
    if total == 0:
        return 0.0, 1.0
    share, square = good / total, _95 * _95
    centre = share + square / (2 * total)
    spread = _95 * ((share * (1 - share) + square / (4 * total)) / total) ** 0.5
    scale = 1 + square / total
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def read_rows(part: str = "") -> list[dict[str, Any]]:
    """Return the sentences of a half, ``A`` or ``B``, or all of them."""
    rows = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if not part or half_of(row["template"]) == part]


def half_of(template: int) -> str:
    """Return which half a template is in, the same in every run."""
    return "AB"[hashlib.sha256(f"personal {template}".encode()).digest()[0] % 2]


def measure(rows: Iterable[Mapping[str, Any]]) -> tuple[list[Quality], list[str]]:
    """Return the quality by kind, all kinds last, and the misses and false finds in words."""
    present, found, false = Counter[str](), Counter[str](), Counter[str]()
    wrong = []
    for row in rows:
        text = row["text"]
        stated = {(kind, start, end) for kind, start, end in row["spans"]}
        finds = {(find.kind.value, find.start, find.end) for find in find_personal(text)}
        present.update(kind for kind, _, _ in stated)
        found.update(kind for kind, _, _ in stated & finds)
        false.update(kind for kind, _, _ in finds - stated)
        wrong += [f"missed {kind} {text[a:b]!r}" for kind, a, b in sorted(stated - finds)]
        wrong += [f"false {kind} {text[a:b]!r}" for kind, a, b in sorted(finds - stated)]
    kinds = [kind.value for kind in Kind if present[kind] or false[kind]]
    table = [_quality(kind, present[kind], found[kind], false[kind]) for kind in kinds]
    return [*table, _quality(ALL, present.total(), found.total(), false.total())], wrong


def _quality(kind: str, present: int, found: int, false: int) -> Quality:
    recall, precision = wilson(found, present), wilson(found, found + false)
    return Quality(
        kind,
        present,
        found,
        false,
        round(found / present if present else 1.0, 4),
        *(round(end, 4) for end in recall),
        round(found / (found + false) if found + false else 1.0, 4),
        *(round(end, 4) for end in precision),
    )


def main() -> None:
    """Measure both halves, print them, keep them."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--json", action="store_true")
    asked.add_argument("--misses", action="store_true")
    wanted = asked.parse_args()
    report: dict[str, Any] = {}
    for part in ("A", "B", ""):
        rows = read_rows(part)
        started = time.perf_counter()
        table, wrong = measure(rows)
        seconds = time.perf_counter() - started
        report[part or ALL] = {
            "sentences": len(rows),
            "seconds": round(seconds, 3),
            "kinds": [asdict(quality) for quality in table],
        }
        if not wanted.json:
            print_table(part or ALL, len(rows), table)
            print("\n".join(wrong) if wanted.misses and part else "")
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    if wanted.json:
        print(json.dumps(report))


def print_table(part: str, sentences: int, table: Iterable[Quality]) -> None:
    """Print the quality by kind, with Wilson intervals."""
    print(f"{part}: {sentences} sentences")
    print(f"{'kind':16} {'in data':>7} {'recall':>7} {'95 %':>15} {'precision':>9} {'95 %':>15}")
    for row in table:
        recall = f"{row.recall_low:.3f} - {row.recall_high:.3f}"
        precision = f"{row.precision_low:.3f} - {row.precision_high:.3f}"
        print(
            f"{row.kind:16} {row.present:7} {row.recall:7.3f} {recall:>15} "
            f"{row.precision:9.3f} {precision:>15}"
        )


if __name__ == "__main__":
    main()
