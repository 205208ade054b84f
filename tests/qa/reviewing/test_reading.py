"""A reviewer sees what was said and done then, in its place, masked, and nothing later."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from cases.handoff.models import Handoff
from cases.memory.models import Interaction, Message
from cases.memory.types import Speaker
from cases.tools.models import ToolCall, ToolDefinition
from governance.policies.models import DecisionRecord
from orchestra.core.redaction import mask_text
from qa.population.models import SamplingUnit
from qa.population.types import Unit
from qa.reviewing.answers import Quote
from qa.reviewing.reading import find_words, read_unit, shown_of, words_of
from tests.factories.access import MADE_AT, make_person
from tests.factories.approvals import add_vote, make_row
from tests.factories.cases import FACTORY
from tests.factories.sampled import make_unit
from tests.factories.tools import READ_ORDER, make_tool

pytestmark = pytest.mark.django_db
MAIL = "Write to mia@example.com, please."


def say(unit: SamplingUnit, text: str, minute: int, speaker: Speaker = Speaker.CUSTOMER) -> Message:
    return Message.objects.create(
        case=unit.case,
        interaction=Interaction.objects.get(public_id=unit.subject),
        speaker=speaker,
        author_kind=FACTORY.kind,
        author_id=FACTORY.id,
        author_label="Mia Garcia",
        text=text,
        at=MADE_AT + timedelta(minutes=minute),
    )


def offer(unit: SamplingUnit, **fields: Any) -> Handoff:
    values = {
        "case": unit.case,
        "queue": unit.case.queue,
        "reason_code": "customer_request",
        "from_kind": FACTORY.kind,
        "from_id": FACTORY.id,
        "from_label": "Orders assistant",
        "bundle": {"intent": {"text": MAIL}},
        "bundle_digest": "",
        "offered_at": MADE_AT + timedelta(minutes=5),
        "reply_due_at": MADE_AT + timedelta(minutes=20),
        **fields,
    }
    return Handoff.objects.create(**values)


def test_what_was_said_stands_in_time_and_masked_and_nothing_later() -> None:
    unit = make_unit()
    say(unit, "Thank you.", 3, Speaker.AI)
    first = say(unit, MAIL, 1)
    say(unit, "It never came!", 200)
    read = read_unit(unit)
    assert [one.text for one in read.said] == [MAIL, "Thank you."]
    shown = "".join(part.text for part in read.said[0].parts)
    assert shown == mask_text(MAIL) != MAIL
    assert not read.is_erased
    quote = Quote("message", str(first.public_id), 0, 8)
    assert words_of(read, quote) == shown_of(read, quote) == "Write to"
    hidden = Quote("message", str(first.public_id), 9, 24)
    assert words_of(read, hidden) == "mia@example.com"
    assert shown_of(read, hidden) == mask_text("mia@example.com")


def call(unit: SamplingUnit, minute: int, settled: int) -> ToolCall:
    """A call as a row, answered at a minute; its decision has no record that can be read."""
    tool = ToolDefinition.objects.first() or make_tool(READ_ORDER)
    decision = DecisionRecord.objects.create(
        subject_kind="tool_call", subject_id="x", outcome="allow", at=MADE_AT, body=b"{}"
    )
    return ToolCall.objects.create(
        case=unit.case,
        tool=tool,
        decision=decision,
        arguments={"order_id": "#W1", "email": "mia@example.com"},
        arguments_bytes=b"",
        effect_key=f"{minute}-{unit.pk}",
        requester_kind=FACTORY.kind,
        requester_id=FACTORY.id,
        requester_label="Orders assistant",
        state="succeeded",
        result={"status": "pending"},
        created_at=MADE_AT + timedelta(minutes=minute),
        settled_at=MADE_AT + timedelta(minutes=settled),
    )


def test_calls_stand_at_their_place_and_later_outcomes_are_not_shown() -> None:
    unit = make_unit()
    say(unit, "Where is it?", 1)
    say(unit, "It is pending.", 3, Speaker.AI)
    early, late = call(unit, 2, 2), call(unit, 4, 60)
    call(unit, 30, 31)
    read = read_unit(unit)
    ids = [str(early.public_id), str(late.public_id)]
    assert [one.id for one in read.lines][1::2] == ids
    known, unknown = read.calls
    assert (known.state, known.answer) == ("succeeded", {"status": "pending"})
    assert known.outcome == "allow"
    assert known.arguments["email"] != "mia@example.com"
    assert (unknown.state, unknown.answer) == ("", None)
    assert words_of(read, Quote("call", ids[0])) == known.title


def test_words_are_found_where_they_were_said() -> None:
    unit = make_unit()
    row = say(unit, "Yes,  please  do.", 1)
    read = read_unit(unit)
    exact = find_words(read, "please")
    assert exact == Quote("message", str(row.public_id), 6, 12)
    spaced = find_words(read, "Yes, please do.")
    assert spaced == Quote("message", str(row.public_id), 0, 17)
    assert find_words(read, "No") is None
    assert words_of(read, Quote("message", str(row.public_id), 0, 99)) == ""
    assert words_of(read, Quote("call", "nothing")) == ""


def test_words_of_a_bundle_name_the_part_that_holds_them() -> None:
    talk = make_unit()
    row = say(talk, "Return the desk lamp.", 1)
    bundle = {
        "intent": {"title": "Return an item", "customer_words": "Return the desk lamp."},
        "entities": [{"kind": "order_id", "value": "#W1"}],
        "next_step": {},
    }
    handoff = offer(talk, bundle=bundle)
    message = Quote("message", str(row.public_id), 7, 20)
    read = read_unit(talk)
    assert find_words(read, "the desk lamp") == message
    assert find_words(read, "order id  #W1") == Quote("part", "entities")
    assert find_words(read, "next step") is None
    unit = make_unit(case=talk.case, kind=Unit.HANDOFF, subject=str(handoff.public_id))
    judged = read_unit(unit)
    assert find_words(judged, "the desk lamp") == Quote("part", "intent")
    assert find_words(judged, "a sofa") is None


def test_erased_words_are_said_so() -> None:
    unit = make_unit()
    say(unit, "", 1)
    read = read_unit(unit)
    assert read.is_erased
    assert read.said[0].is_erased


def test_a_conversation_that_ended_in_a_handoff_brings_its_bundle() -> None:
    unit = make_unit()
    offer(unit)
    bundle = read_unit(unit).bundle
    assert bundle is not None
    assert bundle.parts == {"intent": {"text": mask_text(MAIL)}}


def test_a_handoff_is_read_with_what_was_known_when_it_was_offered() -> None:
    talk = make_unit()
    say(talk, "Before.", 1)
    say(talk, "After.", 8)
    handoff = offer(talk)
    unit = make_unit(case=talk.case, kind=Unit.HANDOFF, subject=str(handoff.public_id))
    talk.case.opened_at = MADE_AT
    read = read_unit(unit)
    assert [one.text for one in read.said] == ["Before."]
    assert words_of(read, Quote("part", "intent")) == "intent"
    Handoff.objects.update(bundle={})
    assert read_unit(unit).is_erased


def test_an_approval_is_read_with_its_votes() -> None:
    talk = make_unit()
    request = make_row(talk.case.queue, 1, case_public_id=str(talk.case.public_id))
    add_vote(request, make_person("ines", first_name="Ines"))
    unit = make_unit(case=talk.case, kind=Unit.APPROVAL, subject=str(request.public_id))
    approval = read_unit(unit).approval
    assert approval is not None
    assert [(one.by, one.choice) for one in approval.votes] == [("Ines", "approve")]


def test_more_words_cost_no_more_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    unit = make_unit()
    for count in (1, 20):
        for minute in range(count):
            say(unit, "Hello.", minute % 9)
        with django_assert_num_queries(4):
            read_unit(unit)
