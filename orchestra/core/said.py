"""Sentences that pure modules say, kept apart from their values so that faces translate; pure.

Imported as ``_``, so that the sentences are collected for translation like all others.
"""

from collections.abc import Mapping
from types import MappingProxyType

Value = object


class Said(str):
    """An English sentence that remembers what it was made of.

    Attributes:
        template: The sentence with named places for its values.
        values: What stands in these places; a tuple is a list of them.
    """

    template: str = ""
    values: Mapping[str, Value] = MappingProxyType({})


def said(template: str, /, **values: Value) -> Said:
    """Return a sentence.

    Args:
        template: English, with places such as ``%(count)d``.
        values: What stands in these places; a tuple is joined by commas.
    """
    text = Said(template % {name: _joined(value) for name, value in values.items()})
    text.template = template
    text.values = MappingProxyType(values)
    return text


def _joined(value: Value) -> Value:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else value
