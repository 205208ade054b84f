"""Builds a small retail centre on a simulated store."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cases.journeys import services
from cases.memory.models import Case
from cases.memory.types import Channel, Speaker
from cases.packs.services import load_builtin
from cases.tools import services as tools
from cases.tools.adapters.retail.dataset import load_database
from cases.tools.models import ToolCall
from governance.access import services as access
from governance.access.models import Queue, User
from governance.access.types import QueueGrant, Role, StepUpProof
from governance.approvals.models import ApprovalRequest
from governance.approvals.services import cast_vote
from governance.approvals.types import Ballot, RejectReason, VoteChoice
from governance.ledger.models import LedgerEntry
from orchestra.core.actors import Actor, system

BUILDER = system("test")
GRANTS = (QueueGrant.READ, QueueGrant.WORK, QueueGrant.VOTE)
FATIMA, OLIVIA, YUSUF = "fatima_johnson_7581", "olivia_lopez_3865", "yusuf_rossi_9620"
EMAILS = {
    user_id: str(load_database()["users"][user_id]["email"]) for user_id in (FATIMA, OLIVIA, YUSUF)
}
#: An order of Fatima's above $500, and one of Olivia's below.
CANCEL = {"order_id": "#W5199551", "reason": "no longer needed"}
SMALL = {"order_id": "#W9373487", "reason": "no longer needed"}
WORDS = "I want to cancel my order #W5199551, I no longer need it."


@dataclass
class Clock:
    """A clock that moves a second with every look."""

    at: datetime

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@dataclass
class Centre:
    """A small retail centre."""

    clock: Clock
    agent: Actor
    journal: Path
    people: dict[str, User] = field(default_factory=dict)

    def open(self, text: str = WORDS, **changes: Any) -> services.Opened:
        contact = services.Contact(channel=Channel.CHAT, text=text, **changes)
        return services.open_case(actor=self.agent, now=self.clock(), contact=contact)

    def propose(self, case: Case, tool: str, arguments: Any = None, **changes: Any) -> ToolCall:
        actor = changes.pop("actor", self.agent)
        request = services.ProposalRequest(
            tool=tool,
            arguments=arguments or {},
            **{"confidence": 0.99, "margin": 0.9, **changes},
        )
        fresh = Case.objects.select_related("queue", "customer").get(pk=case.pk)
        return services.propose_tool_call(
            actor=actor,
            case=fresh,
            request=request,
            read_clock=self.clock,
        )

    def look_up(self, case: Case, email: str) -> ToolCall:
        return self.propose(case, "find_user_id_by_email", {"email": email})

    def identify(self, case: Case, user_id: str = FATIMA) -> ToolCall:
        return self.look_up(case, EMAILS[user_id])

    def agree(self, case: Case) -> tuple[str, ...]:
        """List details and get the yes; return both messages' ids."""
        said = []
        for speaker, text in (
            (Speaker.AI, "I would do this: … Shall I?"),
            (Speaker.CUSTOMER, "Yes, please."),
        ):
            message = services.add_message(
                actor=self.agent, now=self.clock(), case=case, speaker=speaker, text=text
            )
            said.append(str(message.public_id))
        return tuple(said)

    def work(self) -> int:
        """Do what a worker would do now."""
        return tools.execute_due(now=self.clock(), read_clock=self.clock)

    def vote(self, call: ToolCall, name: str, choice: VoteChoice) -> None:
        """Cast a person's vote on the call's approval."""
        request = ApprovalRequest.objects.get(public_id=call.approval_id_text)
        ballot = Ballot(
            choice=choice,
            action_digest=request.action_digest,
            view_digest=request.view_digest,
            reason="seen",
            reason_code=RejectReason.OTHER,
            proof=StepUpProof(at=self.clock.at, method="test"),
        )
        cast_vote(
            actor=self.people[name].as_actor(),
            now=self.clock(),
            request_id=request.public_id,
            ballot=ballot,
        )

    def states(self, case: Case) -> dict[str, str]:
        """Return the states of the newest journey's steps by key."""
        journey = case.journeys.order_by("-pk").first()
        assert journey is not None
        return {step.key: step.state for step in journey.steps.all()}

    def kinds(self, case: Case) -> list[str]:
        rows = LedgerEntry.objects.filter(stream=case.stream).order_by("seq")
        return list(rows.values_list("kind", flat=True))


def make_centre(*, now: datetime, journal: Path) -> Centre:
    """Load the retail pack and make two supervisors, a human agent, an operator and an AI agent.

    Args:
        now: When everything is made.
        journal: File of the store's journal.
    """
    access.ensure_roles(actor=BUILDER, now=now)
    overrides = {"store.kind": "simulated", "store.journal": str(journal)}
    load_builtin(actor=BUILDER, now=now, name="retail", overrides=overrides)
    people = {}
    for name, role in (
        ("maren", Role.SUPERVISOR),
        ("dario", Role.SUPERVISOR),
        ("lena", Role.HUMAN_AGENT),
        ("petra", Role.ADMINISTRATOR),
    ):
        people[name] = _person(now, name, role)
    agent = access.create_agent(
        actor=BUILDER,
        now=now,
        name="Store assistant",
        owner=people["petra"],
        queues=list(Queue.objects.all()),
        reason="set up",
    )
    return Centre(clock=Clock(now), agent=agent.as_actor(), journal=journal, people=people)


def _person(now: datetime, name: str, role: Role) -> User:
    user = User.objects.create_user(username=name, first_name=name.title(), last_name="Test")
    access.give_role(actor=BUILDER, now=now, user=user, role=role, reason="set up")
    if role is not Role.ADMINISTRATOR:
        for queue in Queue.objects.all():
            for grant in GRANTS if role is Role.SUPERVISOR else GRANTS[:2]:
                access.grant_queue(
                    actor=BUILDER, now=now, user=user, queue=queue, grant=grant, reason="set up"
                )
    return user
