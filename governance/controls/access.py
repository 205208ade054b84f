"""Who held what at the end of a span, who came, moved and left, and duties that meet."""

from collections.abc import Iterator, Sequence
from typing import Final

from governance.access_reviews.duties import list_conflicts
from governance.controls.reading import Entries, Past, each, say, see
from governance.controls.types import Asked, Cell, EntryRef, Table
from orchestra.core.said import said
from orchestra.core.words import plain

_JOINED: Final = ("user.arrived", "agent.created", "person.enabled")
_LEFT: Final = ("person.disabled", "agent.disabled")
_MOVED: Final = (
    "role.given",
    "role.taken",
    "queue.granted",
    "queue.revoked",
    "document.granted",
    "document.revoked",
    "agent.granted",
    "agent.grant_revoked",
    "agent.transferred",
    "grant.ended",
    "grant.end_changed",
    "delegation.given",
    "delegation.ended",
)


def tables(asked: Asked) -> tuple[Table, ...]:
    """Return grants as of the end of a span, movements in it, conflicts and reviews."""
    moved = each(asked, (*_JOINED, *_MOVED, *_LEFT))
    reviewed = each(asked, ("access_review.finished",))
    past = Past(asked)
    return (
        Table(
            "standing",
            said("Who held what at the end of the span"),
            (
                said("Holder"),
                said("Kind"),
                said("Active"),
                said("What"),
                said("Where"),
                said("Given"),
                said("By"),
                said("Until"),
            ),
            _standing(past),
            said(
                "Read back from the record of grants. Names are those of today; a day that is "
                "not over counts as now."
            ),
            begins=past.parts,
        ),
        Table(
            "movements",
            said("Joined, moved, left"),
            (said("When"), said("Which"), said("What"), said("By"), said("Entry")),
            _movements(moved),
            said("What happened to one person stands together in the ledger under their id."),
            begins=(moved.pages,),
        ),
        Table(
            "conflicts",
            said("Duties that meet in one person at the end of the span"),
            (said("Person"), said("Duties"), said("Where"), said("With whom")),
            _conflicts(past),
        ),
        Table(
            "reviews",
            said("Access reviews finished"),
            (
                said("When"),
                said("Review"),
                said("Confirmed"),
                said("Revoked"),
                said("Left open"),
                said("By"),
                said("Entry"),
            ),
            _reviews(reviewed),
            begins=(reviewed.pages,),
        ),
    )


def _standing(past: Past) -> Iterator[Sequence[Cell]]:
    holdings, given = past.read()
    for one in holdings.grants:
        person = holdings.people.get(one.holder_id)
        gift = given[one.key]
        yield (
            one.holder_label,
            one.holder_kind,
            said("no") if person is not None and not person.active else said("yes"),
            f"{plain(one.kind)}: {plain(one.code)}",
            one.place_title or None,
            gift.at,
            gift.by or None,
            one.until_at,
        )


def _movements(moved: Entries) -> Iterator[Sequence[Cell]]:
    for row in moved.rows():
        which = said("moved")
        if row.kind in _JOINED:
            which = said("joined")
        elif row.kind in _LEFT:
            which = said("left")
        yield (row.at, which, say(row), see(row).actor, EntryRef(row.stream, row.seq))


def _conflicts(past: Past) -> Iterator[Sequence[Cell]]:
    holdings, _given = past.read()
    for one in list_conflicts(holdings):
        yield (
            holdings.people[one.person_id].label,
            plain(one.kind),
            ", ".join(one.places) or None,
            ", ".join(one.others) or None,
        )


def _reviews(reviewed: Entries) -> Iterator[Sequence[Cell]]:
    for one in reviewed:
        told = one.payload
        yield (
            one.at,
            str(told.get("title", "")) or None,
            told.get("confirmed"),
            told.get("revoked"),
            told.get("open"),
            one.actor,
            one.entry,
        )
