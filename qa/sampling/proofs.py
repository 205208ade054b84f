"""What anybody needs to draw a sample again: its frame and its proof; read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestra.core.clock import rfc3339
from orchestra.core.csv_text import csv_lines
from qa.sampling.framing import is_in_frame, stratum_of
from qa.sampling.models import SamplePeriod
from qa.sampling.selectors import spec_of
from qa.sampling.units import candidate_of

Json = Any


@dataclass(frozen=True, slots=True)
class Missing:
    """A unit that stood in the frame when it was closed and would not stand there now.

    Attributes:
        label: Such as ``I-40863``.
        was_drawn: Whether it is in the sample.
        flag: Why it is left out now; empty where another column changed.
    """

    unit: str
    label: str
    stratum: str
    was_drawn: bool
    flag: str
    reason: str


def stored_frame(period: SamplePeriod) -> dict[str, str]:
    """Return the frame as it was closed: unit to stratum."""
    return dict(period.frame.values_list("unit__subject", "stratum"))


def frame_now(period: SamplePeriod) -> tuple[dict[str, str], list[Missing]]:
    """Return the frame as the population gives it now, and what left it since it was closed.

    What two people agreed to keep, though it was flagged later, is in it as it was.
    """
    plan = spec_of(period.version)
    kept = frozenset(period.redrawn.get("kept", []))
    drawn = frozenset(period.drawn.values_list("unit_id", flat=True))
    frame: dict[str, str] = {}
    missing = []
    for row in period.frame.select_related("unit").order_by("unit__subject"):
        if row.unit.subject in kept:
            frame[row.unit.subject] = row.stratum
            continue
        unit = candidate_of(row.unit)
        if is_in_frame(plan, unit):
            frame[row.unit.subject] = stratum_of(plan, unit)
            continue
        missing.append(
            Missing(
                unit=row.unit.subject,
                label=row.unit.label,
                stratum=row.stratum,
                was_drawn=row.unit_id in drawn,
                flag=row.unit.left_out,
                reason=row.unit.left_out_reason,
            )
        )
    return frame, missing


def proof_of(period: SamplePeriod) -> dict[str, Json]:
    """Return the proof of a draw, as ``redraw.py`` reads it.

    Replacements stand apart: they were not drawn, they are next in line.
    """
    drawn: dict[str, list[str]] = {share["name"]: [] for share in period.shares}
    replaced = []
    rows = period.drawn.select_related("unit", "replaces__unit")
    for row in rows.order_by("stratum", "place"):
        if row.replaces:
            pair = {"lost": row.replaces.unit.subject, "next": row.unit.subject}
            replaced.append({**pair, "reason": row.replaces.lost_for})
        else:
            drawn.setdefault(row.stratum, []).append(row.unit.subject)
    return {
        "plan": period.version.plan.key,
        "version": period.version.number,
        "starts_at": rfc3339(period.starts_at),
        "ends_at": rfc3339(period.ends_at),
        "commitment": period.commitment,
        "committed_at": rfc3339(period.committed_at),
        "seed": period.seed,
        "frame_size": period.frame_size,
        "frame_digest": period.frame_digest,
        "draw_digest": period.draw_digest,
        "sizes": {share["name"]: share["drawn"] for share in period.shares},
        "drawn": drawn,
        "replacements": replaced,
    }


def frame_csv(frame: Mapping[str, str]) -> str:
    """Return a frame as a CSV file, which no spreadsheet takes for formulas."""
    return "".join(csv_lines(["unit", "stratum"], sorted(frame.items())))


def proof_json(proof: Mapping[str, Json]) -> str:
    """Return a proof as a JSON file for people to read too."""
    return json.dumps(proof, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
