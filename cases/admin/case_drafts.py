"""The drafts a person finds on the case page: what to tell the customer, and how it went."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cases.admin.bundles import paragraph_of
from cases.handoff import selectors as handoffs
from cases.handoff.drafting import draft_summary
from cases.handoff.models import Handoff
from cases.handoff.types import BundlePart, HandoffState
from cases.memory import selectors as memory
from cases.memory.models import Case, Message
from cases.memory.types import Speaker
from orchestra.core import words

_NOT_DONE = frozenset({"refused", "denied", "rejected", "failed", "expired", "voided"})


def draft_of(handoff: Handoff | None, said: Sequence[Message]) -> str:
    """Return part 7 of a bundle that was taken, until the person has spoken; else nothing."""
    if handoff is None or handoff.state != HandoffState.ACCEPTED or was_answered(handoff, said):
        return ""
    return paragraph_of(handoff)


def reply_draft(case: Case) -> str:
    """Return the draft that the reply of a case begins with."""
    said = list(memory.list_messages(case=case))
    return draft_of(handoffs.find_latest_handoff(case=case), said)


def was_answered(handoff: Handoff, said: Sequence[Message]) -> bool:
    """Return whether a person spoke after the case was offered."""
    return any(
        message.speaker == Speaker.HUMAN and message.at >= handoff.offered_at for message in said
    )


def summary_draft(case: Case, calls: Iterable[Mapping[str, Any]], handoff: Handoff | None) -> str:
    """Return a first wording of how a case went, from its record alone.

    Args:
        case: The case.
        calls: Its tool calls as ``calls.describe_calls`` tells them.
        handoff: Its newest handoff; None where it has none.
    """
    part = handoff.bundle.get(str(BundlePart.INTENT)) if handoff else None
    writes = [call for call in calls if call["writes"]]
    return draft_summary(
        intent=str((part or {}).get("title", "") or words.plain(case.intent)),
        done=[call["tool_title"] for call in writes if call["state"] == "succeeded"],
        refused=[call["tool_title"] for call in writes if call["state"] in _NOT_DONE],
        reason=words.plain(handoff.reason_code) if handoff else "",
    )
