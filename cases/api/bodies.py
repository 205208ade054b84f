"""What came in, as the services take it: the same for every door an AI agent knocks at."""

from collections.abc import Callable, Mapping
from typing import Any

from cases.handoff.types import Warmth
from cases.journeys import services as journeys
from cases.memory.types import Channel
from cases.tools.models import ToolCall


def contact_of(body: Mapping[str, Any]) -> journeys.Contact:
    """Return a valid ``CaseIn`` as a contact."""
    customer = body.get("customer") or {}
    verified = body.get("verified") or {}
    return journeys.Contact(
        channel=Channel(body["channel"]),
        text=body["text"],
        external_ref=body.get("external_ref"),
        customer_ref=customer.get("ref", ""),
        customer_name=customer.get("name", ""),
        contact_points=tuple(customer.get("contact_points", ())),
        verified_level=verified.get("level", ""),
        verified_method=verified.get("method", ""),
    )


def proposal_of(
    body: Mapping[str, Any],
    *,
    tool: str,
    request_key: str = "",
    keep: Callable[[ToolCall], None] | None = None,
) -> journeys.ProposalRequest:
    """Return a valid ``ToolCallIn`` as a proposal.

    Args:
        body: The valid body.
        tool: Name of the tool.
        request_key: Digest of the keyed request; empty where there is none.
        keep: Keeps what is answered, in the act that stores the call.
    """
    return journeys.ProposalRequest(
        tool=tool,
        arguments=body["arguments"],
        step=body.get("step"),
        confidence=body.get("confidence"),
        margin=body.get("margin"),
        rationale=body["rationale"],
        evidence=tuple(body["evidence"]),
        customer_paragraph=body["customer_paragraph"],
        request_key=request_key,
        keep=keep,
    )


def offer_of(body: Mapping[str, Any]) -> journeys.HandoffOffer:
    """Return a valid ``HandoffIn`` as an offer."""
    return journeys.HandoffOffer(
        queue_key=body["to"]["queue"],
        role=body["to"]["role"],
        person_id=body["to"]["person"],
        skills=tuple(body["to"].get("skills", ())),
        warmth=Warmth(body["warmth"]),
        reason_code=body["reason_code"],
        note=body["note"],
        suggested_next_step=body["suggested_next_step"],
        customer_paragraph=body["customer_paragraph"],
    )
