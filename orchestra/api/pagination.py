"""Cursor pagination: newest first, stable while rows arrive."""

from rest_framework.pagination import CursorPagination


class CursorPages(CursorPagination):
    """Pages by primary key, newest first; ``page_size`` up to 200."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
