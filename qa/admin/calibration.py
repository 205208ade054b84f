"""Calibration: sessions, who is missing, and how far people mean the same."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from orchestra.core import words
from orchestra.core.numbers import read_whole
from qa.admin.gold import describe_agreement
from qa.calibration import selectors, services
from qa.calibration.models import CalibrationSession
from qa.calibration.types import LIMIT, Divided, Lean, Measure, QuestionResult, Reading
from qa.documents.selectors import list_documents
from qa.scorecards.selectors import DOCUMENT_KIND, SHELF, keys_in_force

READ, LEAD = Capability.QUALITY_REVIEW, Capability.QUALITY_LEAD
_WIDE = 120
#: Points of lean that the picture shows to either side.
_LEANS = 25
_SHOWN = 25
READINGS = {
    Reading.KEEP: (_lazy("keep"), _lazy("The whole interval is above the limit.")),
    Reading.WATCH: (_lazy("keep, watch"), _lazy("The interval reaches the limit.")),
    Reading.CHANGE: (_lazy("change wording"), _lazy("The whole interval is below the limit.")),
    Reading.ALL_ALIKE: (
        _lazy("keep"),
        _lazy("Everybody gave the same answer: kappa and alpha do not exist here."),
    ),
    Reading.TOO_FEW: (
        _lazy("not shown"),
        _lazy("Fewer than 3 people or 10 units: shares only, no measures."),
    ),
}


@page("calibrations/", name="calibrations", capability=READ)
def calibrations(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show every session, and the form to begin one."""
    return _list(request, visit)


def _list(request: HttpRequest, visit: Visit, *, status: int = 200) -> HttpResponse:
    in_force = keys_in_force()
    return render(
        request,
        "qa/calibrations.html",
        {
            "title": _("Calibration"),
            "crumbs": [Crumb(_("Quality")), Crumb(_("Calibration"))],
            "sessions": selectors.list_sessions()[:100],
            "leads": visit.may(LEAD),
            "gold": describe_agreement(visit.now) if visit.may(LEAD) else [],
            "scorecards": [one for one in list_documents(shelf=SHELF) if one.key in in_force],
            "reviewers": selectors.list_reviewers(),
            "typed": request.POST,
            "chosen": request.POST.getlist("people"),
        },
        status=status,
    )


