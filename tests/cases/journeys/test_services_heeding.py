"""What a confidence allows: begin, wait for a word, or leave it to a person."""

from typing import Any

import pytest

from cases.handoff.models import Handoff
from cases.intake.selectors import list_held
from cases.journeys import services
from cases.journeys.models import Journey
from cases.memory.models import Case
from cases.memory.types import Speaker
from cases.tools.models import ToolCall
from governance.access.selectors import authority_of
from orchestra.core.errors import ConflictError, InvalidInputError
from tests.factories.cases import last_payload
from tests.factories.retail import CANCEL, FATIMA, OLIVIA, SMALL, Centre

SURE = "I want to cancel my order #W5199551, I no longer need it."
#: Read at 60 % as something that changes an order, at 68 % as a question, at 47 % as anything.
UNSURE = "I received the lamp and the tablet and I think about the return or the exchange."
ASKS = "When will it arrive?"
UNCLEAR = "I need help with my order"


def say(centre: Centre, case: Case, speaker: Speaker, text: str) -> str:
    message = services.add_message(
        actor=centre.agent, now=centre.clock(), case=case, speaker=speaker, text=text
    )
    return str(message.public_id)


def confirm(centre: Centre, case: Case, evidence: list[str], **changes: Any) -> Case:
    asked = {"actor": centre.agent, "intent": "return_items", **changes}
    return services.confirm_intent(now=centre.clock(), case=case, evidence=evidence, **asked)


@pytest.fixture
def held(centre: Centre) -> Case:
    case = centre.open(UNSURE).case
    assert (case.intent_hold, case.intent) == ("confirm", "return_items")
    return case


def test_what_is_sure_begins_by_itself(centre: Centre) -> None:
    opened = centre.open(SURE)
    assert opened.case.intent_hold == ""
    assert [one.version.cue_sheet.key for one in opened.journeys] == ["cancel_order"]


def test_what_is_not_sure_waits_and_is_seen_to_wait(centre: Centre, held: Case) -> None:
    assert not Journey.objects.filter(case=held).exists()
    assert not Handoff.objects.exists()
    assert held.queue.key == "returns"
    assert centre.kinds(held)[-2:] == ["case.intent_held", "case.moved"]
    lena = authority_of(centre.people["lena"].as_actor())
    assert [one.case for one in list_held(authority=lena)] == [held]


def test_an_agent_changes_nothing_meanwhile_and_may_look_things_up(
    centre: Centre, held: Case
) -> None:
    assert centre.identify(held, OLIVIA).state == "succeeded"
    before = centre.kinds(held)
    with pytest.raises(ConflictError) as caught:
        centre.propose(held, "cancel_pending_order", SMALL, evidence=centre.agree(held))
    assert caught.value.error_code == "conflict.intent_unconfirmed"
    assert "send their yes" in caught.value.message
    with pytest.raises(ConflictError) as caught:
        services.start_journey(
            actor=centre.agent, now=centre.clock(), case=held, cue_sheet_key="return_items"
        )
    assert caught.value.error_code == "conflict.intent_unconfirmed"
    assert ToolCall.objects.filter(case=held).count() == 1
    assert not Journey.objects.filter(case=held).exists()
    assert set(centre.kinds(held)[len(before) :]) == {"message.added"}


def test_handing_over_is_never_held_back(centre: Centre, held: Case) -> None:
    call = centre.propose(held, "transfer_to_human_agents", {"summary": "The customer asks."})
    assert call.state in {"ready", "succeeded"}


def test_the_customers_yes_lets_the_journey_begin(centre: Centre, held: Case) -> None:
    said = [
        say(centre, held, Speaker.AI, "You want to return something?"),
        say(centre, held, Speaker.CUSTOMER, "Yes."),
    ]
    after = confirm(centre, held, said)
    assert after.intent_hold == ""
    [journey] = Journey.objects.filter(case=held)
    assert journey.version.cue_sheet.key == "return_items"
    assert "case.intent_confirmed" in centre.kinds(held)
    confirm(centre, held, said)
    assert Journey.objects.filter(case=held).count() == 1


def test_a_yes_to_nothing_is_no_yes(centre: Centre, held: Case) -> None:
    early = str(held.messages.get().public_id)
    own = say(centre, held, Speaker.AI, "You want to return something?")
    for evidence, intent in (
        ([early], "return_items"),
        ([own], "return_items"),
        (["nothing"], "return_items"),
        ([early, own], "no_such_need"),
    ):
        with pytest.raises(InvalidInputError):
            confirm(centre, held, evidence, intent=intent)
    held.refresh_from_db()
    assert held.intent_hold == "confirm"
    assert not Journey.objects.filter(case=held).exists()


@pytest.mark.parametrize("intent", ["return_items", "exchange_items"])
def test_a_person_confirms_or_corrects_with_one_word(
    centre: Centre, held: Case, intent: str
) -> None:
    services.settle_intent(
        actor=centre.people["lena"].as_actor(),
        now=centre.clock(),
        case=held,
        classification_id=str(held.classifications.get().public_id),
        intent=intent,
    )
    held.refresh_from_db()
    assert held.intent_hold == ""
    [journey] = Journey.objects.filter(case=held)
    assert journey.version.cue_sheet.key == intent


def test_a_person_who_begins_a_journey_has_said_it(centre: Centre, held: Case) -> None:
    services.start_journey(
        actor=centre.people["lena"].as_actor(),
        now=centre.clock(),
        case=held,
        cue_sheet_key="exchange_items",
    )
    held.refresh_from_db()
    assert held.intent_hold == ""


def test_what_changes_nothing_begins_at_once(centre: Centre) -> None:
    opened = centre.open(ASKS)
    assert opened.case.intent_hold == "confirm"
    assert [one.version.cue_sheet.key for one in opened.journeys] == ["status_question"]


def test_what_is_not_clear_goes_to_people_with_the_reason(centre: Centre) -> None:
    case = centre.open(UNCLEAR).case
    assert case.intent_hold == "person"
    offered = Handoff.objects.get(case=case)
    assert (offered.reason_code, offered.state) == ("low_confidence", "offered")
    assert not Journey.objects.filter(case=case).exists()
    with pytest.raises(ConflictError) as caught:
        centre.propose(case, "cancel_pending_order", CANCEL)
    assert caught.value.error_code == "conflict.intent_unconfirmed"
    yes = [say(centre, case, Speaker.AI, "Cancel?"), say(centre, case, Speaker.CUSTOMER, "Yes.")]
    with pytest.raises(ConflictError):
        confirm(centre, case, yes, intent="cancel_order")
    case.refresh_from_db()
    assert case.intent_hold == "person"


def test_a_persons_word_gives_it_back_to_the_agent(centre: Centre) -> None:
    case = centre.open(UNCLEAR).case
    services.settle_intent(
        actor=centre.people["lena"].as_actor(),
        now=centre.clock(),
        case=case,
        classification_id=str(case.classifications.get().public_id),
        intent="cancel_order",
    )
    case.refresh_from_db()
    assert (case.intent_hold, case.status, case.intent) == ("", "open", "cancel_order")
    assert Handoff.objects.get(case=case).state == "returned"
    assert last_payload(case.stream)["title"]
    assert centre.states(case)["identify"] == "ready"


@pytest.mark.parametrize("text", ["Hello!", "My name is", "Good morning, is anybody there?"])
def test_a_greeting_waits_for_what_comes(centre: Centre, text: str) -> None:
    case = centre.open(text, customer_ref=FATIMA).case
    assert (case.intent_hold, Handoff.objects.count()) == ("", 0)
