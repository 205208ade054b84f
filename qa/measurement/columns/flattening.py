"""The rows of cases as rows of the tables of facts; pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import numpy as np

from qa.measurement.columns.codes import (
    DRAFTS,
    EXCEPTIONS,
    LEFT_OUT,
    NO_RETURN,
    OWNERS,
    TRANSFERS,
    WAITS_FOR,
    code_of,
    digest,
    issue_of,
    moment,
)
from qa.measurement.columns.types import (
    DTYPES,
    Cases,
    Contacts,
    Episodes,
    Gaps,
    Handovers,
    Kind,
    Steps,
    Waits,
    Works,
    columns_of,
)
from qa.measurement.facts.types import CaseFacts
from qa.measurement.metrics.recontact import why_no_return
from qa.measurement.metrics.transfers import bounced_after, unbounced_type
from qa.measurement.metrics.work import wrap_seconds
from qa.measurement.rows import Contact, Dimensions, FactState, Handover, OwnerKind, Work, WrapEnd

Row = tuple[Any, ...]

_COUNTED: Final = frozenset({FactState.PRESENT, FactState.LATE, FactState.TOMBSTONE})


@dataclass(frozen=True, slots=True)
class Flat:
    """Rows in the order of their table's columns, moments as they are.

    Attributes:
        case: Of the table of cases, without the key that the database gives.
        mixes: Dimensions by key that the rows name.
        words: Texts by key that the rows name.
    """

    case: Row
    episodes: Sequence[Row] = ()
    contacts: Sequence[Row] = ()
    handovers: Sequence[Row] = ()
    works: Sequence[Row] = ()
    steps: Sequence[Row] = ()
    gaps: Sequence[Row] = ()
    waits: Sequence[Row] = ()
    mixes: Mapping[int, Dimensions] = field(default_factory=dict)
    words: Mapping[int, str] = field(default_factory=dict)


#: The fields of ``Flat`` that hold many rows, with the table of each.
MANY: Final[Mapping[str, type[Any]]] = {
    "episodes": Episodes,
    "contacts": Contacts,
    "handovers": Handovers,
    "works": Works,
    "steps": Steps,
    "gaps": Gaps,
    "waits": Waits,
}


def flatten(facts: CaseFacts, *, key: int = 0) -> Flat:
    """Return the rows of one case; ``key`` is what they name it by."""
    mixes: dict[int, Dimensions] = {}
    words: dict[int, str] = {}

    def of(value: Dimensions) -> int:
        mixes[mix_key(value)] = value
        return mix_key(value)

    def word(text: str) -> int:
        words[digest(text)] = text
        return digest(text)

    states = Counter(one.state for one in facts.required)
    missing = Counter(
        one.kind
        for one in facts.required
        if one.state not in _COUNTED and one.state is not FactState.RETENTION_OVER
    )
    retired = states[FactState.RETENTION_OVER]
    return Flat(
        case=(
            name_of(facts.case),
            facts.opened_at,
            facts.closed_at,
            code_of(facts.left_out, LEFT_OUT),
            facts.migrated,
            len(facts.required) - retired,
            sum(states[one] for one in _COUNTED),
            states[FactState.LATE],
            retired,
            of(facts.of),
        ),
        episodes=[
            (
                key,
                one.number,
                one.opened_at,
                one.resolved_at,
                issue_of(one.issue),
                digest(one.issue.customer) if one.issue else 0,
                one.assumed,
                one.same_cause,
                one.without_contact,
                one.withdrawn,
                one.transferred,
                len(one.contacts),
                code_of(one.left_out, LEFT_OUT),
                of(one.of),
            )
            for one in facts.episodes
        ],
        contacts=[_contact(one, key, facts, of(one.of)) for one in facts.contacts],
        handovers=[_handover(one, key, word(one.reason)) for one in facts.handovers],
        works=[_work(one, key, of(one.of)) for one in facts.work],
        steps=[
            (
                key,
                digest(one.key),
                one.started_at,
                code_of(one.exception, EXCEPTIONS),
                one.recovered,
                bool(one.root),
                code_of(one.by, OWNERS),
                code_of(one.left_out, LEFT_OUT),
                of(one.of),
            )
            for one in facts.steps
        ],
        gaps=[(key, word(kind), count) for kind, count in sorted(missing.items())],
        waits=[(key, code_of(one.waits_for, WAITS_FOR), one.begin, one.end) for one in facts.waits],
        mixes=mixes,
        words=words,
    )


@lru_cache(maxsize=10_000)
def mix_key(of: Dimensions) -> int:
    """Return the number that stands for dimensions."""
    return digest(*astuple(of))


def name_of(case: str) -> bytes:
    """Return a case's public id as 16 bytes; a name that is no such id by its digest."""
    try:
        return UUID(case).bytes
    except ValueError:
        return digest(case).to_bytes(16, "big", signed=True)


