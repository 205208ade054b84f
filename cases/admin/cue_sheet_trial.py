"""A draft of a cue sheet, tried on written and on past cases before anybody votes on it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.admin.cue_graph import Marks, describe_graph
from cases.admin.cue_sheet_edit import find_draft
from cases.admin.cue_sheet_form import read_value
from cases.journeys import selectors as journeys
from cases.journeys.models import Journey
from cases.journeys.moving import preview_move
from cases.journeys.parsing import read_cue_sheet
from cases.journeys.rules import facts_named
from cases.journeys.simulating import ENDS, Played, ends_of, play
from cases.journeys.types import CueSheetSpec, JourneyState, StepState
from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, page, render
from orchestra.core import words

#: How many past cases a draft is tried on.
_MOST = 50
_OPEN = "open"


@page(
    "change-requests/<uuid:change_id>/cue-sheet/trial/",
    name="change_cue_sheet_trial",
    capability=Capability.CHANGE_READ,
)
def cue_sheet_trial(request: HttpRequest, visit: Visit, change_id: UUID) -> HttpResponse:
    """Show what the saved draft would do; nothing runs and nothing is written."""
    found = find_draft(visit, change_id)
    spec, findings = read_cue_sheet(found.document)
    link = reverse("admin:change", args=[found.public_id])
    tried = {} if findings else _tried(request, visit, spec)
    return render(
        request,
        "cases/change_cue_sheet_trial.html",
        {
            "title": _("Try %(label)s") % {"label": found.label},
            "crumbs": [
                Crumb(_("Govern")),
                Crumb(_("Change requests"), reverse("admin:changes")),
                Crumb(found.label, link),
                Crumb(_("Try it")),
            ],
            "change": found,
            "findings": findings,
            "edit_link": reverse("admin:change_cue_sheet", args=[found.public_id]),
            **tried,
        },
    )


def _tried(request: HttpRequest, visit: Visit, spec: CueSheetSpec) -> dict[str, Any]:
    facts = {
        name: read_value(given)
        for name in sorted(facts_named(spec=spec))
        if (given := request.GET.get(f"fact-{name}", "").strip())
    }
    asked = {step.key: request.GET.get(f"end-{step.key}", "") for step in spec.steps}
    ends = {
        key: None if end == _OPEN else StepState(end)
        for key, end in asked.items()
        if end == _OPEN or end in ENDS
    }
    played = play(spec, facts=facts, ends=ends)
    past = [_past(visit, one, spec) for one in journeys.list_past(key=spec.key, most=_MOST)]
    moving = journeys.list_under_way(authority=visit.authority, key=spec.key)
    return {
        "spec": spec,
        "facts": [
            (name, words.plain(name), request.GET.get(f"fact-{name}", ""))
            for name in sorted(facts_named(spec=spec))
        ],
        "ends": [
            (step.key, step.title, asked[step.key] or str(StepState.DONE)) for step in spec.steps
        ],
        "end_choices": [
            (str(StepState.DONE), _("done")),
            (str(StepState.REFUSED), _("refused")),
            (str(StepState.FAILED), _("failed")),
            (_OPEN, _("stays open")),
        ],
        "ended": ended_words(played.state),
        "moves": _moves(played, spec),
        "graph": describe_graph(
            spec.steps, label=_("The trial, drawn"), marks=_marks(played, spec)
        ),
        "past": past,
        "otherwise": sum(1 for one in past if one["differs"]),
        "moving": [move_words(journey, spec) for journey in moving],
    }


def ended_words(state: JourneyState) -> str:
    """Return how a supposed journey ended, in words."""
    return {
        JourneyState.COMPLETED: _("the need is met"),
        JourneyState.HANDED_OFF: _("it goes to a person"),
        JourneyState.RUNNING: _("it waits"),
        JourneyState.PAUSED: _("it is paused"),
        JourneyState.CANCELLED: _("it was cancelled"),
    }[state]


def move_words(journey: Journey, spec: CueSheetSpec) -> dict[str, Any]:
    """Return what moving a running journey to a plan would do, step by step in words."""
    old = journeys.spec_of(journey.version)
    states = {step.key: StepState(step.state) for step in journey.steps.all()}
    preview = preview_move(old=old, new=spec, states=states)
    titles = {step.key: step.title for step in (*old.steps, *spec.steps)}
    return {
        "id": str(journey.public_id),
        "case": journey.case.label,
        "case_id": str(journey.case.public_id),
        "link": reverse("admin:case", args=[journey.case.public_id]),
        "version": journey.version.number,
        "again": [titles[key] for key in preview.again],
        "added": [titles[key] for key in preview.added],
        "gone": [titles.get(key, key) for key in preview.gone],
        "blocks": [titles.get(key, key) for key in preview.blocks],
    }


def _past(visit: Visit, journey: Journey, spec: CueSheetSpec) -> dict[str, Any]:
    steps = list(journey.steps.all())
    states = {step.key: StepState(step.state) for step in steps}
    facts = journeys.facts_of(case=journey.case, spec=spec, steps=steps)
    played = play(spec, facts=facts, ends=ends_of(states))
    was = {key for key, state in states.items() if state in ENDS or state is StepState.HANDED_OFF}
    titles = {step.key: step.title for step in spec.steps}
    before = JourneyState(journey.state)
    seen = journeys.may_see(authority=visit.authority, case=journey.case)
    more = [titles[key] for key in played.reached if key not in was]
    fewer = [
        titles.get(key, key)
        for key, state in states.items()
        if state is StepState.DONE and key not in played.reached
    ]
    return {
        "case": journey.case.label if seen else _("a case of another team"),
        "link": reverse("admin:case", args=[journey.case.public_id]) if seen else "",
        "version": journey.version.number,
        "before": ended_words(before),
        "after": ended_words(played.state),
        "more": more,
        "fewer": fewer,
        "differs": before is not played.state or bool(more or fewer),
    }


def _move_words() -> dict[str, str]:
    return {
        "make_ready": _("becomes ready"),
        "reopen_step": _("is tried again"),
        "skip": _("is left out"),
        "propose": _("is proposed with what is known"),
        "hand_off": _("takes the case to a person"),
        "complete_journey": _("is complete"),
        "done": _("is done, as supposed"),
        "refused": _("is refused, as supposed"),
        "failed": _("fails, as supposed"),
    }


def _moves(played: Played, spec: CueSheetSpec) -> Sequence[dict[str, str]]:
    titles = {step.key: step.title for step in spec.steps}
    return [
        {
            "what": _move_words().get(move.what) or words.plain(move.what),
            "title": titles.get(move.step, _("the journey")),
            "reason": move.reason,
        }
        for move in played.moves
    ]


def _marks(played: Played, spec: CueSheetSpec) -> Mapping[str, Marks]:
    ended = {move.step: move.what for move in played.moves if move.what in ENDS}
    skipped = {move.step for move in played.moves if move.what == "skip"}
    marks = {}
    for step in spec.steps:
        if step.key in played.waits:
            marks[step.key] = Marks(corner=_("waits"), state_class="is-now")
        elif step.key in skipped:
            marks[step.key] = Marks(corner=_("left out"), state_class="is-off")
        elif step.key in ended:
            is_done = ended[step.key] == StepState.DONE
            marks[step.key] = Marks(
                corner=words.plain(ended[step.key]), state_class="is-done" if is_done else ""
            )
        else:
            marks[step.key] = Marks(corner=_("not reached"), state_class="is-off")
    return marks
