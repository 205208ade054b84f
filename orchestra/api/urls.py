"""Mounts the apps' addresses, the OpenAPI document and the page to read it."""

from django.http import HttpRequest, JsonResponse
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView

from orchestra.api.errors import problem_page


def nothing_here(request: HttpRequest) -> JsonResponse:
    """Answer an unknown address below /api/ as a problem."""
    return problem_page(
        request,
        status_code=404,
        code="not_found",
        detail="There is nothing at this address; /api/docs/ lists what there is.",
    )


urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(permission_classes=[]), name="api-schema"),
    path(
        "docs/",
        SpectacularRedocView.as_view(url_name="api-schema", permission_classes=[]),
        name="api-docs",
    ),
    path("v1/", include("cases.api.urls")),
    path("v1/", include("governance.api.urls")),
    re_path(r"^", nothing_here),
]
