"""A backup is taken, put back and proved, on the database that the suite runs on."""

from collections.abc import Mapping

import pytest

from orchestra.management.backup import compare
from tests.flows.test_restore_drill import ROOT, Centre, centre

__all__ = ["centre"]


@pytest.mark.parametrize(
    ("before", "after", "found", "told"),
    [
        ({"a": 3}, {"a": 3}, {"a": 3}, 0),
        ({"a": 3}, {"a": 5}, {"a": 4}, 0),
        ({"a": 5}, {"a": 3}, {"a": 4}, 0),
        ({"a": 3}, {"a": 3}, {"a": 2}, 1),
        ({"a": 3}, {"a": 5}, {"a": 6}, 1),
        ({"a": 3, "b": 1}, {"a": 3, "b": 1}, {"a": 3}, 1),
    ],
)
def test_a_count_is_right_between_those_before_and_after(
    before: Mapping[str, int], after: Mapping[str, int], found: Mapping[str, int], told: int
) -> None:
    assert len(list(compare(before, after, found))) == told


@pytest.mark.processes
def test_a_drill_restores_verifies_and_leaves_everything_as_it_was(centre: Centre) -> None:
    loaded = centre.run("pack", "load", str(ROOT / "cases/packs/builtin/retail"), "--publish-first")
    assert loaded.returncode == 0, loaded.stderr
    first = centre.json("ledger", "checkpoint")
    assert first["size"] > 0
    kept = (centre.var / "checkpoints.txt").read_bytes()

    drilled = centre.json("backup_drill")

    assert (drilled["ok"], drilled["differences"]) == (True, [])
    assert drilled["tables"] > 100
    assert drilled["rows"] > first["size"]
    assert drilled["size_bytes"] > 10_000
    assert (drilled["ledger"]["ok"], drilled["ledger"]["problems"]) == (True, [])
    assert drilled["ledger"]["size"] >= first["size"]
    # The copy was verified beside a copy: the outside file still tells of the one ledger.
    assert (centre.var / "checkpoints.txt").read_bytes() == kept
    assert centre.json("ledger", "verify")["ok"] is True
