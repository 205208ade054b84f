"""A plan as fields and back: what nobody changed stays as it was, byte for byte."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

import cases.packs
from cases.admin.cue_sheet_form import act_on, describe_head, describe_step, read_document
from cases.journeys.parsing import read_cue_sheet
from tests.factories.journeys import make_document

SHEETS = sorted((Path(cases.packs.__file__).parent / "builtin").glob("*/cue_sheets/*.yaml"))


def posted(document: dict[str, Any], **changes: Any) -> dict[str, list[str]]:
    """Return what a browser sends of a form that shows a document."""
    data = {name: [value] for name, value in describe_head(document).items()}
    for index, step in enumerate(document["steps"]):
        for name, value in describe_step(step, document).items():
            key = f"steps-{index}-{name}"
            if name == "after":
                data[key] = list(reversed(value))
            elif name != "optional" or value:
                data[key] = [value]
    return {**data, **{name: [value] for name, value in changes.items()}}


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_a_form_that_nobody_touched_changes_nothing(path: Path) -> None:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    back = read_document(document, posted(document))
    assert json.dumps(back) == json.dumps(document)


def test_every_new_field_comes_through_unchanged() -> None:
    document = make_document()
    document["steps"][0] |= {"tries": 3}
    document["steps"][1] |= {"grace_minutes": 15, "optional": False}
    assert read_document(document, posted(document)) == document
    assert read_cue_sheet(document)[1] == ()


def test_only_what_was_changed_is_written() -> None:
    document = make_document()
    changes = {
        "queue": "returns",
        "recontact_window_hours": "24",
        "ends_after_minutes": "600",
        "skills": "spanish, phones",
        "steps-1-due_in_minutes": "45",
        "steps-1-grace_minutes": "10",
        "steps-1-skills": "spanish",
        "steps-1-when": "verification in basic, strong\nx is not 3",
        "steps-1-bind": "order_id = order",
        "steps-0-proves": "all",
    }
    back = read_document(document, posted(document, **changes))
    step = {
        **document["steps"][1],
        "due_in_minutes": 45,
        "grace_minutes": 10,
        "skills": ["spanish"],
        "when": [{"fact": "verification", "in": ["basic", "strong"]}, {"fact": "x", "is_not": 3}],
        "bind": {"order_id": "order"},
    }
    assert back["steps"] == [document["steps"][0], step]
    assert (back["queue"], back["recontact_window_hours"]) == ("returns", 24)
    assert back["completion"]["all_done"] == ["cancel", "identify"]
    assert (back["ends_after_minutes"], back["skills"]) == (600, ["spanish", "phones"])
    bare = read_document(back, posted(back, ends_after_minutes="", skills=""))
    assert not {"ends_after_minutes", "skills"} & bare.keys()


def test_another_key_is_followed_by_whatever_names_it() -> None:
    document = make_document()
    back = read_document(document, posted(document, **{"steps-0-key": "find"}))
    assert back["steps"][1]["after"] == ["find"]
    back = read_document(document, posted(document, **{"steps-1-key": "stop"}))
    assert back["completion"]["all_done"] == ["stop"]
    assert read_cue_sheet(back)[1] == ()


def test_what_cannot_be_read_is_kept_and_told() -> None:
    document = make_document()
    changes = {"steps-1-due_in_minutes": "soon", "steps-1-when": "whenever"}
    back = read_document(document, posted(document, **changes))
    fields = describe_step(back["steps"][1], back)
    assert (fields["due_in_minutes"], fields["when"]) == ("soon", "whenever")
    assert {finding.field for finding in read_cue_sheet(back)[1]} == {
        "steps[1].due_in_minutes",
        "steps[1].when[0]",
    }


def test_steps_are_added_moved_and_taken_out() -> None:
    document = make_document()
    added = act_on(document, "add")
    assert [step["key"] for step in added["steps"]] == ["identify", "cancel", "step_1"]
    assert [step["key"] for step in act_on(added, "up:2")["steps"]] == [
        "identify",
        "step_1",
        "cancel",
    ]
    without = act_on(document, "remove:0")
    assert [step["key"] for step in without["steps"]] == ["cancel"]
    assert without["steps"][0]["after"] == []
    for nothing in ("up:0", "down:1", "remove:9", "remove:x", "other:1", ""):
        assert act_on(document, nothing) == document
