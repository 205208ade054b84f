"""``manage.py import_history`` from a file to words."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command

from qa.history.models import PastLog
from tests.factories.history import LINES, mapping_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def given(tmp_path: Path) -> tuple[str, str]:
    """A log in gzip, and its mapping."""
    log, how = tmp_path / "desk.csv.gz", tmp_path / "map.yaml"
    log.write_bytes(gzip.compress("\n".join(LINES).encode()))
    how.write_text(yaml.safe_dump(mapping_document()))
    return str(log), str(how)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    call_command("import_history", *words)
    return capsys.readouterr().out


def test_a_dry_run_only_says(given: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, given[0], "--map", given[1], "--dry-run")
    assert "cases=3 events=8" in said
    assert said.endswith("dry_run desk\n")
    assert not PastLog.objects.exists()


def test_in_again_and_out(given: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, given[0], "--map", given[1]).endswith("new desk\n")
    told = json.loads(run(capsys, given[0], "--map", given[1], "--json"))
    assert (told["new"], told["cases"], told["transferred"]["hits"]) == (False, 3, 1)
    assert run(capsys, "--forget", "desk") == "forgot desk\n"
    assert not PastLog.objects.exists()


@pytest.mark.parametrize("bad", ["missing", "zip", "text", "line"])
def test_what_cannot_be_read_is_told(
    bad: str, given: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contents: dict[str, Any] = {
        "zip": ("desk.csv.gz", gzip.compress(b"case")[:-4]),
        "text": ("desk.csv", b"case,time\xff"),
        "line": ("desk.csv", ("\n".join(LINES) + "\nD-1,soon,open,first,Ann,mail").encode()),
    }
    file = tmp_path / "nothing.csv"
    if bad in contents:
        name, content = contents[bad]
        file = tmp_path / f"other-{name}"
        file.write_bytes(content)
    with pytest.raises(CommandError) as caught:
        run(capsys, str(file), "--map", given[1])
    assert str(caught.value)
    assert not PastLog.objects.exists()
    if bad == "line":
        assert f"line {len(LINES) + 1}: 'soon' is no time" in str(caught.value)
        said = run(capsys, str(file), "--map", given[1], "--skip-bad-lines")
        assert "left_out=1" in said
