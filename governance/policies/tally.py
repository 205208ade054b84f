"""What a rehearsal adds up: the matrix, the rows behind it, extra approvals, exposure; pure.

A tally has a size that the number of decisions does not change, and survives as JSON between
the steps of a rehearsal. Adding is commutative but for the samples, which are the first met.
"""

from collections.abc import Mapping
from typing import Any, Final

from governance.policies.changes import Change, Compared
from governance.policies.types import Outcome

Json = Any

HOURS: Final = 24
#: Decisions kept by id for a cell that does not change; changed ones are all kept elsewhere.
SAMPLES: Final = 50
#: Names beyond these are counted together: a record may hold any text.
MAX_NAMES: Final = 500
OTHERS: Final = "…"
_EXPOSED: Final = ("before", "after", "newly_alone", "newly_waits")


def new_tally() -> dict[str, Json]:
    """Return a tally of nothing."""
    return {
        "compared": 0,
        "left_out": 0,
        "lacking": 0,
        "lacks": {},
        "decided_again": 0,
        "votes": 0,
        "matrix": {},
        "rows": {},
        "gained": {},
        "lost": {},
        "samples": {},
        "hours": {},
        "exposure": {},
    }


def cell_of(change: Change) -> str:
    """Return the cell of the matrix that a change belongs to, such as ``allow>approve``."""
    return f"{change.before}>{change.after}"


def add(tally: dict[str, Json], *, compared: Compared | None, decision_id: str) -> None:
    """Count one decision.

    Args:
        tally: Changed in place.
        compared: What ``Rehearser.compare`` answered; None for one that filters left out.
        decision_id: Public id of its record.
    """
    if compared is None:
        tally["left_out"] += 1
        return
    if compared.change.lacks:
        tally["lacking"] += 1
        for name in compared.change.lacks:
            _count(tally["lacks"], name)
        return
    _add_compared(tally, compared, decision_id)


def _add_compared(tally: dict[str, Json], compared: Compared, decision_id: str) -> None:
    change = compared.change
    tally["compared"] += 1
    cell = cell_of(change)
    _count(tally["matrix"], cell)
    if compared.moves and compared.amount_minor is not None:
        _expose(tally["exposure"], compared)
    if change.decided_again:
        tally["decided_again"] += 1
    if change.gained or change.lost or change.differs:
        _add_change(tally, cell, compared)
    if not change.differs:
        kept = tally["samples"].setdefault(cell, [])
        if len(kept) < SAMPLES:
            kept.append(decision_id)


def _add_change(tally: dict[str, Json], cell: str, compared: Compared) -> None:
    change = compared.change
    for name in change.gained:
        _count(tally["gained"], name)
    for name in change.lost:
        _count(tally["lost"], name)
    if not change.differs:
        return
    if change.before is change.after:
        tally["votes"] += 1
    together = [f"+{name}" for name in change.gained] + [f"-{name}" for name in change.lost]
    _count(tally["rows"].setdefault(cell, {}), " ".join(together))
    more = int(change.after is Outcome.APPROVE) - int(change.before is Outcome.APPROVE)
    if more:
        queues = tally["hours"]
        queue = _name(queues, compared.queue)
        found = queues.setdefault(queue, {"more": [0] * HOURS, "fewer": [0] * HOURS})
        found["more" if more > 0 else "fewer"][compared.hour] += 1


def _expose(exposure: dict[str, Json], compared: Compared) -> None:
    """Add what would run without a person, before and after, and what newly would or would not."""
    change, amount = compared.change, compared.amount_minor or 0
    ran, runs = change.before is Outcome.ALLOW, change.after is Outcome.ALLOW
    if not amount or not (ran or runs):
        return
    name = _name(exposure, compared.currency)
    found = exposure.setdefault(name, dict.fromkeys(_EXPOSED, 0))
    found["before"] += amount if ran else 0
    found["after"] += amount if runs else 0
    found["newly_alone"] += amount if runs and not ran else 0
    found["newly_waits"] += amount if ran and not runs else 0


def _count(counts: dict[str, int], name: str) -> None:
    name = _name(counts, name)
    counts[name] = counts.get(name, 0) + 1


def _name(known: Mapping[str, Json], name: str) -> str:
    return name if name in known or len(known) < MAX_NAMES else OTHERS
