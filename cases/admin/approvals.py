"""The approvals inbox: what waits, sorted by deadline or risk, and who holds it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.admin.outcomes import describe_outcome
from cases.tools import selectors as tools
from cases.tools.models import ToolCall
from governance.access.types import Capability
from governance.admin import reads as governed
from governance.admin.visit import Crumb, Visit, attempt, fragment, page, render
from governance.approvals import selectors, services
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import VIGILANCE, ApprovalState, InboxFilter, VoteChoice
from governance.ledger.refusals import Refusal
from orchestra.core import words
from orchestra.core.errors import NotFoundError, OrchestraError

#: More than this many waiting is no list to read; the rest follows once these are decided.
SHOWN_AT_ONCE = 200
#: Kind of subject that requests on tool calls name.
SUBJECT = "tool_call"
_KNOWN_AT_ONCE = 400


@page("approvals/", name="approvals", capability=Capability.APPROVAL_READ)
def inbox(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what waits for a decision in the person's queues."""
    only, is_by_risk = _wanted(request)
    found = selectors.list_inbox(
        authority=visit.authority, now=visit.now, only=only, is_by_risk=is_by_risk
    )
    rows = [describe_row(item, visit) for item in found[:SHOWN_AT_ONCE]]
    counts = selectors.count_inbox(authority=visit.authority, now=visit.now)
    return render(
        request,
        "governance/approvals.html",
        {
            "title": _("Approvals"),
            "crumbs": [Crumb(_("Work")), Crumb(_("Approvals"))],
            "headline": _headline(counts),
            "lead": _lead(counts, visit),
            "orders": _orders(only, is_by_risk=is_by_risk),
            "order": "risk" if is_by_risk else "deadline",
            "chips": _chips(counts, only, is_by_risk=is_by_risk),
            "rows": rows,
            "total": counts[only],
            "live_link": reverse("admin:approvals_live") + f"?{request.GET.urlencode()}",
            "empty": _empty(only, counts, visit),
        },
    )


