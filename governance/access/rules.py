"""Which role may do what, and on which queues; pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType

from governance.access.types import Authority, Capability, QueueGrant, Role, StepUpProof
from orchestra.core.actors import ActorKind

_READS = frozenset({Capability.CUE_SHEET_READ, Capability.TOOL_READ, Capability.KNOWLEDGE_READ})
_CASE_WORK = frozenset(
    {
        Capability.CASE_OPEN,
        Capability.CASE_READ,
        Capability.CASE_WORK,
        Capability.TOOL_PROPOSE,
        Capability.HANDOFF_OFFER,
        Capability.APPROVAL_READ,
        Capability.CASE_CLOSE,
    }
)
_HUMAN_WORK = _CASE_WORK | {
    Capability.CUSTOMER_VERIFY,
    Capability.HANDOFF_ACCEPT,
    Capability.QUALITY_ANSWER,
}
_REVIEW = frozenset(
    {
        Capability.CASE_READ,
        Capability.APPROVAL_READ,
        Capability.DECISION_READ,
        Capability.POLICY_READ,
        Capability.CHANGE_READ,
    }
)
#: How work is drawn, judged and measured, for whoever answers for it or reviews it.
_QUALITY = frozenset(
    {
        Capability.SCORECARD_READ,
        Capability.SAMPLING_READ,
        Capability.METRIC_READ,
        Capability.QUALITY_READ,
    }
)
_REVIEWS_CHANGES = frozenset({Capability.CHANGE_READ, Capability.CHANGE_REVIEW})

#: What each role carries. Closing is here for AI agents too: whether a case may close, and
#: whether a person signs it off, is the cue sheet's rule, not the role's.
CAPABILITIES: Mapping[Role, frozenset[Capability]] = MappingProxyType(
    {
        Role.AI_AGENT: _CASE_WORK | _READS,
        Role.HUMAN_AGENT: _HUMAN_WORK | _READS,
        Role.SPECIALIST: _HUMAN_WORK
        | _READS
        | {
            Capability.APPROVAL_VOTE,
            Capability.DECISION_READ,
            Capability.POLICY_READ,
            Capability.CHANGE_READ,
        },
        Role.SUPERVISOR: _HUMAN_WORK
        | _READS
        | _QUALITY
        | {
            Capability.APPROVAL_VOTE,
            Capability.APPROVAL_OVERSEE,
            Capability.DECISION_READ,
            Capability.DECISION_REPLAY,
            Capability.POLICY_READ,
            Capability.LEDGER_READ,
            Capability.ACCESS_READ,
            Capability.STOP_USE,
            Capability.QUALITY_REVIEW,
        }
        | _REVIEWS_CHANGES,
        Role.COMPLIANCE_OFFICER: _REVIEW
        | _READS
        | _QUALITY
        | _REVIEWS_CHANGES
        | {
            Capability.CHANGE_PUBLISH,
            Capability.APPROVAL_VOTE,
            Capability.APPROVAL_OVERSEE,
            Capability.DECISION_REPLAY,
            Capability.LEDGER_READ,
            Capability.LEDGER_VERIFY,
            Capability.ACCESS_READ,
            Capability.ACCESS_REVIEW,
            Capability.VIGILANCE_SWITCH,
            Capability.PRIVACY_MANAGE,
            Capability.STOP_USE,
        },
        Role.POLICY_OWNER: _READS
        | _QUALITY
        | _REVIEWS_CHANGES
        | {
            Capability.CHANGE_PUBLISH,
            Capability.CUE_SHEET_EDIT,
            Capability.KNOWLEDGE_EDIT,
            Capability.DECISION_READ,
            Capability.DECISION_REPLAY,
            Capability.POLICY_READ,
            Capability.POLICY_EDIT,
            Capability.TOOL_EDIT,
        },
        Role.QA_ANALYST: _REVIEW
        | _READS
        | _QUALITY
        | {Capability.SCORECARD_EDIT, Capability.QUALITY_REVIEW},
        Role.QA_LEAD: _REVIEW
        | _READS
        | _QUALITY
        | _REVIEWS_CHANGES
        | {
            Capability.SCORECARD_EDIT,
            Capability.SAMPLING_EDIT,
            Capability.QUALITY_REVIEW,
            Capability.QUALITY_LEAD,
            Capability.METRIC_EDIT,
            Capability.APPROVAL_OVERSEE,
            Capability.DECISION_REPLAY,
            Capability.KNOWLEDGE_EDIT,
            Capability.LEDGER_READ,
        },
        Role.ADMINISTRATOR: _REVIEW
        | _READS
        | _QUALITY
        | {
            Capability.DECISION_REPLAY,
            Capability.LEDGER_READ,
            Capability.LEDGER_VERIFY,
            Capability.ACCESS_READ,
            Capability.ACCESS_MANAGE,
            Capability.VIGILANCE_SWITCH,
            Capability.PACK_LOAD,
            Capability.STOP_USE,
            Capability.TOOL_EDIT,
        },
    }
)

#: The capabilities that hold on a queue, and the grant each needs there besides the role.
QUEUE_BOUND: Mapping[Capability, QueueGrant] = MappingProxyType(
    {
        Capability.CASE_OPEN: QueueGrant.WORK,
        Capability.CASE_READ: QueueGrant.READ,
        Capability.CASE_WORK: QueueGrant.WORK,
        Capability.TOOL_PROPOSE: QueueGrant.WORK,
        Capability.CUSTOMER_VERIFY: QueueGrant.WORK,
        Capability.HANDOFF_OFFER: QueueGrant.WORK,
        Capability.HANDOFF_ACCEPT: QueueGrant.WORK,
        Capability.APPROVAL_READ: QueueGrant.READ,
        Capability.APPROVAL_VOTE: QueueGrant.VOTE,
        Capability.APPROVAL_OVERSEE: QueueGrant.READ,
        Capability.CASE_CLOSE: QueueGrant.WORK,
    }
)

#: The capabilities that hold on a document of a bound kind only where the role's people are
#: granted every document of the kind, or this one by name.
DOCUMENT_BOUND = frozenset(
    {
        Capability.POLICY_EDIT,
        Capability.CUE_SHEET_EDIT,
        Capability.CHANGE_REVIEW,
        Capability.CHANGE_PUBLISH,
    }
)
#: The kinds of documents whose changing can be granted by name.
BOUND_KINDS = frozenset({"policy", "cue_sheet"})

#: Roles that review the whole centre and so read every queue without a grant.
READS_EVERY_QUEUE = frozenset(
    {Role.COMPLIANCE_OFFICER, Role.QA_ANALYST, Role.QA_LEAD, Role.ADMINISTRATOR}
)

#: What neither an AI agent nor the system ever does, whatever its role.
PEOPLE_ONLY = frozenset(
    {
        Capability.APPROVAL_VOTE,
        Capability.CHANGE_REVIEW,
        Capability.VIGILANCE_SWITCH,
        Capability.PRIVACY_MANAGE,
        Capability.QUALITY_REVIEW,
        Capability.QUALITY_LEAD,
        Capability.QUALITY_ANSWER,
    }
)

#: Said to who may do something only with a second factor, and has none.
NEEDS_FACTOR = "Set up a second factor first: it is under your name. Until then this stays closed."

METHODS = frozenset({"password", "otp"})
TEST_METHOD = "test"
#: That the centre's identity provider signed a person in just now: enough to set up a second
#: factor, since some have no password here, and for nothing else.
IDENTITY_METHOD = "identity"
#: A proof this far in the future is a clock that runs ahead, not a forgery.
CLOCK_TOLERANCE = timedelta(seconds=5)

#: What an AI agent holds on a queue it is granted.
AGENT_GRANTS = frozenset({QueueGrant.READ, QueueGrant.WORK})

#: Roles whose holders may vote where they hold the grant.
VOTING_ROLES = frozenset(
    role for role, held in CAPABILITIES.items() if Capability.APPROVAL_VOTE in held
)


def capabilities_of(roles: Iterable[Role]) -> frozenset[Capability]:
    """Return every capability that at least one of the roles carries."""
    return _carried_by(frozenset(roles))


@lru_cache(maxsize=1024)
def _carried_by(roles: frozenset[Role]) -> frozenset[Capability]:
    # A page asks this some hundred times, always of the same roles.
    return frozenset[Capability]().union(*(CAPABILITIES[role] for role in roles))


def carries(grants: Iterable[QueueGrant], needed: QueueGrant) -> bool:
    """Return whether grants on one queue carry the one needed; any of them carries reading."""
    held = frozenset(grants)
    return needed in held or (needed is QueueGrant.READ and bool(held))


def may(authority: Authority, capability: Capability, queue_id: int | None = None) -> bool:
    """Return whether an actor may do this here: the one permission question.

    A person needs a role with the capability and, where it holds on a queue, the grant
    there; being a superuser changes nothing. Voting is for people only.

    Args:
        authority: What the actor holds, read once.
        capability: What is asked.
        queue_id: Primary key of the queue. Without it a queue-bound capability is answered
            for "on at least one queue", which decides whether a page is offered, never
            whether an object on it may be touched.
    """
    if not authority.active or capability not in _held(authority):
        return False
    if capability not in QUEUE_BOUND:
        return True
    queues = queues_where(authority, capability)
    return queues is None or (bool(queues) if queue_id is None else queue_id in queues)


def may_on(authority: Authority, capability: Capability, kind: str, key: str) -> bool:
    """Return whether an actor may do this to one document: the permission question of documents.

    The role carries the capability; on policies and cue sheets it holds where every document
    of the kind is granted, or this one by name. A document that does not stand yet has no
    grant of its own, so making one needs the grant of every document.

    Args:
        authority: What the actor holds, read once.
        capability: What is asked.
        kind: The kind of document, such as ``policy``.
        key: The document's key.
    """
    if not may(authority, capability):
        return False
    if authority.actor.kind is ActorKind.SYSTEM or not is_bound(capability, kind):
        return True
    return kind in authority.every_kind or key in authority.documents.get(kind, frozenset())


def is_bound(capability: Capability, kind: str) -> bool:
    """Return whether a capability holds on documents of a kind by grant only."""
    return capability in DOCUMENT_BOUND and kind in BOUND_KINDS


def queues_where(authority: Authority, capability: Capability) -> frozenset[int] | None:
    """Return the queues on which a queue-bound capability is held, None for every queue.

    Args:
        authority: What the actor holds, read once.
        capability: A key of ``QUEUE_BOUND``.
    """
    needed = QUEUE_BOUND[capability]
    if not authority.active or capability not in _held(authority):
        return frozenset()
    if authority.actor.kind is ActorKind.SYSTEM:
        return None
    readers = authority.roles & READS_EVERY_QUEUE
    if needed is QueueGrant.READ and capability in capabilities_of(readers):
        return None
    return frozenset(
        queue for queue, grants in authority.queue_grants.items() if carries(grants, needed)
    )


def _held(authority: Authority) -> frozenset[Capability]:
    if authority.actor.kind is ActorKind.SYSTEM:
        return frozenset(Capability) - PEOPLE_ONLY
    held = capabilities_of(authority.roles)
    if authority.withheld:
        held -= authority.withheld
    if authority.actor.is_human:
        return held
    carried = authority.scope.capabilities
    return held - PEOPLE_ONLY if carried is None else (held - PEOPLE_ONLY) & carried


def is_fresh(
    proof: StepUpProof | None,
    *,
    now: datetime,
    valid_seconds: float,
    is_test_allowed: bool,
    methods: frozenset[str] = METHODS,
) -> bool:
    """Return whether a person proved lately enough who they are.

    Args:
        proof: What was shown, if anything.
        now: The moment of the act.
        valid_seconds: How old a proof may be.
        is_test_allowed: Whether the method ``test`` counts; never in production.
        methods: Methods that count.
    """
    return (
        proof is not None
        and (proof.method in methods or (is_test_allowed and proof.method == TEST_METHOD))
        and timedelta(0) <= now - proof.at + CLOCK_TOLERANCE
        and now - proof.at <= timedelta(seconds=valid_seconds)
    )
