"""Reads of intake."""

from datetime import timedelta
from typing import Any

from cases.intake import selectors, services
from orchestra.core.actors import system
from tests.factories.cases import make_case, make_message
from tests.factories.intents import make_intents, retail_intents


def test_intents_are_values(centre: Any) -> None:  # noqa: ARG001  rows need the database
    make_intents()
    assert selectors.list_intents() == sorted(retail_intents(), key=lambda spec: spec.key)
    found = selectors.find_intent("return_items")
    assert found is not None
    assert found.cue_sheet == "return_items"
    assert selectors.find_intent("") is None
    assert selectors.find_intent("no_such_need") is None


def test_the_latest_reading_counts(centre: Any, now: Any) -> None:
    make_intents()
    case = make_case(centre.queue)
    assert selectors.latest_classification(case=case) is None
    records = [
        services.classify_case(
            actor=system("intake"),
            now=now + timedelta(minutes=number),
            case=case,
            message=make_message(case, text),
        )
        for number, text in enumerate(["Cancel my order", "I want to return the shoes"])
    ]
    assert selectors.latest_classification(case=case) == records[1]
    assert selectors.list_classifications(case=case) == records
    assert selectors.latest_among(records) == records[1]
    assert selectors.latest_among([]) is None
    # A suggestion is no reading, and a later one in which no need was found hides none.
    records[1].suggested, records[0].intent = True, "cancel_order"
    assert selectors.latest_among(records) == records[0]
    assert selectors.suggestion_among(records, classification=records[1]) == records[1]
    assert selectors.suggestion_among(records, classification=records[0]) is None