@page("approvals/live/", name="approvals_live", capability=Capability.APPROVAL_READ)
def live(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Return the rows as they stand now: what waits, and what ended since the page knew it."""
    only, is_by_risk = _wanted(request)
    waiting = list(
        selectors.list_inbox(
            authority=visit.authority, now=visit.now, only=only, is_by_risk=is_by_risk
        )[:SHOWN_AT_ONCE]
    )
    known = {int(key) for key in request.GET.get("known", "").split(",") if key.isdigit()}
    gone = known - {item.pk for item in waiting}
    ended = selectors.list_visible(authority=visit.authority).filter(
        pk__in=sorted(gone)[:_KNOWN_AT_ONCE]
    )
    rows = [describe_row(item, visit) for item in [*waiting, *ended]]
    counts = selectors.count_inbox(authority=visit.authority, now=visit.now)
    return fragment(
        request,
        "governance/approvals_live.html",
        {
            "rows": rows,
            "order": "risk" if is_by_risk else "deadline",
            "chips": _chips(counts, only, is_by_risk=is_by_risk),
            "headline": _headline(counts),
            "lead": _lead(counts, visit),
        },
    )


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
        return HttpResponseRedirect(reverse("admin:approvals"))
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


def describe_row(found: ApprovalRequest, visit: Visit) -> dict[str, Any]:
    """Return one row of the inbox as its template places it."""
    is_waiting = found.state == ApprovalState.PENDING
    view = selectors.view_of(found)
    verdict = selectors.verdict_on(authority=visit.authority, request=found, now=visit.now)
    return {
        "key": str(found.pk),
        "link": reverse("admin:approval", args=[found.public_id]),
        "title": str((view.get("effect") or {}).get("title") or found.title),
        "detail": found.detail,
        "label": found.label,
        "risk": found.risk,
        "money": describe_money(found, view),
        "requester_kind": found.requester_kind,
        "requester_label": found.requester_label,
        "queue": found.queue.title,
        "deadline_at": found.deadline_at,
        "votes": votes_words(found),
        "mine": is_mine(found, visit),
        "claimed_until_at": found.claimed_until_at,
        "holder": _holder(found, visit),
        "barred": "" if verdict.allowed or not is_waiting else verdict.sentence,
        "ended": "" if is_waiting else _ended(found),
        "claim_link": reverse("admin:approval_claim", args=[found.public_id])
        if is_waiting and verdict.allowed
        else "",
    }


def describe_money(found: ApprovalRequest, view: Mapping[str, Any]) -> dict[str, str]:
    """Return the money of a request from the customer's side: ``+`` where the customer pays.

    Args:
        found: The request.
        view: What its approver is shown.
    """
    direction = str((view.get("money") or {}).get("direction") or "")
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


def _wanted(request: HttpRequest) -> tuple[InboxFilter, bool]:
    try:
        only = InboxFilter(request.GET.get("only", InboxFilter.ALL))
    except ValueError:
        only = InboxFilter.ALL
    return only, request.GET.get("order") == "risk"


def _link(only: InboxFilter, *, is_by_risk: bool) -> str:
    parts = []
    if only is not InboxFilter.ALL:
        parts.append(f"only={only}")
    if is_by_risk:
        parts.append("order=risk")
    return reverse("admin:approvals") + (f"?{'&'.join(parts)}" if parts else "")


def _orders(only: InboxFilter, *, is_by_risk: bool) -> list[dict[str, Any]]:
    return [
        {"title": _("By deadline"), "on": not is_by_risk, "link": _link(only, is_by_risk=False)},
        {"title": _("By risk"), "on": is_by_risk, "link": _link(only, is_by_risk=True)},
    ]


def _titles() -> dict[InboxFilter, str]:
    return {
        InboxFilter.ALL: _("All waiting"),
        InboxFilter.MAY_DECIDE: _("I may decide"),
        InboxFilter.DUE_SOON: _("Due in 30 min"),
        InboxFilter.HEIGHTENED: _("Critical or two votes"),
        InboxFilter.UNCLAIMED: _("Nobody has it"),
    }


def _chips(
    counts: Mapping[InboxFilter, int], only: InboxFilter, *, is_by_risk: bool
) -> list[dict[str, Any]]:
    return [
        {
            "key": str(each),
            "title": title,
            "on": each is only,
            "count": counts[each],
            "link": _link(each, is_by_risk=is_by_risk),
        }
        for each, title in _titles().items()
    ]


def _headline(counts: Mapping[InboxFilter, int]) -> str:
    waiting, soon = counts[InboxFilter.ALL], counts[InboxFilter.DUE_SOON]
    if not waiting:
        return _("Nothing waits for you")
    first = ngettext("%(count)d request waits", "%(count)d requests wait", waiting) % {
        "count": waiting
    }
    if not soon:
        return _("%(first)s; none runs out within half an hour") % {"first": first}
    second = ngettext(
        "%(count)d runs out within half an hour", "%(count)d run out within half an hour", soon
    ) % {"count": soon}
    return f"{first}; {second}"


def _lead(counts: Mapping[InboxFilter, int], visit: Visit) -> str:
    if not counts[InboxFilter.ALL]:
        queues = governed.list_queues(
            authority=visit.authority, capability=Capability.APPROVAL_READ
        )
        titles = ", ".join(queue.title for queue in queues)
        return _("Every request in %(queues)s is decided.") % {"queues": titles} if titles else ""
    return _(
        "You may decide %(count)d of them. What is not decided in time expires; waiting never "
        "approves. You decide on the page of the request, with its evidence in front of you."
    ) % {"count": counts[InboxFilter.MAY_DECIDE]}


def _empty(only: InboxFilter, counts: Mapping[InboxFilter, int], visit: Visit) -> dict[str, str]:
    if only is not InboxFilter.ALL and counts[InboxFilter.ALL]:
        return {
            "title": _("Nothing matches “%(filter)s”.") % {"filter": _titles()[only]},
            "text": ngettext(
                "%(count)d other waits.", "%(count)d others wait.", counts[InboxFilter.ALL]
            )
            % {"count": counts[InboxFilter.ALL]},
            "link": reverse("admin:approvals"),
            "act": _("Show all waiting"),
        }
    if not visit.authority.queue_grants and not counts[InboxFilter.ALL]:
        return {
            "title": _("You have no queue to approve for."),
            "text": _("Queues are granted under Access."),
            "link": "",
            "act": "",
        }
    reads = visit.may(Capability.DECISION_READ)
    return {
        "title": _("No approvals are waiting."),
        "text": _last_one(visit),
        "link": reverse("admin:decisions") if reads else "",
        "act": _("Open what was decided") if reads else "",
    }


def _last_one(visit: Visit) -> str:
    """Return the last decision and what became of it, so that an empty list is believable."""
    used = selectors.list_inbox(
        authority=visit.authority, now=visit.now, state=ApprovalState.USED
    ).order_by("-decided_at", "-pk")
    last = used.first()
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
