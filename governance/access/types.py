"""Roles, capabilities, and what an actor's authority is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from orchestra.core.actors import Actor


class Role(StrEnum):
    """The nine roles of a centre; each is a group of the same name."""

    AI_AGENT = "ai_agent"
    HUMAN_AGENT = "human_agent"
    SPECIALIST = "specialist"
    SUPERVISOR = "supervisor"
    COMPLIANCE_OFFICER = "compliance_officer"
    POLICY_OWNER = "policy_owner"
    QA_ANALYST = "qa_analyst"
    QA_LEAD = "qa_lead"
    ADMINISTRATOR = "administrator"


class Capability(StrEnum):
    """What can be asked of the one permission function.

    The first group holds on a queue (role and grant on that queue); the second everywhere.
    """

    CASE_OPEN = "case.open"
    CASE_READ = "case.read"
    CASE_WORK = "case.work"
    TOOL_PROPOSE = "tool.propose"
    CUSTOMER_VERIFY = "customer.verify"
    HANDOFF_OFFER = "handoff.offer"
    HANDOFF_ACCEPT = "handoff.accept"
    APPROVAL_READ = "approval.read"
    APPROVAL_VOTE = "approval.vote"
    APPROVAL_OVERSEE = "approval.oversee"
    CASE_CLOSE = "case.close"

    LEDGER_READ = "ledger.read"
    LEDGER_VERIFY = "ledger.verify"
    DECISION_READ = "decision.read"
    DECISION_REPLAY = "decision.replay"
    POLICY_READ = "policy.read"
    POLICY_EDIT = "policy.edit"
    CUE_SHEET_READ = "cue_sheet.read"
    CUE_SHEET_EDIT = "cue_sheet.edit"
    CHANGE_READ = "change.read"
    CHANGE_REVIEW = "change.review"
    CHANGE_PUBLISH = "change.publish"
    TOOL_READ = "tool.read"
    TOOL_EDIT = "tool.edit"
    KNOWLEDGE_READ = "knowledge.read"
    KNOWLEDGE_EDIT = "knowledge.edit"
    SCORECARD_READ = "scorecard.read"
    SCORECARD_EDIT = "scorecard.edit"
    SAMPLING_READ = "sampling.read"
    SAMPLING_EDIT = "sampling.edit"
    QUALITY_READ = "quality.read"
    QUALITY_REVIEW = "quality.review"
    QUALITY_LEAD = "quality.lead"
    QUALITY_ANSWER = "quality.answer"
    METRIC_READ = "metric.read"
    METRIC_EDIT = "metric.edit"
    ACCESS_READ = "access.read"
    ACCESS_MANAGE = "access.manage"
    ACCESS_REVIEW = "access.review"
    VIGILANCE_SWITCH = "vigilance.switch"
    PRIVACY_MANAGE = "privacy.manage"
    STOP_USE = "stop.use"
    PACK_LOAD = "pack.load"


class QueueGrant(StrEnum):
    """Object permissions on a queue, as django-guardian stores them."""

    READ = "read_queue"
    WORK = "work_queue"
    VOTE = "vote_queue"


#: The one object permission on a policy and on a cue sheet: that what the role says about
#: changing such documents holds on this one.
GOVERN_POLICY = "govern_policy"
GOVERN_CUE_SHEET = "govern_cuesheet"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a token carries of what its agent may do.

    Attributes:
        capabilities: None for all that the role of AI agents carries.
        tools: Names of the tools it may propose; None for every tool.
    """

    capabilities: frozenset[Capability] | None = None
    tools: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """How much an AI agent may propose; None for no bound.

    Attributes:
        calls_per_hour: Calls in any hour.
        calls_per_day: Calls in any 24 hours.
        writes_per_day: Calls that change something, in any 24 hours.
    """

    calls_per_hour: int | None = None
    calls_per_day: int | None = None
    writes_per_day: int | None = None


@dataclass(frozen=True, slots=True)
class Authority:
    """All that decides what an actor may do, read once.

    Attributes:
        actor: Whose authority it is.
        active: False for a disabled person or a revoked agent.
        roles: Roles held.
        queue_grants: Queue primary key to the grants held on it.
        every_kind: Kinds of documents on all of which the roles hold.
        documents: Kind of document to the keys of those granted by name.
        owner: The person who owns an agent; None for people.
        acts_for: The person an agent acts for, where it acts for one.
        withheld: Capabilities of the roles that stay closed until a second factor is set up.
        scope: What the token shown carries of it; all of it for everybody else.
        budget: How much an AI agent may propose.
    """

    actor: Actor
    active: bool
    roles: frozenset[Role]
    queue_grants: Mapping[int, frozenset[QueueGrant]] = field(default_factory=dict)
    every_kind: frozenset[str] = frozenset()
    documents: Mapping[str, frozenset[str]] = field(default_factory=dict)
    owner: Actor | None = None
    acts_for: Actor | None = None
    withheld: frozenset[Capability] = frozenset()
    scope: Scope = field(default_factory=Scope)
    budget: Budget = field(default_factory=Budget)


class LostBy(StrEnum):
    """How authority went."""

    TAKEN = "taken"
    ENDED = "ended"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Lost:
    """That people, or an AI agent, hold less than before.

    Attributes:
        by: How it went.
        people: Public ids of the people concerned.
        agent: Public id of the AI agent concerned, empty where people are.
        label: Whom to name in what follows from it: a person, a role, an agent.
        reason: Why it went, as it was said.
    """

    by: LostBy
    people: frozenset[str] = frozenset()
    agent: str = ""
    label: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StepUpProof:
    """That a person proved who they are again.

    Attributes:
        at: When, in UTC.
        method: ``password`` or ``otp``; ``test`` only where settings allow it.
    """

    at: datetime
    method: str


@dataclass(frozen=True, slots=True)
class Delegation:
    """That one person lets another act in their place for a time.

    Attributes:
        giver_id: Public id of the person who hands over.
        giver_label: Their name.
        delegate_id: Public id of the person who acts in their place.
        covers: A whole role of the giver's, or one capability of theirs.
        begins_at: From when.
        until_at: Until when it was given.
        ended_at: When it was ended early; None where it was not.
    """

    giver_id: str
    giver_label: str
    delegate_id: str
    covers: Role | Capability
    begins_at: datetime
    until_at: datetime
    ended_at: datetime | None = None
