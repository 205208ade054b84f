"""The one address of the Model Context Protocol: HTTP in front, nothing kept between requests."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from governance.access import selectors as access
from orchestra.api.authentication import AgentTokenAuthentication
from orchestra.api.errors import NO_CREDENTIALS
from orchestra.mcp import protocol
from orchestra.mcp.handlers import METHODS, SERVER, handle
from orchestra.mcp.own_types import Caller
from orchestra.mcp.protocol import Envelope, Message, ProtocolError

log = structlog.get_logger(__name__)

_JSON: Final = "application/json"
_CHALLENGE: Final = 'Bearer realm="orchestra"'
_TAKEN: Final = frozenset({_JSON, "application/*", "*/*"})


@csrf_exempt
def endpoint(request: HttpRequest) -> HttpResponse:
    """Answer one message of an AI agent.

    The token is all that says who asks: no cookie counts, so no page of another site can ask.
    """
    message_id: int | str | None = None
    is_stateless = True
    try:
        _check_transport(request)
        caller = _caller(request)
        _check_media(request)
        value = protocol.read_body(_body(request))
        message_id = protocol.id_of(value)
        message = protocol.read_message(value)
        envelope = protocol.read_envelope(message, _headers(request))
        is_stateless = envelope.is_stateless
        if message.is_notification:
            # Nothing here waits for one; whoever gives a request up closes its connection.
            return HttpResponse(status=202)
        answered = _answer(caller, envelope, message)
    except ProtocolError as error:
        response = JsonResponse(
            protocol.refusal(error=error, message_id=message_id),
            status=protocol.status_of(error, is_stateless=is_stateless),
        )
        for name, content in error.headers.items():
            response[name] = content
        return response
    return JsonResponse(answered)


def _answer(caller: Caller, envelope: Envelope, message: Message) -> dict[str, Any]:
    """Return the answer to a request; every line logged meanwhile carries the caller's trace."""
    trace = {"trace_id": envelope.trace_id} if envelope.trace_id else {}
    with structlog.contextvars.bound_contextvars(**trace):
        try:
            result = handle(caller, envelope, message)
        except ProtocolError:
            raise
        except Exception as error:
            log.exception("mcp.unexpected")
            raise ProtocolError(
                protocol.INTERNAL_ERROR,
                "Something went wrong on our side; it is logged. Ask what became of the call "
                "before you repeat it.",
            ) from error
        method = message.method if message.method in METHODS else "other"
        log.info("mcp.answered", method=method, revision=envelope.revision)
    return protocol.answer(message=message, envelope=envelope, result=result, server=SERVER)


def _check_transport(request: HttpRequest) -> None:
    """Refuse what must not even be asked who it is."""
    if request.method != "POST":
        raise ProtocolError(
            protocol.INVALID_REQUEST,
            "Send each message as a POST; there is no stream to open and no session to end.",
            status=405,
            headers={"Allow": "POST"},
        )
    origin = request.headers.get("Origin")
    if origin is not None and origin != _own_origin():
        raise ProtocolError(
            protocol.INVALID_REQUEST, "Pages of another site may not ask here.", status=403
        )
    if request.META.get("QUERY_STRING"):
        raise ProtocolError(
            protocol.INVALID_REQUEST,
            "This address takes no query. Send the token in the header Authorization: addresses "
            "are written into logs.",
            headers={"WWW-Authenticate": f'{_CHALLENGE}, error="invalid_request"'},
        )


def _own_origin() -> str:
    address = urlsplit(str(settings.ORCHESTRA["PUBLIC_URL"]))
    return f"{address.scheme}://{address.netloc}"


def _caller(request: HttpRequest) -> Caller:
    said = NO_CREDENTIALS
    try:
        found = AgentTokenAuthentication().authenticate(Request(request))
    except AuthenticationFailed as error:
        found, said = None, str(error.detail)
    if found is None:
        raise ProtocolError(
            protocol.NOT_AUTHENTICATED, said, headers={"WWW-Authenticate": _CHALLENGE}
        )
    actor = found[0].as_actor()
    return Caller(actor=actor, authority=access.authority_of(actor))


def _check_media(request: HttpRequest) -> None:
    if request.content_type != _JSON:
        raise ProtocolError(protocol.INVALID_REQUEST, f"Send the message as {_JSON}.", status=415)
    accepted = request.headers.get("Accept", _JSON).split(",")
    if not any(one.partition(";")[0].strip().lower() in _TAKEN for one in accepted):
        raise ProtocolError(protocol.INVALID_REQUEST, f"Answers are {_JSON}.", status=406)


def _body(request: HttpRequest) -> bytes:
    try:
        return request.body
    except RequestDataTooBig:
        raise ProtocolError(
            protocol.INVALID_REQUEST,
            "The body is larger than two mebibytes; send less, or attach a reference.",
            status=413,
        ) from None


def _headers(request: HttpRequest) -> Mapping[str, str]:
    return {name: request.headers[name] for name in protocol.HEADERS if name in request.headers}
