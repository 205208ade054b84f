"""Serves a journaled retail store over HTTP, as a system of record outside of Orchestra."""

import json
import re
import signal
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any
from urllib.parse import unquote

from cases.tools.adapters.retail.journal import JournaledStore
from cases.tools.adapters.retail.types import (
    Answer,
    BadArgumentsError,
    JournalError,
    Json,
    KeyReusedError,
    Record,
    RefusedError,
    StoreError,
    UnknownOperationError,
)

MAX_BODY_BYTES = 1 << 20
MAX_KEY_LENGTH = 255
_STATUSES: dict[type[StoreError], HTTPStatus] = {
    RefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadArgumentsError: HTTPStatus.BAD_REQUEST,
    UnknownOperationError: HTTPStatus.NOT_FOUND,
    KeyReusedError: HTTPStatus.CONFLICT,
    JournalError: HTTPStatus.SERVICE_UNAVAILABLE,
}
_DIGITS = re.compile(r"\d{1,18}", re.ASCII)


class RetailServer(ThreadingHTTPServer):
    """One listening store; a thread per connection."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *, host: str, port: int, store: JournaledStore) -> None:
        """Listen at once.

        Args:
            host: The address to listen on.
            port: The port, 0 for any free one.
            store: What is served; stays the caller's to close.

        Raises:
            OSError: The address cannot be listened on.
        """
        self.store = store
        self._busy = 0
        self._idle = threading.Condition()
        super().__init__((host, port), _Handler)

    @property
    def address(self) -> str:
        """The base address, with the port that was really taken."""
        return f"http://{self.server_name}:{self.server_port}"

    def server_bind(self) -> None:
        """Bind without the name look-up that the library's server does."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about connections that break; anything else is a fault to be seen."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def begin_answer(self) -> None:
        """Count a request whose answer is being made."""
        with self._idle:
            self._busy += 1

    def end_answer(self) -> None:
        """Count it off."""
        with self._idle:
            self._busy -= 1
            self._idle.notify_all()

    def stop(self, *, within_seconds: float = 5.0) -> None:
        """Stop listening, let begun answers be sent, close; not from the serving thread.

        Args:
            within_seconds: How long to wait for begun answers.
        """
        self.shutdown()
        with self._idle:
            self._idle.wait_for(lambda: self._busy == 0, timeout=within_seconds)
        self.server_close()


