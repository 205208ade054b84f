"""A review is begun, saved step by step, handed in once, or skipped."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cases.memory.models import Interaction, Message
from governance.access.models import User
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from orchestra.core.errors import ConflictError, InvalidInputError, NotFoundError
from qa.reviewing.models import Review
from qa.reviewing.registry import skipped
from qa.reviewing.services import Filled, save_review, skip_review, submit_review, take_review
from qa.reviewing.types import ReviewState
from qa.sampling.types import ReplacedFor
from qa.scorecards.services import publish_scorecard
from tests.conftest import NOW
from tests.factories.access import MADE_AT, make_person
from tests.factories.cases import FACTORY
from tests.factories.quality import shipped
from tests.factories.sampled import make_review, make_unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


@pytest.fixture
def analyst() -> User:
    return make_person(roles=[Role.QA_ANALYST])


@pytest.fixture
def message() -> Message:
    unit = make_unit()
    return Message.objects.create(
        case=unit.case,
        interaction=Interaction.objects.get(public_id=unit.subject),
        speaker="ai",
        author_kind=FACTORY.kind,
        author_id=FACTORY.id,
        author_label="Orders assistant",
        text="I found Mia by her zip code. It has been removed.",
        at=MADE_AT + timedelta(minutes=1),
    )


@pytest.fixture
def review(analyst: User, message: Message) -> Review:
    unit = message.case.sampling_units.get()
    return make_review(
        unit,
        state=ReviewState.WAITING,
        reviewer=analyst,
        at=NOW,
        taken_at=None,
        submitted_at=None,
        seconds=0,
        percent="",
        passed=None,
    )


def whole(message: Message, **changes: str) -> dict[str, Any]:
    """Answers to every question, all well but for the changes; evidence where it is needed."""
    values = {
        "identity_confirmed": "yes",
        "change_made": "no",
        "told_what_happened": "yes",
        "policy_followed": "yes",
        "nothing_asked_twice": "yes",
        "next_step_known": "yes",
        "tone": "4",
        "notes": "complete",
        **changes,
    }
    quote = {"message": str(message.public_id), "start": 0, "end": 12}
    return {key: {"value": value, "quotes": [quote]} for key, value in values.items()}


def act(service: Any, analyst: User, review: Review, **more: Any) -> Any:
    values = {"actor": analyst.as_actor(), "now": NOW, **more}
    return service(review_id=review.public_id, **values)


def test_it_is_begun_once(analyst: User, review: Review) -> None:
    for _again in range(2):
        taken = act(take_review, analyst, review)
    assert (taken.state, taken.taken_at) == (ReviewState.TAKEN, NOW)
    assert LedgerEntry.objects.filter(kind="quality_review.taken").count() == 1


def test_saving_counts_up_and_gives_the_score_so_far(analyst: User, review: Review) -> None:
    filled = Filled(0, {"nothing_asked_twice": {"value": "yes"}}, "So far.", 30)
    later = NOW + timedelta(seconds=20)
    act(take_review, analyst, review)
    saved, score = act(save_review, analyst, review, filled=filled, now=later)
    assert (saved.revision, saved.comment, saved.seconds, saved.saved_at) == (
        1,
        "So far.",
        20,
        later,
    )
    assert saved.answers == {"nothing_asked_twice": {"value": "yes", "quotes": [], "comment": ""}}
    assert score.percent == 100
    assert not LedgerEntry.objects.filter(kind="quality_review.submitted").exists()


def test_two_screens_do_not_overwrite_each_other(analyst: User, review: Review) -> None:
    first = Filled(0, {"tone": {"value": "4"}})
    act(save_review, analyst, review, filled=first)
    with pytest.raises(ConflictError) as refused:
        act(save_review, analyst, review, filled=replace(first, answers={"tone": {"value": "1"}}))
    assert refused.value.error_code == "review.saved_elsewhere"
    assert refused.value.data == {"revision": 1, "saved_at": NOW.isoformat()}
    review.refresh_from_db()
    assert review.answers["tone"]["value"] == "4"


@pytest.mark.parametrize(
    "answers",
    [
        {"tone": {"value": "9"}},
        {"tone": {"value": "n/a"}},
        {"nothing": {"value": "yes"}},
        {"tone": {"value": "1", "quotes": [{"message": "gone", "start": 0, "end": 2}]}},
        {"tone": {"value": "1", "words": "I never said this"}},
    ],
)
def test_what_is_no_answer_is_not_saved(
    analyst: User, review: Review, answers: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInputError):
        act(save_review, analyst, review, filled=Filled(0, answers))
    review.refresh_from_db()
    assert (review.revision, review.answers) == (0, {})


def test_words_typed_are_kept_by_their_place(
    analyst: User, review: Review, message: Message
) -> None:
    filled = Filled(0, {"tone": {"value": "1", "words": "has been removed"}})
    saved, _score = act(save_review, analyst, review, filled=filled)
    place = {"message": str(message.public_id), "start": 32, "end": 48}
    assert saved.answers["tone"]["quotes"] == [place]
    assert "removed" not in str(saved.answers)


def test_it_is_handed_in_with_its_exact_score(
    analyst: User, review: Review, message: Message
) -> None:
    answers = whole(message, nothing_asked_twice="no", tone="2")
    done = act(submit_review, analyst, review, filled=Filled(0, answers))
    # 75 of 85 possible points but for 10 of effort and 2/3 of 5 points for the tone.
    assert (done.state, done.percent, done.passed, done.failed) == (
        ReviewState.SUBMITTED,
        "4300/51",
        True,
        [],
    )
    entry = LedgerEntry.objects.get(kind="quality_review.submitted")
    assert entry.subject_id == str(review.public_id)


def test_a_failed_critical_question_makes_it_nothing(
    analyst: User, review: Review, message: Message
) -> None:
    answers = whole(message, told_what_happened="no")
    done = act(submit_review, analyst, review, filled=Filled(0, answers))
    assert (done.percent, done.passed, done.failed) == ("0", False, ["told_what_happened"])


def test_what_is_missing_is_named_and_nothing_is_handed_in(
    analyst: User, review: Review, message: Message
) -> None:
    answers = whole(message, told_what_happened="no", change_made="yes")
    answers["told_what_happened"]["quotes"] = []
    with pytest.raises(InvalidInputError) as refused:
        act(submit_review, analyst, review, filled=Filled(0, answers))
    found = {(one.field, one.code) for one in refused.value.errors}
    assert found == {
        ("answers.told_what_happened", "evidence"),
        ("answers.yes_before_change", "required"),
    }
    review.refresh_from_db()
    assert review.state == ReviewState.WAITING


def test_it_is_handed_in_once(analyst: User, review: Review, message: Message) -> None:
    filled = Filled(0, whole(message))
    act(submit_review, analyst, review, filled=filled)
    for service in (submit_review, save_review):
        with pytest.raises(ConflictError) as refused:
            act(service, analyst, review, filled=replace(filled, revision=1))
        assert refused.value.error_code == "review.submitted"
    assert LedgerEntry.objects.filter(kind="quality_review.submitted").count() == 1


def test_a_scorecard_changed_meanwhile_leaves_the_pinned_one(
    analyst: User, review: Review, message: Message
) -> None:
    present = next(one for one in shipped("scorecards") if one["key"] == "conversations")
    publish_scorecard(actor=FACTORY, now=NOW, document={**present, "title": "Renamed"})
    done = act(submit_review, analyst, review, filled=Filled(0, whole(message)))
    assert (done.scorecard.number, done.percent) == (1, "100")


def test_somebody_elses_review_is_not_found(review: Review, message: Message) -> None:
    other = make_person(roles=[Role.QA_ANALYST])
    for service, more in (
        (take_review, {}),
        (save_review, {"filled": Filled(0)}),
        (submit_review, {"filled": Filled(0, whole(message))}),
        (skip_review, {"reason": "language"}),
    ):
        with pytest.raises(NotFoundError):
            act(service, other, review, **more)
    review.refresh_from_db()
    assert review.state == ReviewState.WAITING


def test_skipping_needs_a_reason_and_tells_who_replaces(
    analyst: User, review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, ReplacedFor]] = []

    def note(**event: Any) -> None:
        told.append((str(event["review"].public_id), event["reason"]))

    monkeypatch.setattr(skipped, "_items", {"test": note})
    for reason, words in (("tired", ""), ("conflict_of_interest", " ")):
        with pytest.raises(InvalidInputError):
            act(skip_review, analyst, review, reason=reason, words=words)
    assert told == []
    done = act(skip_review, analyst, review, reason="text_erased")
    assert (done.state, done.skipped_for) == (ReviewState.SKIPPED, "text_erased")
    assert told == [(str(review.public_id), ReplacedFor.TEXT_ERASED)]
    with pytest.raises(ConflictError):
        act(skip_review, analyst, review, reason="language")
