"""How a body is read: what is asked for and nothing else, every finding by its field."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request

from orchestra.core.clock import parse_rfc3339
from orchestra.core.errors import FieldError, InvalidInputError


class Rfc3339Field(serializers.DateTimeField):
    """A time with its offset."""

    def to_internal_value(self, data: Any) -> datetime:
        """Return the moment in UTC.

        Raises:
            ValidationError: It is no such time.
        """
        try:
            return parse_rfc3339(data)
        except (TypeError, ValueError):
            raise serializers.ValidationError(
                _("Give an RFC 3339 time with an offset, such as 2026-11-19T19:05:00Z.")
            ) from None


class Input(serializers.Serializer[object]):
    """An object that holds what is asked for and nothing else.

    A field of another name is a slip or a hope, such as a fact that the caller would decide;
    taken in silence it would look as if it had counted.
    """

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return the values by field.

        Raises:
            ValidationError: With every finding by field, unknown fields among them.
        """
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, Mapping) else []
        findings: dict[str, Any] = {
            name: [ErrorDetail(self._unknown(), code="unknown")] for name in unknown
        }
        try:
            found: dict[str, Any] = super().to_internal_value(data)
        except serializers.ValidationError as error:
            others: Any = error.detail
            raise serializers.ValidationError({**others, **findings}) from None
        if findings:
            raise serializers.ValidationError(findings)
        return found

    def _unknown(self) -> str:
        known = ", ".join(self.fields)
        return _("There is no such field; the fields are %(known)s.") % {"known": known}


def valid(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """Return the validated body.

    Raises:
        ValidationError: With every finding by field.
    """
    return valid_value(serializer, request.data)


def valid_value(serializer: type[serializers.Serializer[Any]], value: Any) -> dict[str, Any]:
    """Return a JSON value as its shape has it, whichever way it came in.

    Raises:
        ValidationError: With every finding by field.
    """
    given = serializer(data=value)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def choice_of(request: Request, name: str, known: Sequence[str]) -> str:
    """Return which of some words a parameter of the address says; absent, an empty text.

    Raises:
        InvalidInputError: It says another word, or none though it is there.
    """
    said = request.query_params.get(name)
    if said is None:
        return ""
    if said not in known:
        message = _("Choose one of %(known)s.") % {"known": ", ".join(known)}
        raise InvalidInputError(message, errors=[FieldError(name, "choice", message)])
    return said


def flag_of(request: Request, name: str) -> bool:
    """Return whether a parameter of the address says true; absent, it says false.

    Raises:
        InvalidInputError: It is neither ``true`` nor ``false``.
    """
    said = request.query_params.get(name, "false")
    if said not in {"true", "false"}:
        message = _("%(name)s is true or false.") % {"name": name}
        raise InvalidInputError(message, errors=[FieldError(name, "choice", message)])
    return said == "true"
