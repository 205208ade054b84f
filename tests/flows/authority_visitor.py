"""Whoever knocks, and what each knock brought."""

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.test import Client

from governance.access.models import AgentIdentity, Queue, User
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from orchestra.core.clock import rfc3339
from tests.factories.access import ALL_GRANTS, make_agent, make_person, make_token
from tests.flows.authority_rows import Row

BACKEND = "django.contrib.auth.backends.ModelBackend"
LETTERS: Mapping[str, Role] = {
    "H": Role.HUMAN_AGENT,
    "S": Role.SPECIALIST,
    "V": Role.SUPERVISOR,
    "C": Role.COMPLIANCE_OFFICER,
    "P": Role.POLICY_OWNER,
    "Y": Role.QA_ANALYST,
    "L": Role.QA_LEAD,
    "M": Role.ADMINISTRATOR,
}
#: D is a disabled supervisor, X nobody at all: neither is let through anywhere.
PASSWORD = "a long enough secret"
DISABLED, NOBODY = "D", "X"
REFUSED = {401, 403, 404, 405}
CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")


class Visitor:
    """One actor with a client of their own.

    Attributes:
        letter: Who it is.
        is_agent: Whether it carries a token and opens no pages.
    """

    def __init__(self, letter: str, queue: Queue) -> None:
        self.letter = letter
        self.is_agent = letter == "A"
        self.client = Client()
        self.headers: dict[str, str] = {}
        if self.is_agent:
            agent: AgentIdentity = make_agent(
                "Returns bot", queues={queue, Queue.objects.get(is_default=True)}
            )
            _row, token = make_token(agent, expires_at=clock.now() + timedelta(days=1))
            self.headers["Authorization"] = f"Bearer {token}"
        elif letter != NOBODY:
            person = self._person(letter, queue)
            self.client.force_login(person, backend=BACKEND)
            session = self.client.session
            session["orchestra_proof"] = {
                "at": rfc3339(clock.now()),
                "method": "password",
                "person": str(person.public_id),
            }
            session.save()

    def _person(self, letter: str, queue: Queue) -> User:
        role = Role.SUPERVISOR if letter == DISABLED else LETTERS.get(letter)
        person = make_person(
            f"visitor-{letter}",
            roles=[role] if role else [],
            grants=dict.fromkeys({queue, Queue.objects.get(is_default=True)}, ALL_GRANTS),
            is_superuser=letter == "U",
            first_name="Vera",
        )
        person.set_password(PASSWORD)
        person.save()
        if letter == DISABLED:
            User.objects.filter(pk=person.pk).update(is_active=False)
        return person

    def knock(self, method: str, route: str, row: Row, named: Mapping[str, Any]) -> Any:
        path = "/" + CONVERTER.sub(lambda found: str(named[found.group(1)]), route)
        headers = {**self.headers, "Idempotency-Key": str(uuid.uuid4())}
        if method == "GET":
            return self.client.get(path, headers=headers)
        if route.startswith(("api/", "mcp")):
            body = json.dumps(row.body(named), default=str)
            return self.client.post(path, body, content_type="application/json", headers=headers)
        return self.client.post(path, row.body(named), headers=headers)


@dataclass(frozen=True)
class Found:
    """What one knock brought.

    Attributes:
        refused: Whether the visitor was not let in, or the act was refused to them.
        shut: Whether it came to nothing for whatever reason, the moment's or the visitor's.
        acted: Whether anything stands in the ledger that was not refused or read.
    """

    status: int
    refused: bool
    shut: bool
    acted: bool

    def agrees(self, *, lets: bool) -> bool:
        """Return whether it went as the table says."""
        return not self.refused if lets else self.shut and not self.acted


#: Ends of acts that somebody who is let in may meet too: the moment is wrong, not the person.
_MOMENT = (
    "ended",
    "state",
    "stale",
    "invalid",
    "conflict",
    "moved",
    "step_up",
    "runs",
    "batch",
    "not_allowed",
    "not_explaining",
)
_READS = (
    "approval.opened",
    "case.read",
    "ledger.read",
    "ledger.searched",
    "approval.evidence_seen",
)


def look_at(visitor: Visitor, method: str, route: str, row: Row, named: Mapping[str, Any]) -> Found:
    last = LedgerEntry.objects.order_by("-pk").values_list("pk", flat=True)[0]
    kept = visitor.client.cookies.copy()
    with undone():
        answer = visitor.knock(method, route, row, named)
        location = answer.headers.get("Location", "")
        away = answer.status_code == 302 and location.startswith("/admin/login/")
        new = list(LedgerEntry.objects.filter(pk__gt=last).values_list("kind", "pk"))
        codes = [_code_of(pk) for kind, pk in new if kind == "act.refused"]
        acted = any(kind not in {"act.refused", *_READS} for kind, _pk in new)
    visitor.client.cookies = kept
    is_page = route.startswith("admin/")
    told_off = is_page and any(not any(word in code for word in _MOMENT) for code in codes)
    refused = answer.status_code in REFUSED or (away and not row.public) or told_off
    shut = refused or bool(codes) or answer.status_code >= 400
    return Found(status=answer.status_code, refused=refused, shut=shut, acted=acted)


@contextmanager
def undone() -> Iterator[None]:
    """Run what commits like a test case does, and undo all of it."""
    atomic = transaction.atomic()
    atomic._from_testcase = True  # type: ignore[attr-defined]
    with atomic:
        yield
        transaction.set_rollback(True)


def _code_of(pk: int) -> str:
    body = LedgerEntry.objects.get(pk=pk).payload.body
    return str(json.loads(bytes(body))["code"])
