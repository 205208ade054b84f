"""Who may lean on an article, until when, and how one is shown; pure."""

import re
from collections.abc import Collection, Iterable
from datetime import date, timedelta

from governance.knowledge.types import Audience, Freshness, Segment, UseWay
from governance.reviews.types import RiskLevel
from orchestra.core.actors import Actor

#: How long before its review date an article is said to be due.
DUE_DAYS = 30

#: What a search puts around the words that matched; an article may hold neither.
MARK_BEGIN, MARK_END = "\ue000", "\ue001"
#: What stands between two blocks of a text that is shown on one line.
BETWEEN = " · "
_MARKS = re.compile(f"({MARK_BEGIN}|{MARK_END})")


def freshness_of(*, review_by: date, today: date) -> Freshness:
    """Return how an article stands to its review date; on that day it still counts.

    Args:
        review_by: Last day on which it counts as reviewed.
        today: The day of the question, UTC.
    """
    if today > review_by:
        return Freshness.STALE
    return Freshness.DUE if review_by < due_from(today) else Freshness.FRESH


def due_from(today: date) -> date:
    """Return the first review date that is not said to be due yet."""
    return today + timedelta(days=DUE_DAYS + 1)


def may_lean_on(
    *, actor: Actor, audience: Collection[Audience], review_by: date, today: date
) -> bool:
    """Return whether an actor is given an article in force.

    People get every one, marked; an AI agent only what is written for it and not past its
    review date.
    """
    if not actor.is_agent:
        return True
    is_stale = freshness_of(review_by=review_by, today=today) is Freshness.STALE
    return Audience.AI in audience and not is_stale


def risk_of(audience: Collection[Audience]) -> RiskLevel:
    """Return how much harm a wrong article does: more where no person stands between."""
    if Audience.AI in audience or Audience.CUSTOMER in audience:
        return RiskLevel.MEDIUM
    return RiskLevel.LOW


def way_of_reading(actor: Actor) -> UseWay:
    """Return how a use is named when somebody reads an article for a case."""
    return UseWay.READ_BY_AI if actor.is_agent else UseWay.OPENED


def to_segments(text: str) -> tuple[Segment, ...]:
    """Return a text with a search's marks as segments, its blocks on one line."""
    found: list[Segment] = []
    marked = False
    for part in _MARKS.split(text.replace("\n", BETWEEN)):
        if part in {MARK_BEGIN, MARK_END}:
            marked = part == MARK_BEGIN
        elif part:
            found.append(Segment(part, marked))
    return tuple(found)


def without_marks(text: str) -> str:
    """Return a text that holds none of a search's marks."""
    return _MARKS.sub("", text)


def beginning(text: str, *, most: int = 200) -> str:
    """Return the first words of a text, cut between words where it is longer.

    Args:
        text: Plain text.
        most: Characters, about.
    """
    line = BETWEEN.join(" ".join(block.split()) for block in text.split("\n") if block.strip())
    if len(line) <= most:
        return line
    return line[:most].rsplit(" ", 1)[0] + " …"


def in_order(audience: Iterable[Audience]) -> tuple[Audience, ...]:
    """Return audiences in the order in which they are always named."""
    held = set(audience)
    return tuple(one for one in Audience if one in held)
