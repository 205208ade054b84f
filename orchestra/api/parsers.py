"""Reads JSON bodies strictly: what means two things to two readers is refused."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from orchestra.core.canonical import loads_strict
from orchestra.core.errors import InvalidInputError


class UnreadableBodyError(ParseError):
    """The body is no acceptable JSON.

    Attributes:
        findings: What is wrong, with its place in the body.
    """

    def __init__(self, error: InvalidInputError) -> None:
        super().__init__(error.message)
        self.findings = error.errors


class StrictJSONParser(BaseParser):
    """JSON without duplicate keys, NaN, lone surrogates or U+0000."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002  DRF's signature
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002  DRF's signature
    ) -> Any:
        """Return the body as a JSON value.

        Raises:
            UnreadableBodyError: The body is not acceptable JSON; the message says why.
        """
        body = stream.read()
        try:
            return loads_strict(body) if body else {}
        except InvalidInputError as error:
            raise UnreadableBodyError(error) from error
