"""Suggestions to a customer's words: who is helped, what passes, what is said and recorded."""

from typing import Any
from uuid import uuid4

import pytest

from cases.assist import selectors, services
from cases.assist.models import SuggestionRecord
from cases.assist.types import Rests, SuggestionKind, SuggestionState
from cases.handoff.models import Handoff
from cases.journeys import services as journeys
from cases.journeys.registry import HEARD_TASK
from cases.memory.models import Case, Message
from cases.memory.types import Speaker
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from orchestra.core.actors import Actor
from orchestra.core.clock import now
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from tests.factories.assist import make_suggestion
from tests.flows.conftest import World, retail  # noqa: F401  the fixture is used by name

WORDS = "I want to return my order #W5199551, what about the refund?"


@pytest.fixture
def case(retail: World) -> Case:  # noqa: F811  pytest names fixtures so
    """A case that was handed to a person."""
    return handed(retail)


def handed(retail: World) -> Case:  # noqa: F811  pytest names fixtures so
    opened = retail.api.post("cases/", {"channel": "chat", "text": WORDS})
    case_id = opened.json()["id"]
    case = Case.objects.get(public_id=case_id)
    answer = retail.api.post(
        f"cases/{case_id}/handoffs/",
        {"to": {"queue": case.queue.key}, "reason_code": "customer_request"},
    )
    assert answer.status_code == 201
    return Case.objects.get(public_id=case_id)


@pytest.fixture
def lena(retail: World) -> Actor:  # noqa: F811  pytest names fixtures so
    return retail.people["agent"].as_actor()


def say(case: Case, actor: Actor, text: str) -> Message:
    return journeys.add_message(
        actor=actor, now=now(), case=case, speaker=Speaker.CUSTOMER, text=text
    )


def states(case: Case) -> list[str]:
    return [one.state for one in selectors.list_suggestions(case=case)]


def kinds(case: Case) -> list[str]:
    return [one.kind for one in selectors.list_offered(case=case)]


def test_a_person_who_leads_is_helped_with_sources(case: Case, lena: Actor) -> None:
    message = say(case, lena, "How long does the refund of the return take?")
    made = services.suggest(message_pk=message.pk, now=now())
    offered = list(selectors.list_offered(case=case))
    assert made == len(offered) > 0
    assert SuggestionKind.ARTICLE in kinds(case)
    assert SuggestionKind.NEXT_CUE in kinds(case)
    assert all(one.source_key and one.source_label for one in offered)
    entry = LedgerEntry.objects.get(kind="assist.suggested")
    assert len((payload_of(entry=entry) or {})["suggested"]) == made


def test_the_same_message_is_answered_once(case: Case, lena: Actor) -> None:
    message = say(case, lena, "How long does the refund take?")
    assert services.suggest(message_pk=message.pk, now=now()) > 0
    assert services.suggest(message_pk=message.pk, now=now()) == 0


def test_later_words_take_the_place_of_what_nobody_answered(case: Case, lena: Actor) -> None:
    first = say(case, lena, "How long does the refund take?")
    services.suggest(message_pk=first.pk, now=now())
    second = say(case, lena, "And who pays for sending it back?")
    assert services.suggest(message_pk=first.pk, now=now()) == 0
    services.suggest(message_pk=second.pk, now=now())
    offered = selectors.list_offered(case=case)
    assert {one.message_id for one in offered} == {second.pk}
    assert SuggestionState.PASSED in states(case)


def test_nobody_is_helped_where_the_ai_leads(retail: World) -> None:  # noqa: F811
    opened = retail.api.post("cases/", {"channel": "chat", "text": WORDS})
    message = Message.objects.get(case__public_id=opened.json()["id"])
    assert services.suggest(message_pk=message.pk, now=now()) == 0


def test_only_the_customers_words_bring_anything_up(case: Case, lena: Actor) -> None:
    mine = journeys.add_message(
        actor=lena, now=now(), case=case, speaker=Speaker.HUMAN, text="The refund takes a week."
    )
    assert services.suggest(message_pk=mine.pk, now=now()) == 0
    assert services.suggest(message_pk=0, now=now()) == 0


@pytest.mark.parametrize("text", ["?", "<script>alert(1)</script>", "退款", "refund " * 2_000])
def test_odd_words_are_no_error(case: Case, lena: Actor, text: str) -> None:
    services.suggest(message_pk=say(case, lena, text).pk, now=now())


@pytest.mark.parametrize(
    ("sent", "state"),
    [
        ("Your return is requested.", SuggestionState.ACCEPTED),
        ("Your return is requested, Mia.", SuggestionState.EDITED),
    ],
)
def test_a_draft_is_said_as_the_persons_own_words(
    case: Case, lena: Actor, sent: str, state: SuggestionState
) -> None:
    row = make_suggestion(case)
    services.say(actor=lena, now=now(), case=case, suggestion_id=row.public_id, text=sent)
    said = Message.objects.filter(case=case).latest("pk")
    assert (said.speaker, said.text, said.author_id) == (Speaker.HUMAN, sent, lena.id)
    row.refresh_from_db()
    assert (row.state, row.by_label) == (state, lena.label)
    payload = payload_of(entry=LedgerEntry.objects.get(kind="assist.reacted")) or {}
    assert payload["state"] == state


