"""The two databases' full text searches, with one answer.

Both match stems of English words, weigh the title over the topics and those over the text,
and mark what matched. SQLite reads its FTS5 table, PostgreSQL the stored ``tsvector``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import connection

from governance.knowledge.models import ArticleInForce
from governance.knowledge.rules import MARK_BEGIN, MARK_END
from governance.knowledge.types import Audience
from orchestra.core.text_query import Query

#: Columns by which an audience is asked for.
COLUMNS: Final[Mapping[Audience, str]] = {
    Audience.AI: "for_ai",
    Audience.HUMAN: "for_human",
    Audience.CUSTOMER: "for_customer",
}
_TABLE: Final = ArticleInForce._meta.db_table  # noqa: SLF001  Django's documented entry
_HEADLINE: Final = (
    f'StartSel="{MARK_BEGIN}", StopSel="{MARK_END}", MaxFragments=2, MaxWords=24, MinWords=10, '
    'FragmentDelimiter=" … "'
)
_TITLE: Final = f'StartSel="{MARK_BEGIN}", StopSel="{MARK_END}", HighlightAll=true'
#: Weights of text, nothing, topics, title. All words together are judged by how near they
#: stand; where some are enough, by how many of them there are, which ts_rank_cd leaves out.
_WEIGHTS: Final = "{0.02,0.1,0.4,1.0}"

_POSTGRESQL: Final = """
SELECT id, rank, ts_headline('english', title, query, %(title)s),
  ts_headline('english', body, query, %(headline)s)
FROM (
  SELECT a.id, a.title, a.body, q.query, {rank} AS rank,
    a.review_by < %(today)s AS is_stale
  FROM {table} a, (SELECT websearch_to_tsquery('english', %(wanted)s) AS query) q
  WHERE a.search @@ q.query {banned} {filters}
  ORDER BY is_stale, rank DESC, a.id LIMIT %(limit)s OFFSET %(offset)s
) found ORDER BY is_stale, rank DESC, id
"""
_SQLITE: Final = """
SELECT a.id, -bm25({fts}, 20.0, 6.0, 1.0) AS rank,
  highlight({fts}, 0, %(begin)s, %(end)s), snippet({fts}, 2, %(begin)s, %(end)s, ' … ', 32)
FROM {fts} JOIN {table} a ON a.id = {fts}.rowid
WHERE {fts} MATCH %(wanted)s {filters}
ORDER BY a.review_by < %(today)s, rank DESC, a.id LIMIT %(limit)s OFFSET %(offset)s
"""


@dataclass(frozen=True, slots=True)
class Found:
    """One row that matched: its key, how well, and title and excerpt with marks in them."""

    pk: int
    rank: float
    title: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What else a hit must be.

    Attributes:
        audience: Written for this one; None for any.
        review_from: Not to be reviewed before this day; None for any.
        review_before: To be reviewed before this day; None for any.
    """

    audience: Audience | None = None
    review_from: date | None = None
    review_before: date | None = None

    def conditions(self) -> dict[str, tuple[str, bool | str]]:
        """Return name of a value to the condition it stands in and the value."""
        found: dict[str, tuple[str, bool | str]] = {}
        if self.audience is not None:
            found["audience"] = (f"a.{COLUMNS[self.audience]} = %(audience)s", True)
        if self.review_from is not None:
            day = self.review_from.isoformat()
            found["review_from"] = ("a.review_by >= %(review_from)s", day)
        if self.review_before is not None:
            day = self.review_before.isoformat()
            found["review_before"] = ("a.review_by < %(review_before)s", day)
        return found


def find_ranked(
    *, query: Query, any_term: bool, narrowing: Narrowing, today: date, limit: int, offset: int
) -> list[Found]:
    """Return the articles in force that match, those past review last: one query.

    Args:
        query: What is asked for; not empty.
        any_term: Whether one term is enough, rather than all.
        narrowing: What else they must be.
        today: The day by which one is past its review date.
        limit: How many at most.
        offset: How many of the best to leave out.
    """
    conditions = narrowing.conditions()
    filters = "".join(f" AND {condition}" for condition, _value in conditions.values())
    values: dict[str, Any] = {"limit": limit, "offset": offset, "today": today.isoformat()}
    values |= {name: value for name, (_condition, value) in conditions.items()}
    run = _run_postgresql if connection.vendor == "postgresql" else _run_sqlite
    return [Found(*row) for row in run(query, filters, values, any_term=any_term)]


def _run_postgresql(
    query: Query, filters: str, values: Mapping[str, Any], *, any_term: bool
) -> Sequence[Any]:
    banned = query.to_banned() if any_term else ""
    text = _POSTGRESQL.format(
        table=_TABLE,
        rank=f"ts_rank('{_WEIGHTS}', a.search, q.query, 1)"
        if any_term
        else f"ts_rank_cd('{_WEIGHTS}', a.search, q.query, 1)",
        banned="AND NOT a.search @@ websearch_to_tsquery('english', %(banned)s)" if banned else "",
        filters=filters,
    )
    given = {
        **values,
        "wanted": query.to_websearch(any_term=any_term),
        "banned": banned,
        "title": _TITLE,
        "headline": _HEADLINE,
    }
    return _fetch(text, given)


def _run_sqlite(
    query: Query, filters: str, values: Mapping[str, Any], *, any_term: bool
) -> Sequence[Any]:
    text = _SQLITE.format(table=_TABLE, fts=f"{_TABLE}_fts", filters=filters)
    given = {
        **values,
        "wanted": query.to_fts5(any_term=any_term),
        "begin": MARK_BEGIN,
        "end": MARK_END,
    }
    return _fetch(text, given)


def _fetch(text: str, given: Mapping[str, Any]) -> Sequence[Any]:
    with connection.cursor() as cursor:
        cursor.execute(text, given)
        return list(cursor.fetchall())
