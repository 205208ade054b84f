"""Human first, AI accelerates: complaint, fraud suspicion and billing dispute."""

import pytest

from cases.handoff.models import Handoff
from cases.journeys.selectors import list_journeys
from tests.flows.conftest import World
from tests.flows.nine import expected, kinds, played

SHEETS = ("complaint", "fraud_suspicion", "billing_dispute")


@pytest.mark.parametrize("key", SHEETS)
def test_it_leaves_exactly_its_entries(provider: World, key: str) -> None:
    case = played(provider, key)
    assert kinds(case) == expected(key)
    assert case.status == "resolved"
    [journey] = list_journeys(case=case)
    assert (journey.version.cue_sheet.key, journey.state) == (key, "completed")


def test_what_people_decided_stands_in_the_system_of_record(provider: World) -> None:
    played(provider, "billing_dispute")
    invoice = provider.store.call(operation="get_invoice", arguments={"invoice_id": "INV-2206"})
    assert [key for key, line in invoice["lines"].items() if line["credited"]] == ["2"]
    assert provider.store.total_effects() == 1


def test_an_ai_that_would_freeze_hands_over_instead(provider: World) -> None:
    opened = provider.api.post(
        "cases/", {"channel": "chat", "text": "Somebody else is using my account."}
    ).json()
    case = f"cases/{opened['id']}"
    calls = [
        provider.api.post(
            f"{case}/tool-calls/",
            {"tool": tool, "arguments": arguments, "confidence": 0.99, "margin": 0.9},
        ).json()
        for tool, arguments in (
            ("find_customer_by_email", {"email": "elif.aydin@example.com"}),
            ("freeze_account", {"customer_id": "C1005", "reason": "It looks like fraud"}),
        )
    ]
    assert [call["state"] for call in calls] == ["succeeded", "handed_off"]
    assert Handoff.objects.get(case__public_id=opened["id"]).role == "specialist"
    assert provider.store.total_effects() == 0
