"""A queue with people and an agent, a store that counts effects, tools, and a policy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cases.memory.models import Case
from cases.tools import registry
from cases.tools.models import ToolCall, ToolDefinition
from cases.tools.registry import HandOver
from cases.tools.selectors import get_tool
from cases.tools.services import (
    EditDraft,
    Proposal,
    StepContext,
    approval_decided,
    edit,
    execute_call,
    lock_for_approval,
    propose,
)
from cases.tools.types import CallState
from governance.access.models import Queue, User
from governance.access.selectors import authority_of
from governance.access.types import Role, StepUpProof
from governance.approvals.models import ApprovalRequest
from governance.approvals.registry import DecidedHandler, handlers
from governance.approvals.services import cast_vote
from governance.approvals.types import Ballot, RejectReason, VoteChoice
from governance.ledger.models import LedgerEntry
from governance.policies.models import Policy, PolicyVersion
from governance.reviews.types import DocumentState
from orchestra.core import canonical
from orchestra.core.actors import Actor
from orchestra.core.dispatch import task_names
from orchestra.core.history import save_as
from orchestra.core.registry import Registry
from tests.factories.access import ALL_GRANTS, make_agent, make_person, make_queue
from tests.factories.tools import FACTORY, NOTE, READ_ORDER, REFUND, FakeStore, make_case, make_tool

NOW = datetime(2026, 11, 19, 19, 5, tzinfo=UTC)

#: One policy for everything: notes are free, refunds above $500 are approved, and so on.
POLICY: dict[str, Any] = {
    "key": "house",
    "title": "House rules",
    "thresholds": {"USD": 50000},
    "limits": [
        {
            "key": "notes_per_day",
            "title": "Notes per customer and day",
            "measure": "count",
            "per": "customer",
            "window_hours": 24,
            "at_most": 100,
            "outcome": "deny",
            "reason": "Too many notes today.",
        }
    ],
    "rules": [
        {
            "id": "lost",
            "title": "The order is not lost",
            "when": [{"fact": "order_status", "is": "lost"}],
            "outcome": "deny",
            "reason": "The order is lost.",
        },
        {
            "id": "unsure",
            "title": "The AI is sure",
            "when": [{"fact": "confidence", "below": 0.5}],
            "outcome": "specialist",
            "reason": "The AI is not sure enough.",
        },
    ],
}


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def tick(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now


@dataclass
class World:
    """Everything one test of the services needs, and short ways to act in it."""

    queue: Queue
    agent: Actor
    owner: User
    supervisor: User
    case: Case
    store: FakeStore
    clock: Clock
    settled: list[tuple[int, str]] = field(default_factory=list)
    handed_off: list[tuple[int, HandOver]] = field(default_factory=list)

    def propose(
        self,
        tool: str = "note_order",
        arguments: Mapping[str, Any] | None = None,
        *,
        actor: Actor | None = None,
        **fields: Any,
    ) -> ToolCall:
        fields.setdefault("confidence", 0.93)
        fields.setdefault("margin", 0.41)
        fields.setdefault("step", StepContext())
        return propose(
            authority=authority_of(actor or self.agent),
            now=self.clock(),
            proposal=Proposal(
                case=fields.pop("case", self.case),
                tool=get_tool(name=tool),
                arguments={"order_id": "#W1"} if arguments is None else dict(arguments),
                **fields,
            ),
        )

    def execute(self, call: ToolCall) -> CallState:
        state = execute_call(call_id=call.pk, read_clock=self.clock)
        call.refresh_from_db()
        return state

    def execute_until_settled(self, call: ToolCall, attempts: int = 10) -> CallState:
        for _ in range(attempts):
            state = self.execute(call)
            if state is not CallState.READY:
                return state
            self.clock.tick(400)
        raise AssertionError("the call does not settle")

    def approve(self, call: ToolCall, *, voter: User | None = None) -> ApprovalRequest:
        return self.vote(call, VoteChoice.APPROVE, voter=voter)

    def vote(
        self, call: ToolCall, choice: VoteChoice, *, voter: User | None = None
    ) -> ApprovalRequest:
        request = ApprovalRequest.objects.get(public_id=call.approval_id_text)
        voted = cast_vote(
            actor=(voter or self.supervisor).as_actor(),
            now=self.clock(),
            request_id=request.public_id,
            ballot=Ballot(
                choice=choice,
                action_digest=request.action_digest,
                view_digest=request.view_digest,
                reason="looks right",
                reason_code=RejectReason.OTHER,
                proof=StepUpProof(at=self.clock(), method="test"),
            ),
        )
        call.refresh_from_db()
        return voted

    def edit(
        self,
        call: ToolCall,
        arguments: Mapping[str, Any],
        *,
        editor: User | Actor | None = None,
        **changes: Any,
    ) -> ToolCall:
        actor = editor or self.supervisor
        draft = {"digest": call.action_digest, "reason": "The list named less.", **changes}
        edited = edit(
            actor=actor.as_actor() if isinstance(actor, User) else actor,
            now=self.clock(),
            call_id=call.public_id,
            draft=EditDraft(arguments=dict(arguments), **draft),
        )
        call.refresh_from_db()
        return edited

    def kinds(self, case: Case | None = None) -> list[str]:
        stream = (case or self.case).stream
        rows = LedgerEntry.objects.filter(stream=stream).order_by("seq")
        return list(rows.values_list("kind", flat=True))


def publish(document: Mapping[str, Any], number: int = 1) -> PolicyVersion:
    """A policy in force, as rows; an older version of it is retired."""
    policy = Policy.objects.filter(key=document["key"]).first()
    if policy is None:
        policy = Policy(key=document["key"], title=document["title"])
        save_as(policy, actor=FACTORY)
    for old in policy.versions.filter(state=DocumentState.PUBLISHED):
        old.state = DocumentState.RETIRED
        save_as(old, actor=FACTORY)
    version = PolicyVersion(
        policy=policy,
        number=number,
        state=DocumentState.PUBLISHED,
        document=dict(document),
        digest=canonical.digest("orchestra.policy.v1", dict(document)),
        author_id=FACTORY.id,
        author_label=FACTORY.label,
        created_at=NOW,
        published_at=NOW,
    )
    save_as(version, actor=FACTORY)
    return version


@pytest.fixture
def fresh_registries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Registries of this test's own: nothing that start-up wired is told or called."""
    for name in ("adapters", "proposed", "settled", "handed_off"):
        monkeypatch.setattr(registry, name, Registry(name))


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What was rung for; nothing is sent."""
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr(
        "orchestra.core.dispatch._send", lambda name, args: sent.append((name, *args))
    )
    return sent


@pytest.fixture
def world(fresh_registries: None, rung: list[Any], db: None) -> World:
    """The world of the tests below; the order #W1 is delivered."""
    del fresh_registries, rung, db
    return make_world()


