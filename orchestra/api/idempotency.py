"""Idempotency-Key on every POST below /api/: the first answer is the only answer.

The table of cases stands in ``docs/api.md``. A row is claimed before the view runs and
holds its answer afterwards; a dead owner's row is taken over after its lease. A view whose
``answers_in_act`` is true commits the claim, what it does and its answer together; one that asks
over the network first claims by itself, and may keep its answer in its act by ``keep_in_act``.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import Resolver404, resolve
from rest_framework.exceptions import APIException, ParseError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.selectors import require
from governance.api.permissions import authority_of, one_of
from orchestra.api.authentication import AgentTokenAuthentication
from orchestra.api.errors import problem_page
from orchestra.api.models import IdempotencyRecord
from orchestra.core import clock
from orchestra.core.canonical import canonical_bytes, loads_strict, sha256_hex
from orchestra.core.errors import InvalidInputError, OrchestraError
from orchestra.core.uploads import TOO_LARGE

PREFIX = "/api/v1/"
#: Signed by systems that number what they send themselves.
_SIGNED = "/api/v1/channels/"
#: The first takes a password, of which not even a digest is kept, and creates nothing.
UNKEYED = frozenset({"/api/v1/step-up/", f"{_SIGNED}{{channel_key}}/"})
RETENTION = timedelta(days=7)
LEASE = timedelta(seconds=60)
#: Under what a view finds its request's key, and what keeps its answer in its act.
REQUEST_KEY = "orchestra.request_key"
KEEP_IN_ACT = "orchestra.keep_in_act"
KEPT_HEADERS = ("Location", "Content-Type")
_INSERT = (
    "INSERT INTO orchestra_idempotencyrecord "
    "(scope, fingerprint, state, attempt, headers, lease_until_at, created_at) "
    "VALUES (%s, %s, 'running', 1, '{}', %s, %s) ON CONFLICT (scope) DO NOTHING RETURNING id"
)
_KEY = re.compile(r'^(?:"([\x20-\x21\x23-\x7e]{1,253})"|([\x21\x23-\x7e]{1,255}))$')


@dataclass(slots=True)
class Claimed:
    """A row this request owns while the view runs.

    Attributes:
        kept: The answer that the act kept with what it did; None where it kept none.
    """

    pk: int
    attempt: int
    kept: HttpResponse | None = None


class IdempotencyMiddleware:
    """Replays the stored answer of a repeated POST; refuses a key used for something else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request, from the store where it was answered before."""
        if not _is_keyed(request):
            return self.get_response(request)
        caller = _caller(request)
        if caller is None:
            return self.get_response(request)
        key = _key(request.headers.get("Idempotency-Key"))
        if key is None:
            return _refuse_key(request)
        try:
            fingerprint = _fingerprint(request)
        except InvalidInputError:
            return self.get_response(request)
        except (RequestDataTooBig, ParseError) as error:
            # The view would take it, without a key.
            return _refuse_body(request, error)
        return self._answer(request, f"{caller}\n{request.path}\n{key}", fingerprint)

    def _answer(self, request: HttpRequest, named: str, fingerprint: str) -> HttpResponse:
        scope = sha256_hex(named.encode())
        request.META[REQUEST_KEY] = scope
        now = clock.now()
        together = _answers_in_act(request)
        with transaction.atomic() if together else nullcontext():
            claimed = claim(scope=scope, fingerprint=fingerprint, now=now)
            if isinstance(claimed, Claimed):
                return self._run(request, claimed, together=together)
        return _replay(request, claimed, fingerprint, now)

    def _run(self, request: HttpRequest, claimed: Claimed, *, together: bool) -> HttpResponse:
        if not together:
            request.META[KEEP_IN_ACT] = partial(keep_in_act, claimed)
        try:
            response = self.get_response(request)
        except Exception:
            if not together:
                release(claimed)
            raise
        if together and response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            transaction.set_rollback(True)
        elif response is not claimed.kept:
            _store(claimed, response)
        return response


def _answers_in_act(request: HttpRequest) -> bool:
    try:
        handler: Any = resolve(request.path_info).func
    except Resolver404:
        return False
    return bool(getattr(getattr(handler, "cls", None), "answers_in_act", False))


def _is_keyed(request: HttpRequest) -> bool:
    path = request.path
    if path in UNKEYED or path.startswith(_SIGNED):
        return False
    return request.method == "POST" and path.startswith(PREFIX)


def _caller(request: HttpRequest) -> str | None:
    try:
        found = AgentTokenAuthentication().authenticate(Request(request))
    except APIException:
        return None
    if found is not None:
        return f"agent:{found[0].agent.public_id}"
    user = getattr(request, "user", None)
    return f"user:{user.public_id}" if user is not None and user.is_authenticated else None


def _key(text: str | None) -> str | None:
    match = _KEY.match(text or "")
    return (match[1] or match[2]) if match else None


def _refuse_key(request: HttpRequest) -> HttpResponse:
    given = request.headers.get("Idempotency-Key")
    return problem_page(
        request,
        status_code=400,
        code="idempotency.key_missing" if given is None else "idempotency.key_malformed",
        detail=(
            "Every POST needs an Idempotency-Key header: a quoted or bare string of 1 to 255 "
            "visible characters, new for every new act and the same for its repeats. "
            "See /api/docs/ and docs/api.md."
        ),
    )


def _refuse_body(request: HttpRequest, error: Exception) -> HttpResponse:
    if isinstance(error, ParseError):
        return problem_page(request, status_code=400, code="bad_request", detail=str(error.detail))
    return problem_page(
        request,
        status_code=413,
        code="body_too_large",
        detail=(
            "The body is larger than two mebibytes, or its file larger than files may be; send "
            "less, or attach a reference."
        ),
    )


def _fingerprint(request: HttpRequest) -> str:
    if request.content_type == "multipart/form-data":
        return _fingerprint_of_form(request)
    value = loads_strict(request.body) if request.body else None
    try:
        body = canonical_bytes(value) if request.body else b""
    except InvalidInputError as error:
        raise ParseError(error.message) from error
    return sha256_hex(f"POST\n{request.get_full_path()}\n".encode() + body)


def _fingerprint_of_form(request: HttpRequest) -> str:
    """Return the fingerprint of a form with files: its boundary is no part of what it says."""
    try:
        fields = {name: request.POST.getlist(name) for name in request.POST}
        files = {
            name: [[one.name, one.content_type, sha256_hex(one.read())] for one in found]
            for name, found in request.FILES.lists()
        }
        body = canonical_bytes({"fields": fields, "files": files})
    except (MultiPartParserError, InvalidInputError, TooManyFieldsSent, TooManyFilesSent) as error:
        raise ParseError(str(error)) from error
    if request.META.get(TOO_LARGE):
        raise RequestDataTooBig
    for _name, found in request.FILES.lists():
        for one in found:
            one.seek(0)
    return sha256_hex(f"POST\n{request.get_full_path()}\n".encode() + body)


def claim(*, scope: str, fingerprint: str, now: datetime) -> Claimed | IdempotencyRecord:
    """Return a claim on the row, or the row that another request owns or has finished."""
    made = _insert(scope, fingerprint, now)
    if made is not None:
        return Claimed(made, 1)
    record = IdempotencyRecord.objects.get(scope=scope)
    if record.fingerprint == fingerprint and record.state == "running":
        taken = IdempotencyRecord.objects.filter(
            pk=record.pk, state="running", attempt=record.attempt, lease_until_at__lt=now
        ).update(attempt=record.attempt + 1, lease_until_at=now + LEASE)
        if taken:
            return Claimed(record.pk, record.attempt + 1)
    return record


def _insert(scope: str, fingerprint: str, now: datetime) -> int | None:
    """Insert the row and return its key; None where it stands already.

    Where another transaction that is open has claimed the same, this waits for its end.
    """
    moment = connection.ops.adapt_datetimefield_value
    given = [scope, fingerprint, moment(now + LEASE), moment(now)]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, given)
        row = cursor.fetchone()
    return None if row is None else int(row[0])


def _replay(
    request: HttpRequest, record: IdempotencyRecord, fingerprint: str, now: datetime
) -> HttpResponse:
    if record.fingerprint != fingerprint:
        return problem_page(
            request,
            status_code=422,
            code="idempotency.key_reused",
            detail="This Idempotency-Key was used for another request; take a new key.",
        )
    if record.state == "running":
        response: HttpResponse = problem_page(
            request,
            status_code=409,
            code="idempotency.still_running",
            detail="The first request with this key is still running; ask again shortly.",
        )
        response["Retry-After"] = "1"
        return response
    if record.created_at < now - RETENTION:
        return problem_page(
            request,
            status_code=422,
            code="idempotency.key_expired",
            detail="This key is older than seven days; look the act up before repeating it.",
        )
    refusal = _refuse_again(request)
    if refusal is not None:
        return refusal
    response = HttpResponse(bytes(record.body or b""), status=record.status or 200)
    for name, value in record.headers.items():
        response[name] = value
    response["Idempotency-Replayed"] = "true"
    return response


def _refuse_again(request: HttpRequest) -> HttpResponse | None:
    """Return what the view answers a caller who may not do this any more, else None.

    The view's own permission is asked, and the one function of access for the queue of the
    case it is about; nothing is run.
    """
    match = resolve(request.path_info)
    handler: Any = match.func
    view = handler.cls(**handler.initkwargs)
    view.setup(request, *match.args, **match.kwargs)
    view.headers = view.default_response_headers
    view.request = view.initialize_request(request, *match.args, **match.kwargs)
    try:
        view.initial(view.request, *match.args, **match.kwargs)
        reach = view.reach(view.request) if hasattr(view, "reach") else None
        if reach is not None:
            authority = authority_of(view.request)
            require(
                authority=authority,
                capability=one_of(view.capability, authority, reach.queue_id),
                queue_id=reach.queue_id,
            )
    except (OrchestraError, APIException) as error:
        answer = view.finalize_response(view.request, view.handle_exception(error))
        rendered: HttpResponse = answer.render()
        return rendered
    return None


def _keeps(response: HttpResponse) -> bool:
    """Whether an answer belongs to the key: what ran. What was turned away leaves it free."""
    return response.status_code < 400  # noqa: PLR2004  the first status that refuses


def _store(claimed: Claimed, response: HttpResponse) -> None:
    if not _keeps(response):
        release(claimed)
        return
    keep(
        claimed,
        status=response.status_code,
        body=response.content,
        headers={name: response[name] for name in KEPT_HEADERS if name in response},
    )


def keep(
    claimed: Claimed, *, status: int, body: bytes, headers: Mapping[str, str] | None = None
) -> None:
    """Keep the answer of what a claim ran; nothing where another took the row over."""
    IdempotencyRecord.objects.filter(pk=claimed.pk, attempt=claimed.attempt).update(
        state="finished", status=status, body=body, headers=dict(headers or {})
    )


def keep_in_act(claimed: Claimed, response: Response) -> None:
    """Keep an answer in the transaction that is open, whose end decides whether it stands.

    Args:
        claimed: The claim of the request.
        response: What the view answers where the act stands, and only then; not rendered yet.
    """
    headers = {**response.headers, "Content-Type": JSONRenderer.media_type}
    keep(
        claimed,
        status=response.status_code,
        body=JSONRenderer().render(response.data),
        headers={name: headers[name] for name in KEPT_HEADERS if name in headers},
    )
    claimed.kept = response


def release(claimed: Claimed) -> None:
    """Leave the key free again: nothing ran."""
    IdempotencyRecord.objects.filter(
        pk=claimed.pk, attempt=claimed.attempt, state="running"
    ).delete()
