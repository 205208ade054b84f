"""How long the agreement of many raters takes, with its bootstrap interval.

Ratings of ``--items`` items by ``--raters`` raters of three categories, a tenth missing; each
measure with ``--rounds`` rounds over items. No database.

    python benchmarks/agreement.py [--json] [--items 1000] [--raters 15] [--rounds 1000]
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from qa.calibration.agreement import (  # noqa: E402  the project is put on the path first
    Ratings,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
    with_interval,
)

#: What a calibration session may take at most, all measures together.
WANTED_SECONDS = 20.0
MEASURES: dict[str, Callable[[Ratings], float | None]] = {
    "percent agreement": percent_agreement,
    "Krippendorff's alpha, nominal": krippendorff_alpha,
    "Gwet's AC1": gwet_ac1,
}


def main() -> None:
    """Time every measure and print a line each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--items", type=int, default=1000)
    parser.add_argument("--raters", type=int, default=15)
    parser.add_argument("--rounds", type=int, default=1000)
    asked = parser.parse_args()
    chance = random.Random(15)  # noqa: S311  a simulation
    ratings = [
        [chance.choice([1, 1, 1, 2, 3]) if chance.random() > 0.1 else None  # noqa: PLR2004
         for _ in range(asked.raters)]
        for _ in range(asked.items)
    ]  # fmt: skip
    whole = 0.0
    for name, measure in MEASURES.items():
        begun = time.process_time()
        found = with_interval(ratings, measure, rounds=asked.rounds)
        took = time.process_time() - begun
        whole += took
        if asked.json:
            print(json.dumps({"bench": "agreement", "subject": name, "unit": "s", "median": took}))
        else:
            print(f"{name}: {found.value:.4f} ({found.low:.4f} to {found.high:.4f}), {took:.1f} s")
    if not asked.json:
        print(f"all: {whole:.1f} s of processor time, {WANTED_SECONDS:.0f} s wanted")


if __name__ == "__main__":
    main()
