"""The approvals inbox: what waits, sorted by deadline or risk, and who holds it."""

import hashlib
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.admin import approval_filters as filters
from cases.admin.approval_next import bounded, find_link, inbox_link, link_to
from cases.admin.masking import masked
from cases.admin.outcomes import describe_outcome
from cases.tools import selectors as tools
from cases.tools.models import ToolCall
from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, attempt, fragment, page, render, way_to
from governance.approvals import inbox as reads
from governance.approvals import selectors, services
from governance.approvals.inbox_query import (
    InboxQuery,
    format_query,
    parse_criteria,
    parse_place,
    parse_query,
    told_by,
)
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import VIGILANCE, ApprovalState, VoteChoice
from governance.ledger.refusals import Refusal
from orchestra.core import words
from orchestra.core.errors import NotFoundError, OrchestraError

#: Kind of subject that requests on tool calls name.
SUBJECT = "tool_call"
_LONGEST_KEY = 18
#: Of so many requests, the newest ones that were run, the last decision is told.
_LAST_AMONG = 100


@page("approvals/", name="approvals", capability=Capability.APPROVAL_READ)
def inbox(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what waits for a decision in the person's queues, a page at a time."""
    query = parse_query(request.GET.dict())
    after = request.GET.get("after", "")
    found = reads.read_page(
        authority=visit.authority, now=visit.now, query=query, after=parse_place(after)
    )
    counted = filters.count(visit)
    queues = filters.list_queues(visit)
    criteria = format_query(query)
    return render(
        request,
        "governance/approvals.html",
        {
            "title": _("Approvals"),
            "crumbs": [Crumb(_("Work")), Crumb(_("Approvals"))],
            "headline": filters.headline(counted),
            "lead": filters.lead(counted, queues),
            "orders": filters.orders(query),
            "chips": filters.chips(counted, query),
            "form": filters.form(query, counted, queues),
            "total": _total(query, counted, len(found.rows), found.after),
            "is_later": bool(after),
            "more_link": _link(criteria, found.after) if found.after else "",
            "live_link": _link(criteria, after, name="approvals_live"),
            "empty": {}
            if found.rows
            else filters.why_empty(query, counted, visit, last=lambda: _last_one(visit)),
            **_rows(request, visit, query, found.rows),
        },
    )


@page("approvals/live/", name="approvals_live", capability=Capability.APPROVAL_READ)
def live(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Return the rows as they stand now: what waits, and what ended since the page knew it.

    Where nothing has changed since the page last asked, the answer is empty and costs no read
    of requests. Times in words change by the minute, and so does the answer.
    """
    newest = reads.find_newest_change()
    tag = _tag(visit, request.GET.urlencode(), newest)
    if request.headers.get("If-None-Match") == tag:
        return _tagged(HttpResponse(status=HTTPStatus.NOT_MODIFIED), tag)
    query = parse_query(request.GET.dict())
    after = parse_place(request.GET.get("after", ""))
    waiting = reads.read_page(
        authority=visit.authority, now=visit.now, query=query, after=after
    ).rows
    known = {int(key) for key in request.GET.get("known", "").split(",") if _is_key(key)}
    others = reads.read_known(authority=visit.authority, keys=known - {one.pk for one in waiting})
    counted = filters.count(visit)
    answer = fragment(
        request,
        "governance/approvals_live.html",
        {
            "chips": filters.chips(counted, query),
            "headline": filters.headline(counted),
            "lead": filters.lead(counted, filters.list_queues(visit)),
            **_rows(request, visit, query, [*waiting, *others]),
        },
    )
    return _tagged(answer, tag)


@page("approvals/<uuid:request_id>/claim/", name="approval_claim", methods=("POST",))
def claim(request: HttpRequest, visit: Visit, request_id: UUID) -> HttpResponse:
    """Hold a request, or give it back."""
    found = selectors.get_request(authority=visit.authority, request_id=request_id)
    release = is_mine(found, visit)
    act = services.release_request if release else services.claim_request
    name = "approval.release" if release else "approval.claim"
    attempt(
        request,
        lambda: act(actor=visit.actor, now=visit.now, request_id=request_id),
        refusal=lambda error: refusal_of(found, name, error),
    )
    if request.POST.get("next") == "inbox":
        return HttpResponseRedirect(inbox_link(parse_criteria(request.POST.get("criteria", ""))))
    return HttpResponseRedirect(reverse("admin:approval", args=[request_id]))


def refusal_of(found: ApprovalRequest, act: str, error: OrchestraError) -> Refusal:
    """Name a refused act on a request for the ledger."""
    return Refusal(
        act=act,
        code=error.error_code,
        message=error.message,
        # A test of attention stands in no case's record.
        case_id="" if found.subject_kind == VIGILANCE else found.case_public_id,
        subject_id=str(found.public_id),
    )


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
        "hand_link": find_link("approval_hand_over", found.public_id)
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


def find_call(found: ApprovalRequest, visit: Visit) -> ToolCall | None:
    """Return the tool call a request is about, where the person may see it."""
    if found.subject_kind != SUBJECT:
        return None
    try:
        return tools.get_call(authority=visit.authority, call_id=found.subject_id)
    except NotFoundError:
        return None


def find_model(found: ApprovalRequest, visit: Visit) -> ToolCall | None:
    """Return the call that a waiting test of attention was made from, to be read, never run."""
    if found.subject_kind != VIGILANCE or found.state != ApprovalState.PENDING:
        return None
    return find_call(selectors.model_of(found), visit)


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


def _rows(
    request: HttpRequest, visit: Visit, query: InboxQuery, found: Sequence[ApprovalRequest]
) -> dict[str, Any]:
    """Return what the template of the rows places."""
    return {
        "rows": [describe_row(item, visit, query) for item in found],
        "order": "risk" if query.is_by_risk else "deadline",
        "batch_link": find_link("approvals_batch"),
        "csrf_word": get_token(request),
        "criteria": format_query(query),
    }


def _total(query: InboxQuery, counted: filters.Counted, shown: int, after: str) -> str:
    """Return how many a view holds: counted already for the filters one has."""
    view = filters.find_open(query, counted)
    if view is not None:
        return bounded(counted.own[view.pk])
    if not query.is_narrowed:
        return bounded(counted.shared[query.only])
    return _("more") if after else str(shown)


def _link(criteria: str, after: str, *, name: str = "approvals") -> str:
    parts = [criteria, f"after={after}" if after else ""]
    said = "&".join(part for part in parts if part)
    return reverse(f"admin:{name}") + (f"?{said}" if said else "")


def _tag(visit: Visit, asked: str, newest: int) -> str:
    minute = visit.now.replace(second=0, microsecond=0).isoformat()
    said = f"{visit.actor.id} {asked} {newest} {minute}"
    return f'"{hashlib.sha256(said.encode()).hexdigest()[:32]}"'


def _tagged(answer: HttpResponse, tag: str) -> HttpResponse:
    answer.headers["ETag"] = tag
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_KEY


def _last_one(visit: Visit) -> str:
    """Return the last decision and what became of it, so that an empty list is believable."""
    used = selectors.list_inbox(authority=visit.authority, now=visit.now, state=ApprovalState.USED)
    newest = used.order_by("-pk").values("pk")[:_LAST_AMONG]
    last = used.filter(pk__in=newest).order_by("-decided_at", "-pk").first()
    if last is None or last.decided_at is None:
        return ""
    who = ", ".join(
        _("you") if vote.voter_id == visit.actor.pk else vote.voter.label
        for vote in last.votes.all()
        if vote.choice == VoteChoice.APPROVE
    )
    text = _("Last one: %(label)s, approved by %(who)s at %(at)s.") % {
        "label": last.label,
        "who": who,
        "at": words.clock_time(last.decided_at),
    }
    call = find_call(last, visit)
    return f"{text} {describe_outcome(call)['text']}" if call else text
