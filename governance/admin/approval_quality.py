"""How approvals are decided: times, shares, agreement, and the rows behind every number.

Never a ranking of people and never one total figure: what is apart is risk, queue and week.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.admin import approval_quality_words as say
from governance.admin import reads
from governance.admin.approval_overrides import EDITS, edit_figure, edit_rows
from governance.admin.visit import Crumb, Visit, not_here, page, render
from governance.approvals.agreement import Agreement, compare, compared
from governance.approvals.figures import (
    Figures,
    Measure,
    Vote,
    select,
    slice_by,
    summarise_votes,
    week_of,
)
from governance.approvals.models import ApprovalRequest, VigilanceTest
from governance.approvals.overrides import overrides
from governance.approvals.quality_rows import MOST, Wanted, Whose, list_votes, requests_of
from governance.approvals.registry import QA_REVIEWS, reversals
from governance.approvals.vigilance_rows import attention, list_judged
from governance.policies.types import RiskLevel

Json = Any

SPANS = (7, 30, 90)
#: The list behind a number of pairs, which is no measure of single votes.
PAIRS = "pairs"
#: The list of judged tests of attention.
TESTS = "tests"
_SHOWN = 200
_BAR_WIDTH, _BAR_STEP, _BAR_HEIGHT, _LABEL = 34, 44, 74, 16


@dataclass(frozen=True, slots=True)
class Look:
    """What the person looks at: whose votes, of how many days, and how narrowed."""

    whose: Whose
    days: int
    queue: str = ""
    risk: str = ""
    week: str = ""

    def link(self, *, measure: str = "", **changes: Any) -> str:
        """Return the page that shows this, or the list behind one of its numbers."""
        look = replace(self, **changes)
        parts = {"whose": str(look.whose), "days": str(look.days)}
        parts |= {name: getattr(look, name) for name in ("queue", "risk", "week")}
        name = "approval_quality_rows" if measure else "approval_quality"
        query = {key: value for key, value in (parts | {"measure": measure}).items() if value}
        return f"{reverse(f'admin:{name}')}?{urlencode(query)}"


@page("approvals/quality/", name="approval_quality")
def quality(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show how approvals were decided in a span of time."""
    look = _look(request, visit)
    if look is None:
        return not_here(request)
    votes = _votes(visit, look)
    tests = attention(authority=visit.authority, wanted=_wanted(visit, look))
    found = summarise_votes(votes)
    agreed = compare(votes)
    changed = overrides(authority=visit.authority, wanted=_wanted(visit, look)).share
    return render(
        request,
        "governance/approval_quality.html",
        {
            "title": _("Approval quality"),
            "crumbs": [
                Crumb(_("Work")),
                Crumb(_("Approvals"), reverse("admin:approvals")),
                Crumb(_("Quality")),
            ],
            "headline": say.headline(found, look.days, mine=look.whose is Whose.MINE),
            "lead": say.lead(mine=look.whose is Whose.MINE),
            "is_cut": len(votes) >= MOST,
            "most": MOST,
            "whose": _whose(visit, look),
            "spans": _spans(look),
            "narrowed": _narrowed(look),
            "figures": [
                *_figures(found, look),
                edit_figure(changed, look.link(measure=EDITS)),
            ],
            "bars": _bars(found, look),
            "evidence": _evidence(found, look),
            "agreement": _agreement(agreed, look) if look.whose is Whose.QUEUES else None,
            "reversals": _reversals(found, look),
            "tests": say.attention_figures(tests, look.link(measure=TESTS)),
            "switches_link": _switches_link(visit),
            "slices": _slices(votes, look),
        },
    )


@page("approvals/quality/rows/", name="approval_quality_rows")
def rows(request: HttpRequest, visit: Visit) -> HttpResponse:
    """List the votes that a number counts."""
    look = _look(request, visit)
    measure = request.GET.get("measure", Measure.DECIDED)
    if look is None or measure not in {*Measure, PAIRS, TESTS, EDITS}:
        return not_here(request)
    total, shown = _listed(visit, look, measure)
    return render(
        request,
        "governance/approval_quality_rows.html",
        {
            "title": say.counted(measure, total),
            "crumbs": [
                Crumb(_("Approvals"), reverse("admin:approvals")),
                Crumb(_("Quality"), look.link()),
                Crumb(_("Rows")),
            ],
            "lead": say.rows_lead(measure, look.days),
            "shown": len(shown),
            "total": total,
            "narrowed": _narrowed(look),
            "rows": shown,
        },
    )


