"""Endpoints and deliveries as rows, and a receiver on loopback that verifies what it takes."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from governance.access.models import User
from governance.webhooks import rules, services
from governance.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookSecret
from governance.webhooks.selectors import place_of
from orchestra.core.sealing import seal

KEY = b"k" * 32
_numbers = iter(range(1, 1_000_000))


def make_endpoint(by: User, at: datetime, **fields: Any) -> WebhookEndpoint:
    """An endpoint as a bare row, with one secret whose key is ``KEY``."""
    values = {
        "title": f"Data lake {next(_numbers)}",
        "url": "https://hooks.example.com/orchestra",
        "event_types": ["case.resolved"],
    }
    endpoint = WebhookEndpoint.objects.create(created_by=by, created_at=at, **{**values, **fields})
    WebhookSecret.objects.create(
        endpoint=endpoint, sealed=seal(KEY, place=place_of(endpoint.public_id)), created_at=at
    )
    return endpoint


def make_webhook_delivery(
    endpoint: WebhookEndpoint, at: datetime, **fields: Any
) -> WebhookDelivery:
    """A delivery as a bare row."""
    number = next(_numbers)
    values = {
        "number": number,
        "index": number,
        "event_id": f"00000000-0000-0000-0000-{number:012d}",
        "type": "case.resolved",
        "subject_kind": "case",
        "subject_id": f"00000000-0000-7000-8000-{number:012d}",
        "at": at,
        "due_at": at,
    }
    made = WebhookDelivery.objects.create(endpoint=endpoint, **{**values, **fields})
    # As whoever made it would have: the next one gets a number of its own.
    WebhookEndpoint.objects.filter(pk=endpoint.pk, last_number__lt=made.number).update(
        last_number=made.number
    )
    return made


def wanted(url: str, *types: str, title: str = "Data lake") -> services.Wanted:
    return services.Wanted(title, url, types or ("case.resolved",))


@dataclass(frozen=True)
class Taken:
    """One request as it arrived.

    Attributes:
        verified: What Standard Webhooks' own package read of it; None where it refused.
    """

    path: str
    headers: Mapping[str, str]
    body: bytes
    verified: Any


@dataclass
class Receiver:
    """A system that is told: verifies with the package, and answers as it is told to."""

    url: str = ""
    secret: str = rules.secret_text(KEY)
    taken: list[Taken] = field(default_factory=list)
    answers: list[tuple[int, Mapping[str, str]]] = field(default_factory=list)

    def answer(self, *statuses: int, headers: Mapping[str, str] | None = None) -> None:
        """Answer the next requests so, and those after with 204."""
        self.answers += [(status, headers or {}) for status in statuses]

    @property
    def ids(self) -> Sequence[str]:
        return [one.headers["webhook-id"] for one in self.taken]

    def verify(self, body: bytes, headers: Mapping[str, str], secret: str = "") -> Any:
        try:
            return Webhook(secret or self.secret).verify(body, dict(headers))
        except WebhookVerificationError:
            return None


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A real server on loopback for the length of the block."""
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            found.taken.append(Taken(self.path, headers, body, found.verify(body, headers)))
            status, more = found.answers.pop(0) if found.answers else (204, {})
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/hooks"
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
