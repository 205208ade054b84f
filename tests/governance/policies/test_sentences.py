"""Every row, limit, threshold and duty reads as a plain sentence."""

from typing import Any

import pytest

from governance.policies import sentences as say
from governance.policies.parsing import parse_policy
from governance.policies.types import Obligations, Outcome
from tests.factories.policies import make_document


@pytest.mark.parametrize(
    ("outcome", "duties", "said"),
    [
        ("allow", {}, "allow it"),
        ("deny", {}, "refuse it"),
        ("specialist", {"deadline_minutes": 60}, "hand it to a specialist within 1 hour"),
        ("verify", {}, "wait until the customer is verified"),
        (
            "verify",
            {"verification": "strong", "deadline_minutes": 90},
            "wait until the customer is verified strongly within 90 minutes",
        ),
        ("approve", {}, "ask for 1 vote"),
        (
            "approve",
            {
                "votes": 2,
                "roles": ("specialist", "supervisor"),
                "distinct_roles": True,
                "step_up": True,
                "deadline_minutes": 2880,
            },
            (
                "ask for 2 votes by a specialist or supervisor, each from another role, with the "
                "password asked again within 2 days"
            ),
        ),
    ],
    ids=range(7),
)
def test_what_follows_reads_as_the_end_of_a_sentence(
    outcome: str, duties: dict[str, Any], said: str
) -> None:
    assert say.effect_words(Outcome(outcome), Obligations(**duties)) == said


def test_a_whole_table_reads_as_a_short_text() -> None:
    document = make_document()
    document["rules"][0]["when"] = [
        {"fact": "amount_minor", "above": 30000},
        {"fact": "earlier_refusals", "at_least": 3},
        {"fact": "customer_bound", "is": False},
        {"fact": "cue_sheet", "not_in": ["return_items", "exchange"]},
    ]
    document["rules"][2]["disabled"] = True
    document["limits"].append(
        {
            "key": "calls",
            "title": "Calls",
            "measure": "count",
            "per": "agent",
            "window_hours": 5,
            "at_most": 1,
            "outcome": "deny",
            "reason": "R",
        }
    )
    table = parse_policy(document=document, version=1, digest="")
    assert say.read_table(table).splitlines() == [
        "Refunds. Tools: refund. Queues: returns. Cue sheets: every one.",
        (
            "1. When amount is more than $300.00 and earlier refusals is at least 3 calls and "
            "customer bound is no and cue sheet is none of return items or exchange, "
            "ask for 2 votes "
            "with the password asked again within 30 minutes."
        ),
        (
            "2. When verification is one of none or claimed, wait until the customer is verified "
            "strongly."
        ),
        (
            "3. Disabled, never fires: When risk flags contains fraud and customer bound is yes, "
            "hand it to a specialist."
        ),
        (
            "4. When total for one customer in 1 day is more than $100.00, ask for 1 vote by a "
            "supervisor."
        ),
        "5. When total for one agent in 5 hours is more than 1 call, refuse it.",
        "Without a row, a high-risk tool may move at most $50.00 unless somebody votes.",
        "When no row fires and the tool is in scope, it is allowed.",
    ]


def test_amounts_read_in_the_currency_that_the_row_names() -> None:
    rule = {"id": "r", "title": "T", "outcome": "deny", "reason": "R"}
    amount = {"fact": "amount_minor", "above": 1250}
    document = make_document(
        thresholds={"USD": 1, "JPY": 1},
        rules=[{**rule, "when": [{"fact": "currency", "is": "JPY"}, amount]}],
        limits=[],
    )
    (row,) = say.describe_rules(parse_policy(document=document, version=1, digest=""))
    assert row.sentence == "When currency is JPY and amount is more than ¥1,250, refuse it."
