"""Every error to application/problem+json (RFC 9457), and refused acts to the ledger."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import set_rollback

from governance.access.models import User
from governance.ledger.refusals import Refusal, record_refusal
from orchestra.api.authentication import AgentPrincipal
from orchestra.api.parsers import UnreadableBodyError
from orchestra.core import clock
from orchestra.core.actors import Actor
from orchestra.core.errors import (
    ConflictError,
    FieldError,
    NotFoundError,
    NotPermittedError,
    OrchestraError,
)

log = structlog.get_logger(__name__)
CONTENT_TYPE = "application/problem+json"
REFUSED_ACTS = (NotPermittedError, ConflictError, NotFoundError)
NO_CREDENTIALS = (
    "Send the header Authorization: Bearer <token>; manage.py agents create prints a token. "
    "People send the session they signed in with."
)
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def problem(
    *,
    status_code: int,
    code: str,
    detail: str,
    errors: list[dict[str, str]] | None = None,
    data: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the body of a problem.

    Args:
        status_code: HTTP status.
        code: Stable dotted code.
        detail: What is wrong and what to do.
        errors: Findings by field: ``field``, ``code``, ``message``.
        data: Named values for machines.
    """
    return {
        "type": f"urn:orchestra:problem:{code}",
        "title": code.replace(".", ": ").replace("_", " "),
        "status": status_code,
        "code": code,
        "detail": detail,
        "errors": errors or [],
        **({"data": dict(data)} if data else {}),
    }


def problem_response(error: Exception, context: Mapping[str, Any]) -> Response:
    """Answer an exception of a view as a problem; DRF's exception handler."""
    body, headers = describe(error)
    set_rollback()
    if body is None:
        log.error("api.unexpected", exc_info=error)
        body = problem(
            status_code=500,
            code="unexpected",
            detail="Something went wrong on our side; it is logged. Repeat with the same key.",
        )
    if isinstance(error, REFUSED_ACTS):
        _record(error, context)
    return Response(body, status=body["status"], headers=headers, content_type=CONTENT_TYPE)


def problem_page(request: HttpRequest, *, status_code: int, code: str, detail: str) -> JsonResponse:
    """Answer outside a view, such as an unknown address below /api/."""
    del request
    return JsonResponse(
        problem(status_code=status_code, code=code, detail=detail),
        status=status_code,
        content_type=CONTENT_TYPE,
    )


def describe(error: Exception) -> tuple[dict[str, Any] | None, dict[str, str]]:
    """Return the problem an error is, and its headers; None where nobody raised it on purpose."""
    if isinstance(error, OrchestraError):
        return (
            problem(
                status_code=error.status,
                code=error.error_code,
                detail=error.message,
                errors=_listed(error.errors),
                data=error.data,
            ),
            {},
        )
    if isinstance(error, Http404):
        return problem(status_code=404, code="not_found", detail="There is nothing here."), {}
    if isinstance(error, PermissionDenied):
        return problem(status_code=403, code="not_permitted", detail="This is not yours to do."), {}
    if isinstance(error, exceptions.APIException):
        return _describe_framework(error)
    return None, {}


def _describe_framework(error: exceptions.APIException) -> tuple[dict[str, Any], dict[str, str]]:
    headers: dict[str, str] = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(error.auth_header)  # type: ignore[attr-defined]
    wait = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(int(wait))
    if isinstance(error, exceptions.ValidationError):
        return (
            problem(
                status_code=status.HTTP_422_UNPROCESSABLE_ENTITY,
                code="invalid_input",
                detail="Some fields are not acceptable; every finding is listed.",
                errors=list(_flatten(error.detail, "")),
            ),
            headers,
        )
    missing = isinstance(error, exceptions.NotAuthenticated)
    code = {
        status.HTTP_400_BAD_REQUEST: "bad_request",
        status.HTTP_401_UNAUTHORIZED: "not_authenticated",
        status.HTTP_403_FORBIDDEN: "not_permitted",
    }.get(error.status_code, str(error.default_code))
    findings = error.findings if isinstance(error, UnreadableBodyError) else ()
    return (
        problem(
            status_code=error.status_code,
            code=code,
            detail=NO_CREDENTIALS if missing else str(error.detail),
            errors=_listed(findings),
        ),
        headers,
    )


def _listed(findings: Iterable[FieldError]) -> list[dict[str, str]]:
    return [{"field": item.field, "code": item.code, "message": item.message} for item in findings]


def _flatten(detail: Any, path: str) -> Iterator[dict[str, str]]:
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            name = path if key == "non_field_errors" else f"{path}.{key}" if path else str(key)
            yield from _flatten(value, name)
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            nested = isinstance(value, Mapping | list)
            yield from _flatten(value, f"{path}[{index}]" if nested else path)
    else:
        yield {"field": path, "code": getattr(detail, "code", "invalid"), "message": str(detail)}


def _record(error: OrchestraError, context: Mapping[str, Any]) -> None:
    request = context.get("request")
    if request is None or request.method in SAFE_METHODS:
        return
    user = request.user
    if not isinstance(user, AgentPrincipal | User):
        return
    view = context.get("view")
    record_refused_act(
        actor=user.as_actor(),
        refusal=Refusal(
            act=f"{request.method} {getattr(view, 'act', type(view).__name__)}",
            code=error.error_code,
            message=error.message,
            case_id=_case_in_reach(view, request),
            subject_id=str(next(iter((context.get("kwargs") or {}).values()), "")),
        ),
    )


def record_refused_act(*, actor: Actor, refusal: Refusal) -> None:
    """Put a refused act on record, in a transaction of its own after the rollback.

    That it cannot be recorded changes nothing about the refusal.
    """
    try:
        with transaction.atomic():
            record_refusal(actor=actor, now=clock.now(), refusal=refusal)
    except OrchestraError as failure:
        log.warning("refusal.not_recorded", code=failure.error_code)


def _case_in_reach(view: Any, request: Request) -> str:
    """Return the public id of the case an act was on, where the caller may see it."""
    try:
        found = view.reach(request) if hasattr(view, "reach") else None
    except OrchestraError:
        return ""
    return found.case_id if found is not None else ""