@pytest.mark.parametrize("text", ["", "   ", "x" * 20_001])
def test_words_that_cannot_be_said_leave_the_draft_offered(
    case: Case, lena: Actor, text: str
) -> None:
    row = make_suggestion(case)
    with pytest.raises(InvalidInputError):
        services.say(actor=lena, now=now(), case=case, suggestion_id=row.public_id, text=text)
    row.refresh_from_db()
    assert row.state == SuggestionState.OFFERED


def test_a_suggestion_is_answered_once(case: Case, lena: Actor) -> None:
    row = make_suggestion(case)
    services.react(actor=lena, now=now(), case=case, suggestion_id=row.public_id, useful=False)
    with pytest.raises(ConflictError, match="answered this suggestion already"):
        services.say(actor=lena, now=now(), case=case, suggestion_id=row.public_id, text="Yes.")
    assert not Message.objects.filter(case=case, speaker=Speaker.HUMAN).exists()


def test_what_passed_is_not_sent(case: Case, lena: Actor) -> None:
    row = make_suggestion(case, state=SuggestionState.PASSED)
    with pytest.raises(ConflictError, match="spoke on"):
        services.say(actor=lena, now=now(), case=case, suggestion_id=row.public_id, text="Yes.")


def test_only_a_draft_is_said(case: Case, lena: Actor) -> None:
    row = make_suggestion(case, kind=SuggestionKind.ARTICLE)
    with pytest.raises(ConflictError, match="Only a draft"):
        services.say(actor=lena, now=now(), case=case, suggestion_id=row.public_id, text="Yes.")


def test_who_does_not_work_the_case_answers_nothing(
    retail: World,  # noqa: F811  pytest names fixtures so
    case: Case,
) -> None:
    row = make_suggestion(case)
    for actor in (retail.people["compliance"].as_actor(), services.ASSIST):
        with pytest.raises(NotPermittedError):
            services.react(
                actor=actor, now=now(), case=case, suggestion_id=row.public_id, useful=True
            )
    with pytest.raises(NotFoundError):
        services.react(
            actor=retail.people["agent"].as_actor(),
            now=now(),
            case=case,
            suggestion_id=uuid4(),
            useful=True,
        )


def test_an_ai_agent_does_not_answer_for_a_person(
    retail: World,  # noqa: F811  pytest names fixtures so
    case: Case,
) -> None:
    row = make_suggestion(case)
    answer = retail.api.post(
        f"cases/{case.public_id}/suggestions/{row.public_id}/react/", {"useful": True}
    )
    assert answer.status_code == 403
    assert answer.json()["code"] == "not_permitted.people_only"


def test_paused_nothing_is_suggested_until_somebody_goes_on(case: Case, lena: Actor) -> None:
    make_suggestion(case)
    services.pause(actor=lena, now=now(), case=case)
    services.pause(actor=lena, now=now(), case=case)
    assert kinds(case) == []
    message = say(case, lena, "How long does the refund take?")
    assert services.suggest(message_pk=message.pk, now=now()) == 0
    services.go_on(actor=lena, now=now(), case=case)
    services.go_on(actor=lena, now=now(), case=case)
    assert services.suggest(message_pk=message.pk, now=now()) > 0
    assert LedgerEntry.objects.filter(kind="assist.paused").count() == 2


def test_what_only_the_customer_said_is_marked(case: Case, lena: Actor) -> None:
    message = say(case, lena, "It is about #W5199551, the return.")
    services.suggest(message_pk=message.pk, now=now())
    drafts = SuggestionRecord.objects.filter(case=case, kind=SuggestionKind.DRAFT)
    assert all(one.rests == Rests.CLAIMED for one in drafts)


def test_suggestions_are_listed_over_rest(retail: World, case: Case, lena: Actor) -> None:  # noqa: F811
    message = say(case, lena, "How long does the refund take?")
    made = services.suggest(message_pk=message.pk, now=now())
    found: Any = retail.api.get(f"cases/{case.public_id}/suggestions/").json()
    assert len(found["results"]) == made
    assert {one["message"] for one in found["results"]} == {str(message.public_id)}


def test_whoever_takes_a_case_is_helped_with_the_last_words(
    retail: World,  # noqa: F811  pytest names fixtures so
    case: Case,
    lena: Actor,
    django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    del retail
    rung: list[tuple[str, tuple[int, ...]]] = []
    monkeypatch.setattr(
        "orchestra.core.dispatch._send", lambda name, args: rung.append((name, args))
    )
    with django_capture_on_commit_callbacks(execute=True):
        journeys.accept_handoff(
            actor=lena, now=now(), handoff_id=Handoff.objects.get(case=case).public_id
        )
    words = Message.objects.filter(case=case, speaker=Speaker.CUSTOMER).latest("pk")
    assert (HEARD_TASK, (words.pk,)) in rung
    assert services.suggest(message_pk=words.pk, now=now()) > 0
