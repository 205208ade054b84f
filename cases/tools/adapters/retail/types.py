"""Values and errors of the retail store."""

from dataclasses import dataclass
from typing import Any, TypeAlias

# The shape of an answer depends on the operation, so a caller reads it as plain JSON.
Json: TypeAlias = Any
Record: TypeAlias = dict[str, Any]
Database: TypeAlias = dict[str, dict[str, Record]]


class StoreError(Exception):
    """What the store answers when it does not do what was asked.

    The store plays a system outside of Orchestra, so these are its answers, not Orchestra's
    errors; the adapter translates them.

    Attributes:
        message: The text as the store answers it.
    """

    code = "error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class RefusedError(StoreError):
    """A business rule said no; nothing was changed."""

    code = "refused"


class UnknownOperationError(StoreError):
    """The store has no operation of that name."""

    code = "unknown_operation"


class BadArgumentsError(StoreError):
    """The arguments do not fit the operation."""

    code = "bad_arguments"


class KeyReusedError(StoreError):
    """An idempotency key came back with another operation or other arguments."""

    code = "key_reused"


class JournalError(StoreError):
    """The journal cannot be used: damaged, or made for other data."""

    code = "unavailable"


class DatasetShapeError(ValueError):
    """A folder does not hold a retail task set.

    Attributes:
        missing: Every file or field that is missing, each as `file: path`.
    """

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__("Not a retail task set; missing: " + "; ".join(missing))
        self.missing = missing


@dataclass(frozen=True)
class Answer:
    """The first answer given under an idempotency key.

    Attributes:
        operation: Name of the operation.
        ok: Whether the operation was carried out.
        result: The JSON value answered, None for a refusal.
        message: The text of the refusal, None when carried out.
    """

    operation: str
    ok: bool
    result: Json
    message: str | None
