"""The five families of errors that services raise and faces translate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One finding about one field of an input.

    Attributes:
        field: JSON path of the field, such as ``arguments.order_id``; empty for the whole.
        code: Stable lower-case code.
        message: What is wrong and what to do, safe to show.
    """

    field: str
    code: str
    message: str


class OrchestraError(Exception):
    """Base of every error that a service raises on purpose.

    Attributes:
        code: Stable dotted code.
        status: HTTP status that a face answers with.
        message: Safe to show to the caller.
        data: Named values for machines.
        errors: Findings by field.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        data: Mapping[str, Any] | None = None,
        errors: Sequence[FieldError] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.error_code = code or self.code
        self.data = dict(data or {})
        self.errors = tuple(errors)

    @property
    def in_full(self) -> str:
        """The message and what each finding says, each once, for one line of text."""
        return " ".join(dict.fromkeys([self.message, *(one.message for one in self.errors)]))


class NotPermittedError(OrchestraError):
    """The actor may not do this here."""

    code = "not_permitted"
    status = 403


class NotFoundError(OrchestraError):
    """The thing does not exist, or the actor may not know that it does."""

    code = "not_found"
    status = 404


class ConflictError(OrchestraError):
    """The state moved on since the caller looked."""

    code = "conflict"
    status = 409


class InvalidInputError(OrchestraError):
    """The input is not acceptable; ``errors`` names every field at once."""

    code = "invalid_input"
    status = 422


class UpstreamError(OrchestraError):
    """A system of record failed.

    Attributes:
        may_retry: Whether the same request may be sent again without risk.
        effect_unknown: Whether the effect may have happened although no answer came.
    """

    code = "upstream"
    status = 502

    def __init__(
        self,
        message: str,
        *,
        may_retry: bool,
        effect_unknown: bool = False,
        code: str | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, code=code, data=data)
        self.may_retry = may_retry
        self.effect_unknown = effect_unknown
