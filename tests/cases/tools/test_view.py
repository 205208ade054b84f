"""The approver's view: complete, canonical, bound to what it shows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cases.tools.evidence import EvidenceLine
from cases.tools.parsing import parse_tool
from cases.tools.registry import BeforeAfterRow, Doubt, EffectText, Flow, Grounds
from cases.tools.rules import Action
from cases.tools.types import Reads
from cases.tools.view import Asking, MessageLine, ViewInputs, Voting, build_view
from governance.policies.types import Decision, FactSet, FiredRow, Obligations, Outcome
from orchestra.core import canonical
from orchestra.core.actors import Actor, ActorKind
from tests.factories.tools import REFUND

NOW = datetime(2026, 11, 19, 19, 5, tzinfo=UTC)
AGENT = Actor(ActorKind.AGENT, "agent-1", "Returns assistant")
INPUTS = ViewInputs(
    case_label="C-1",
    channel="chat",
    queue="Returns",
    action=Action(
        call="call-1",
        case="case-1",
        tool="refund_order",
        tool_digest="aa",
        risk="high",
        arguments={"order_id": "#W1", "amount": 1126.04},
        requester=AGENT,
        policies={"returns": (7, "bb")},
        cue_sheet="return_items",
        cue_sheet_version=4,
        step="step-1",
    ),
    spec=parse_tool(document=REFUND),
    decision=Decision(
        outcome=Outcome.APPROVE,
        fired=(
            FiredRow(
                policy="returns",
                version=7,
                rule="R6",
                title="The refund is above $500.00.",
                outcome=Outcome.APPROVE,
                reason="One Returns supervisor must approve.",
                obligations=Obligations(votes=1),
                saw={"amount_minor": 112604},
                unknown=("order_status",),
            ),
        ),
        silent=("order is delivered",),
        obligations=Obligations(votes=1),
        policies={"returns": (7, "bb")},
        engine="1",
    ),
    facts=FactSet(values={"amount_minor": 112604}, unknown=frozenset({"order_status"})),
    reads=Reads(at=NOW, tools={"order": "get_order"}),
    asking=Asking(actor=AGENT, owner="Jonas Lind", rationale="Asked for it.", confidence=0.93),
    voting=Voting(
        votes=1,
        roles=("supervisor",),
        distinct_roles=False,
        step_up=True,
        deadline_at=NOW + timedelta(minutes=60),
        execute_within_minutes=10,
    ),
    now=NOW,
    effect=EffectText(
        "Refund", "2 items", "Refund $1,126.04 to PayPal.", "No further return.", Flow.TO_CUSTOMER
    ),
    before_after=(BeforeAfterRow("Order status", "delivered", "return requested"),),
    evidence=(EvidenceLine("“Yes, please.”", "claimed", "words of the customer", NOW),),
    messages=(MessageLine("m-1", "customer", "Daiki Johnson", "Yes, please.", NOW),),
    customer_paragraph="I have requested the return.",
    amounts={"amount_minor": 112604, "currency": "USD"},
)


def test_the_view_is_canonical_json() -> None:
    view = build_view(INPUTS)

    assert canonical.loads_strict(canonical.canonical_bytes(view)) == view
    assert len(canonical.digest("orchestra.view.v1", view)) == 64


def test_what_is_shown() -> None:
    view = build_view(INPUTS)

    assert view["effect"] == {
        "declared": True,
        "title": "Refund",
        "detail": "2 items",
        "sentence": "Refund $1,126.04 to PayPal.",
        "closes_off": "No further return.",
    }
    assert view["before_after"]["rows"] == [
        {"label": "Order status", "now": "delivered", "after": "return requested"}
    ]
    assert view["rows"]["fired"][0]["saw"] == {"amount_minor": 112604}
    assert view["rows"]["fired"][0]["unknown"] == ["order_status"]
    assert (view["rows"]["silent"], view["rows"]["total"]) == (["order is delivered"], 2)
    assert view["conversation"] == [
        {
            "id": "m-1",
            "speaker": "customer",
            "author": "Daiki Johnson",
            "text": "Yes, please.",
            "at": "2026-11-19T19:05:00.000000Z",
        }
    ]
    assert view["requester"]["owner"] == "Jonas Lind"
    assert view["scope"]["decide_by"] == "2026-11-19T20:05:00.000000Z"
    assert view["scope"]["to_undo"] == "no reversing tool is declared"
    assert view["scope"]["cue_sheet"] == {
        "key": "return_items",
        "title": "return_items",
        "version": 4,
    }
    assert view["action_digest"] == INPUTS.action.digest


def test_what_nobody_knows_stands_last() -> None:
    view = build_view(INPUTS)

    assert [(line["text"], line["trust"], line["source"]) for line in view["evidence"]] == [
        ("Amount minor: 112604", "claimed", "arguments"),
        ("“Yes, please.”", "claimed", "words of the customer"),
        ("Order status", "unknown", "get_order"),
    ]


def test_what_to_look_at_twice_and_which_way_money_moves_are_bound() -> None:
    doubt = Doubt(title="this order holds two tablets", text="The black one stays.")
    view = build_view(replace(INPUTS, grounds=Grounds(doubts=(doubt,))))

    assert view["look_twice"] == [
        {"title": "this order holds two tablets", "text": "The black one stays."}
    ]
    assert view["money"] == {
        "amount_minor": 112604,
        "currency": "USD",
        "direction": "to_customer",
    }


def test_what_a_tool_does_not_declare_is_said() -> None:
    view = build_view(replace(INPUTS, effect=None, before_after=None))

    assert view["effect"]["declared"] is False
    assert view["effect"]["sentence"] == "Refund an order (not declared)"
    assert view["before_after"] == {"declared": False, "note": "not declared", "rows": []}


def test_every_input_shows() -> None:
    before = canonical.digest("orchestra.view.v1", build_view(INPUTS))

    for change in (
        {"customer_paragraph": "x"},
        {"messages": ()},
        {"evidence": ()},
        {"effect": None},
        {"now": NOW + timedelta(seconds=1)},
        {"off_plan": True},
        {"grounds": Grounds(doubts=(Doubt("this order holds two tablets", ""),))},
    ):
        changed = build_view(replace(INPUTS, **change))
        assert canonical.digest("orchestra.view.v1", changed) != before, change