def _listed(visit: Visit, look: Look, measure: str) -> tuple[int, list[Json]]:
    """Return how many rows a number counts, and the first of them."""
    if measure == TESTS:
        tests = list_judged(authority=visit.authority, wanted=_wanted(visit, look))
        return tests.count(), [_test_row(test) for test in tests[:_SHOWN]]
    if measure == EDITS:
        changed = overrides(authority=visit.authority, wanted=_wanted(visit, look)).edited
        return len(changed), edit_rows(changed[:_SHOWN])
    votes = _votes(visit, look)
    counted = compared(votes) if measure == PAIRS else select(votes, Measure(measure))
    shown = counted[:_SHOWN]
    requests = requests_of([vote.request_id for vote in shown])
    return len(counted), [_row(vote, requests[vote.request_id]) for vote in shown]


def _look(request: HttpRequest, visit: Visit) -> Look | None:
    """Return what is asked for, None where the person may see none of it."""
    allowed = _allowed(visit)
    if not allowed:
        return None
    asked = request.GET
    whose = next((one for one in allowed if one == asked.get("whose")), allowed[0])
    days = next((one for one in SPANS if str(one) == asked.get("days")), 30)
    risk = asked.get("risk", "")
    return Look(
        whose=whose,
        days=days,
        queue=asked.get("queue", "")[:100],
        risk=risk if risk in set(RiskLevel) else "",
        week=asked.get("week", "")[:10],
    )


def _allowed(visit: Visit) -> list[Whose]:
    found = [Whose.QUEUES] if visit.may(Capability.APPROVAL_OVERSEE) else []
    return [*found, Whose.MINE] if visit.may(Capability.APPROVAL_VOTE) else found


def _votes(visit: Visit, look: Look) -> list[Vote]:
    found = list_votes(authority=visit.authority, wanted=_wanted(visit, look))
    return [vote for vote in found if _week(vote) == look.week] if look.week else found


def _wanted(visit: Visit, look: Look) -> Wanted:
    return Wanted(
        whose=look.whose,
        since=visit.now - timedelta(days=look.days),
        queue=look.queue,
        risk=look.risk,
    )


def _week(vote: Vote) -> str:
    return week_of(timezone.localtime(vote.at))


def _whose(visit: Visit, look: Look) -> list[Json]:
    titles = {Whose.QUEUES: _("My queues"), Whose.MINE: _("My own")}
    return [
        {"title": titles[one], "on": one is look.whose, "link": look.link(whose=one)}
        for one in _allowed(visit)
    ]


def _spans(look: Look) -> list[Json]:
    return [
        {
            "title": _("%(days)d days") % {"days": days},
            "on": days == look.days,
            "link": look.link(days=days, week=""),
        }
        for days in SPANS
    ]


def _narrowed(look: Look) -> list[Json]:
    names = {"queue": _("Queue"), "risk": _("Risk"), "week": _("Week")}
    return [
        {
            "title": f"{title}: {say.slice_title(name, getattr(look, name))}",
            "link": look.link(**{name: ""}),
        }
        for name, title in names.items()
        if getattr(look, name)
    ]


def _figures(found: Figures, look: Look) -> list[Json]:
    times = found.times
    return [
        say.time_figure(
            _("Median time to decide"), times.median, times.count, look.link(measure=Measure.TIMED)
        ),
        say.time_figure(
            _("Nine of ten within"), times.ninth, times.count, look.link(measure=Measure.TIMED)
        ),
        say.share_figure(
            _("Decided under 3 seconds"), found.hasty, look.link(measure=Measure.HASTY)
        ),
        say.share_figure(_("Rejected"), found.rejected, look.link(measure=Measure.REJECTED)),
    ]


def _bars(found: Figures, look: Look) -> Json:
    bars = found.times.bars
    top = max((bar.count for bar in bars), default=0) or 1
    return {
        "width": len(bars) * _BAR_STEP,
        "height": _BAR_HEIGHT + 2 * _LABEL,
        "base": _BAR_HEIGHT + _LABEL,
        "bars": [
            {
                "x": index * _BAR_STEP + (_BAR_STEP - _BAR_WIDTH) // 2,
                "y": _BAR_HEIGHT + _LABEL - bar.count * _BAR_HEIGHT // top,
                "wide": _BAR_WIDTH,
                "tall": bar.count * _BAR_HEIGHT // top,
                "middle": index * _BAR_STEP + _BAR_STEP // 2,
                "label_y": _BAR_HEIGHT + _LABEL - bar.count * _BAR_HEIGHT // top - 4,
                "axis_y": _BAR_HEIGHT + 2 * _LABEL - 4,
                "count": bar.count,
                "words": say.bar_words(bar),
                "is_hasty": index == 0,
            }
            for index, bar in enumerate(bars)
        ],
        "count": found.times.count,
        "link": look.link(measure=Measure.TIMED),
    }


