"""What is disputed, both voices beside the words, and deciding it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from orchestra.core import words
from orchestra.core.errors import NotPermittedError
from qa.admin import finding_words as say
from qa.admin import review_shown as shown
from qa.admin.files import PARQUET, table_answer
from qa.disputes import selectors, services
from qa.disputes.models import Dispute
from qa.disputes.overturns import list_overturned
from qa.disputes.rules import check_decider
from qa.disputes.types import FEWEST_DECIDED, DisputeState, Overturned, OverturnedBy
from qa.reviewing.answers import read_answers
from qa.reviewing.reading import read_unit
from qa.scorecards.scoring import shown as percent_shown
from qa.scorecards.selectors import spec_of

LEAD = Capability.QUALITY_LEAD
MOST = 50
#: Open disputes beside the one that is read.
SHOWN_OPEN = 5
#: Rows of one file.
MOST_ROWS = 20_000
_COLUMNS = {
    **dict.fromkeys(("dispute", "review", "scorecard"), "text"),
    "version": "whole",
    **dict.fromkeys(("question", "state"), "text"),
    **dict.fromkeys(("raised_at", "due_at"), "time"),
    **dict.fromkeys(("lead", "decided_by"), "text"),
    "decided_at": "time",
}
#: Width of an interval's picture.
_WIDE = 120


@page("disputes/", name="disputes", capability=LEAD)
def disputes(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what waits for a decision, the earliest due first, and how disputes ended."""
    rows = selectors.list_disputes(authority=visit.authority)
    waiting = list(rows.filter(state=DisputeState.OPEN)[:MOST])
    decided = list(rows.exclude(state=DisputeState.OPEN).order_by("-decided_at")[:MOST])
    return render(
        request,
        "qa/disputes.html",
        {
            "title": _("Disputes"),
            "crumbs": [Crumb(_("Quality")), Crumb(_("Disputes"))],
            "headline": ngettext("%(count)d dispute waits", "%(count)d disputes wait", len(waiting))
            % {"count": len(waiting)}
            if waiting
            else _("No dispute waits"),
            "waiting": [_row(one, visit) for one in waiting],
            "decided": [_row(one, visit) for one in decided],
            "rates": _rates(visit),
            "fewest": FEWEST_DECIDED,
            "parquet": PARQUET,
        },
    )


