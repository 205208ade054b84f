"""One journey on its page: held, given up, moved, and what is taken back."""

from cases.journeys.models import Journey, Reversal
from cases.journeys.types import JourneyState, ReversalState
from cases.tools.models import ToolCall
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from tests.cases.admin.conftest import Browser
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return

WAITS = ("It waits for the customer.", "It waits for a third party.")


def test_a_journey_is_paused_resumed_and_cancelled_on_its_page(
    retail: World, browser: Browser
) -> None:
    case_id, _called = waiting_return(retail)
    journey = Journey.objects.get(case__public_id=case_id)
    link = f"/admin/cases/{case_id}/journeys/{journey.public_id}/"
    client = browser("supervisor")
    assert link in client.get(f"/admin/cases/{case_id}/").content.decode()
    text = client.get(link).content.decode()
    assert "<svg" in text
    assert "Pause the journey" in text
    waits: list[str] = []
    for act, state, words in (
        ("pause", JourneyState.PAUSED, "Resume the journey"),
        ("resume", JourneyState.RUNNING, "Pause the journey"),
        ("cancel", JourneyState.CANCELLED, "Back to the case"),
    ):
        given = {"reason": "Asked for.", "waits_for": "customer"}
        answer = client.post(f"{link}{act}/", given, follow=True)
        journey.refresh_from_db()
        assert journey.state == state
        assert words in answer.content.decode()
        waits += [one for one in WAITS if one in answer.content.decode()]
    paused = LedgerEntry.objects.get(kind="journey.paused")
    assert (payload_of(entry=paused) or {})["waits_for"] == "customer"
    assert waits == ["It waits for the customer."]
    text = client.post(f"{link}pause/", {"reason": "Again."}, follow=True).content.decode()
    assert "nothing was changed" in text
    journey.refresh_from_db()
    assert journey.state == JourneyState.CANCELLED


def test_what_a_person_takes_back_is_recorded_with_their_words(
    retail: World, browser: Browser
) -> None:
    case_id, called = waiting_return(retail)
    journey = Journey.objects.get(case__public_id=case_id)
    row = Reversal.objects.create(
        journey=journey,
        call=ToolCall.objects.get(public_id=called["id"]),
        position=0,
        state=ReversalState.BY_PERSON,
        reason="No tool takes it back.",
    )
    client = browser("supervisor")
    text = client.get(f"/admin/cases/{case_id}/journeys/{journey.public_id}/").content.decode()
    assert "No tool takes it back." in text
    client.post(
        f"/admin/cases/{case_id}/reversals/{row.public_id}/finish/",
        {"reason": "Called the store.", "done": "no"},
    )
    row.refresh_from_db()
    assert (row.state, row.reason) == (ReversalState.LEFT, "Called the store.")


def test_who_may_not_work_the_case_sees_no_buttons(retail: World, browser: Browser) -> None:
    case_id, _called = waiting_return(retail)
    journey = Journey.objects.get(case__public_id=case_id)
    link = f"/admin/cases/{case_id}/journeys/{journey.public_id}/"
    assert "Pause the journey" not in browser("compliance").get(link).content.decode()
    browser("compliance").post(f"{link}cancel/", {"reason": "No."})
    journey.refresh_from_db()
    assert journey.state == JourneyState.RUNNING