@page("calibrations/open/", name="calibration_open", capability=LEAD, methods=("POST",))
def begin(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Begin a session; what is wrong keeps what was typed."""
    made: list[CalibrationSession] = []
    error = attempt(
        request,
        lambda: made.append(
            services.open_session(
                actor=visit.actor,
                now=visit.now,
                scorecard=request.POST.get("scorecard", ""),
                people=request.POST.getlist("people"),
                count=read_whole(request.POST.get("count", "")) or 0,
                due_at=_moment(request.POST.get("due_at", "")) or visit.now,
            )
        ),
        refusal=as_refusal("calibration.open"),
    )
    if error is not None:
        return _list(request, visit, status=error.status)
    messages.success(request, _("Begun. Everybody finds the same units among their reviews."))
    return HttpResponseRedirect(reverse("admin:calibration", args=[made[0].public_id]))


@page(
    "calibrations/<uuid:session_id>/close/",
    name="calibration_close",
    capability=LEAD,
    methods=("POST",),
)
def close(request: HttpRequest, visit: Visit, session_id: UUID) -> HttpResponse:
    """Close a session without whoever is missing."""
    session = selectors.get_session(session_id)
    attempt(
        request,
        lambda: services.close_session(actor=visit.actor, now=visit.now, session=session),
        refusal=as_refusal("calibration.close", session_id),
    )
    return HttpResponseRedirect(reverse("admin:calibration", args=[session_id]))


@page(
    "calibrations/<uuid:session_id>/remind/",
    name="calibration_remind",
    capability=LEAD,
    methods=("POST",),
)
def remind(request: HttpRequest, visit: Visit, session_id: UUID) -> HttpResponse:
    """Remind whoever is missing."""
    session = selectors.get_session(session_id)
    error = attempt(
        request,
        lambda: services.remind(actor=visit.actor, now=visit.now, session=session),
        refusal=as_refusal("calibration.remind", session_id),
    )
    if error is None:
        messages.success(request, _("Whoever is missing is reminded."))
    return HttpResponseRedirect(reverse("admin:calibration", args=[session_id]))


@page("calibrations/<uuid:session_id>/", name="calibration", capability=READ)
def calibration(request: HttpRequest, visit: Visit, session_id: UUID) -> HttpResponse:
    """Show who is missing, and once nobody is, how far people agree."""
    session = selectors.get_session(session_id)
    progress = selectors.list_progress(session)
    context: dict[str, Any] = {
        "session": session,
        "leads": visit.may(LEAD),
        "progress": [
            {"row": one, "wide": round(150 * one.done / max(1, one.total), 1)} for one in progress
        ],
        "crumbs": [
            Crumb(_("Quality")),
            Crumb(_("Calibration"), reverse("admin:calibrations")),
            Crumb(_day(session.opened_at)),
        ],
    }
    if not selectors.is_shown(session, progress):
        done = sum(one.total > 0 and one.done == one.total for one in progress)
        title = ngettext(
            "%(done)d of %(all)d people has scored all %(units)d units",
            "%(done)d of %(all)d people have scored all %(units)d units",
            done,
        ) % {"done": done, "all": len(progress), "units": session.units.count()}
        return render(request, "qa/calibration_waiting.html", context | {"title": title})
    context |= _describe(session)
    if visit.may(Capability.SCORECARD_EDIT):
        link = request.build_absolute_uri(reverse("admin:calibration", args=[session_id]))
        context["proposal"] = _proposal(session, context["questions"], link)
    return render(request, "qa/calibration.html", context)


def _describe(session: CalibrationSession) -> dict[str, Any]:
    shown = selectors.read_results(session)
    readings = [one.reading for one in shown.questions]
    return {
        "title": _headline(readings),
        "limit": f"{LIMIT:.2f}",
        "limit_x": round(_WIDE * LIMIT, 1),
        "people": shown.people,
        "unit_count": len(shown.units),
        "questions": [_question(one) for one in shown.questions],
        "divided": [_divided(one, shown) for one in shown.divided[:_SHOWN]],
        "divided_count": len(shown.divided),
        "leans": [_lean(one, shown) for one in shown.leans],
        "scorecard_link": reverse("admin:scorecard", args=[session.scorecard.scorecard.key]),
    }


def _proposal(
    session: CalibrationSession, questions: list[dict[str, Any]], link: str
) -> dict[str, str]:
    """Return what opens a draft of the scorecard, with the calibration as its reason."""
    unclear = [f"“{one['result'].text}”" for one in questions if one["low"]]
    why = _("What a calibration showed: %(link)s") % {"link": link}
    if unclear:
        why = f"{why} {_('New wording: %(questions)s') % {'questions': ', '.join(unclear)}}"
    return {
        "kind": DOCUMENT_KIND,
        "key": session.scorecard.scorecard.key,
        "title": _("Wording after the calibration of %(at)s") % {"at": _day(session.opened_at)},
        "summary": why,
    }


def _headline(readings: list[Reading]) -> str:
    change = readings.count(Reading.CHANGE)
    if not change:
        return _("No question needs new wording")
    kept = len(readings) - change
    return ngettext(
        "%(change)d question needs new wording; %(kept)d can be kept",
        "%(change)d questions need new wording; %(kept)d can be kept",
        change,
    ) % {"change": change, "kept": kept}


def _question(one: QuestionResult) -> dict[str, Any]:
    word, why = READINGS[one.reading]
    read = one.ac1 if one.best == "ac1" else one.alpha
    return {
        "result": one,
        "same": _share(one.same),
        "common": words.plain(one.common),
        "prevalence": f"{100 * one.prevalence:.0f} %" if one.prevalence is not None else "",
        "measures": [
            {"name": name, "best": name == one.best, **_number(measure)}
            for name, measure in (("kappa", one.kappa), ("alpha", one.alpha), ("ac1", one.ac1))
        ],
        "bar": _bar(read),
        "low": one.reading is Reading.CHANGE,
        "word": word,
        "why": why,
    }


def _share(one: Measure) -> dict[str, str]:
    if one.value is None:
        return {"value": "–", "span": ""}  # noqa: RUF001  no value
    span = ""
    if one.low is not None and one.high is not None:
        span = _("%(low).0f to %(high).0f") % {"low": 100 * one.low, "high": 100 * one.high}
    return {"value": f"{100 * one.value:.0f} %", "span": span}


def _number(one: Measure) -> dict[str, str]:
    if one.value is None:
        return {"value": "–", "span": ""}  # noqa: RUF001  no value
    span = ""
    if one.low is not None and one.high is not None:
        span = _("%(low).2f to %(high).2f") % {"low": one.low, "high": one.high}
    return {"value": f"{one.value:.2f}", "span": span}


def _bar(one: Measure) -> dict[str, float] | None:
    if one.value is None or one.low is None or one.high is None:
        return None
    ends = {"at": one.value, "low": one.low, "high": one.high}
    return {name: round(_WIDE * min(1.0, max(0.0, end)), 1) for name, end in ends.items()}


def _divided(one: Divided, shown: selectors.Shown) -> dict[str, Any]:
    unit = shown.units[one.unit]
    given = [each for each in one.answers if each is not None]
    first = max(sorted(set(given)), key=given.count)
    return {
        "unit": unit,
        "link": reverse("admin:case", args=[unit.case.public_id]),
        "text": one.text,
        "sides": sides_of(given),
        "answers": [
            {
                "person": person,
                "letter": words.plain(each)[:1].upper() if each else "–",  # noqa: RUF001  none
                "word": words.plain(each) if each else _("no answer"),
                "apart": each is not None and each != first,
            }
            for person, each in zip(shown.people, one.answers, strict=True)
        ],
    }


def sides_of(given: Sequence[str]) -> str:
    """Return how many gave each answer, such as two times yes and three times no."""
    return ", ".join(
        f"{given.count(each)} \u00d7 {words.plain(each)}"
        for each in sorted(set(given), reverse=True)
    )


def _lean(one: Lean, shown: selectors.Shown) -> dict[str, Any]:
    found: dict[str, Any] = {"person": shown.people[one.person], "lean": one}
    if one.points is None or one.low is None or one.high is None or one.agrees is None:
        return found
    ends = {"at": one.points, "low": one.low, "high": one.high}
    middle = _WIDE / 2
    return found | {
        "points": f"{one.points:+.1f}",
        "span": _("%(low)+.1f to %(high)+.1f") % {"low": one.low, "high": one.high},
        "agrees": f"{100 * one.agrees:.0f}",
        "bar": {
            name: round(min(_WIDE, max(0.0, middle + middle * end / _LEANS)), 1)
            for name, end in ends.items()
        },
    }


def _day(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j M Y")


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    if found is not None and timezone.is_naive(found):
        return timezone.make_aware(found)
    return found
