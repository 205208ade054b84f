"""A case with what it took in; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from qa.measurement.facts.types import CaseFacts

Row = TypeVar("Row")


def join(own: CaseFacts, absorbed: Sequence[CaseFacts]) -> CaseFacts:
    """Return a case with what it took in: the earliest opening and the union of the rest.

    Required records are the survivor's own. An event that both bring is there once.
    """
    if not absorbed:
        return own
    opened_at = min([own.opened_at, *(one.opened_at for one in absorbed)])
    episodes = own.episodes
    if episodes:
        contacts = tuple(
            dict.fromkeys(
                name
                for facts in (*absorbed, own)
                for episode in facts.episodes[:1]
                for name in episode.contacts
            )
        )
        first = replace(episodes[0], opened_at=opened_at, contacts=contacts)
        episodes = (first, *episodes[1:])
    whole = (own, *absorbed)
    return replace(
        own,
        opened_at=opened_at,
        episodes=episodes,
        contacts=tuple(
            replace(row, case=own.case, issue=own.issue, left_out=own.left_out)
            for row in _each([(row.id, row) for one in whole for row in one.contacts])
        ),
        segments=tuple(
            replace(row, case=own.case)
            for row in sorted(
                (row for one in whole for row in one.segments), key=lambda row: row.begin
            )
        ),
        handovers=tuple(_each([(row.id, row) for one in whole for row in one.handovers])),
        work=tuple(
            replace(row, case=own.case, left_out=own.left_out)
            for row in _each([(row.id, row) for one in whole for row in one.work])
        ),
        steps=tuple(
            replace(row, case=own.case, left_out=own.left_out)
            for row in _each([(row.key, row) for one in whole for row in one.steps])
        ),
        waits=tuple(
            replace(row, case=own.case)
            for row in sorted(
                (row for one in whole for row in one.waits), key=lambda row: row.begin
            )
        ),
    )


def _each(named: Iterable[tuple[str, Row]]) -> list[Row]:
    """Return the rows of each name once, the first of them."""
    found: dict[str, Row] = {}
    for name, row in named:
        found.setdefault(name, row)
    return list(found.values())
