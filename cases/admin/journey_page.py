"""One journey on one case: its graph as it stands, held, given up, moved, taken back."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.admin.cue_graph import Marks, describe_graph
from cases.admin.cue_sheet_trial import move_words
from cases.admin.masking import masked
from cases.journeys import selectors as journeys
from cases.journeys import services
from cases.journeys.models import Journey, StepRun
from cases.journeys.pauses import find_pause
from cases.journeys.types import JourneyState, ReversalState, StepState
from cases.memory import selectors as memory
from cases.memory.models import Case
from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, attempt, page, render
from governance.ledger.refusals import Refusal
from orchestra.core import words
from orchestra.core.errors import NotFoundError, OrchestraError

_ROUTE = "cases/<str:case_id>/journeys/<str:journey_id>/"
_DONE = frozenset({StepState.DONE})
_NOW = frozenset({StepState.READY, StepState.RUNNING, StepState.WAITING})


@page(_ROUTE, name="journey", capability=Capability.CASE_READ)
def journey_page(request: HttpRequest, visit: Visit, case_id: str, journey_id: str) -> HttpResponse:
    """Show where a journey stands and what may be done with it."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    found = _found(case, journey_id)
    spec = journeys.spec_of(found.version)
    steps = journeys.steps_by_journey(case=case).get(found.pk, [])
    in_force = journeys.find_published(key=found.version.cue_sheet.key)
    open_ = found.state in {JourneyState.RUNNING, JourneyState.PAUSED}
    movable = open_ and in_force is not None and in_force.pk != found.version_id
    by_key = {step.key: step for step in steps}
    return render(
        request,
        "cases/journey_page.html",
        {
            "title": f"{case.label}: {found.version.cue_sheet.title}",
            "crumbs": [
                Crumb(_("Work")),
                Crumb(_("Cases"), reverse("admin:cases")),
                Crumb(case.label, reverse("admin:case", args=[case.public_id])),
                Crumb(found.version.cue_sheet.title),
            ],
            "case": case,
            "journey": found,
            "now": visit.now,
            "pause": masked(find_pause(journey=found)),
            "graph": describe_graph(
                spec.steps,
                label=_("The journey as it stands, drawn"),
                marks={key: _mark(step, visit) for key, step in by_key.items()},
            ),
            "steps": steps,
            "may_work": journeys.may_work(authority=visit.authority, case=case)
            and visit.actor.is_human,
            "may_pause": found.state == JourneyState.RUNNING,
            "may_resume": found.state == JourneyState.PAUSED,
            "may_cancel": open_ or found.state == JourneyState.HANDED_OFF,
            "reversals": [
                {
                    "id": row.public_id,
                    "effect": row.call.effect_text or row.call.tool.title,
                    "tool": row.tool,
                    "state": words.plain(str(row.state)),
                    "reason": row.reason,
                    "by_person": row.state == ReversalState.BY_PERSON,
                }
                for row in journeys.list_reversals(journey=found)
            ],
            "moving": [move_words(found, journeys.spec_of(in_force))]
            if movable and in_force is not None
            else [],
            "move_digest": in_force.digest if movable and in_force is not None else "",
        },
    )


@page(f"{_ROUTE}pause/", name="journey_pause", methods=("POST",))
def journey_pause(
    request: HttpRequest, visit: Visit, case_id: str, journey_id: str
) -> HttpResponse:
    """Let nothing of a journey start."""
    return _act(
        request,
        visit,
        case_id,
        journey_id,
        "pause",
        _("Paused. Nothing of it starts."),
        waits_for=request.POST.get("waits_for", ""),
    )


@page(f"{_ROUTE}resume/", name="journey_resume", methods=("POST",))
def journey_resume(
    request: HttpRequest, visit: Visit, case_id: str, journey_id: str
) -> HttpResponse:
    """Let a paused journey go on."""
    return _act(request, visit, case_id, journey_id, "resume", _("It goes on."))


@page(f"{_ROUTE}cancel/", name="journey_cancel", methods=("POST",))
def journey_cancel(
    request: HttpRequest, visit: Visit, case_id: str, journey_id: str
) -> HttpResponse:
    """End a journey for good."""
    return _act(
        request,
        visit,
        case_id,
        journey_id,
        "cancel",
        _("Cancelled."),
        take_back=bool(request.POST.get("take_back")),
    )


@page(f"{_ROUTE}move/", name="journey_move", methods=("POST",))
def journey_move(request: HttpRequest, visit: Visit, case_id: str, journey_id: str) -> HttpResponse:
    """Move a journey to the version in force."""
    return _act(
        request,
        visit,
        case_id,
        journey_id,
        "move",
        _("It goes on under the version in force."),
        seen_digest=request.POST.get("digest", ""),
    )


@page(
    "cases/<str:case_id>/reversals/<str:reversal_id>/finish/",
    name="reversal_finish",
    methods=("POST",),
)
def reversal_finish(
    request: HttpRequest, visit: Visit, case_id: str, reversal_id: str
) -> HttpResponse:
    """Say that a change was taken back by hand, or that it stays."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    error = attempt(
        request,
        lambda: services.finish_reversal(
            actor=visit.actor,
            now=visit.now,
            case=case,
            reversal_id=reversal_id,
            done=request.POST.get("done") == "yes",
            reason=request.POST.get("reason", ""),
        ),
        refusal=_refusal(case, "reversal.finish"),
    )
    if error is None:
        messages.success(request, _("Recorded."))
    return HttpResponseRedirect(reverse("admin:case", args=[case.public_id]))


_ACTS: dict[str, Callable[..., Journey]] = {
    "pause": services.pause_journey,
    "resume": services.resume_journey,
    "cancel": services.cancel_journey,
    "move": services.move_journey,
}


def _act(
    request: HttpRequest,
    visit: Visit,
    case_id: str,
    journey_id: str,
    name: str,
    said: str,
    **more: Any,
) -> HttpResponse:
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    error = attempt(
        request,
        lambda: _ACTS[name](
            actor=visit.actor,
            now=visit.now,
            case=case,
            journey_id=journey_id,
            reason=request.POST.get("reason", ""),
            **more,
        ),
        refusal=_refusal(case, f"journey.{name}"),
    )
    if error is None:
        messages.success(request, said)
    return HttpResponseRedirect(reverse("admin:journey", args=[case.public_id, journey_id]))


def _refusal(case: Case, act: str) -> Callable[[OrchestraError], Refusal]:
    def name(error: OrchestraError) -> Refusal:
        return Refusal(
            act=act,
            code=error.error_code,
            message=error.message,
            case_id=str(case.public_id),
            subject_id=str(case.public_id),
        )

    return name


def _found(case: Case, journey_id: str) -> Journey:
    for journey in journeys.list_journeys(case=case):
        if str(journey.public_id) == journey_id:
            return journey
    raise NotFoundError(_("This case has no such journey."))


def _mark(step: StepRun, visit: Visit) -> Marks:
    state = StepState(step.state)
    late = state in _NOW and step.due_at is not None and step.due_at <= visit.now
    return Marks(
        corner=words.plain(str(state)),
        left=_("try %(count)d") % {"count": step.tries + 1} if step.tries else "",
        right=_("overdue") if late else "",
        is_hot=late,
        state_class="is-done" if state in _DONE else "is-now" if state in _NOW else "is-off",
    )
