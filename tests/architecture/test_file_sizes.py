"""No source file over 400 lines; ruff has no limit on file length."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST = 400
#: What its reader gets as one file, on purpose.
ONE_FILE = ROOT / "governance" / "evidence" / "verifier" / "verifier.py"
SOURCES = sorted(
    path
    for folder in ("orchestra", "governance", "cases", "qa", "tests", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts and path != ONE_FILE
)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST
