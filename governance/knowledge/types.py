"""Articles, what a search finds of them, and where they were used, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Audience(StrEnum):
    """Whom an article is written for."""

    AI = "ai"
    HUMAN = "human"
    CUSTOMER = "customer"


class UseWay(StrEnum):
    """How a version of an article was used."""

    READ_BY_AI = "read_by_ai"
    OPENED = "opened"
    CITED = "cited"
    NOTED = "noted"


class Freshness(StrEnum):
    """How an article stands to its review date."""

    FRESH = "fresh"
    DUE = "due"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Source:
    """What an article rests on.

    Attributes:
        url: Its address; empty where ``reference`` says where to look.
        reference: Such as a section of a manual; empty where there is an address.
    """

    title: str
    url: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class ArticleText:
    """One version's document, read.

    Attributes:
        body: Markdown with plain line ends.
        owner: The person or team that keeps it right.
        review_by: Last day on which it counts as reviewed.
        topics: What it is about, such as intents.
        language: Such as ``en`` or ``pt-BR``.
    """

    key: str
    title: str
    body: str
    owner: str
    review_by: date
    audience: frozenset[Audience]
    sources: tuple[Source, ...] = ()
    topics: tuple[str, ...] = ()
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text, marked where the search matched."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class ArticleHit:
    """One article in force, as a search or a list shows it.

    Attributes:
        version_id: Public id of the version, by which it is cited.
        title: Its title in segments; the plain one is their text together.
        excerpt: The stretches of the text that matched; its beginning without a search.
        rank: Higher fits better; 0 without a search. Comparable within one answer only.
    """

    key: str
    number: int
    version_id: str
    digest: str
    title: tuple[Segment, ...]
    excerpt: tuple[Segment, ...]
    owner: str
    review_by: date
    freshness: Freshness
    audience: frozenset[Audience]
    topics: tuple[str, ...]
    language: str
    rank: float = 0.0

    @property
    def plain_title(self) -> str:
        """Return the title without marks."""
        return "".join(part.text for part in self.title)


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """What a search found.

    Attributes:
        hits: One page of them, the best first.
        has_more: Whether there are more behind the page.
        has_all_words: Whether every hit holds all the words asked for; where none does, the
            hits are those that hold some.
    """

    hits: tuple[ArticleHit, ...]
    has_more: bool = False
    has_all_words: bool = True


@dataclass(frozen=True, slots=True)
class UseDraft:
    """That a version was used, to be recorded.

    Attributes:
        subject_kind: Registered kind of what it was used for, such as ``case``.
        subject_id: Its public id.
        stream: Ledger stream the use belongs to, such as ``case:<id>``.
    """

    way: UseWay
    subject_kind: str
    subject_id: str
    stream: str


@dataclass(frozen=True, slots=True)
class SeenSubject:
    """What an article was used for, as far as the reader may see it.

    Attributes:
        label: Such as ``C-12``.
        stream: Ledger stream it belongs to.
        page: Name of the admin page that shows it; empty for none.
        page_id: What that page is addressed by.
    """

    label: str
    stream: str
    page: str = ""
    page_id: str = ""


#: Public id of a subject to what the reader may see of it.
Seen = Mapping[str, SeenSubject]
