"""Cursor pagination: newest first, stable while rows arrive."""

from typing import Any

from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

#: Beyond it no primary key of either database goes.
_LARGEST_KEY = 2**63 - 1


class CursorPages(CursorPagination):
    """Pages by primary key, newest first; ``page_size`` up to 200."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_page_size(self, request: Request) -> int:
        """Return how many rows a page has.

        Raises:
            ValidationError: ``page_size`` is no number from 1 to 200.
        """
        text = request.query_params.get(self.page_size_query_param)
        if text is None:
            return self.page_size
        if not (text.isascii() and text.isdigit() and len(text) <= len(str(self.max_page_size))):
            raise _refused("page_size", f"Give a number from 1 to {self.max_page_size}.")
        if not 1 <= int(text) <= self.max_page_size:
            raise _refused("page_size", f"Give a number from 1 to {self.max_page_size}.")
        return int(text)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Return where the page begins, None for the first page.

        Raises:
            ValidationError: The cursor is none that a page of ours named.
        """
        try:
            found: Any = super().decode_cursor(request)
        except NotFound:
            raise _refused_cursor() from None
        if found is not None and not _is_key(found.position):
            raise _refused_cursor()
        return found  # type: ignore[no-any-return]


def _is_key(position: str | None) -> bool:
    if position is None:
        return True
    return position.isascii() and position.isdigit() and int(position[:20]) <= _LARGEST_KEY


def _refused_cursor() -> ValidationError:
    return _refused("cursor", "This is no cursor of this list; begin without one.")


def _refused(field: str, message: str) -> ValidationError:
    return ValidationError({field: [message]})