def make_world() -> World:
    """Build a world on registries that are fresh."""
    task_names.register("cases.tools.execute", "cases.tools.execute")
    queue = make_queue()
    owner = make_person("", roles=[Role.SUPERVISOR], grants={queue: ALL_GRANTS})
    supervisor = make_person("", roles=[Role.SUPERVISOR], grants={queue: ALL_GRANTS})
    agent = make_agent("", owner=owner, queues=[queue])
    store = FakeStore(orders={"#W1": {"status": "delivered", "user_id": "sara_doe_496"}})
    world = World(
        queue=queue,
        agent=agent.as_actor(),
        owner=owner,
        supervisor=supervisor,
        case=make_case(queue),
        store=store,
        clock=Clock(),
    )
    registry.adapters.register("simulated", store)
    registry.settled.register(
        "test", lambda call, _now: world.settled.append((call.pk, call.state))
    )
    registry.handed_off.register(
        "test", lambda call, over, _now: world.handed_off.append((call.pk, over))
    )
    wire_approvals()
    for document in (READ_ORDER, REFUND, NOTE):
        if not ToolDefinition.objects.filter(name=document["name"]).exists():
            make_tool(document)
    if not PolicyVersion.objects.filter(policy__key="house").exists():
        publish(POLICY)
    return world


def wire_approvals() -> None:
    """Register what wiring registers; harmless where it did."""
    if "tool_call" not in handlers:
        handlers.register("tool_call", DecidedHandler(lock_for_approval, approval_decided))
