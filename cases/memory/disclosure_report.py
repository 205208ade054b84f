"""The standing report on telling customers that they talk to an AI."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cases.memory.disclosures import contacts_between, first_contacts, list_conversations
from cases.memory.rules import is_in_time
from cases.memory.types import Conversation
from governance.controls.reading import Whole
from governance.controls.registry import Report
from governance.controls.rules import Tally
from governance.controls.types import Asked, CaseRef, Cell, Line, Table
from orchestra.core.said import said
from orchestra.core.together import Reading, read

_HEADER = (
    said("Case"),
    said("Channel"),
    said("Contact began"),
    said("AI first spoke"),
    said("Customer was told"),
    said("Text"),
    said("Digest of the text"),
    said("Finding"),
)


def lines(*, since: datetime, until: datetime) -> Reading[tuple[Line, ...]]:
    """Come to in how many contacts in which an AI spoke the customer was told of it, and in time.

    Two queries for each page of contacts; only counts and the names of what is missing are kept.
    """
    told = Tally("told", said("Customer was told that an AI speaks"))
    in_time = Tally("in_time", said("Told before the AI's first words, or in them"))
    text = Tally("text", said("Record says which reviewed text was shown"))
    begun = yield from read(first_contacts(since=since, until=until))
    for one in list_conversations(since=since, until=until, begun=begun):
        told.add(one.label, has_it=one.shown is not None, case_id=one.case_id)
        if one.shown is not None:
            in_time.add(one.label, has_it=is_in_time(one), case_id=one.case_id)
            text.add(one.label, has_it=None if one.shown.is_erased else True, case_id=one.case_id)
    return (told.line(), in_time.line(), text.line())


def tables(asked: Asked) -> tuple[Table, ...]:
    """Return the contacts in which it is missing or late, and all of them."""
    some, every = (
        Whole(first_contacts(since=asked.since, until=asked.until)) for _table in range(2)
    )
    return (
        Table(
            "not_in_time",
            said("Contacts in which it is missing or late"),
            _HEADER,
            (_row(one) for one in _conversations(asked, some) if not is_in_time(one)),
            # Where all is well none is found, however far one reads.
            adds_up=True,
            begins=(some,),
        ),
        Table(
            "contacts",
            said("Contacts in which an AI spoke"),
            _HEADER,
            (_row(one) for one in _conversations(asked, every)),
            said("Contacts that began in these days, oldest first."),
            begins=(every,),
        ),
    )


def _conversations(asked: Asked, first: Whole) -> Iterator[Conversation]:
    yield from list_conversations(since=asked.since, until=asked.until, begun=first.rows())


def _row(one: Conversation) -> Sequence[Cell]:
    shown = one.shown
    return (
        CaseRef(one.label, one.case_id),
        str(one.channel),
        one.began_at,
        one.first_ai_at,
        shown.shown_at if shown else None,
        f"{shown.article} {shown.number} ({shown.language})" if shown and shown.article else None,
        shown.text_digest if shown else None,
        _finding(one),
    )


def _finding(one: Conversation) -> str:
    if one.shown is None:
        return said("not on record")
    return said("in time") if is_in_time(one) else said("late")


DISCLOSURE = Report(
    "disclosure",
    _("Customers are told that an AI speaks"),
    _("Contacts in which an AI spoke, and when the reviewed text was shown in each."),
    ("EU AI Act 50(1)", "EU AI Act 50(5)", "EU AI Act 26(11)", "ISO/IEC 42001 A.8.2"),
    ("disclosure.", "message.added"),
    lines,
    _(
        "Whether the customer read or heard it; when it was shown is what the channel says. "
        "Contacts that an AI handled without a word of its own are not counted."
    ),
    tables,
    contacts_between,
)
