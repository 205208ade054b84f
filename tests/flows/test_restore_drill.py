"""A backup is put back under a ledger that went on: nothing is signed until a person says so."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.databases import Backup, backup, own_database

ROOT = Path(__file__).parents[2]
VERIFIER = ROOT / "governance" / "evidence" / "verifier" / "verifier.py"

pytestmark = [pytest.mark.processes]


@dataclass
class Centre:
    """A centre on a database of its own, worked by the operator's commands."""

    env: dict[str, str]
    url: str
    var: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )

    def json(self, *arguments: str) -> dict[str, Any]:
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        said: dict[str, Any] = json.loads(done.stdout)
        return said

    def take_backup(self) -> AbstractContextManager[Backup]:
        return backup(self.url, str(self.var / "orchestra.sqlite3"))


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    var = tmp_path / "var"
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "orchestra.settings.local",
        "ORCHESTRA_VAR": str(var),
    }
    env.pop("DATABASE_URL", None)
    with own_database("orchestra_restore") as url:
        if url:
            env["DATABASE_URL"] = url
        centre = Centre(env, url, var)
        done = centre.run("migrate", "--verbosity", "0")
        assert done.returncode == 0, done.stderr
        yield centre


def lose_the_newest(centre: Centre, kept: Backup) -> dict[str, Any]:
    """Let the ledger go on for a while, then put the backup back; return what was signed last."""
    assert centre.json("ledger", "verify")["ok"]
    last = centre.json("ledger", "checkpoint")
    kept.restore()
    return last


def test_a_restored_backup_is_found_told_and_gone_on_from(centre: Centre, tmp_path: Path) -> None:
    loaded = centre.run("pack", "load", str(ROOT / "cases/packs/builtin/retail"), "--publish-first")
    assert loaded.returncode == 0, loaded.stderr
    first = centre.json("ledger", "checkpoint")
    with centre.take_backup() as kept:
        last = lose_the_newest(centre, kept)
    assert last["size"] > first["size"]

    # Nothing is signed, by any door, and the message says what to do.
    stopped = centre.run("ledger", "checkpoint")
    assert stopped.returncode == 2
    assert f"a checkpoint of {last['size']} entries" in stopped.stderr
    assert "begin-epoch" in stopped.stderr
    found = centre.run("ledger", "verify", "--json")
    assert found.returncode == 1
    assert not json.loads(found.stdout)["ok"]

    # Naming anything but what was lost begins nothing.
    begin = ("ledger", "begin-epoch", "--reason", "The disk is gone.")
    other = centre.run(*begin, "--size", str(last["size"] + 1), "--root", last["root"])
    assert other.returncode != 0
    assert centre.run("ledger", "checkpoint").returncode == 2

    begun = centre.run(*begin, "--size", str(last["size"]), "--root", last["root"])
    assert begun.returncode == 0, begun.stderr
    again = centre.json("ledger", "checkpoint")
    assert "/epoch-2" in again["note"].splitlines()[0]
    assert centre.json("ledger", "verify")["ok"]

    # An auditor who held the lost checkpoint is told so, and one who held the agreed one is not.
    (tmp_path / "lost").write_text(last["note"])
    (tmp_path / "agreed").write_text(first["note"])
    assert centre.run("ledger", "check-note", str(tmp_path / "lost")).returncode != 0
    assert centre.run("ledger", "check-note", str(tmp_path / "agreed")).returncode == 0