def serve(*, host: str, port: int, store: JournaledStore, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; only from the main thread.

    Args:
        host: The address to listen on.
        port: The port, 0 for any free one.
        store: What is served; closed at the end.
        announce: Takes the one line that says where the store listens.

    Raises:
        OSError: The address cannot be listened on.
    """
    stopped = threading.Event()
    server = RetailServer(host=host, port=port, store=store)
    previous = {
        number: signal.signal(number, lambda *_: stopped.set())
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    thread = threading.Thread(target=server.serve_forever, name="retail-store", daemon=True)
    thread.start()
    try:
        announce(f"Retail store listening on {server.address}")
        stopped.wait()
    finally:
        server.stop()
        thread.join()
        store.close()
        for number, handler in previous.items():
            signal.signal(number, handler)


class _HttpError(Exception):
    """A request that is wrong before it reaches the store."""

    def __init__(self, status: HTTPStatus, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class _Handler(BaseHTTPRequestHandler):
    """One connection; reads a whole request, answers it with one write."""

    server: RetailServer
    protocol_version = "HTTP/1.1"
    server_version = "RetailStore"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    timeout = 300.0

    def do_GET(self) -> None:
        """Answer a GET."""
        self._respond(self._get)

    def do_POST(self) -> None:
        """Answer a POST."""
        self._respond(self._post)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Write no log; the journal and the caller have what matters."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what the library refuses in the same form as everything else."""
        del explain
        self.close_connection = True
        self._send(HTTPStatus(code), _problem("bad_request", message or HTTPStatus(code).phrase))

    def handle_expect_100(self) -> bool:
        """Send the go-ahead at once; answers are buffered otherwise."""
        may_go_on = super().handle_expect_100()
        self.wfile.flush()
        return may_go_on

    def _respond(self, route: Callable[[str, bytes], Record]) -> None:
        try:
            body = self._body()
        except _HttpError as error:
            self._send(error.status, _problem(error.code, error.message))
            return
        self.server.begin_answer()
        try:
            status, answer = self._answer(route, body)
            self._send(status, answer)
        finally:
            self.server.end_answer()

    def _answer(
        self, route: Callable[[str, bytes], Record], body: bytes
    ) -> tuple[HTTPStatus, Record]:
        try:
            return HTTPStatus.OK, route(self.path.partition("?")[0], body)
        except _HttpError as error:
            return error.status, _problem(error.code, error.message)
        except StoreError as error:
            return _STATUSES[type(error)], _problem(error.code, error.message)
        except OSError:
            message = "The journal could not be used"
            return HTTPStatus.SERVICE_UNAVAILABLE, _problem("unavailable", message)

    def _send(self, status: HTTPStatus, answer: Record) -> None:
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def _body(self) -> bytes:
        """Read the body whole, so that the next request on the connection starts after it."""
        given = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not _DIGITS.fullmatch(given):
            self.close_connection = True
            raise _HttpError(HTTPStatus.LENGTH_REQUIRED, "bad_request", "Content-Length is needed")
        if int(given) > MAX_BODY_BYTES:
            self.close_connection = True
            raise _HttpError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", "The body is too large"
            )
        data = self.rfile.read(int(given))
        if len(data) < int(given):
            self.close_connection = True
            raise _HttpError(HTTPStatus.BAD_REQUEST, "bad_request", "The body is cut short")
        return data

    def _get(self, path: str, _body: bytes) -> Record:
        store = self.server.store
        if path == "/healthz":
            return {"ok": True}
        if path == "/state":
            return {"hash": store.state_hash(), "effects": store.total_effects()}
        if path.startswith("/effects/"):
            key = unquote(path.removeprefix("/effects/"))
            return {"count": store.effects(key), "answer": _rendered(store.lookup(key))}
        raise _not_found()

    def _post(self, path: str, body: bytes) -> Record:
        if path == "/reset":
            self.server.store.reset()
            return {"ok": True}
        if path == "/restock":
            self.server.store.restock()
            return {"ok": True}
        if path.startswith("/tools/"):
            result = self.server.store.call(
                operation=unquote(path.removeprefix("/tools/")),
                arguments=_arguments(body),
                key=_key(self.headers.get("Idempotency-Key")),
            )
            return {"ok": True, "result": result}
        raise _not_found()


def _problem(code: str, message: str) -> Record:
    return {"ok": False, "error": {"code": code, "message": message}}


def _not_found() -> _HttpError:
    return _HttpError(HTTPStatus.NOT_FOUND, "not_found", "There is nothing at this path")


def _rendered(answer: Answer | None) -> Record | None:
    if answer is None:
        return None
    if answer.ok:
        return {"ok": True, "result": answer.result}
    return _problem(RefusedError.code, answer.message or "")


def _arguments(body: bytes) -> Record:
    try:
        found: Json = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _HttpError(HTTPStatus.BAD_REQUEST, "bad_json", "The body is not JSON") from error
    if not isinstance(found, dict):
        raise _HttpError(HTTPStatus.BAD_REQUEST, "bad_arguments", "The body must be an object")
    return found


def _no_constant(name: str) -> Json:
    raise ValueError(name)


def _key(header: str | None) -> str | None:
    if header is None:
        return None
    key = header.strip()
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not 0 < len(key) <= MAX_KEY_LENGTH:
        raise _HttpError(
            HTTPStatus.BAD_REQUEST, "bad_key", "Idempotency-Key must have 1 to 255 characters"
        )
    return key
