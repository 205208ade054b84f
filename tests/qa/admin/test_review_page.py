"""The page of a review: what it shows, saving by script and by form, handing in, skipping."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from cases.handoff.models import Handoff
from cases.memory.models import Interaction, Message
from governance.access.models import User
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from qa.admin.review_shown import Mark, cut
from qa.reviewing.models import Review
from qa.reviewing.reading import Part
from qa.reviewing.types import ReviewState
from tests.factories.access import MADE_AT, make_person
from tests.factories.cases import FACTORY
from tests.factories.sampled import make_review, make_unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]
SAID = "I found Mia by her zip code, mia@example.com. It has been removed."
#: Session, person, roles, grants and the frame; the review, the unit in five, and what is next.
PAGE_QUERIES = 9


@pytest.fixture
def analyst() -> User:
    return make_person(roles=[Role.QA_ANALYST])


@pytest.fixture
def client(analyst: User) -> Client:
    return signed_in(analyst)


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def review(analyst: User) -> Review:
    unit = make_unit()
    say(unit, SAID)
    return make_review(
        unit,
        state=ReviewState.TAKEN,
        reviewer=analyst,
        submitted_at=None,
        percent="",
        passed=None,
    )


def say(unit: Any, text: str) -> Message:
    return Message.objects.create(
        case=unit.case,
        interaction=Interaction.objects.get(public_id=unit.subject),
        speaker="ai",
        author_kind=FACTORY.kind,
        author_id=FACTORY.id,
        author_label="Orders assistant",
        text=text,
        at=MADE_AT + timedelta(minutes=1),
    )


def address(review: Review, act: str = "") -> str:
    return f"/admin/reviews/{review.public_id}/{act}"


def whole(**changes: str) -> dict[str, str]:
    """A form with every question well answered, but for the changes."""
    values = {
        "identity_confirmed": "yes",
        "change_made": "no",
        "told_what_happened": "yes",
        "policy_followed": "yes",
        "nothing_asked_twice": "yes",
        "next_step_known": "yes",
        "tone": "4",
        "notes": "complete",
    }
    form = {f"value.{key}": value for key, value in values.items()}
    return {"revision": "0", "words.identity_confirmed": "I found Mia", **form, **changes}


def by_script(client: Client, review: Review, form: dict[str, str]) -> Any:
    return client.post(address(review, "save/"), form, headers={"accept": "application/json"})


def test_it_shows_the_conversation_masked_beside_the_scorecard(
    client: Client, review: Review
) -> None:
    text = client.get(address(review)).content.decode()
    assert "I found Mia by her zip code, " in text
    assert "mia@example.com" not in text
    assert "What was offered is what policy allows" in text
    assert "data-save=" in text


def test_a_script_saves_and_is_told_the_score(client: Client, review: Review) -> None:
    form = {"revision": "0", "value.nothing_asked_twice": "yes", "seconds": "5"}
    told = by_script(client, review, form).json()
    assert (told["revision"], told["saved"][:5]) == (1, "saved")
    assert "10 of 10 points" in told["foot"]
    assert "7 questions open" in told["foot"]
    assert "yes_before_change" not in told["asked"]
    review.refresh_from_db()
    assert (review.revision, review.answers["nothing_asked_twice"]["value"]) == (1, "yes")


def test_another_screen_is_told_when_the_first_saved(client: Client, review: Review) -> None:
    by_script(client, review, {"revision": "0", "value.tone": "4"})
    answer = by_script(client, review, {"revision": "0", "value.tone": "1"})
    told = answer.json()
    assert (answer.status_code, told["code"], told["revision"]) == (
        409,
        "review.saved_elsewhere",
        1,
    )
    assert told["message"].startswith("You answered this on another screen at ")
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 1
    review.refresh_from_db()
    assert review.answers["tone"]["value"] == "4"


@pytest.mark.parametrize("quotes", ["[", "[1]", '{"message": "m"}', "[" * 5000])
def test_quotes_that_are_none_are_refused(client: Client, review: Review, quotes: str) -> None:
    form = {"revision": "0", "value.tone": "4", "quotes.tone": quotes}
    answer = by_script(client, review, form)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "answers.tone.quotes"


def test_a_form_without_a_script_saves_and_hands_in(client: Client, review: Review) -> None:
    saved = client.post(address(review, "save/"), whole(), follow=True)
    assert "Saved." in saved.content.decode()
    done = client.post(address(review, "submit/"), whole(revision="1"), follow=True)
    text = done.content.decode()
    assert "Handed in." in text
    assert "100.0 · pass" in text
    assert "data-save=" not in text
    review.refresh_from_db()
    assert (review.state, review.passed) == (ReviewState.SUBMITTED, True)
    again = client.post(address(review, "submit/"), whole(revision="2"))
    assert again.status_code == 409
    assert "already" in again.content.decode()


def test_what_is_wrong_keeps_what_was_typed(client: Client, review: Review) -> None:
    form = whole(**{"value.tone": "", "comment.notes": "She wrote it all down."})
    answer = client.post(address(review, "submit/"), form)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Answer this question." in text
    assert "She wrote it all down." in text
    review.refresh_from_db()
    assert (review.state, review.revision) == (ReviewState.TAKEN, 0)


def test_it_is_skipped_with_a_reason_only(client: Client, review: Review) -> None:
    client.post(address(review, "skip/"), {"reason": ""})
    review.refresh_from_db()
    assert review.state == ReviewState.TAKEN
    answer = client.post(address(review, "skip/"), {"reason": "text_erased"}, follow=True)
    assert "Skipped." in answer.content.decode()
    review.refresh_from_db()
    assert (review.state, review.skipped_for) == (ReviewState.SKIPPED, "text_erased")


def test_a_colleague_finds_nothing_and_a_lead_only_reads(review: Review) -> None:
    colleague = signed_in(make_person(roles=[Role.QA_ANALYST]))
    assert colleague.get(address(review)).status_code == 404
    assert by_script(colleague, review, whole()).status_code == 404
    lead = signed_in(make_person(roles=[Role.QA_LEAD]))
    assert "data-save=" not in lead.get(address(review)).content.decode()
    assert by_script(lead, review, whole()).status_code == 404
    assert signed_in(make_person(roles=[Role.HUMAN_AGENT])).get(address(review)).status_code == 404
    review.refresh_from_db()
    assert review.revision == 0


def test_erased_words_are_said_so_and_offered_as_non_response(
    client: Client, review: Review
) -> None:
    Message.objects.update(text="")
    text = client.get(address(review)).content.decode()
    assert "The text was erased." in text
    assert "counts as non-response" in text


def test_hostile_words_stay_words(client: Client, review: Review) -> None:
    say(review.unit, "<script>alert(1)</script>")
    assert "<script>alert(1)" not in client.get(address(review)).content.decode()


def handed_over(reviewer: User) -> Review:
    """A review of a handoff, whose bundle names a confirmed step."""
    talk = make_unit()
    handoff = Handoff.objects.create(
        case=talk.case,
        queue=talk.case.queue,
        reason_code="customer_request",
        from_kind=FACTORY.kind,
        from_id=FACTORY.id,
        from_label="Orders assistant",
        bundle={"completed_steps": {"steps": [{"title": "Order W1 cancelled"}]}},
        missing_parts=["intent"],
        offered_at=MADE_AT,
        reply_due_at=MADE_AT,
    )
    unit = make_unit(
        case=talk.case, kind="handoff", subject=str(handoff.public_id), handled_by="human"
    )
    return make_review(
        unit, scorecard="handoffs", state=ReviewState.TAKEN, reviewer=reviewer, submitted_at=None
    )


@pytest.mark.parametrize(
    "form",
    [
        {"words.steps_confirmed": "Order W1  cancelled"},
        {"quotes.steps_confirmed": '[{"part": "completed_steps"}]'},
    ],
)
def test_a_part_of_the_bundle_is_quoted_by_its_place_or_by_its_words(
    client: Client, analyst: User, form: dict[str, str]
) -> None:
    review = handed_over(analyst)
    text = client.get(address(review)).content.decode()
    assert 'data-part="completed_steps" data-title="Already done"' in text
    assert 'data-part="intent"' not in text
    told = by_script(client, review, {"revision": "0", "value.steps_confirmed": "yes", **form})
    assert told.json()["quotes"]["steps_confirmed"] == {
        "stored": [{"part": "completed_steps"}],
        "words": ["Already done"],
    }
    text = client.get(address(review)).content.decode()
    assert '<span class="rv-no">3</span> Already done' in " ".join(text.split())


def test_a_part_that_is_missing_is_no_evidence(client: Client, analyst: User) -> None:
    review = handed_over(analyst)
    form = {"value.steps_confirmed": "yes", "quotes.steps_confirmed": '[{"part": "intent"}]'}
    answer = by_script(client, review, {"revision": "0", **form})
    assert answer.status_code == 422
    assert "words that are not there" in answer.json()["errors"][0]["message"]


def test_more_words_cost_no_more_queries(
    client: Client, review: Review, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get(address(review))
    with django_assert_num_queries(PAGE_QUERIES):
        client.get(address(review))
    for _more in range(10):
        say(review.unit, SAID)
    with django_assert_num_queries(PAGE_QUERIES):
        client.get(address(review))


def test_quotes_cut_a_text_where_they_begin_and_end_and_masks_stay_whole() -> None:
    text = "abcdefgh"
    parts = [Part(0, 4, "abcd"), Part(4, 8, "•••")]
    pieces = cut(parts, text, [Mark(1, 3, 2), Mark(2, 6, 5)])
    assert [(one.text, one.numbers) for one in pieces] == [
        ("a", ()),
        ("b", (2,)),
        ("c", (2, 5)),
        ("d", (5,)),
        ("•••", (5,)),
    ]
    assert json.dumps([one.start for one in pieces]) == "[0, 1, 2, 3, 4]"
