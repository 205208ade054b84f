"""Rows of a list, from a part that is drawn once for all rows of one shape.

A list of fifty rows renders the same few elements fifty times; what differs is mostly text. The
part of a row is drawn once for each set of the values that decide its shape (a state, whether
there is a holder), with a mark where each other value goes. A row then is those pieces with its
own values, escaped, between them.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any, Final

from django import template
from django.template.base import FilterExpression, Parser, Token
from django.template.loader import render_to_string
from django.utils.html import conditional_escape

from orchestra.templatetags.parts import Reader, reader_of_parts

register = template.Library()

#: Around the number of the value that goes there; no text has them.
_OPEN, _CLOSE = "\ue001", "\ue002"
_MARK: Final = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")


@dataclass(frozen=True, slots=True)
class _Shape:
    """A drawn row without its values.

    Attributes:
        pieces: What stands before, between and after the values.
        names: Which value stands between each two pieces.
    """

    pieces: tuple[str, ...]
    names: tuple[str, ...]

    def filled(self, row: Mapping[str, Any]) -> str:
        """Return the row with its values, each escaped."""
        parts = [self.pieces[0]]
        for name, piece in zip(self.names, self.pieces[1:], strict=True):
            value = row[name]
            # Exactly str: what is marked as safe markup, or comes to a text later, takes its time.
            parts += (escape(value) if type(value) is str else conditional_escape(value), piece)
        return "".join(parts)


class _Rows(template.Node):
    """Places rows as ``include`` places a part: drawn by a template, values escaped."""

    def __init__(self, name: str, found: FilterExpression, by: tuple[str, ...]) -> None:
        self.name, self.found, self.by = name, found, by

    def render(self, context: template.Context) -> str:
        """Return the rows, one after the other."""
        reader = reader_of_parts()
        found: Iterable[Mapping[str, Any]] = self.found.resolve(context)
        return "".join(
            _shape(
                self.name, reader, tuple(row), tuple((each, row[each]) for each in self.by)
            ).filled(row)
            for row in found
        )


@register.tag
def rows(parser: Parser, token: Token) -> _Rows:
    """Show the rows of a list: ``{% rows "part.html" found by="state is_held" %}``.

    The part is the template of one row, which is ``row`` in it. It places values as they are,
    outside of tags and filters, except those that decide its shape. ``found`` are the rows, all
    with the same names; a value is a text or a number. ``by`` names the values that decide the
    shape, apart by spaces: few codes, yes or no, tuples of codes, and never what is said of a
    person or a customer.
    """
    _tag, name, found, by = token.split_contents()
    deciding = by.removeprefix("by=").strip('"').split()
    return _Rows(name.strip('"'), parser.compile_filter(found), tuple(deciding))


@lru_cache(maxsize=1024)
def _shape(
    name: str, reader: Reader, names: tuple[str, ...], deciding: tuple[tuple[str, Any], ...]
) -> _Shape:
    """Draw a row once for each reader and each set of values that decide its shape."""
    del reader
    marked = {each: f"{_OPEN}{number}{_CLOSE}" for number, each in enumerate(names)}
    drawn = render_to_string(name, {"row": {**marked, **dict(deciding)}})
    first, *others = _MARK.split(drawn)
    return _Shape(
        pieces=(first, *others[1::2]), names=tuple(names[int(number)] for number in others[::2])
    )
