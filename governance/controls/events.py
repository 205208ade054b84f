"""The events that PCI DSS 10.2.1 names, as seven saved queries with the six fields of 10.2.2."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Q

from governance.controls.reading import Entries, among, each
from governance.controls.types import Asked, Cell, Line, Table
from governance.ledger.origins import has_origin, origin_words
from orchestra.core.actors import ActorKind
from orchestra.core.said import said
from orchestra.core.together import Reading, all_of, read_sums

HEADER: Final = (
    said("User"),
    said("Type of event"),
    said("Time"),
    said("Success or failure"),
    said("Origin"),
    said("Affected resource"),
    said("Entry"),
)
#: What did not come about; every other kind says that something did.
FAILURES: Final = frozenset(
    {
        "act.refused",
        "user.locked_out",
        "evidence.failed",
        "ledger.signing_stopped",
        "notification.failed",
    }
)


@dataclass(frozen=True, slots=True)
class Query:
    """One saved query.

    Attributes:
        code: Number in the standard with underscores.
        title: What is asked for, with its number.
        kinds: Kinds of entries that answer it.
        by_people: Whether only what people did counts.
        about: What it does not show.
    """

    code: str
    title: str
    kinds: tuple[str, ...]
    by_people: bool = False
    about: str = ""


QUERIES: Final = (
    Query(
        "10_2_1_1",
        said("10.2.1.1: Access of individual users to data of customers"),
        ("case.read", "approval.opened", "evidence.downloaded"),
        by_people=True,
        about=said(
            "Card numbers are masked and kept nowhere; the nearest is each opening of a case or "
            "of an approval. A list that shows masked values makes no entry."
        ),
    ),
    Query(
        "10_2_1_2",
        said("10.2.1.2: Acts of people with administrative access"),
        (
            "role.",
            "queue.",
            "grant.",
            "document.",
            "agent.",
            "token.",
            "person.",
            "access_review.",
            "change.published",
            "change.rolled_back",
            "policy.",
            "cue_sheet.",
            "tool.",
            "pack.",
            "legal_hold.",
            "vigilance.switched_on",
            "vigilance.switched_off",
            "key.rotated",
            "stop.",
        ),
        by_people=True,
    ),
    Query(
        "10_2_1_3",
        said("10.2.1.3: Access to the logs"),
        ("ledger.read", "access.exported", "evidence.requested", "evidence.downloaded"),
    ),
    Query(
        "10_2_1_4",
        said("10.2.1.4: Access refused"),
        ("act.refused", "user.locked_out"),
        about=said(
            "A wrong password makes no entry of its own, since it names nobody for certain; the "
            "lock-out after too many does."
        ),
    ),
    Query(
        "10_2_1_5",
        said("10.2.1.5: Changes of credentials and of who may do what"),
        (
            "user.arrived",
            "user.identity_linked",
            "user.password_changed",
            "user.unlocked",
            "second_factor.",
            "session.ended",
            "token.",
            "agent.created",
            "agent.disabled",
            "role.",
            "person.",
        ),
    ),
    Query(
        "10_2_1_6",
        said("10.2.1.6: Starting, stopping and pausing of the logs"),
        ("ledger.signing_stopped", "ledger.signing_resumed", "ledger.epoch_begun", "key.rotated"),
        about=said(
            "No switch pauses recording: an act and its entry are one transaction. What can stop "
            "is signing."
        ),
    ),
    Query(
        "10_2_1_7",
        said("10.2.1.7: Creating and deleting of what the system is made of"),
        (
            "pack.loaded",
            "policy.published",
            "policy.retired",
            "cue_sheet.published",
            "cue_sheet.retired",
            "tool.published",
            "tool.retired",
            "agent.created",
            "agent.disabled",
            "subject.erased",
            "evidence.deleted",
            "retention.ran",
        ),
    ),
)


def lines(*, since: datetime, until: datetime) -> Reading[tuple[Line, ...]]:
    """Come to how many rows of each query name user and resource: one statement.

    Time, kind and outcome are columns that no entry is without; the origin stands in the
    payload, and goes with it where that is erased.
    """
    asked = Asked(since, until)
    found: list[Line] = []
    number_from = 0
    told = yield from all_of({query.code: _counts(asked, query) for query in QUERIES})
    for query in QUERIES:
        counts = told[query.code]
        found.append(Line(query.code, query.title, counts["whole"], counts["number"]))
        number_from += counts["from"]
    total = sum(one.total for one in found)
    title = said("Origin of the event, of all rows above")
    return (*found, Line(code="origin", title=title, complete=number_from, total=total))


def tables(asked: Asked) -> tuple[Table, ...]:
    """Return the seven queries."""
    return tuple(_table(asked, query) for query in QUERIES)


def _table(asked: Asked, query: Query) -> Table:
    found = each(asked, query.kinds, actor_kind=_only(query))
    return Table(
        query.code,
        query.title,
        HEADER,
        _rows(found, asked),
        query.about,
        has_origins=True,
        begins=(found.pages,),
    )


def _only(query: Query) -> str:
    return str(ActorKind.HUMAN) if query.by_people else ""


def _counts(asked: Asked, query: Query) -> Reading[dict[str, int]]:
    """Come to how many rows a query has, how many name user and resource, and how many origin."""
    counts = yield from read_sums(
        among(asked, query.kinds, actor_kind=_only(query)),
        number=Count("id"),
        whole=Count("id", filter=~Q(actor_id="") & ~Q(subject_id="", stream="")),
        **{"from": Count("id", filter=has_origin("payload__body"))},
    )
    return counts


def _rows(found: Entries, asked: Asked) -> Iterator[Sequence[Cell]]:
    for one in found:
        yield (
            one.actor,
            one.kind,
            one.at,
            said("failure") if one.kind in FAILURES else said("success"),
            origin_words(one.origin, unmasked=asked.unmasked),
            f"{one.subject_kind} {one.subject_id}".strip() or one.entry.stream,
            one.entry,
        )
