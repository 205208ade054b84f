"""Pages of a list: how they are read and how they are documented."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

#: The orders a list may have, by primary key.
NEWEST_FIRST = "-id"
OLDEST_FIRST = "id"
PAGE_PARAMETERS = [
    OpenApiParameter("cursor", str, description="Where the page begins; from `next`."),
    OpenApiParameter("page_size", int, description="Rows on a page, at most 200; 50 by default."),
]


def page_of(item: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """Return the documented shape of a page of a list.

    Args:
        item: Shape of one row.
    """
    page: serializers.Serializer[Any] = inline_serializer(
        f"{item.__name__.removesuffix('Out')}Page",
        {
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": item(many=True),
        },
    )
    return page


def answer_page(
    view: APIView,
    request: Request,
    rows: QuerySet[Any],
    item: type[serializers.Serializer[Any]],
    *,
    ordering: str = NEWEST_FIRST,
    shown: Callable[[list[Any]], list[Any]] = list,
) -> Response:
    """Return one page of rows.

    Args:
        view: The view that answers.
        request: Its request.
        rows: All rows the caller may see.
        item: Shape of one row.
        ordering: Unique column by which rows follow each other; newest first by default.
        shown: Turns the rows of the page into what the shape reads; as they are by default.
    """
    paginator = view.settings.DEFAULT_PAGINATION_CLASS()
    paginator.ordering = ordering
    found = paginator.paginate_queryset(rows, request, view=view)
    answer: Response = paginator.get_paginated_response(item(shown(found), many=True).data)
    return answer
