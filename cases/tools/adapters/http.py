"""Tools behind an HTTP system of record, through ``core.outbound``."""

from dataclasses import replace
from urllib.parse import quote

from cases.tools.adapters.base import Endpoint
from cases.tools.adapters.calling import ask, spec_of_endpoint
from cases.tools.operations import Sent, compose
from cases.tools.types import AdapterAnswer, AdapterRequest, ConnectionKind, Json
from orchestra.core import canonical, outbound
from orchestra.core.errors import InvalidInputError, UpstreamError

_OK = range(200, 300)
_REFUSED = 422
_LATER = frozenset({429, 503})
_CLIENT_ERRORS = range(400, 500)
_MAX_REASON = 500


class HttpAdapter:
    """Send the arguments where the operation says, by default as a JSON body; read the answer.

    A write carries its ``Idempotency-Key``.
    A 2xx carries ``{"ok": true, "result": value}`` or the value itself. 422 is the system's
    business refusal. 429 and 503 say that nothing was done. Any other answer to a request that
    was sent leaves open what was done, except a plain 4xx.
    """

    def call(self, endpoint: Endpoint, request: AdapterRequest) -> AdapterAnswer:
        """See ``ToolAdapter.call``."""
        spec = spec_of_endpoint(endpoint, ConnectionKind.HTTP)
        composed = compose(
            operation=request.operation, tool=request.tool, arguments=request.arguments
        )
        key = request.idempotency_key
        headers = {**composed.headers, **_usual(composed.content), **_keyed(key)}
        answer = ask(
            spec,
            replace(composed, headers=headers),
            timeout_seconds=request.timeout_seconds,
            repeat=not key,
        )
        return _read_answer(endpoint, answer)

    def lookup(self, endpoint: Endpoint, request: AdapterRequest) -> AdapterAnswer | None:
        """Ask ``GET /effects/<key>``; see ``ToolAdapter.lookup``."""
        path = f"/effects/{quote(request.idempotency_key, safe='')}"
        answer = ask(
            spec_of_endpoint(endpoint, ConnectionKind.HTTP),
            Sent("GET", path, _usual(b""), b""),
            timeout_seconds=request.timeout_seconds,
            repeat=True,
        )
        if answer.status not in _OK:
            raise _failure(endpoint, answer.status)
        body = _json(endpoint, answer.body)
        found = body.get("answer") if isinstance(body, dict) else None
        return None if found is None else _read_value(answer, found)


def _usual(content: bytes) -> dict[str, str]:
    accepted = {"Accept": "application/json"}
    return {**accepted, "Content-Type": "application/json"} if content else accepted


def _keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key} if key else {}


def _read_answer(endpoint: Endpoint, answer: outbound.OutboundAnswer) -> AdapterAnswer:
    if answer.status in _OK:
        # 204 and its like answer that it is done and nothing more.
        value = _json(endpoint, answer.body) if answer.body else None
        return _read_value(answer, value)
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
