"""Where an act came from, as it stands in the payload of its entry: erasable, and in no leaf.

It is kept under a key of its own, apart from what the act says of itself: reads of a payload
leave it out, and what shows it asks for it.
"""

from collections.abc import Mapping
from typing import Final

from django.db import connection
from django.db.models import BinaryField, F, Func, IntegerField, Q, Value
from django.db.models.lookups import GreaterThan
from django.utils.translation import gettext as _

from governance.ledger.types import Json
from orchestra.core.origin import Channel, Origin
from orchestra.core.redaction import mask_text

#: Key of the payload; no act of ours names a fact so.
RECORDED_FROM: Final = "recorded_from"
#: Beginnings of what is recorded, as canonical JSON writes it: an address, or a way in that has
#: none. A quote inside of a text is escaped, so that no text looks like this.
_WHOLE: Final = (
    b'"recorded_from":{"address":"',
    b'"recorded_from":{"channel":"command"}',
    b'"recorded_from":{"channel":"worker"}',
)


def told_of(origin: Origin) -> dict[str, Json]:
    """Return what a payload says of where its act came from."""
    said: dict[str, Json] = {"channel": str(origin.channel)}
    if origin.address:
        said["address"] = origin.address
    return {RECORDED_FROM: said}


def take_origin(payload: dict[str, Json]) -> Origin | None:
    """Take what a payload says of its origin out of it; None where it says nothing."""
    said = payload.pop(RECORDED_FROM, None)
    channel = str(said.get("channel")) if isinstance(said, Mapping) else ""
    if not isinstance(said, Mapping) or channel not in set(Channel):
        return None
    return Origin(Channel(channel), str(said.get("address", "")))


def origin_words(origin: Origin | None, *, unmasked: bool) -> str:
    """Return where an act came from as people say it.

    Args:
        origin: What was recorded; None for nothing.
        unmasked: Whether the address is shown as recorded.
    """
    if origin is None:
        return _("not recorded")
    ways = {
        Channel.WEB: _("the pages"),
        Channel.API: _("the API"),
        Channel.MCP: _("MCP"),
        Channel.COMMAND: _("a command"),
        Channel.WORKER: _("a background task"),
    }
    if not origin.address:
        return ways[origin.channel]
    address = origin.address if unmasked else mask_text(origin.address)
    return _("%(way)s, from %(address)s") % {"way": ways[origin.channel], "address": address}


def has_origin(body: str) -> Q:
    """Return the condition that a payload says where its act came from, with address if any.

    Args:
        body: Name of the payload's bytes in the query; where they were erased it does not hold.
    """
    wanted = Q()
    for needle in _WHOLE:
        wanted |= Q(GreaterThan(place_in(body, needle), 0))
    return wanted


def place_in(body: str, needle: bytes) -> Func:
    """Return where bytes stand in a column of bytes, from 1; 0 where they do not.

    Args:
        body: Name of the column in the query.
        needle: What to look for.
    """
    is_postgresql = connection.vendor == "postgresql"
    sides = [Value(needle, BinaryField()), F(body)]
    if not is_postgresql:
        sides.reverse()
    return Func(
        *sides,
        template="POSITION(%(expressions)s)" if is_postgresql else "INSTR(%(expressions)s)",
        arg_joiner=" IN " if is_postgresql else ", ",
        output_field=IntegerField(),
    )
