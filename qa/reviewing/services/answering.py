"""Begin a review, save its answers, hand it in, or skip it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.canonical import check_text
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError
from orchestra.core.locking import compare_and_set
from qa.reviewing import entries
from qa.reviewing.answers import Given, as_scored, read_answers, still_asked
from qa.reviewing.models import Review
from qa.reviewing.reading import UnitRead, find_words, read_unit, words_of
from qa.reviewing.registry import tell_skipped
from qa.reviewing.rules import DONE, seconds_counted
from qa.reviewing.services.common import (
    checked_reason,
    locked,
    record,
    require_open,
    require_own,
)
from qa.reviewing.services.replacing import hold_place
from qa.reviewing.types import ReviewKind, ReviewState
from qa.sampling.types import ReplacedFor
from qa.scorecards.scoring import Score, check_answers, score
from qa.scorecards.selectors import spec_of

Json = Any

LONGEST_COMMENT = 2000


@dataclass(frozen=True, slots=True)
class Filled:
    """What a screen sends of a review, whole.

    Attributes:
        revision: How often the review had been saved when the screen read it.
        answers: ``{question: {"value", "quotes", "comment", "words"}}``.
        comment: Words on the whole.
        seconds: How long it was looked at since it saved last.
    """

    revision: int
    answers: Mapping[str, Json] = field(default_factory=dict)
    comment: str = ""
    seconds: int = 0


@one_act()
def take_review(*, actor: Actor, now: datetime, review_id: UUID | str) -> Review:
    """Begin a review that was given to one; again changes nothing.

    Raises:
        NotFoundError: There is no such review of one's own.
        NotPermittedError: The actor may not review any more.
        ConflictError: It was handed in or skipped.
    """
    review = _own(actor, review_id)
    if review.state == ReviewState.WAITING:
        compare_and_set(
            review,
            expected={"state": ReviewState.WAITING},
            changes={"state": ReviewState.TAKEN, "taken_at": now},
            actor=actor,
        )
        record(actor=actor, now=now, review=review, kind=entries.TAKEN)
    return review


@one_act()
def save_review(
    *, actor: Actor, now: datetime, review_id: UUID | str, filled: Filled
) -> tuple[Review, Score]:
    """Save the answers so far and return the score that they give.

    Answers to questions that are not asked, given those before, are left out. The words of what
    is saved are no entry of the ledger: a draft is nobody's act yet.

    Raises:
        NotFoundError: There is no such review of one's own.
        ConflictError: It was handed in or skipped, or another screen saved since (code
            ``review.saved_elsewhere``, with ``revision`` and ``saved_at``).
        InvalidInputError: An answer is none, or names words that were not said.
    """
    review = _own(actor, review_id)
    given, texts = _checked(review, filled, complete=False)
    _store(actor, now, review, filled, given, {})
    return review, score(spec_of(review.scorecard), as_scored(given, texts))


@one_act()
def submit_review(*, actor: Actor, now: datetime, review_id: UUID | str, filled: Filled) -> Review:
    """Hand a review in: every question that is asked is answered, with its evidence.

    Raises:
        NotFoundError: There is no such review of one's own.
        ConflictError: It was handed in already or skipped, or another screen saved since.
        InvalidInputError: Something is missing; every question of it is named.
    """
    review = _own(actor, review_id)
    given, texts = _checked(review, filled, complete=True)
    result = score(spec_of(review.scorecard), as_scored(given, texts))
    _store(
        actor,
        now,
        review,
        filled,
        given,
        {
            "state": ReviewState.SUBMITTED,
            "submitted_at": now,
            "percent": "" if result.percent is None else str(result.percent),
            "passed": result.passed,
            "failed": list(result.failed),
        },
    )
    record(
        actor=actor,
        now=now,
        review=review,
        kind=entries.SUBMITTED,
        payload={
            "scorecard": review.scorecard.digest,
            "percent": review.percent,
            "passed": review.passed,
            "failed": review.failed,
            "answers": {key: one.value for key, one in given.items() if _is_code(review, key)},
            "seconds": review.seconds,
        },
    )
    return review


@one_act()
def skip_review(
    *, actor: Actor, now: datetime, review_id: UUID | str, reason: str, words: str = ""
) -> Review:
    """Skip a review that cannot be made; what was drawn stays counted as non-response.

    Args:
        actor: Whose review it is.
        now: The moment of the act.
        review_id: Public id.
        reason: A code of ``ReplacedFor``.
        words: More about it; needed for a conflict of interest.

    Raises:
        NotFoundError: There is no such review of one's own.
        ConflictError: It was handed in or skipped.
        InvalidInputError: The reason is none, or words are missing.
    """
    hold_place(review_id)
    review = _own(actor, review_id)
    if reason not in set(ReplacedFor):
        message = _("Say why it cannot be reviewed.")
        raise InvalidInputError(message, errors=[FieldError("reason", "choice", message)])
    said = words.strip()
    if reason == ReplacedFor.CONFLICT_OF_INTEREST or said:
        said = checked_reason(words, field="words")
    compare_and_set(
        review,
        expected={"state": review.state},
        changes={"state": ReviewState.SKIPPED, "skipped_for": reason, "saved_at": now},
        actor=actor,
    )
    record(
        actor=actor,
        now=now,
        review=review,
        kind=entries.SKIPPED,
        payload={"reason": reason.replace("_", " "), "code": reason, "words": said},
    )
    if review.kind != ReviewKind.GOLD:
        # A gold review stands for nothing that could be replaced.
        tell_skipped(actor=actor, now=now, review=review, reason=ReplacedFor(reason))
    return review


def _own(actor: Actor, review_id: UUID | str) -> Review:
    require(authority=authority_of(actor), capability=Capability.QUALITY_REVIEW)
    review = locked(review_id)
    require_own(actor, review)
    if review.state in DONE:
        raise ConflictError(
            _("You handed this review in already. Nothing was changed."),
            code="review.submitted",
        )
    require_open(review)
    return review


def _checked(
    review: Review, filled: Filled, *, complete: bool
) -> tuple[dict[str, Given], dict[str, tuple[str, ...]]]:
    _require_revision(review, filled.revision)
    check_text(filled.comment, "comment")
    if len(filled.comment) > LONGEST_COMMENT:
        message = _("Keep it within %(most)d characters.") % {"most": LONGEST_COMMENT}
        raise InvalidInputError(message, errors=[FieldError("comment", "length", message)])
    spec = spec_of(review.scorecard)
    given = still_asked(spec, read_answers(filled.answers, spec))
    needs_read = any(one.quotes or one.words for one in given.values())
    read = read_unit(review.unit) if needs_read else None
    errors: list[FieldError] = []
    placed = {key: _placed(key, one, read, errors) for key, one in given.items()}
    texts = {
        key: tuple(words_of(read, quote) for quote in one.quotes) if read is not None else ()
        for key, one in placed.items()
    }
    answered = as_scored(placed, texts)
    errors.extend(check_answers(spec=spec, answers=answered, complete=complete))
    if errors:
        raise InvalidInputError(
            _("It was not handed in.") if complete else _("The answers were not saved."),
            code="review.answers",
            errors=errors,
        )
    return placed, texts


def _placed(key: str, one: Given, read: UnitRead | None, errors: list[FieldError]) -> Given:
    """Return an answer with the words typed for it turned into the place they were said at."""
    if read is None:
        return one
    if any(not words_of(read, quote) for quote in one.quotes):
        message = _("A quote names words that are not there.")
        errors.append(FieldError(f"answers.{key}", "quote", message))
    if not one.words:
        return one
    found = find_words(read, one.words)
    if found is None:
        message = _("These words were not said: “%(words)s”. Copy them from the left.")
        errors.append(FieldError(f"answers.{key}", "words", message % {"words": one.words}))
        return one
    return replace(one, quotes=tuple(dict.fromkeys([*one.quotes, found])), words="")


def _require_revision(review: Review, revision: int) -> None:
    if review.revision != revision:
        raise ConflictError(
            _("You answered this on another screen. Nothing of this screen was saved yet."),
            code="review.saved_elsewhere",
            data={
                "revision": review.revision,
                "saved_at": review.saved_at.isoformat() if review.saved_at else "",
            },
        )


def _store(
    actor: Actor,
    now: datetime,
    review: Review,
    filled: Filled,
    given: Mapping[str, Given],
    changes: Mapping[str, Json],
) -> None:
    began = review.taken_at or now
    seconds = seconds_counted(said=filled.seconds, since=review.saved_at or began, now=now)
    compare_and_set(
        review,
        expected={"revision": filled.revision, "state": review.state},
        changes={
            "state": ReviewState.TAKEN,
            "taken_at": began,
            "saved_at": now,
            "revision": filled.revision + 1,
            "seconds": review.seconds + seconds,
            "answers": {key: one.stored() for key, one in given.items()},
            "comment": filled.comment.strip(),
            **changes,
        },
        actor=actor,
    )


def _is_code(review: Review, key: str) -> bool:
    """Return whether an answer is one of a fixed list, and so no words of anybody."""
    question = next(one for one in spec_of(review.scorecard).questions if one.key == key)
    return bool(question.answers)
