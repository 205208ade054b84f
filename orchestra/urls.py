"""The URL map: admin, /api/, /mcp, health, and what language models are told."""

from django.contrib import admin
from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver
from django.views.generic import RedirectView

from orchestra import health, llms
from orchestra.live import views as _live  # noqa: F401  registers its page
from orchestra.mcp.views import endpoint as mcp
from orchestra.metrics import metrics
from orchestra.operations import views as _operations  # noqa: F401  registers its pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", include("orchestra.sign_in.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("orchestra.api.urls")),
    path("mcp", mcp, name="mcp"),
    path("llms.txt", llms.llms, name="llms"),
    path("llms-full.txt", llms.llms_full, name="llms-full"),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics),
]
