"""Suggestions and what becomes of them, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class SuggestionKind(StrEnum):
    """What is suggested."""

    DRAFT = "draft"
    NEXT_CUE = "next_cue"
    ARTICLE = "article"
    SIMILAR_CASE = "similar_case"


class SuggestionState(StrEnum):
    """What became of a suggestion; a later message takes the place of what nobody answered."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    EDITED = "edited"
    DISMISSED = "dismissed"
    PASSED = "passed"


class Rests(StrEnum):
    """On what a suggestion rests."""

    CONFIRMED = "confirmed"
    CLAIMED = "claimed"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing a person might use.

    Attributes:
        kind: What it is.
        source_key: Key of an article, public id of a case, key of a cue.
        source_label: The source as people know it.
        source_number: Version of the source; None where it has none.
        text: The words of a draft or a cue; empty where the source speaks for itself.
        heard: The customer's words that brought it up; empty for none.
        rests: ``claimed`` where only the customer's own words carry it.
        drafted_by: Name of the model that wrote a draft; empty for the cue sheet's own wording.
        note: Why the model's draft is not there, in plain words; empty for nothing to say.
    """

    kind: SuggestionKind
    source_key: str
    source_label: str
    source_number: int | None = None
    text: str = ""
    heard: str = ""
    rests: Rests = Rests.CONFIRMED
    drafted_by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Cue:
    """The cue that is due next.

    Attributes:
        draft: Template of what to say, with ``{fact}`` for what is known; empty for none.
    """

    key: str
    title: str
    owner: str
    sheet: str
    version: int
    draft: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What may stand in a draft.

    Attributes:
        confirmed: Fact to its value, as a system of record or a person confirmed it.
        claimed: Fact to its value, as the customer said it.
    """

    confirmed: Mapping[str, str] = field(default_factory=dict)
    claimed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PastCase:
    """A resolved case that may be alike.

    Attributes:
        stems: Word stems of what it was about.
        outcome: How it ended, as it was written then.
    """

    public_id: str
    label: str
    stems: frozenset[str]
    outcome: str = ""
