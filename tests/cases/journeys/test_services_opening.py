"""A case from its first word to its journey."""

import pytest

from cases.journeys import services
from cases.journeys.models import Journey
from cases.memory.models import Case
from cases.memory.types import VerificationLevel
from orchestra.core.errors import (
    InvalidInputError,
)
from tests.factories.retail import FATIMA, Centre


def test_a_first_word_becomes_a_case_with_queue_journey_and_steps(centre: Centre) -> None:
    opened = centre.open(external_ref="chat-1")
    assert not opened.rejoined
    assert opened.case.queue.key == "orders"
    [journey] = opened.journeys
    assert (journey.version.cue_sheet.key, journey.state) == ("cancel_order", "running")
    assert centre.states(opened.case) == {
        "identify": "ready",
        "look_up": "pending",
        "agree": "pending",
        "cancel": "pending",
        "tell": "pending",
        "hand_over": "ready",
        "close": "pending",
    }
    kinds = centre.kinds(opened.case)
    assert kinds[0] == "case.opened"
    assert kinds.count("journey.started") == 1
    assert kinds.count("step.ready") == 2


def test_the_same_matter_rejoins_its_case_without_a_second_journey(centre: Centre) -> None:
    first = centre.open(external_ref="chat-1")
    again = centre.open("Are you there?", external_ref="chat-1")
    assert again.rejoined
    assert again.case.pk == first.case.pk
    assert len(again.journeys) == 1
    assert again.message.text == "Are you there?"


def test_words_without_a_known_need_start_no_journey(centre: Centre) -> None:
    opened = centre.open("Zzz qqq.")
    assert opened.journeys == ()
    assert opened.case.queue.key == "care"


def test_a_verification_an_ai_sends_along_stays_a_claim(centre: Centre) -> None:
    opened = centre.open(customer_ref=FATIMA, verified_level="basic", verified_method="password")
    assert opened.case.verification == VerificationLevel.CLAIMED
    assert centre.states(opened.case)["identify"] == "ready"


def test_a_further_need_gets_a_journey_of_its_own(centre: Centre, case: Case) -> None:
    journey = services.start_journey(
        actor=centre.agent, now=centre.clock(), case=case, cue_sheet_key="return_items"
    )
    assert journey.version.cue_sheet.key == "return_items"
    assert Journey.objects.filter(case=case).count() == 2


def test_a_journey_that_has_not_begun_is_not_started_twice(centre: Centre, case: Case) -> None:
    before = Journey.objects.get(case=case)
    again = services.start_journey(
        actor=centre.agent, now=centre.clock(), case=case, cue_sheet_key="cancel_order"
    )
    assert again.pk == before.pk
    assert Journey.objects.filter(case=case).count() == 1


def test_an_unknown_cue_sheet_is_refused(centre: Centre, case: Case) -> None:
    with pytest.raises(InvalidInputError) as caught:
        services.start_journey(
            actor=centre.agent, now=centre.clock(), case=case, cue_sheet_key="nothing"
        )
    assert caught.value.errors[0].field == "cue_sheet"
    assert Journey.objects.filter(case=case).count() == 1