@page("disputes/export/", name="disputes_export", capability=LEAD)
def export(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Give every dispute and how it ended as a file; the words of both stay on their page."""
    rows = selectors.list_disputes(authority=visit.authority).order_by("-raised_at", "-pk")
    return table_answer(
        name="disputes",
        kind=request.GET.get("kind", ""),
        columns=_COLUMNS,
        rows=(
            (
                str(one.public_id),
                str(one.review.public_id),
                one.review.scorecard.scorecard.key,
                one.review.scorecard.number,
                one.question,
                one.state,
                one.raised_at,
                one.due_at,
                one.lead.label if one.lead else "",
                one.decided_by.label if one.decided_by else "",
                one.decided_at,
            )
            for one in rows[:MOST_ROWS]
        ),
    )


@page("disputes/<uuid:dispute_id>/", name="dispute", capability=LEAD)
def dispute(request: HttpRequest, visit: Visit, dispute_id: UUID) -> HttpResponse:
    """Show one dispute: both voices, the words, and what each decision changes."""
    return _show(request, visit, dispute_id)


@page(
    "disputes/<uuid:dispute_id>/decide/", name="dispute_decide", capability=LEAD, methods=("POST",)
)
def decide(request: HttpRequest, visit: Visit, dispute_id: UUID) -> HttpResponse:
    """Decide, for good; what is wrong keeps the reason typed."""
    error = attempt(
        request,
        lambda: services.decide_dispute(
            actor=visit.actor,
            now=visit.now,
            dispute_id=dispute_id,
            value=request.POST.get("value", ""),
            reason=request.POST.get("reason", ""),
        ),
        refusal=as_refusal("quality_dispute.decide", dispute_id),
    )
    if error is not None:
        return _show(request, visit, dispute_id, status=error.status)
    messages.success(request, _("Decided. Both read your reason; the first score stays."))
    return HttpResponseRedirect(reverse("admin:dispute", args=[dispute_id]))


@page(
    "disputes/<uuid:dispute_id>/hand-over/",
    name="dispute_hand_over",
    capability=LEAD,
    methods=("POST",),
)
def hand_over(request: HttpRequest, visit: Visit, dispute_id: UUID) -> HttpResponse:
    """Give it to another lead; what is wrong keeps the reason typed."""
    handed: list[Dispute] = []
    error = attempt(
        request,
        lambda: handed.append(
            services.hand_dispute(
                actor=visit.actor,
                now=visit.now,
                dispute_id=dispute_id,
                lead_id=request.POST.get("lead", ""),
                reason=request.POST.get("reason", ""),
            )
        ),
        refusal=as_refusal("quality_dispute.hand_over", dispute_id),
    )
    if error is not None:
        return _show(request, visit, dispute_id, status=error.status)
    lead = handed[0].lead
    messages.success(
        request,
        _("%(lead)s decides it now. The deadline stays.") % {"lead": lead.label if lead else ""},
    )
    return HttpResponseRedirect(reverse("admin:disputes"))


def _show(
    request: HttpRequest, visit: Visit, dispute_id: UUID, *, status: int = 200
) -> HttpResponse:
    found = selectors.get_dispute(authority=visit.authority, dispute_id=dispute_id)
    review = found.review
    spec = spec_of(review.scorecard)
    given = read_answers(review.answers, spec)
    read = read_unit(review.unit)
    question = next(
        one
        for section in shown.describe_sections(spec, given, read)
        for one in section["questions"]
        if one["key"] == found.question
    )
    first = question["value"]
    options = sorted(question["options"], key=lambda one: one.value != first)
    barred = _why_not(found, visit)
    open_rows = _open_rows(found, visit)
    may_decide = found.state == DisputeState.OPEN and not barred
    return render(
        request,
        "qa/dispute.html",
        {
            "title": _("Dispute"),
            "crumbs": [
                Crumb(_("Quality")),
                Crumb(_("Disputes"), reverse("admin:disputes")),
                Crumb(review.unit.label),
            ],
            "dispute": found,
            "review": review,
            "question": question,
            "options": [
                {
                    "value": one.value,
                    "key": number,
                    "is_first": one.value == first,
                    "text": _("Keep “%(answer)s”") % {"answer": one.text}
                    if one.value == first
                    else _("Change to “%(answer)s”") % {"answer": one.text},
                    **_effect(found, one.value),
                }
                for number, one in enumerate(options, 1)
            ],
            "first_text": next((one.text for one in options if one.value == first), ""),
            "open_rows": open_rows,
            "next_link": next((one["link"] for one in open_rows if not one["is_this"]), ""),
            "lines": shown.describe_lines(read, given, spec),
            "policies": read.policies,
            "barred": barred,
            "may_decide": may_decide,
            "others": selectors.list_others(found) if may_decide else [],
            "is_mine": found.lead is not None and str(found.lead.public_id) == visit.actor.id,
            "alike": _alike(found, visit),
            "typed": request.POST,
        },
        status=status,
    )


def _effect(found: Dispute, value: str) -> dict[str, str]:
    result = selectors.score_with(found.review, [(found.question, value)])
    decimals = spec_of(found.review.scorecard).scoring.decimals
    return {
        "score": percent_shown(result.percent, decimals=decimals),
        "verdict": shown.verdict_of(result),
    }


def _why_not(found: Dispute, visit: Visit) -> str:
    try:
        check_decider(
            person=visit.actor.id,
            reviewer=selectors.reviewer_of(found.review),
            judged=selectors.judged_in(found.review),
        )
    except NotPermittedError as error:
        return _(error.message)
    return ""


def _open_rows(found: Dispute, visit: Visit) -> list[dict[str, Any]]:
    rows = selectors.list_disputes(authority=visit.authority).filter(state=DisputeState.OPEN)
    return [_row(one, visit) | {"is_this": one.pk == found.pk} for one in rows[:SHOWN_OPEN]]


def _alike(found: Dispute, visit: Visit) -> list[Dispute]:
    rows = selectors.list_disputes(authority=visit.authority).exclude(state=DisputeState.OPEN)
    same = rows.filter(
        question=found.question,
        review__scorecard__scorecard=found.review.scorecard.scorecard,
    )
    return list(same.exclude(pk=found.pk).order_by("-decided_at")[:5])


def _rates(visit: Visit) -> list[dict[str, Any]]:
    found = list_overturned(authority=visit.authority)
    answers = _("answers changed of those decided; the first score stays")
    findings = _("findings refuted of those people looked at")
    tables = (
        (OverturnedBy.QUESTION, _("By question"), answers),
        (OverturnedBy.REVIEWER, _("By reviewer"), answers),
        (OverturnedBy.DECIDER, _("By who decided"), answers),
        (OverturnedBy.CHECK, _("By automatic check"), findings),
        (OverturnedBy.JUDGE, _("By judging model"), findings),
    )
    return [
        {"title": title, "hint": hint, "rows": [_rate(one, by) for one in found[by]]}
        for by, title, hint in tables
        if found[by]
    ]


def _rate(one: Overturned, by: OverturnedBy) -> dict[str, Any]:
    title = one.title
    if by is OverturnedBy.CHECK:
        title = say.check_title(one.what)
    elif by is OverturnedBy.QUESTION:
        title = capfirst(words.plain(one.what))
    bar = None
    if one.changed is not None:
        ends = {"at": one.changed / one.decided, "low": one.low or 0.0, "high": one.high or 0.0}
        bar = {name: round(_WIDE * end, 1) for name, end in ends.items()}
    return {"title": title, "rate": one, "bar": bar}


def _row(found: Dispute, visit: Visit) -> dict[str, Any]:
    questions = {one.key: one.text for one in spec_of(found.review.scorecard).questions}
    return {
        "link": reverse("admin:dispute", args=[found.public_id]),
        "label": found.review.unit.label,
        "question": questions.get(found.question, found.question),
        "by": found.raised_by.label,
        "due_at": found.due_at,
        "lead": found.lead.label if found.lead else "",
        "mine": found.lead is not None and str(found.lead.public_id) == visit.actor.id,
        "state": found.state,
        "decided_by": found.decided_by.label if found.decided_by else "",
    }
