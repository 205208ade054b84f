"""What pages show of a case's personal data: masked, until a person opens it on the record.

The one place for it: who may open is the rule of ``cases.memory.rules``, what is hidden is
``orchestra.core.redaction``, and opening is an entry of the case.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from django.http import HttpRequest

from cases.memory import rules
from governance.admin.visit import Visit
from orchestra.core.redaction import mask_text

Shown = TypeVar("Shown")


def may_unmask(visit: Visit) -> bool:
    """Return whether the person's work needs personal data as it was recorded."""
    return rules.may_see_unmasked(visit.authority.roles)


def asks_unmasked(request: HttpRequest, visit: Visit) -> bool:
    """Return whether the person asks for personal data as recorded, and may.

    The page that shows it records the opening.
    """
    return bool(request.GET.get("unmasked")) and may_unmask(visit)


def masked(value: Shown, *, unmasked: bool = False) -> Shown:
    """Return what a page shows of a value: every text in it masked.

    Args:
        value: A text, or lists, mappings and dataclasses of texts; it is not changed.
        unmasked: Whether the person opened it; then it is returned as it is.
    """
    return value if unmasked else _masked(value)


def _masked(value: Any) -> Any:
    # Exactly str: a text marked as safe markup is of our own making.
    if type(value) is str:
        return mask_text(value)
    if isinstance(value, Mapping):
        return {key: _masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item) for item in value]
    if type(value) is tuple:
        return tuple(_masked(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        changes = {each.name: _masked(getattr(value, each.name)) for each in fields(value)}
        return replace(value, **changes)
    return value
