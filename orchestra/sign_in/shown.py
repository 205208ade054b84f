"""Pages before there is a person, in the bare frame."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from orchestra.core.words import environment_label


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return what the bare frame shows."""
    del request
    return {"environment": environment_label(str(settings.ORCHESTRA["ENVIRONMENT"]))}


def bare(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """Return a page in the bare frame."""
    return render(request, template, {**frame(request), **context}, status=status)


def refuse(request: HttpRequest, why: str, *, status: int = 403) -> HttpResponse:
    """Return the page that says why nobody signed in."""
    return bare(request, "admin/sign_in_refused.html", {"why": why}, status=status)
