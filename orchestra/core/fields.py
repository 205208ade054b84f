"""Public identifiers and reusable model fields."""

import uuid
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import uuid_utils
from django.db import models

from orchestra.core import enums

if TYPE_CHECKING:
    UUIDField = models.UUIDField[uuid.UUID | str, uuid.UUID]
    CharField = models.CharField[str, str]
else:
    UUIDField = models.UUIDField
    CharField = models.CharField


def uuid7() -> uuid.UUID:
    """Return a new UUID version 7 (RFC 9562): time-ordered, unguessable tail."""
    return uuid.UUID(bytes=uuid_utils.uuid7().bytes)


class PublicIdField(UUIDField):
    """The identifier that leaves the database: API, ledger streams, grants."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", uuid7)
        kwargs.setdefault("unique", True)
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """State uniqueness always: a history table holds the same id in many rows."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, list(args), {**kwargs, "unique": self.unique}


class CodeField(CharField):
    """A lower-case code of at most 100 characters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 100)
        super().__init__(*args, **kwargs)


def enum_field(enum: type[StrEnum], **kwargs: Any) -> CharField:
    """Return a character field that holds one value of a StrEnum."""
    if isinstance(kwargs.get("default"), enum):
        # A migration then holds the plain text and imports none of our enums.
        kwargs["default"] = str(kwargs["default"])
    return models.CharField(
        max_length=max(20, enums.length(enum)), choices=enums.choices(enum), **kwargs
    )