def _evidence(found: Figures, look: Look) -> list[Json]:
    return [
        say.share_figure(
            _("Voted without opening the page"),
            found.unopened,
            look.link(measure=Measure.UNOPENED),
        ),
        say.share_figure(
            _("Opened, but not all evidence on screen"),
            found.unseen,
            look.link(measure=Measure.UNSEEN),
        ),
    ]


def _agreement(found: Agreement, look: Look) -> Json:
    return {
        "figures": say.agreement_figures(found, look.link(measure=PAIRS)),
        "note": say.agreement_note(found),
    }


def _reversals(found: Figures, look: Look) -> Json:
    return {
        "figure": say.share_figure(
            _("Undone after it ran"), found.reversed_later, look.link(measure=Measure.REVERSED)
        ),
        "has_reviews": QA_REVIEWS in reversals,
    }


def _switches_link(visit: Visit) -> str:
    return reverse("admin:vigilance") if visit.may(Capability.VIGILANCE_SWITCH) else ""


def _slices(votes: Sequence[Vote], look: Look) -> list[Json]:
    """Return the same figures apart by risk, queue and week, each with its links."""
    titles = {queue.key: queue.title for queue in reads.list_all_queues()}
    kinds = (
        ("risk", _("By risk"), slice_by(votes, lambda vote: vote.risk)),
        ("queue", _("By queue"), slice_by(votes, lambda vote: vote.queue)),
        ("week", _("By week"), slice_by(votes, _week)),
    )
    return [
        {
            "title": title,
            "rows": [
                _slice(look, name, key, part, titles)
                for key, part in sorted(found.items(), key=lambda item: _rank(name, item[0]))
            ],
        }
        for name, title, found in kinds
    ]


def _rank(name: str, key: str) -> tuple[int, str]:
    """Order by the higher risk first, the newest week first, queues by name."""
    if name == "risk":
        return -[str(level) for level in RiskLevel].index(key), key
    if name == "week":
        year, _dash, week = key.partition("-W")
        return -(int(year) * 100 + int(week)), key
    return 0, key


def _slice(
    look: Look, name: str, key: str, votes: Sequence[Vote], titles: Mapping[str, str]
) -> Json:
    found = summarise_votes(votes)
    here = Look(
        look.whose,
        look.days,
        queue=key if name == "queue" else look.queue,
        risk=key if name == "risk" else look.risk,
        week=key if name == "week" else look.week,
    )
    return {
        "title": titles.get(key, key) if name == "queue" else say.slice_title(name, key),
        "risk": key if name == "risk" else "",
        "link": here.link(),
        "decided": found.decided,
        "decided_link": here.link(measure=Measure.DECIDED),
        "median": say.seconds(found.times.median),
        "cells": [
            {
                "text": say.short_share(one),
                "link": here.link(measure=measure) if one.total else "",
            }
            for measure, one in (
                (Measure.HASTY, found.hasty),
                (Measure.UNOPENED, found.unopened),
                (Measure.REJECTED, found.rejected),
            )
        ],
    }


def _row(vote: Vote, found: ApprovalRequest) -> Json:
    return {
        "label": found.label,
        "title": found.title,
        "link": reverse("admin:approval", args=[found.public_id]),
        "queue": found.queue.title,
        "risk": vote.risk,
        "choice": say.choice(vote.choice),
        "took": say.seconds(vote.took.total_seconds() if vote.took is not None else None),
        "opened": say.opened(vote),
        "at": vote.at,
        "is_reversed": vote.is_reversed,
    }


def _test_row(test: VigilanceTest) -> Json:
    found = test.request
    return {
        "label": found.label if found else "",
        "title": found.title if found else "",
        "link": reverse("admin:approval", args=[found.public_id]) if found else "",
        "queue": test.queue.title,
        "risk": found.risk if found else "",
        "choice": test.sign,
        "took": say.result(test.result),
        "opened": "",
        "at": test.judged_at,
        "is_reversed": False,
    }
