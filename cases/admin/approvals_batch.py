"""Voting on several equal requests at once: each effect in a line, the shared row, a total."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.admin.approval_rows import describe_money
from cases.admin.approval_words import find_reason_code, reject_reasons
from cases.admin.masking import masked
from cases.admin.shown import FiredLine, read_view
from cases.memory import selectors as memory
from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from governance.approvals import selectors, services
from governance.approvals.batch import LARGEST, Finding, check_batch
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import ApprovalState, Ballot, VoteChoice
from orchestra.core import words

#: More than this many are not even looked up; the page says that it is too many.
_READ_AT_MOST = 4 * LARGEST


@page(
    "approvals/batch/",
    name="approvals_batch",
    capability=Capability.APPROVAL_VOTE,
    methods=("GET", "HEAD", "POST"),
)
def batch(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what a vote on all of a selection would do, and take it."""
    if request.method == "POST":
        return _vote(request, visit)
    return _show(request, visit, _ids(request.GET.getlist("id")))


def _vote(request: HttpRequest, visit: Visit) -> HttpResponse:
    wanted = _ids(request.POST.getlist("id"))
    choice = request.POST.get("choice", "")
    if choice not in set(VoteChoice):
        messages.error(request, _("Choose approve or reject."))
        return _show(request, visit, wanted, status=422)
    ballots = [
        (
            one,
            Ballot(
                choice=VoteChoice(choice),
                action_digest=request.POST.get(f"action_digest:{one}", ""),
                view_digest=request.POST.get(f"view_digest:{one}", ""),
                reason=request.POST.get("reason", ""),
                reason_code=find_reason_code(request.POST.get("reason_code", "")),
            ),
        )
        for one in wanted
    ]
    error = attempt(
        request,
        lambda: services.vote_batch(actor=visit.actor, now=visit.now, ballots=ballots),
        refusal=as_refusal("approval.vote_batch"),
    )
    if error is not None:
        return _show(request, visit, wanted, status=409)
    messages.success(request, _voted(VoteChoice(choice), len(wanted)))
    return HttpResponseRedirect(reverse("admin:approvals"))


def _voted(choice: VoteChoice, count: int) -> str:
    if choice is VoteChoice.REJECT:
        text = ngettext("%(count)d request rejected.", "%(count)d requests rejected.", count)
    else:
        text = ngettext("%(count)d request approved.", "%(count)d requests approved.", count)
    return text % {"count": count}


def _show(
    request: HttpRequest, visit: Visit, wanted: Sequence[UUID], *, status: int = 200
) -> HttpResponse:
    found = _find(visit, wanted)
    findings = check_batch([selectors.batch_item_of(one) for one in found])
    refused = {one.pk: _refused(one, visit) for one in found}
    customers = _customers(visit, found)
    rows = [
        _row(one, customers, [item for item in findings if item.index == index])
        for index, one in enumerate(found)
    ]
    for row in rows:
        if refused[row["pk"]]:
            row["problems"].append(refused[row["pk"]])
    whole = [item.sentence for item in findings if item.index is None]
    is_batch = bool(rows) and not findings and not any(refused.values())
    return render(
        request,
        "cases/approvals_batch.html",
        {
            "title": _("Several at once"),
            "crumbs": [
                Crumb(_("Work")),
                Crumb(_("Approvals"), reverse("admin:approvals")),
                Crumb(_("Several at once")),
            ],
            "headline": _headline(len(rows)),
            "rows": rows,
            "whole": whole,
            "is_batch": is_batch,
            "rule": _shared_rule(found) if is_batch else None,
            "totals": _totals(found),
            "reason": request.POST.get("reason", ""),
            "reject_reasons": reject_reasons(request.POST.get("reason_code", "")),
            "inbox_link": reverse("admin:approvals"),
        },
        status=status,
    )


def _ids(texts: Sequence[str]) -> list[UUID]:
    """Return the ids of a selection, each once; what is none is left out."""
    found: dict[UUID, None] = {}
    for text in texts[:_READ_AT_MOST]:
        try:
            found[UUID(text)] = None
        except ValueError:
            continue
    return list(found)


def _find(visit: Visit, wanted: Sequence[UUID]) -> list[ApprovalRequest]:
    rows = selectors.list_visible(authority=visit.authority).filter(public_id__in=wanted)
    return list(rows.order_by("deadline_at", "pk"))


def _refused(found: ApprovalRequest, visit: Visit) -> str:
    verdict = selectors.verdict_on(authority=visit.authority, request=found, now=visit.now)
    return "" if verdict.allowed else verdict.sentence


def _row(
    found: ApprovalRequest, customers: dict[str, str], findings: Sequence[Finding]
) -> dict[str, Any]:
    view = selectors.view_of(found)
    shown = masked(read_view(view, title=found.title))
    return {
        "pk": found.pk,
        "key": str(found.public_id),
        "label": found.label,
        "link": reverse("admin:approval", args=[found.public_id]),
        "sentence": shown.sentence,
        "doubts": [doubt.title for doubt in shown.look_twice],
        "customer": customers.get(found.case_public_id, ""),
        "case_label": found.case_label,
        "money": describe_money(found, view),
        "risk": found.risk,
        "waiting": found.state == ApprovalState.PENDING,
        "deadline_at": found.deadline_at,
        "action_digest": found.action_digest,
        "view_digest": found.view_digest,
        "problems": [item.sentence for item in findings],
    }


def _customers(visit: Visit, found: Sequence[ApprovalRequest]) -> dict[str, str]:
    """Return the name of each case's customer, by the case's public id."""
    wanted = {one.case_public_id for one in found}
    cases = memory.list_cases(authority=visit.authority).filter(public_id__in=wanted)
    return {str(one.public_id): str(one.customer) if one.customer else "" for one in cases}


def _shared_rule(found: Sequence[ApprovalRequest]) -> FiredLine | None:
    """Return the row that asks for all of them, in the words that were bound."""
    shown = masked(read_view(selectors.view_of(found[0]), title=found[0].title))
    asking = [line for line in shown.fired if line.outcome == shown.outcome]
    return asking[0] if asking else None


def _totals(found: Sequence[ApprovalRequest]) -> list[str]:
    sums: Counter[str] = Counter()
    for one in found:
        if one.amount_minor:
            sums[one.currency] += one.amount_minor
    return [words.money(minor=minor, currency=currency) for currency, minor in sorted(sums.items())]


def _headline(count: int) -> str:
    return ngettext("%(count)d request at once", "%(count)d requests at once", count) % {
        "count": count
    }
