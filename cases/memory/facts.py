"""What is known of a case's matter: who said it, how far it is trusted, and what stands; pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext as _

from cases.memory.types import Json, Trust
from orchestra.core.errors import FieldError

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")
MAX_VALUE: Final = 500
_CONFIRMED: Final = frozenset({Trust.TOOL_CONFIRMED, Trust.HUMAN_CONFIRMED})


class FactSource(StrEnum):
    """Where a fact about a case comes from."""

    MESSAGE = "message"
    TOOL_CALL = "tool_call"
    EVIDENCE = "evidence"
    PERSON = "person"


#: The fact by which a person says how the customer was told, where no message shows it.
CUSTOMER_TOLD: Final = "customer_told"


@dataclass(frozen=True, slots=True)
class FactDraft:
    """A fact as it is stated.

    Attributes:
        name: Lower-case code, such as ``order_id``.
        value: What it is, 1 to 500 characters.
        source_id: Public id of the message, tool call or evidence; empty for a person's own word.
    """

    name: str
    value: str
    source_kind: FactSource
    source_id: str = ""


@dataclass(frozen=True, slots=True)
class StatedFact:
    """A fact as it was recorded; see ``cases.memory.models.CaseFact``."""

    name: str
    value: str
    trust: Trust
    source_kind: FactSource
    source_id: str
    by_label: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FactStanding:
    """What stands of one name, and what was said against it since.

    Attributes:
        stands: The newest confirmed one; the newest claim while nothing is confirmed.
        doubted_by: The newest later one that says something else, or None.
        earlier: How many were recorded before, or say the same.
    """

    stands: StatedFact
    doubted_by: StatedFact | None
    earlier: int


def standing(facts: Iterable[StatedFact]) -> list[FactStanding]:
    """Return what stands for each name, in the order the names first came up.

    A claim never takes the place of what a tool or a person confirmed; it stands beside it.

    Args:
        facts: In the order they were recorded.
    """
    by_name: dict[str, list[StatedFact]] = {}
    for fact in facts:
        by_name.setdefault(fact.name, []).append(fact)
    return [_of_one(found) for found in by_name.values()]


def _of_one(found: list[StatedFact]) -> FactStanding:
    confirmed = [at for at, fact in enumerate(found) if fact.trust in _CONFIRMED]
    place = confirmed[-1] if confirmed else len(found) - 1
    stands = found[place]
    later = [fact for fact in found[place + 1 :] if fact.value != stands.value]
    doubt = later[-1] if later else None
    return FactStanding(stands, doubt, len(found) - 1 - (doubt is not None))


def fact_errors(draft: FactDraft) -> list[FieldError]:
    """Return everything that is wrong with a stated fact, by field."""
    errors = []
    if not _NAME.fullmatch(draft.name):
        message = _("Name it in lower-case letters, digits and underscores, such as order_id.")
        errors.append(FieldError("name", "shape", message))
    if not draft.value.strip() or len(draft.value) > MAX_VALUE:
        message = _("Say what it is, in at most %(most)d characters.") % {"most": MAX_VALUE}
        errors.append(FieldError("value", "length", message))
    if (draft.source_kind is FactSource.PERSON) == bool(draft.source_id):
        message = _("Name the message, tool call or evidence it comes from, or a person's word.")
        errors.append(FieldError("source", "unknown", message))
    return errors


def shows(answer: Json, value: str) -> bool:
    """Whether a tool's answer holds a value, as text or number, anywhere in it."""
    if isinstance(answer, dict):
        return any(shows(one, value) for one in answer.values())
    if isinstance(answer, list):
        return any(shows(one, value) for one in answer)
    if isinstance(answer, bool) or answer is None:
        return False
    return str(answer).casefold() == value.strip().casefold()


def trust_of_source(*, source_kind: FactSource, is_human: bool) -> Trust:
    """Return how far a fact is trusted: by where it comes from, never by what is said of it.

    A tool's answer that holds the value confirms it; a person confirms on their own word or by
    evidence they looked at. What a customer said, and whatever an AI agent read, is a claim.
    """
    if source_kind is FactSource.TOOL_CALL:
        return Trust.TOOL_CONFIRMED
    if is_human and source_kind is not FactSource.MESSAGE:
        return Trust.HUMAN_CONFIRMED
    return Trust.CLAIMED
