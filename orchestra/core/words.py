"""How amounts, times and digests read to people; pure text."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from orchestra.core.currencies import digits_of
from orchestra.core.errors import FieldError
from orchestra.core.said import Said

_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_MINUTE = 60
_MINUTES_PER_HOUR = 60
_MINUTES_PER_DAY = 24 * 60
_SHORT = 16

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")

URGENT = timedelta(minutes=30)
SOON = timedelta(minutes=60)


def money(*, minor: int, currency: str) -> str:
    """Return an amount as people write it, such as ``$1,126.04`` or ``CHF 12.50``.

    Args:
        minor: Amount in minor units of the currency.
        currency: ISO 4217 code.
    """
    digits = digits_of(currency)
    number = f"{Decimal(abs(minor)).scaleb(-digits):,.{digits}f}"
    sign = "-" if minor < 0 else ""
    if currency in _SIGNS:
        return f"{sign}{_SIGNS[currency]}{number}"
    return f"{sign}{currency} {number}".strip()


def length(span: timedelta) -> str:
    """Return a length of time in its two largest useful parts: ``12 min``, ``1 h 05``, ``3 d``."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < _MINUTE:
        return _("%(count)d s") % {"count": seconds}
    return _length(seconds // _MINUTE, get_language())


@lru_cache(maxsize=4096)
def _length(minutes: int, language: str | None) -> str:
    """Write a length once for all that are as long."""
    del language
    if minutes < _MINUTES_PER_HOUR:
        return _("%(count)d min") % {"count": minutes}
    if minutes < _MINUTES_PER_DAY:
        hours, rest = divmod(minutes, _MINUTES_PER_HOUR)
        return _("%(hours)d h %(minutes)02d") % {"hours": hours, "minutes": rest}
    return _("%(count)d d") % {"count": minutes // _MINUTES_PER_DAY}


def due(*, at: datetime, now: datetime) -> str:
    """Return how a deadline reads: ``in 12 min``, or ``12 min over`` once it has passed."""
    if at >= now:
        return _("in %(length)s") % {"length": length(at - now)}
    return _("%(length)s over") % {"length": length(now - at)}


def urgency(*, at: datetime, now: datetime) -> str:
    """Return ``now`` under half an hour, ``soon`` under an hour, else an empty text."""
    left = at - now
    if left < URGENT:
        return "now"
    return "soon" if left < SOON else ""


def ago(*, at: datetime, now: datetime) -> str:
    """Return how long ago a moment was."""
    return _("%(length)s ago") % {"length": length(max(now - at, timedelta()))}


def moment(at: datetime, form: str = "D j M Y") -> str:
    """Return a moment in the reader's zone with its day, such as ``Thu 3 Nov 2026, 14:05``.

    Args:
        at: The moment.
        form: How its day is written, as ``day`` takes it.
    """
    time, day_of = time_and_days(at, form)
    return f"{day_of}, {time}"


def clock_time(at: datetime) -> str:
    """Return the time of day in the reader's zone, such as ``14:05``."""
    return _clock_time(localtime(at))


def _clock_time(here: datetime) -> str:
    return f"{here.hour:02d}:{here.minute:02d}"


def day(at: datetime, form: str = "j M Y") -> str:
    """Return the day in the reader's zone, such as ``3 Nov 2026``.

    Args:
        at: The moment.
        form: How it is written, in the letters of Django's ``date`` filter.
    """
    return _day(localtime(at).date(), form, get_language())


@lru_cache(maxsize=1024)
def _day(day_of: date, form: str, language: str | None) -> str:
    """Write a day once for all rows of it."""
    del language
    return date_format(day_of, form)


def time_and_days(at: datetime, *forms: str) -> tuple[str, ...]:
    """Return the time of day in the reader's zone, and the day in each of some forms.

    Args:
        at: The moment.
        forms: How the day is written, as ``day`` takes it.
    """
    here, language = localtime(at), get_language()
    return (_clock_time(here), *(_day(here.date(), form, language) for form in forms))


def local_hour(at: datetime) -> int:
    """Return the hour of the day in the reader's zone."""
    return localtime(at).hour


def short_digest(digest: str) -> str:
    """Return the first eight and the last four digits of a digest, in groups of four."""
    if len(digest) < _SHORT:
        return digest
    return f"{digest[:4]} {digest[4:8]} … {digest[-4:]}"


def with_clock(text: str) -> str:
    """Return a text with its machine times as times of day in the reader's zone."""
    return _MOMENT.sub(lambda found: clock_time(datetime.fromisoformat(found.group())), text)


def plain(code: str) -> str:
    """Return a code as words: ``order_status`` becomes ``order status``."""
    return code.replace("_", " ").replace(".", " ")


def leaves(item: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Yield a JSON value as pairs of a name in words and what has no names within.

    Args:
        item: What was asked, answered or recorded; ``{"to": {"city": "Bern"}, "of": [{"n": 1}]}``
            yields ``to city`` with ``Bern`` and ``of 1 n`` with 1.
        name: Where it stands; empty for the whole.
    """
    if isinstance(item, Mapping) and item:
        parts = [(f"{name} {plain(str(key))}".strip(), one) for key, one in item.items()]
    elif isinstance(item, list) and any(isinstance(one, Mapping | list) for one in item):
        parts = [(f"{name} {at}".strip(), one) for at, one in enumerate(item, start=1)]
    else:
        yield name, item
        return
    for within, one in parts:
        yield from leaves(one, within)


def value(item: object) -> str:
    """Return a JSON value as a person reads it, names within it beside their values."""
    if item is None or item in ("", [], {}):
        return _("none")
    if isinstance(item, bool):
        return _("yes") if item else _("no")
    if isinstance(item, list) and not any(isinstance(one, Mapping | list) for one in item):
        return ", ".join(value(one) for one in item)
    if isinstance(item, list | Mapping):
        return "; ".join(f"{name}: {value(one)}" for name, one in leaves(item))
    return str(item)


def in_words(text: str) -> str:
    """Return a sentence of a pure module in the reader's language; any other text as it is."""
    if not isinstance(text, Said):
        return str(text)
    values = {name: _value(value) for name, value in text.values.items()}
    return _(text.template) % values


def worded(errors: Iterable[FieldError]) -> tuple[FieldError, ...]:
    """Return errors of pure modules in the reader's language."""
    return tuple(FieldError(error.field, error.code, in_words(error.message)) for error in errors)


def _value(value: object) -> object:
    if isinstance(value, tuple):
        return ", ".join(str(_value(one)) for one in value)
    return in_words(value) if isinstance(value, str) else value


def environment_label(name: str) -> list[str]:
    """Return the name of an installation and how loud its label is."""
    return [name, "danger" if name.lower().startswith("prod") else "info"]
