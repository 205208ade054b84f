"""Transfers: the eight kinds, attempts, and what the headline counts."""

from typing import Any

import pytest

from qa.measurement.metrics.transfers import transfer_rate, type_of
from qa.measurement.rows import OwnerKind
from qa.measurement.types import LeftOut, Transfer
from tests.qa.measurement.metrics.rows import at, contact, handover

PEOPLE = {"from_kind": OwnerKind.HUMAN, "from_owner": "cleo"}


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        pytest.param({"planned": True}, Transfer.PLANNED_STEP, id="the cue sheet says so"),
        pytest.param({}, Transfer.ESCALATION, id="an AI gives up"),
        pytest.param({"to_team": "returns"}, Transfer.ESCALATION, id="inside its team too"),
        pytest.param(PEOPLE, Transfer.CROSS_TEAM, id="another team"),
        pytest.param({**PEOPLE, "to_team": "returns"}, Transfer.SAME_TEAM, id="by skill"),
        pytest.param(
            {**PEOPLE, "to_owner": "dan", "previous_owner": "dan", "since": at(0.95)},
            Transfer.RETURN,
            id="back within five minutes",
        ),
        pytest.param(
            {**PEOPLE, "to_owner": "dan", "previous_owner": "dan", "since": at(0.5)},
            Transfer.CROSS_TEAM,
            id="back later",
        ),
        pytest.param(
            {**PEOPLE, "to_kind": OwnerKind.AI, "to_owner": "bot", "since": at(0.95)},
            Transfer.RETURN,
            id="back to the AI at once",
        ),
        pytest.param({**PEOPLE, "keeps_owner": True}, Transfer.CONSULT, id="only advice"),
        pytest.param({**PEOPLE, "leaves_house": True}, Transfer.EXTERNAL, id="out of the house"),
        pytest.param({"handled_before": False}, Transfer.SYSTEM, id="before anybody had it"),
        pytest.param({"taken": False}, None, id="offered and refused"),
    ],
)
def test_the_kind_of_a_transfer(given: dict[str, Any], kind: Transfer | None) -> None:
    assert type_of(handover("h", **given)) is kind


CONTACTS = [contact(f"k{n}", 0) for n in range(1, 11)]


def test_the_headline_counts_contacts_and_three_kinds_only() -> None:
    moves = [
        handover("1", contact="k1"),
        handover("2", contact="k1", **PEOPLE),
        handover("3", contact="k2", planned=True),
        handover("4", contact="k3", to_team="returns", **PEOPLE),
        handover("5", contact="k4", keeps_owner=True),
        handover("6", contact="k5", leaves_house=True, **PEOPLE, warm=True),
        handover("7", contact="k6", handled_before=False),
        handover("8", contact="k7", taken=False),
    ]
    found = transfer_rate(CONTACTS, moves)
    assert (found.rate.hits, found.rate.n, found.rate.value) == (2, 10, 0.2)
    assert found.per_100.value == 30
    assert (found.with_planned.hits, found.attempts) == (3, 1)
    assert dict(found.by_type) == {
        Transfer.PLANNED_STEP: 1,
        Transfer.ESCALATION: 1,
        Transfer.CROSS_TEAM: 1,
        Transfer.SAME_TEAM: 1,
        Transfer.RETURN: 0,
        Transfer.CONSULT: 1,
        Transfer.EXTERNAL: 1,
        Transfer.SYSTEM: 1,
    }
    assert (found.warm.hits, found.warm.total) == (1, 7)


def test_escalations_have_reasons_and_a_rate_among_what_an_ai_held() -> None:
    moves = [
        handover("1", contact="k1", reason="low_confidence"),
        handover("2", contact="k1", reason="customer_request"),
        handover("3", contact="k2", reason="low_confidence"),
    ]
    found = transfer_rate(CONTACTS, moves, ai_contacts=frozenset({"k1", "k2", "k3", "k4"}))
    assert (found.escalation.hits, found.escalation.n) == (2, 4)
    assert dict(found.reasons) == {"low_confidence": 2, "customer_request": 1}


def test_a_merged_case_brings_an_event_once() -> None:
    both = [handover("1", **PEOPLE), handover("1", contact="k1", **PEOPLE)]
    assert transfer_rate(CONTACTS, both).by_type[Transfer.CROSS_TEAM] == 1


def test_what_nobody_handled_is_left_out_and_told() -> None:
    contacts = [
        contact("k1", 0),
        contact("k2", 0, handled=False),
        contact("k3", 0, left_out=LeftOut.SPAM),
    ]
    moves = [handover("1", contact="k2"), handover("2", contact="k3")]
    found = transfer_rate(contacts, moves)
    assert (found.rate.hits, found.rate.n) == (0, 1)
    assert found.rate.left_out == {"not_handled": 1, "spam": 1}


def test_nothing_handled_is_no_rate() -> None:
    found = transfer_rate([], [])
    assert (found.rate.value, found.per_100.value, found.escalation.value) == (None, None, None)


def test_the_definition_says_what_counts() -> None:
    moves = [handover("1", to_team="returns", **PEOPLE)]
    assert transfer_rate(CONTACTS, moves, counted=[Transfer.SAME_TEAM]).rate.hits == 1
