"""Connections, tools, cases to call them on, and an adapter that counts effects per key."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.db import connection

from cases.memory.models import Case, Customer, Interaction, Message
from cases.memory.types import Channel, Speaker
from cases.tools.adapters.base import Endpoint
from cases.tools.models import Connection, ToolDefinition, ToolVersion
from cases.tools.parsing import parse_tool, tool_digest
from cases.tools.types import AdapterAnswer, AdapterRequest, ConnectionKind
from governance.access.models import Queue
from governance.reviews.types import DocumentState
from orchestra.core.actors import Actor, system
from orchestra.core.errors import UpstreamError
from orchestra.core.history import save_as

FACTORY = system("factory")
MADE_AT = datetime(2026, 11, 19, 19, 0, tzinfo=UTC)
_numbers = count(1)

ORDER_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"order_id": {"type": "string"}, "amount": {"type": "number"}},
    "required": ["order_id"],
}
READ_ORDER: dict[str, Any] = {
    "name": "get_order",
    "connection": "store",
    "effect": "read",
    "risk": "low",
    "arguments": ORDER_SCHEMA,
}
REFUND: dict[str, Any] = {
    "name": "refund_order",
    "title": "Refund an order",
    "connection": "store",
    "effect": "write",
    "risk": "high",
    "honours_idempotency_key": True,
    "arguments": ORDER_SCHEMA,
    "money": [{"path": "$.amount", "unit": "major", "currency": "USD"}],
    "reads": {"order": {"tool": "get_order", "arguments": {"order_id": "$.order_id"}}},
    "facts": {"amount_minor": "$.amount", "order_status": "$order.status"},
    "effect_text": "Refund {amount} for order {order_id}",
}
#: A write of medium risk that no approval is needed for.
NOTE: dict[str, Any] = {
    "name": "note_order",
    "title": "Note something on an order",
    "connection": "store",
    "effect": "write",
    "risk": "low",
    "honours_idempotency_key": True,
    "arguments": ORDER_SCHEMA,
    "reads": {"order": {"tool": "get_order", "arguments": {"order_id": "$.order_id"}}},
    "facts": {"order_status": "$order.status"},
}

Behaviour = Callable[[AdapterRequest], AdapterAnswer]


def answer(value: Any, *, ok: bool = True) -> AdapterAnswer:
    return AdapterAnswer(ok=ok, body=json.dumps(value).encode(), value=value)


def unreachable() -> UpstreamError:
    return UpstreamError("The store could not be reached.", may_retry=True)


def cut() -> UpstreamError:
    return UpstreamError("The store took it; no answer came.", may_retry=False, effect_unknown=True)


@dataclass
class FakeStore:
    """A system of record that counts its effects per key and honours keys, but for some tools.

    ``before`` and ``after`` hold errors that the next writes meet before or after their
    effect; each is used once. Every call asserts that no transaction is open.
    """

    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    effects: Counter[str] = field(default_factory=Counter)
    answers: dict[str, AdapterAnswer] = field(default_factory=dict)
    before: list[UpstreamError] = field(default_factory=list)
    after: list[UpstreamError] = field(default_factory=list)
    read_errors: list[UpstreamError] = field(default_factory=list)
    refuse: str = ""
    changes: dict[str, Any] = field(default_factory=dict)
    requests: list[AdapterRequest] = field(default_factory=list)
    lookups: int = 0
    lookup_fails: bool = False
    keyless: frozenset[str] = frozenset({"note_keyless"})
    during: Callable[[], None] | None = None

    def call(self, endpoint: Endpoint, request: AdapterRequest) -> AdapterAnswer:
        assert endpoint.key == "store"
        assert_no_transaction()
        self.requests.append(request)
        if request.tool.startswith("get_"):
            return self._read(request)
        return self._write(request)

    def lookup(self, endpoint: Endpoint, request: AdapterRequest) -> AdapterAnswer | None:
        assert endpoint.key == "store"
        assert_no_transaction()
        self.lookups += 1
        if self.lookup_fails:
            raise unreachable()
        return self.answers.get(request.idempotency_key)

    @property
    def writes(self) -> list[AdapterRequest]:
        return [request for request in self.requests if not request.tool.startswith("get_")]

    def _read(self, request: AdapterRequest) -> AdapterAnswer:
        if self.read_errors:
            raise self.read_errors.pop(0)
        order = self.orders.get(str(request.arguments["order_id"]))
        return answer("Order not found", ok=False) if order is None else answer(dict(order))

    def _write(self, request: AdapterRequest) -> AdapterAnswer:
        if self.during is not None:
            self.during()
        if self.before:
            raise self.before.pop(0)
        key = request.idempotency_key
        assert key, "a write carries its key"
        if request.tool in self.keyless or key not in self.answers:
            self.answers[key] = self._take_effect(request)
        if self.after:
            raise self.after.pop(0)
        return self.answers[key]

    def _take_effect(self, request: AdapterRequest) -> AdapterAnswer:
        if self.refuse:
            return answer(self.refuse, ok=False)
        self.effects[request.idempotency_key] += 1
        self.orders[str(request.arguments["order_id"])].update(self.changes)
        return answer({"done": request.tool})


def assert_no_transaction() -> None:
    """Fail inside a transaction of ours; the one a test wraps itself in does not count."""
    ours = [block for block in connection.atomic_blocks if not block._from_testcase]
    assert not ours, "the system of record was called inside a transaction"


def make_connection(key: str = "store", **fields: Any) -> Connection:
    row = Connection(
        key=key,
        title=key.capitalize(),
        kind=fields.pop("kind", ConnectionKind.SIMULATED),
        **fields,
    )
    save_as(row, actor=FACTORY)
    return row


def make_tool(document: Mapping[str, Any], **changes: Any) -> ToolDefinition:
    """A tool and its first version as a pack would store them, on the connection it names."""
    whole = {**document, **changes}
    spec = parse_tool(document=whole)
    store = Connection.objects.filter(key=spec.connection).first() or make_connection(
        spec.connection
    )
    row = ToolDefinition(
        name=spec.name,
        title=spec.title,
        connection=store,
        effect=spec.effect,
        risk=spec.risk,
        document=whole,
        digest=tool_digest(whole),
    )
    save_as(row, actor=FACTORY)
    version = ToolVersion(
        tool=row,
        number=1,
        state=DocumentState.PUBLISHED,
        document=whole,
        digest=row.digest,
        author_id=FACTORY.id,
        author_label=FACTORY.label,
        created_at=MADE_AT,
        published_at=MADE_AT,
    )
    save_as(version, actor=FACTORY)
    return row


def make_case(queue: Queue, *, customer_ref: str = "sara_doe_496", **fields: Any) -> Case:
    """An open case, as a row; its ledger stream is empty."""
    customer = None
    if customer_ref:
        customer = Customer.objects.filter(ref=customer_ref).first()
        if customer is None:
            customer = Customer(ref=customer_ref, name="Sara Doe", created_at=MADE_AT)
            save_as(customer, actor=FACTORY)
    case = Case(
        queue=queue,
        customer=customer,
        channel=Channel.CHAT,
        opened_by_kind=FACTORY.kind,
        opened_by_id=FACTORY.id,
        opened_by_label=FACTORY.label,
        opened_at=MADE_AT,
        **fields,
    )
    save_as(case, actor=FACTORY)
    return case


def say(case: Case, speaker: Speaker, text: str, *, author: Actor = FACTORY) -> Message:
    """One utterance, as a row."""
    contact = Interaction.objects.filter(case=case).first() or Interaction.objects.create(
        case=case, channel=case.channel, started_at=MADE_AT
    )
    return Message.objects.create(
        case=case,
        interaction=contact,
        speaker=speaker,
        author_kind=author.kind,
        author_id=author.id,
        author_label=author.label,
        text=text,
        at=MADE_AT,
    )
