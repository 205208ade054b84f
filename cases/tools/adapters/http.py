"""Tools behind an HTTP system of record, through ``core.outbound``."""

import json
import os
from pathlib import Path
from urllib.parse import quote, urlsplit

from cases.tools.adapters.base import Endpoint
from cases.tools.types import AdapterAnswer, AdapterRequest, Json
from orchestra.core import canonical, outbound
from orchestra.core.errors import InvalidInputError, UpstreamError

_OK = range(200, 300)
_REFUSED = 422
_LATER = frozenset({429, 503})
_CLIENT_ERRORS = range(400, 500)
_MAX_REASON = 500


class HttpAdapter:
    """POST the arguments as JSON under an ``Idempotency-Key``; read the answer.

    A 2xx carries ``{"ok": true, "result": value}`` or the value itself. 422 is the system's
    business refusal. 429 and 503 say that nothing was done. Any other answer to a request that
    was sent leaves open what was done, except a plain 4xx.
    """

    def call(self, endpoint: Endpoint, request: AdapterRequest) -> AdapterAnswer:
        """See ``ToolAdapter.call``."""
        answer = outbound.send(
            _request(
                endpoint,
                method=str(request.operation.get("method", "POST")),
                path=str(request.operation.get("path") or f"/tools/{request.tool}"),
                content=json.dumps(request.arguments).encode(),
                request=request,
            )
        )
        return _read_answer(endpoint, answer)

    def lookup(self, endpoint: Endpoint, request: AdapterRequest) -> AdapterAnswer | None:
        """Ask ``GET /effects/<key>``; see ``ToolAdapter.lookup``."""
        answer = outbound.send(
            _request(
                endpoint,
                method="GET",
                path=f"/effects/{quote(request.idempotency_key, safe='')}",
                content=b"",
                request=request,
            )
        )
        if answer.status not in _OK:
            raise _failure(endpoint, answer.status)
        body = _json(endpoint, answer.body)
        found = body.get("answer") if isinstance(body, dict) else None
        return None if found is None else _read_value(answer, found)


def _request(
    endpoint: Endpoint, *, method: str, path: str, content: bytes, request: AdapterRequest
) -> outbound.OutboundRequest:
    if not path.startswith("/") or path.startswith("//") or ".." in path.split("/"):
        raise UpstreamError(
            f"The path of {request.tool} must begin with one / and stay below it.",
            may_retry=False,
            code="upstream.path",
        )
    base = endpoint.base_url.rstrip("/")
    host = urlsplit(base).hostname or ""
    headers = {"Accept": "application/json", **_authorization(endpoint)}
    if content:
        headers["Content-Type"] = "application/json"
    if content and request.idempotency_key:
        headers["Idempotency-Key"] = request.idempotency_key
    return outbound.OutboundRequest(
        connection=endpoint.key,
        method=method,
        url=base + path,
        headers=headers,
        content=content,
        timeout_seconds=request.timeout_seconds,
        allowed_hosts=frozenset(endpoint.settings.get("allowed_hosts") or [host]),
    )


def _authorization(endpoint: Endpoint) -> dict[str, str]:
    """Return the header of the secret that the settings refer to, if they do.

    A reference is ``env:NAME`` or ``file:/path``; the secret itself is never in a setting.
    """
    reference = str(endpoint.settings.get("secret") or "")
    if not reference:
        return {}
    kind, _, name = reference.partition(":")
    secret = os.environ.get(name, "") if kind == "env" else ""
    if kind == "file" and Path(name).is_file():
        secret = Path(name).read_text(encoding="utf-8").strip()
    if not secret:
        raise UpstreamError(
            f"The secret of {endpoint.key} is not to be had; set what {kind}: names.",
            may_retry=True,
            code="upstream.secret_missing",
        )
    return {"Authorization": f"Bearer {secret}"}


def _read_answer(endpoint: Endpoint, answer: outbound.OutboundAnswer) -> AdapterAnswer:
    if answer.status in _OK:
        return _read_value(answer, _json(endpoint, answer.body))
    if answer.status == _REFUSED:
        return AdapterAnswer(
            ok=False, body=answer.body, value=_reason(answer.body), status=answer.status
        )
    raise _failure(endpoint, answer.status)


def _read_value(answer: outbound.OutboundAnswer, value: Json) -> AdapterAnswer:
    if isinstance(value, dict) and isinstance(value.get("ok"), bool):
        ok = value["ok"]
        result = value.get("result") if ok else _message(value)
    else:
        ok, result = True, value
    return AdapterAnswer(ok=ok, body=answer.body, value=result, status=answer.status)


def _json(endpoint: Endpoint, body: bytes) -> Json:
    try:
        return canonical.loads_strict(body)
    except InvalidInputError as error:
        raise UpstreamError(
            f"{endpoint.key} answered, but not in JSON.",
            may_retry=False,
            effect_unknown=True,
            code="upstream.no_json",
        ) from error


def _reason(body: bytes) -> str:
    try:
        value = canonical.loads_strict(body)
    except InvalidInputError:
        return "refused without a reason"
    return _message(value)


def _message(value: Json) -> str:
    error = value.get("error") if isinstance(value, dict) else None
    if isinstance(error, dict):
        error = error.get("message")
    if error is None and isinstance(value, dict):
        error = value.get("detail") or value.get("message")
    return str(error)[:_MAX_REASON] if error else "refused without a reason"


def _failure(endpoint: Endpoint, status: int) -> UpstreamError:
    if status in _LATER:
        return UpstreamError(
            f"{endpoint.key} asks to come back later ({status}); nothing was done.",
            may_retry=True,
            code="upstream.later",
            data={"status": status},
        )
    known = status in _CLIENT_ERRORS
    return UpstreamError(
        f"{endpoint.key} answered {status}"
        + (" and did nothing." if known else "; what it did is not known."),
        may_retry=False,
        effect_unknown=not known,
        code="upstream.status",
        data={"status": status},
    )
