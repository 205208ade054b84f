"""Draw a sample again from its frame and its proof; needs nothing but Python.

    python redraw.py FRAME.csv PROOF.json

FRAME.csv has the columns ``unit`` and ``stratum``, PROOF.json is what the portal exports beside
it. Ends with 0 where the same units come out, with 1 where something differs, with 2 where a
file cannot be read. This file travels with every export and imports nothing of the portal, so
that nobody has to trust it; read it, it is short.
"""

import csv
import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_ARGUMENTS = 3


def number_of(seed: str, plan: str, version: int, unit: str) -> int:
    """Return a unit's number: the first 8 bytes of SHA-256(seed | plan/version | unit)."""
    text = f"{seed}|{plan}/v{version}|{unit}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def commitment_of(seed: str) -> str:
    """Return the hash of a seed that was published before the period."""
    return hashlib.sha256(f"orchestra.seed.v1\n{seed}".encode()).hexdigest()


def frame_digest(frame: Mapping[str, str]) -> str:
    """Return the digest of a frame: SHA-256 over its lines ``unit TAB stratum LF``, sorted."""
    lines = (f"{unit}\t{stratum}\n".encode() for unit, stratum in sorted(frame.items()))
    return hashlib.sha256(b"".join(lines)).hexdigest()


def draw_again(
    frame: Mapping[str, str], sizes: Mapping[str, int], seed: str, plan: str, version: int
) -> dict[str, list[str]]:
    """Return the smallest numbers of each stratum, in order; all where fewer are there."""
    ranked: dict[str, list[tuple[int, str]]] = {name: [] for name in sizes}
    for unit, stratum in frame.items():
        ranked.setdefault(stratum, []).append((number_of(seed, plan, version, unit), unit))
    return {
        name: [unit for _number, unit in sorted(units)[: sizes.get(name, 0)]]
        for name, units in sorted(ranked.items())
    }


def differences(frame: Mapping[str, str], proof: Mapping[str, Any]) -> list[str]:
    """Return everything in which a draw is not the one that its proof tells of.

    Args:
        frame: Unit to its stratum.
        proof: As exported: ``plan``, ``version``, ``seed``, ``commitment``, ``frame_digest``,
            ``sizes`` (stratum to how many were drawn) and ``drawn`` (stratum to units, in order).
    """
    found = []
    if commitment_of(proof["seed"]) != proof["commitment"]:
        found.append("The seed is not the one whose hash was published before the period.")
    if frame_digest(frame) != proof["frame_digest"]:
        found.append("The frame is not the one that was drawn from.")
    again = draw_again(frame, proof["sizes"], proof["seed"], proof["plan"], proof["version"])
    for name in sorted({*again, *proof["drawn"]}):
        ours, theirs = again.get(name, []), list(proof["drawn"].get(name, []))
        if ours != theirs:
            missing = [unit for unit in ours if unit not in theirs]
            extra = [unit for unit in theirs if unit not in ours]
            found.append(
                f"{name}: should be drawn and is not: {', '.join(missing) or 'none'}; "
                f"is drawn and should not be: {', '.join(extra) or 'none'}."
                if missing or extra
                else f"{name}: the order differs."
            )
    return found


def read_frame(text: str) -> dict[str, str]:
    """Return the frame that a CSV file holds.

    Raises:
        ValueError: A column is missing, or a unit stands twice.
    """
    frame: dict[str, str] = {}
    for row in csv.DictReader(text.splitlines()):
        if row.get("unit") is None or row.get("stratum") is None:
            raise ValueError("the frame needs the columns unit and stratum")
        if row["unit"] in frame:
            raise ValueError(f"{row['unit']} stands twice in the frame")
        # An export marks what a spreadsheet would take for a formula with an apostrophe.
        frame[row["unit"]] = row["stratum"].removeprefix("'")
    return frame


def main(arguments: list[str]) -> int:
    """Compare and say what came out."""
    if len(arguments) != _ARGUMENTS:
        sys.stderr.write("usage: python redraw.py FRAME.csv PROOF.json\n")
        return 2
    try:
        frame = read_frame(Path(arguments[1]).read_text(encoding="utf-8-sig"))
        proof = json.loads(Path(arguments[2]).read_text(encoding="utf-8"))
        found = differences(frame, proof)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        sys.stderr.write(f"A file cannot be read: {type(error).__name__}: {error}\n")
        return 2
    for line in found:
        sys.stdout.write(f"DIFFERS {line}\n")
    if found:
        return 1
    count = sum(len(units) for units in proof["drawn"].values())
    sys.stdout.write(f"SAME {count} of {len(frame)} drawn again from the committed seed.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
