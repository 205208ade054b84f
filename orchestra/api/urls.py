"""Mounts the apps' addresses, the OpenAPI document and the page to read it."""

from csp.decorators import csp_update
from django.http import HttpRequest, JsonResponse
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import TemplateView
from drf_spectacular.views import SpectacularAPIView

from orchestra.api import schema
from orchestra.api.errors import problem_page


@csrf_exempt
def nothing_here(request: HttpRequest) -> JsonResponse:
    """Answer an unknown address below /api/ as a problem."""
    return problem_page(
        request,
        status_code=404,
        code="not_found",
        detail="There is nothing at this address; /api/docs/ lists what there is. "
        + ("" if request.path.endswith("/") else "Every address ends with a slash."),
    )


#: How callers prove who they are, known to the document before it is made.
AUTHENTICATION = (schema.AgentTokenScheme, schema.PersonSessionScheme)

#: What the reading page's own bundle does: it makes styles.
READING_POLICY = {"style-src": ["'unsafe-inline'"]}

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(permission_classes=[]), name="api-schema"),
    path(
        "docs/",
        csp_update(READING_POLICY)(TemplateView.as_view(template_name="api/docs.html")),
        name="api-docs",
    ),
    path("v1/", include("cases.api.urls")),
    path("v1/", include("governance.api.urls")),
    path("v1/", include("qa.api.urls")),
    re_path(r"^", nothing_here),
]
