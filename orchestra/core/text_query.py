"""What somebody asks a search for, as each database wants it; pure.

Words come out of any text, hostile ones too, as letters and digits alone, so neither
database ever sees an operator that we did not write.
"""

import re
from dataclasses import dataclass
from typing import Final

#: What is beyond is not looked at: nobody asks in more words.
MAX_TEXT: Final = 2_000
MAX_TERMS: Final = 24
MAX_WORD: Final = 60

_PART: Final = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))')
_WORD: Final = re.compile(r"[^\W_]+")
#: Words that carry no meaning of their own; PostgreSQL's English dictionary leaves out the like.
_EMPTY_WORDS: Final = (
    "a about am an and any are as at be been but by can could d did do does doing for from had "
    "has have having he her hers him his how i if in into is it its just ll m me my no not now of "
    "off on or our ours out over own re s she should so some such t than that the their them then "
    "there these they this those to too ve very was we were what when where which who whom why "
    "will with would you your yours"
)
_STOP: Final = frozenset(_EMPTY_WORDS.split())


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for.

    Attributes:
        terms: Each a word, or several that stand together.
        banned: Terms that must not stand in the text.
    """

    terms: tuple[tuple[str, ...], ...] = ()
    banned: tuple[tuple[str, ...], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for that a text could hold."""
        return not self.terms

    def to_websearch(self, *, any_term: bool) -> str:
        """Return the query for PostgreSQL's ``websearch_to_tsquery``.

        Args:
            any_term: Whether one term is enough, rather than all.
        """
        wanted = (" or " if any_term else " ").join(f'"{" ".join(term)}"' for term in self.terms)
        banned = "".join(f' -"{" ".join(term)}"' for term in self.banned)
        # Without brackets the last alternative alone would be narrowed, so an "any" query
        # leaves the banned words to a condition of its own.
        return wanted if any_term else wanted + banned

    def to_banned(self) -> str:
        """Return what must not match, for PostgreSQL; empty for nothing."""
        return " or ".join(f'"{" ".join(term)}"' for term in self.banned)

    def to_fts5(self, *, any_term: bool) -> str:
        """Return the query for SQLite's FTS5.

        Args:
            any_term: Whether one term is enough, rather than all.
        """
        wanted = (" OR " if any_term else " AND ").join(
            f'"{" ".join(term)}"' for term in self.terms
        )
        if not self.banned:
            return wanted
        banned = " OR ".join(f'"{" ".join(term)}"' for term in self.banned)
        return f"({wanted}) NOT ({banned})"


def parse_query(text: str) -> Query:
    """Return what a text asks for: words, "words that stand together", and -words to leave out.

    Args:
        text: Whatever was typed or said; nothing in it is an error.
    """
    terms: dict[tuple[str, ...], None] = {}
    banned: dict[tuple[str, ...], None] = {}
    for part in _PART.finditer(text[:MAX_TEXT]):
        words = _words(part["phrase"] if part["phrase"] is not None else part["word"])
        wanted = banned if part["minus"] else terms
        if part["phrase"] is not None or part["minus"]:
            wanted[words] = None
        else:
            terms.update(dict.fromkeys((word,) for word in words))
    return Query(_told(terms), _told(banned))


def is_empty_word(word: str) -> bool:
    """Return whether a word, in lower case, carries no meaning of its own."""
    return word in _STOP


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.lower()[:MAX_WORD] for word in _WORD.findall(text))


def _told(terms: dict[tuple[str, ...], None]) -> tuple[tuple[str, ...], ...]:
    """Return the terms that say something, at most so many."""
    told = (term for term in terms if any(word not in _STOP for word in term))
    return tuple(told)[:MAX_TERMS]
