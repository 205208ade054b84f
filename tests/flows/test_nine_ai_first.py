"""AI first, human confirmed: status, appointment and account change, end to end."""

import pytest

from cases.journeys.selectors import list_journeys
from tests.flows.conftest import World
from tests.flows.nine import expected, kinds, played

SHEETS = ("status_update", "appointment_booking", "phone_change")


@pytest.mark.parametrize("key", SHEETS)
def test_it_leaves_exactly_its_entries(provider: World, key: str) -> None:
    case = played(provider, key)
    assert kinds(case) == expected(key)
    assert case.status == "resolved"
    [journey] = list_journeys(case=case)
    assert (journey.version.cue_sheet.key, journey.state) == (key, "completed")


def test_the_calendar_keeps_its_constraints(provider: World) -> None:
    played(provider, "appointment_booking")
    held = provider.store.call(operation="get_appointment", arguments={"request_id": "SR-4102"})
    assert (held["slot_id"], held["day"], held["from"]) == ("N-02", "2027-03-02", "10:00")
    slot = provider.store.call(operation="get_slot", arguments={"slot_id": "N-02"})
    assert (slot["taken"], slot["capacity"]) == (2, 2)
    free = provider.store.call(operation="list_free_slots", arguments={"request_id": "SR-4102"})
    assert [one["slot_id"] for one in free["slots"]] == ["N-04"]


def test_a_number_changes_only_after_the_code(provider: World) -> None:
    opened = provider.api.post(
        "cases/", {"channel": "chat", "text": "Please change my phone number in my account."}
    ).json()
    case = f"cases/{opened['id']}/tool-calls/"
    for tool, arguments, state in (
        ("find_customer_by_email", {"email": "chiara.rossi@example.com"}, "succeeded"),
        ("change_phone", {"customer_id": "C1003", "phone": "+1 555 0199"}, "denied"),
    ):
        body = {"tool": tool, "arguments": arguments, "confidence": 0.99, "margin": 0.9}
        assert provider.api.post(case, body).json()["state"] == state
    assert provider.store.total_effects() == 0
