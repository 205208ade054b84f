"""Rows of approval requests, as the inbox and the start page place them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _

from cases.admin.approval_next import find_link, link_to
from cases.admin.masking import masked
from governance.admin.visit import Visit, way_to
from governance.approvals import selectors
from governance.approvals.inbox_query import InboxQuery, format_query, told_by
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import ApprovalState
from orchestra.core import words


def place_rows(
    request: HttpRequest, visit: Visit, query: InboxQuery, found: Sequence[ApprovalRequest]
) -> dict[str, Any]:
    """Return what the template of the rows places."""
    form = {
        "batch_link": find_link("approvals_batch"),
        "csrf_word": get_token(request),
        "criteria": format_query(query),
    }
    return {
        "rows": [_placed(describe_row(item, visit, query), visit, form) for item in found],
        "order": "risk" if query.is_by_risk else "deadline",
        "batch_link": form["batch_link"],
    }


def describe_row(
    found: ApprovalRequest, visit: Visit, query: InboxQuery | None = None
) -> dict[str, Any]:
    """Return one row of the inbox as its template places it.

    Args:
        found: The request, its columns told.
        visit: Who looks.
        query: The view of the inbox it stands in; None where it stands elsewhere.
    """
    is_waiting = found.state == ApprovalState.PENDING
    verdict = selectors.verdict_on(authority=visit.authority, request=found, now=visit.now)
    return {
        "key": str(found.pk),
        "id": str(found.public_id),
        "created": int(found.created_at.timestamp()),
        "link": link_to("approval", found.public_id, query),
        "title": masked(found.headline or found.title),
        "detail": found.detail,
        "journey": found.journey,
        "label": found.label,
        "risk": found.risk,
        "money": money_words(found, found.money_direction or ""),
        "requester_kind": found.requester_kind,
        "requester_label": found.requester_label,
        "queue": found.queue.title,
        "deadline_at": found.deadline_at,
        "deadline": words.clock_time(found.deadline_at),
        "votes": votes_words(found),
        "mine": is_mine(found, visit),
        "claimed_until_at": found.claimed_until_at,
        "holder": _holder(found, visit),
        "handed": _handed(found, visit) if is_waiting else "",
        "hand_link": way_to("approval_hand_over", found.public_id)
        if is_waiting and verdict.allowed
        else "",
        "barred": "" if verdict.allowed or not is_waiting else verdict.sentence,
        "ended": "" if is_waiting else _ended(found),
        "claim_link": way_to("approval_claim", found.public_id)
        if is_waiting and verdict.allowed
        else "",
    }


def describe_money(found: ApprovalRequest, view: Mapping[str, Any]) -> dict[str, str]:
    """Return the money of a request from the customer's side: ``+`` where the customer pays.

    Args:
        found: The request.
        view: What its approver is shown.
    """
    return money_words(found, told_by(view)["money_direction"])


def money_words(found: ApprovalRequest, direction: str) -> dict[str, str]:
    """Return the money of a request whose direction is known: ``+`` where the customer pays."""
    if not found.amount_minor or direction == "none":
        return {"text": "", "note": ""}
    amount = words.money(minor=found.amount_minor, currency=found.currency)
    if direction == "from_customer":
        return {"text": f"+ {amount}", "note": ""}
    return {"text": amount, "note": _("both ways") if direction == "both_ways" else ""}


def votes_words(found: ApprovalRequest) -> str:
    """Return how many approving votes a request has, of how many it needs."""
    cast = selectors.count_approvals(found)
    return _("%(cast)d of %(needed)d") % {"cast": cast, "needed": found.votes_needed}


def is_mine(found: ApprovalRequest, visit: Visit) -> bool:
    """Return whether the person at the screen holds a request now."""
    return selectors.is_claimed(found, visit.now) and found.claimed_by_id == visit.actor.pk


def _holder(found: ApprovalRequest, visit: Visit) -> str:
    if found.claimed_by is None or not selectors.is_claimed(found, visit.now):
        return ""
    return _("%(name)s has it") % {"name": found.claimed_by.label}


def _handed(found: ApprovalRequest, visit: Visit) -> str:
    """Return to whom a request is handed, and until when."""
    to, until = found.handed_to, found.handed_until_at
    if to is None or until is None or until <= visit.now:
        return ""
    if to.pk == visit.actor.pk:
        by = found.handed_by.label if found.handed_by else ""
        words_of = _("Handed to you by %(by)s, until %(until)s")
        return words_of % {"by": by, "until": words.clock_time(until)}
    return _("Handed to %(to)s") % {"to": to.label}


def _ended(found: ApprovalRequest) -> str:
    ends = {
        ApprovalState.GRANTED: _("approved"),
        ApprovalState.USED: _("approved and run"),
        ApprovalState.REJECTED: _("rejected"),
        ApprovalState.EXPIRED: _("expired"),
        ApprovalState.VOIDED: _("voided"),
    }
    word = ends[ApprovalState(found.state)]
    return f"{word} {words.clock_time(found.decided_at)}" if found.decided_at else word


def _placed(row: dict[str, Any], visit: Visit, form: Mapping[str, str]) -> dict[str, Any]:
    """Return a row with what decides its shape as codes, and with what its form sends."""
    at, money = row["deadline_at"], row["money"]
    held = (
        ("ended", row["ended"]),
        ("mine", words.clock_time(row["claimed_until_at"]) if row["mine"] else ""),
        ("barred", row["barred"]),
        ("held", row["holder"]),
        ("handed", row["handed"]),
        ("open", "open"),
    )
    stands, held_words = next(pair for pair in held if pair[1])
    return {
        **row,
        **form,
        "due_at": words.moment(at),
        "due": words.due(at=at, now=visit.now),
        "urgency": words.urgency(at=at, now=visit.now),
        "money_text": money["text"],
        "money_note": money["note"],
        "has_money": bool(money["text"]),
        "has_journey": bool(row["journey"]),
        "is_barred": bool(row["barred"]),
        "stands": stands,
        "held_words": held_words,
        "may_claim": bool(row["claim_link"]),
        "may_hand": bool(row["hand_link"]),
        "may_pick": bool(form["batch_link"] and row["claim_link"]),
    }
