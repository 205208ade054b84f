"""The approvals inbox: what waits, sorted by deadline or risk, and who holds it."""

import hashlib
from http import HTTPStatus
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.admin import approval_filters as filters
from cases.admin.approval_next import bounded, inbox_link
from cases.admin.approval_rows import is_mine, place_rows
from cases.admin.outcomes import describe_outcome
from cases.tools import selectors as tools
from cases.tools.models import ToolCall
from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, attempt, fragment, page, render
from governance.approvals import inbox as reads
from governance.approvals import selectors, services
from governance.approvals.inbox_query import (
    InboxQuery,
    format_query,
    parse_criteria,
    parse_place,
    parse_query,
)
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import VIGILANCE, ApprovalState, VoteChoice
from governance.ledger.refusals import Refusal
from orchestra.core import words
from orchestra.core.errors import NotFoundError, OrchestraError
from orchestra.core.together import Reading, all_of, answer

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
    told = answer(
        all_of(
            {
                "page": reads.reading_page(
                    authority=visit.authority, now=visit.now, query=query, after=parse_place(after)
                ),
                "counted": filters.reading_counts(visit),
                "queues": filters.reading_queues(visit),
            }
        )
    )
    found, counted, queues = told["page"], told["counted"], told["queues"]
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
            **place_rows(request, visit, query, found.rows),
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
    told = answer(
        all_of(
            {
                "rows": _reading_known(request, visit, query),
                "counted": filters.reading_counts(visit),
                "queues": filters.reading_queues(visit),
            }
        )
    )
    counted = told["counted"]
    part = fragment(
        request,
        "governance/approvals_live.html",
        {
            "chips": filters.chips(counted, query),
            "headline": filters.headline(counted),
            "lead": filters.lead(counted, told["queues"]),
            **place_rows(request, visit, query, told["rows"]),
        },
    )
    return _tagged(part, tag)


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


def _reading_known(
    request: HttpRequest, visit: Visit, query: InboxQuery
) -> Reading[list[ApprovalRequest]]:
    """Come to the rows of a page as they stand now, then those it knew that left it."""
    waiting = yield from reads.reading_page(
        authority=visit.authority,
        now=visit.now,
        query=query,
        after=parse_place(request.GET.get("after", "")),
    )
    known = {int(key) for key in request.GET.get("known", "").split(",") if _is_key(key)}
    keys = known - {one.pk for one in waiting.rows}
    others = yield from reads.reading_known(authority=visit.authority, keys=keys)
    return [*waiting.rows, *others]


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


def _tagged(part: HttpResponse, tag: str) -> HttpResponse:
    part.headers["ETag"] = tag
    part.headers["Cache-Control"] = "private, no-cache"
    return part


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
