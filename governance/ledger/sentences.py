"""The sentence of an entry, filled with its payload; pure."""

from collections.abc import Mapping
from string import Formatter
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from governance.ledger.types import Json

_MISSING: Final = "…"
#: How ``{speaker!k}`` reads: who spoke, by kind.
_SPEAKERS: Final = {"ai": _("AI"), "human": _("person"), "customer": _("customer")}


class Sentence(Formatter):
    """Formats a sentence over JSON values; what is absent reads as an ellipsis."""

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> tuple[Any, str]:
        """Return the value at a dotted path of keys; attributes are never followed."""
        del args
        value: Json = kwargs
        for key in field_name.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        return _shown(value), field_name

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        """Return a value as it is, or where ``!k`` stands behind it as the kind of who spoke."""
        return str(_SPEAKERS.get(value, value)) if conversion == "k" else value


def _shown(value: Json) -> str:
    if isinstance(value, Mapping):
        return _shown(value.get("label"))
    if isinstance(value, list):
        return ", ".join(_shown(item) for item in value) or _MISSING
    return _MISSING if value is None or value == "" else str(value)
