"""How intake does on many needs: learning from thousands of examples, then reading others.

The file is a JSON object of lists of ``[text, label]``: ``train`` and ``oos_train`` are learnt
from, ``val`` and ``oos_val`` are read. The bound below which a need is unknown comes from the
texts that are learnt from alone.

    python benchmarks/intake_many.py FILE [--json]
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.common import Figure, figure_of, note, print_lines, print_table
from cases.intake.learning import Tally, calibration_error, learn_reading
from cases.intake.types import IntentSpec


def main() -> None:
    """Learn, read, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    options = parser.parse_args()
    lists = json.loads(options.file.read_text(encoding="utf-8"))
    examples: defaultdict[str, list[str]] = defaultdict(list)
    for text, label in lists["train"]:
        examples[label].append(text)
    specs = [IntentSpec(key, key, "", "", tuple(texts)) for key, texts in examples.items()]
    begun = time.perf_counter()
    learnt = learn_reading(specs, [text for text, _ in lists["oos_train"]])
    took = time.perf_counter() - begun
    samples, told, hits = [], [], 0
    for text, label in lists["val"]:
        begun = time.perf_counter()
        guess = learnt.model.guess(text)
        samples.append((time.perf_counter() - begun) * 1e6)
        hits += guess.intent == label
        if guess.intent:
            told.append((guess.confidence, guess.intent == label))
    found = Tally(hits, len(lists["val"]))
    known = [not learnt.model.guess(text).intent for text, _ in lists["oos_val"]]
    out = Tally(sum(known), len(known))
    for name, tally in (("in scope", found), ("out of scope", out)):
        low, high = tally.interval
        note(f"{name}: {tally.right} of {tally.of}, 95 %: {100 * low:.1f} to {100 * high:.1f}")
    figures = [
        _figure("learning", "s", round(took, 1), len(lists["train"])),
        _figure("needs found", "percent", round(100 * found.share, 1), found.of),
        _figure("no need known as such", "percent", round(100 * out.share, 1), out.of),
        _figure("calibration error", "percent", round(100 * calibration_error(told), 2), len(told)),
        figure_of(bench="a text", subject="orchestra", unit="us", samples=samples),
    ]
    (print_lines if options.json else print_table)(figures)


def _figure(bench: str, unit: str, value: float, runs: int) -> Figure:
    return Figure(bench, "orchestra", unit, value, value, runs)


if __name__ == "__main__":
    main()
