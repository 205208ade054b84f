"""How far each role carries each capability, and which two never meet on one item; pure."""

from collections.abc import Mapping
from enum import StrEnum

from governance.access.rules import (
    CAPABILITIES,
    DOCUMENT_BOUND,
    PEOPLE_ONLY,
    QUEUE_BOUND,
    READS_EVERY_QUEUE,
)
from governance.access.types import Capability, QueueGrant, Role


class Scope(StrEnum):
    """How far a role carries a capability."""

    EVERYWHERE = "everywhere"
    OWN = "own"
    NO = "no"


#: Two capabilities that one person may hold, and that the rules refuse to join on one item:
#: whoever proposed does not vote, whoever wrote does not vote on the text.
KEPT_APART: tuple[tuple[Capability, Capability], ...] = (
    (Capability.TOOL_PROPOSE, Capability.APPROVAL_VOTE),
    (Capability.POLICY_EDIT, Capability.CHANGE_REVIEW),
    (Capability.CUE_SHEET_EDIT, Capability.CHANGE_REVIEW),
    (Capability.KNOWLEDGE_EDIT, Capability.CHANGE_REVIEW),
    (Capability.TOOL_EDIT, Capability.CHANGE_REVIEW),
    (Capability.SCORECARD_EDIT, Capability.CHANGE_REVIEW),
    (Capability.SAMPLING_EDIT, Capability.CHANGE_REVIEW),
    (Capability.METRIC_EDIT, Capability.CHANGE_REVIEW),
)


def scope_of(role: Role, capability: Capability) -> Scope:
    """Return how far a role carries a capability: everywhere, where it is granted, or not.

    Args:
        role: The role alone, without any grant.
        capability: What is asked.
    """
    if capability not in CAPABILITIES[role]:
        return Scope.NO
    if role is Role.AI_AGENT and capability in PEOPLE_ONLY:
        return Scope.NO
    if capability in DOCUMENT_BOUND:
        return Scope.OWN
    needed = QUEUE_BOUND.get(capability)
    if needed is None or (needed is QueueGrant.READ and role in READS_EVERY_QUEUE):
        return Scope.EVERYWHERE
    return Scope.OWN


def framed_in(role: Role) -> frozenset[Capability]:
    """Return the capabilities of a role that it holds with another they never meet on one item."""
    held = {one for one in Capability if scope_of(role, one) is not Scope.NO}
    return frozenset(one for pair in KEPT_APART if held >= set(pair) for one in pair)


def build_matrix() -> Mapping[Capability, Mapping[Role, Scope]]:
    """Return how far every role carries every capability, from the rules that run."""
    return {one: {role: scope_of(role, one) for role in Role} for one in Capability}
