"""Pages of a list: how they are read and how they are documented."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

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
) -> Response:
    """Return one page of rows, newest first."""
    paginator = view.settings.DEFAULT_PAGINATION_CLASS()
    found = paginator.paginate_queryset(rows, request, view=view)
    answer: Response = paginator.get_paginated_response(item(found, many=True).data)
    return answer
