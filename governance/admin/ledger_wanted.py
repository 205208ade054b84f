"""What the address of the ledger page asks for, as a selection of entries, and back again."""

from collections.abc import Collection, Mapping
from datetime import time, timedelta
from decimal import Decimal
from math import ceil
from typing import Any, Final

from django.db.models import BigIntegerField, Case, When
from django.utils.dateparse import parse_time

from governance.admin.ledger_filters import GROUPS, amount_in, bounds_of, date_in, moment_of
from governance.approvals.models import ApprovalRequest
from governance.ledger.registry import reading_streams_with
from governance.ledger.searching import LARGEST_KEY, Place
from governance.ledger.selection import EntrySelection
from orchestra.core.clock import rfc3339
from orchestra.core.currencies import MINOR_DIGITS, USUAL_DIGITS
from orchestra.core.together import Reading, read

#: Requests of an amount that are followed, the newest first; the page says so.
MOST_REQUESTS: Final = 1_000
#: Parameter of the address to the field of a selection that it gives one value.
_FIELDS = {
    "stream": "streams",
    "actor_kind": "actor_kinds",
    "actor": "actor_ids",
    "subject": "subject_ids",
    "tool": "tools",
    "risk": "risks",
    "outcome": "outcomes",
    "policy": "policies",
    "customer": "customers",
}


def selection_of(wanted: Mapping[str, str]) -> tuple[EntrySelection, dict[str, Reading[Any]]]:
    """Return the entries that an address asks for, and what of them has to be read first.

    A stream brings those along that are read together with it, an amount the requests of it.

    Raises:
        InvalidInputError: A value is none, too long, or holds what no text may hold.
    """
    selection, least = storable_of(wanted)
    unread: dict[str, Reading[Any]] = {}
    if selection.streams:
        unread["streams"] = reading_streams_with(wanted["stream"])
    if least is not None:
        unread["subject_ids"] = _reading_asked(least, among=selection.subject_ids)
    return selection, unread


def storable_of(wanted: Mapping[str, str]) -> tuple[EntrySelection, Decimal | None]:
    """Return the entries that an address asks for as they are kept, and the least amount.

    Which entries an amount means changes with every request, so that the amount itself is kept.

    Raises:
        InvalidInputError: As ``selection_of``.
    """
    value: dict[str, Any] = {
        field: [wanted[name]] for name, field in _FIELDS.items() if wanted[name]
    }
    if wanted["group"]:
        value["kinds"] = list(GROUPS.get(wanted["group"], (wanted["group"],)))
    if wanted["text"]:
        value["text"] = wanted["text"]
    since, until = _span(wanted)
    value |= {"since": since} if since else {}
    value |= {"until": until} if until else {}
    return EntrySelection.from_json(value), amount_in(wanted["least"])


def wanted_of(selection: EntrySelection, least: Decimal | None = None) -> dict[str, str]:
    """Return what an address says for a selection of one value a field, and an amount."""
    said = {name: "".join(getattr(selection, field)[:1]) for name, field in _FIELDS.items()}
    groups = {kinds: group for group, kinds in GROUPS.items()}
    said["group"] = groups.get(selection.kinds, "".join(selection.kinds[:1]))
    said["text"] = selection.text
    for name in ("since", "until"):
        moment = getattr(selection, name)
        said[name] = rfc3339(moment) if moment else ""
    said["least"] = "" if least is None else amount_text(least)
    return {name: text for name, text in said.items() if text}


def amount_text(amount: Decimal) -> str:
    """Return an amount as an address says it: without the zeros that add nothing."""
    return f"{amount.normalize():f}"


def place_of(wanted: Mapping[str, str]) -> Place:
    """Return where the page begins; a place that is none is the beginning."""
    for name, is_newer in (("before", False), ("after", True)):
        text = wanted[name]
        if text.isascii() and text.isdigit():
            return Place(key=min(int(text), LARGEST_KEY), is_newer=is_newer)
    return Place()


def _reading_asked(least: Decimal, *, among: Collection[str]) -> Reading[tuple[str, ...]]:
    """Come to the newest requests of at least an amount, and the actions they were for.

    Args:
        least: The amount, in major units.
        among: The ids that may be meant; empty for any.
    """
    minor = {
        digits: ceil(least.scaleb(digits)) for digits in (USUAL_DIGITS, *MINOR_DIGITS.values())
    }
    amounts = [When(currency=one, then=minor[digits]) for one, digits in MINOR_DIGITS.items()]
    large = ApprovalRequest.objects.exclude(currency="").filter(
        amount_minor__gte=Case(
            *amounts, default=minor[USUAL_DIGITS], output_field=BigIntegerField()
        )
    )
    newest = large.order_by("-pk").values_list("public_id", "subject_id")
    asked = yield from read(newest[:MOST_REQUESTS])
    found_ids = {one for own, subject in asked for one in (str(own), subject)}
    # No id is this: where nothing was asked for of the amount, no entry is meant.
    return tuple(found_ids.intersection(among) if among else found_ids) or ("-",)


def _span(wanted: Mapping[str, str]) -> tuple[str, str]:
    day = date_in(wanted["day"])
    if day is None:
        return wanted["since"], wanted["until"]
    start, end = bounds_of(day)
    first, last = _time(wanted["from"]), _time(wanted["to"])
    start = moment_of(day, first) if first else start
    end = moment_of(day, last) if last else end
    # A span that ends before it begins holds nothing, as the chart beside it shows.
    return rfc3339(start), rfc3339(max(end, start + timedelta(microseconds=1)))


def _time(text: str) -> time | None:
    try:
        return parse_time(text)
    except ValueError:
        return None
