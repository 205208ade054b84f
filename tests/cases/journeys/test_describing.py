"""What differs between two texts of a cue sheet, in words."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from cases.journeys.describing import describe_changes
from cases.packs.services import BUILTIN
from governance.reviews.types import Sign
from orchestra.core.errors import InvalidInputError


@pytest.fixture
def document() -> dict[str, Any]:
    path: Path = BUILTIN / "retail" / "cue_sheets" / "return_items.yaml"
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def test_the_same_text_has_no_difference(document: dict[str, Any]) -> None:
    assert describe_changes(document, document) == ()


def test_against_nothing_all_of_it_is_added(document: dict[str, Any]) -> None:
    found = describe_changes(None, document)
    assert {change.sign for change in found} == {Sign.ADDED}
    steps = [change for change in found if change.place.startswith("Step ")]
    assert len(steps) == len(document["steps"])


def test_a_deadline_a_step_less_and_another_end(document: dict[str, Any]) -> None:
    first, *rest = document["steps"]
    later = {**first, "due_in_minutes": 90}
    found = describe_changes(document, {**document, "title": "Take back", "steps": [later, *rest]})
    assert [(change.sign, change.place) for change in found] == [
        (Sign.CHANGED, "Title"),
        (Sign.CHANGED, "Step 1"),
    ]
    assert found[0].after == "Take back"
    assert "due in 90 min" in found[1].after
    assert "due in 90 min" not in found[1].before


def test_a_text_that_is_no_plan_cannot_be_described() -> None:
    with pytest.raises(InvalidInputError):
        describe_changes(None, {"key": "a"})
