"""The states of a handoff and the seven parts of its bundle."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class HandoffState(StrEnum):
    """Where a handoff stands."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    COMPLETED = "completed"


class BundlePart(StrEnum):
    """The seven parts, none optional, in their fixed order."""

    INTENT = "intent"
    ENTITIES = "entities"
    COMPLETED_STEPS = "completed_steps"
    POLICY_CHECKS = "policy_checks"
    RISK_AND_VERIFICATION = "risk_and_verification"
    NEXT_STEP = "next_step"
    CUSTOMER_PARAGRAPH = "customer_paragraph"


@dataclass(frozen=True, slots=True)
class Bundle:
    """The context that travels with a handoff, as JSON values by part.

    Attributes:
        parts: Each part's content; see ``handoff.rules`` for the shapes.
        missing: Parts that could not be filled, in order.
    """

    parts: dict[BundlePart, Any]
    missing: tuple[BundlePart, ...]
