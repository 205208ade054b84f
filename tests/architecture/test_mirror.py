"""Every file of rules, services and selectors has its test file at the mirrored path."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHELVES = ("rules", "services", "selectors", "decision", "engine", "tree", "envelope", "notes")


def _expected() -> list[tuple[Path, Path]]:
    return [
        (room / shelf, ROOT / "tests" / app / room.name)
        for app in ("governance", "cases", "qa")
        for room in sorted((ROOT / app).iterdir())
        for shelf in SHELVES
        if (room / f"{shelf}.py").exists() or (room / shelf).is_dir()
    ]


@pytest.mark.parametrize(
    ("shelf", "folder"), _expected(), ids=lambda path: str(path.relative_to(ROOT))
)
def test_a_shelf_has_its_tests(shelf: Path, folder: Path) -> None:
    names = [path.stem for path in folder.rglob("test_*.py")]
    assert (
        any(name.startswith(f"test_{shelf.name}") for name in names)
        or (folder / shelf.name).is_dir()
    ), f"{shelf.relative_to(ROOT)} has no test in {folder.relative_to(ROOT)}"
