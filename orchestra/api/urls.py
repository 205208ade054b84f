"""Mounts the apps' addresses, the OpenAPI document and the page to read it."""

from csp.decorators import csp_update
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


#: What the reading page's own bundle does: styles it makes, a worker from a blob.
READING_POLICY = {"style-src": ["'unsafe-inline'"], "worker-src": ["'self'", "blob:"]}

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(permission_classes=[]), name="api-schema"),
    path(
        "docs/",
        csp_update(READING_POLICY)(
            SpectacularRedocView.as_view(url_name="api-schema", permission_classes=[])
        ),
        name="api-docs",
    ),
    path("v1/", include("cases.api.urls")),
    path("v1/", include("governance.api.urls")),
    re_path(r"^", nothing_here),
]
