"""Every one of 55 written procedures becomes a cue sheet that keeps its order."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.journeys.parsing import parse_cue_sheet
from cases.journeys.procedures import (
    Action,
    Procedure,
    draft_of,
    read_procedures,
    slug_of,
    stage_of,
)
from cases.journeys.types import DoesKind
from orchestra.core.errors import InvalidInputError

ORDERS = json.loads(Path(__file__).with_name("procedures.json").read_text("utf-8"))
TABLE = """flow,procedure,action,kind,text,owner,tool
Returns,Take back,Pull up account,interaction,,,find_customer
Returns,Take back,Offer refund,interaction,Only if the item is unworn,specialist,
Returns,Take back,End conversation,communication,,,
"""


@pytest.mark.parametrize("key", sorted(ORDERS))
def test_a_procedure_keeps_its_order_and_lists_what_is_left_to_decide(key: str) -> None:
    [procedure] = read_procedures(text=json.dumps({key: ORDERS[key]}), is_csv=False)
    draft = draft_of(procedure=procedure, tools=frozenset({"verify_identity"}))
    spec = parse_cue_sheet(document=draft.document)
    assert [slug_of(name) for name in ORDERS[key]] == [
        step.key.removesuffix("_2").removesuffix("_3") for step in spec.steps
    ]
    assert [step.after for step in spec.steps] == [
        (),
        *((step.key,) for step in spec.steps[:-1]),
    ]
    assert {step.otherwise for step in spec.steps} == {"hand_off"}
    missing = [
        f"tool missing: {step.target}"
        for step in spec.steps
        if step.does is DoesKind.TOOL and step.target != "verify_identity"
    ]
    assert [point.message for point in draft.open_points] == [
        *missing,
        "say which queue the work belongs to",
        "say by which words a customer asks for it",
        "say what is verifiably true once it is done",
    ]


def test_there_are_55() -> None:
    assert len(ORDERS) == 55


def test_a_table_names_owner_tool_and_condition() -> None:
    [procedure] = read_procedures(text=TABLE, is_csv=True)
    draft = draft_of(procedure=procedure, tools=frozenset({"find_customer"}), queue="returns")
    spec = parse_cue_sheet(document=draft.document)
    assert spec.key == "returns_take_back"
    assert [(step.stage, step.owner, step.does, step.target) for step in spec.steps] == [
        ("identify", "ai", "tool", "find_customer"),
        ("execute", "specialist", "tool", "offer_refund"),
        ("close", "ai", "check", "outcome_confirmed"),
    ]
    assert [(point.field, point.code) for point in draft.open_points] == [
        ("steps[1].when", "condition"),
        ("steps[1].does.tool", "tool_missing"),
        ("intents", "intents"),
        ("completion.says", "completion"),
    ]


@pytest.mark.parametrize(
    ("text", "is_csv", "fields"),
    [
        ("flow,procedure\nA,B\n", True, ["line 1"]),
        ("flow,procedure,action\nA,,x\nA,B,\nA,B,c,d\n", True, ["line 2", "line 3", "line 4"]),
        ("{\n oops", False, ["line 2"]),
        ("[]", False, ["line 1"]),
        ("{}", False, ["line 1"]),
        ('{"a": [], "b": ["x", 3]}', False, ["a", "b[1]"]),
    ],
    ids=["columns", "rows", "json", "list", "empty", "places"],
)
def test_every_line_that_cannot_be_read_is_named(
    text: str, is_csv: bool, fields: list[str]
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_procedures(text=text, is_csv=is_csv)
    assert [error.field for error in refused.value.errors] == fields


@pytest.mark.parametrize(
    ("name", "kind", "stage"),
    [
        ("Pull up Account", "interaction", "identify"),
        ("verify-identity", "", "verify"),
        ("Offer Refund", "interaction", "execute"),
        ("Instructions", "faq/policy", "communicate"),
        ("N/A", "communication", "communicate"),
        ("Notify Internal Team", "interaction", "escalate"),
        ("End Conversation", "communication", "close"),
    ],
)
def test_the_stage_follows_the_stated_rule(name: str, kind: str, stage: str) -> None:
    assert stage_of(Action(name=name, kind=kind)) == stage


@given(st.lists(st.text(min_size=1, max_size=30).filter(slug_of), min_size=1, max_size=8))
def test_any_list_of_names_becomes_a_cue_sheet_that_parses(names: list[str]) -> None:
    procedure = Procedure("any", "Any", tuple(Action(name=name) for name in names))
    draft = draft_of(procedure=procedure, tools=frozenset())
    assert len(parse_cue_sheet(document=draft.document).steps) == len(names)
