"""What must never be committed: addresses of registries, paths of one machine."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-uv.lock")


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_registry_and_pins_by_hash(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    pins = [line for line in text.splitlines() if "==" in line and not line.startswith(" ")]
    assert pins
    assert text.count("--hash=sha256:") >= len(pins)


def test_nothing_tracked_names_this_machine() -> None:
    inside = subprocess.run(
        ["git", "grep", "-nF", f"{ROOT}/"],  # noqa: S607  git from the PATH, fixed arguments
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert inside.stdout == ""