def _contact(one: Contact, key: int, facts: CaseFacts, of: int) -> Row:
    return (
        key,
        digest(one.id),
        one.at,
        issue_of(one.issue),
        digest(one.issue.customer) if one.issue else 0,
        one.by_customer,
        code_of(why_no_return(one), NO_RETURN),
        one.promised_at is not None and one.at < one.promised_at,
        one.handled,
        any(row.owner_kind is OwnerKind.AI for row in facts.segments),
        code_of(one.left_out, LEFT_OUT),
        of,
    )


def _handover(one: Handover, key: int, reason: int) -> Row:
    return (
        key,
        digest(one.id),
        digest(one.contact),
        one.at,
        code_of(unbounced_type(one), TRANSFERS),
        bounced_after(one),
        one.warm,
        reason,
    )


def _work(one: Work, key: int, of: int) -> Row:
    draft = "accepted" if one.draft_accepted else "offered" if one.draft_offered else "none"
    return (
        key,
        digest(one.contact),
        one.wrapped_at,
        wrap_seconds(one),
        one.handle_seconds,
        one.back_office_seconds,
        one.ended_by is WrapEnd.TIME_OUT,
        one.focus_seconds is None and one.open_items > 1,
        code_of(draft, DRAFTS),
        code_of(one.left_out, LEFT_OUT),
        of,
    )


@dataclass(frozen=True, slots=True)
class Held:
    """Tables of facts that are in memory as a whole."""

    cases: Cases
    episodes: Episodes
    contacts: Contacts
    handovers: Handovers
    works: Works
    steps: Steps
    gaps: Gaps
    waits: Waits
    mixes: Mapping[int, Dimensions]
    words: Mapping[int, str]


def tables_of(cases: Iterable[CaseFacts]) -> Held:
    """Return the tables of some cases."""
    flat = [flatten(facts, key=number + 1) for number, facts in enumerate(cases)]
    many = {
        name: as_table(table, (row for one in flat for row in getattr(one, name)))
        for name, table in MANY.items()
    }
    return Held(
        cases=as_table(Cases, ((number + 1, *one.case) for number, one in enumerate(flat))),
        mixes={key: of for one in flat for key, of in one.mixes.items()},
        words={key: word for one in flat for key, word in one.words.items()},
        **many,
    )


def as_table(table: type[Any], rows: Iterable[Row]) -> Any:
    """Return rows as a table of columns."""
    kinds = columns_of(table)
    columns: Iterator[Sequence[Any]] = iter(zip(*rows, strict=True))
    held = list(columns) or [()] * len(kinds)
    return table(
        *(_column(values, kind) for values, kind in zip(held, kinds.values(), strict=True))
    )


def _column(values: Sequence[Any], kind: Kind) -> Any:
    if kind is Kind.MOMENT:
        values = [moment(one) for one in values]
    elif kind is Kind.NUMBER:
        values = [np.nan if one is None else one for one in values]
    elif kind is Kind.NAME:
        return np.frombuffer(b"".join(values), dtype=DTYPES[kind])
    return np.array(values, dtype=DTYPES[kind])
