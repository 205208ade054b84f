"""How far a heavy proof has come: kept in its report, so that it is run in pieces."""

import json
import os
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import connection

#: Apart from the reports of ``tests.prove``, which are named alike.
CHUNKS = Path(__file__).parents[1] / "benchmarks" / "results" / "chunks"


class Progress:
    """The chunks of a proof that are done on the database in use, in a JSON report.

    ``ORCHESTRA_PROOF_SECONDS`` ends a piece after that time; the next goes on from there.
    ``ORCHESTRA_PROOF_AGAIN=1`` begins anew. ``ORCHESTRA_PROOF_PART=1/2`` takes every second
    chunk, so that several run side by side, each with a report of its own.
    """

    def __init__(self, name: str, *, target: int, unit: str) -> None:
        part, parts = (int(one) for one in os.environ.get("ORCHESTRA_PROOF_PART", "1/1").split("/"))
        suffix = f"-{part}of{parts}" if parts > 1 else ""
        self.path = CHUNKS / f"{name}-{connection.vendor}{suffix}.json"
        self.first, self.stride = part, parts
        self.target, self.unit = -(-target // parts), unit
        self.until = time.monotonic() + float(os.environ.get("ORCHESTRA_PROOF_SECONDS", "inf"))
        self.chunks: dict[str, dict[str, Any]] = {}
        if self.path.exists() and not os.environ.get("ORCHESTRA_PROOF_AGAIN"):
            self.chunks = json.loads(self.path.read_text(encoding="utf-8"))["chunks"]
        self.began = time.monotonic()

    @property
    def done(self) -> int:
        return sum(chunk["count"] for chunk in self.chunks.values())

    @property
    def totals(self) -> Counter[str]:
        """What the chunks counted, added up by name; ``count`` and ``seconds`` among it."""
        found: Counter[str] = Counter()
        for chunk in self.chunks.values():
            found.update(chunk)
        return found

    @property
    def is_complete(self) -> bool:
        return self.done >= self.target

    @property
    def is_out_of_time(self) -> bool:
        return time.monotonic() >= self.until

    def next_chunk(self) -> int | None:
        """Return the number of the next chunk, None where all is done or time is over."""
        if self.is_complete or self.is_out_of_time:
            return None
        self.began = time.monotonic()
        return self.first + self.stride * len(self.chunks)

    def finish(self, number: int, *, count: int, facts: dict[str, int]) -> None:
        """Write down a chunk that ended without a violation."""
        seconds = round(time.monotonic() - self.began, 1)
        self.chunks[str(number)] = {"count": count, "seconds": seconds, **facts}
        report = {
            "at": datetime.now(UTC).isoformat(),
            "unit": self.unit,
            "target": self.target,
            "done": self.done,
            "complete": self.is_complete,
            "violations": 0,
            "totals": dict(self.totals),
            "chunks": self.chunks,
        }
        CHUNKS.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
