"""Scorecards, readable: what is asked, what it earns, and how a score comes about."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from governance.access.types import Capability
from governance.admin.tracked import Tracked, tracked_records
from governance.admin.visit import Visit, page
from qa.admin.documents import Library, show_document, show_list
from qa.scorecards import sentences as say
from qa.scorecards.models import Scorecard, ScorecardVersion
from qa.scorecards.rules import is_scored, points_possible
from qa.scorecards.selectors import SHELF, spec_of
from qa.scorecards.types import Question, ScorecardSpec, Section


def _cells(version: ScorecardVersion) -> list[object]:
    spec = spec_of(version)
    questions = _("%(count)d in %(sections)d sections") % {
        "count": len(spec.questions),
        "sections": len(spec.sections),
    }
    passes = _("from %(count)d %%") % {"count": spec.scoring.pass_percent}
    return [say.subject_words(spec), questions, passes]


LIBRARY = Library(
    shelf=SHELF,
    group=_lazy("Quality"),
    title=_lazy("Scorecards"),
    about=_lazy("What a reviewer looks for, what each answer earns, and when a review passes."),
    empty=_lazy("No scorecard is there yet. “manage.py quality load” brings those that ship."),
    name="scorecard",
    heads=(_lazy("Judges"), _lazy("Questions"), _lazy("Passes")),
    cells=_cells,
)

tracked_records.register(
    "scorecard", Tracked(Scorecard, Capability.SCORECARD_READ, "scorecard", "key")
)
tracked_records.register("scorecard_version", Tracked(ScorecardVersion, Capability.SCORECARD_READ))


@page("scorecards/", name="scorecards", capability=Capability.SCORECARD_READ)
def scorecards(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show every scorecard with the version in force."""
    return show_list(request, visit, LIBRARY)


@page("scorecards/<str:key>/", name="scorecard", capability=Capability.SCORECARD_READ)
def scorecard(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """Show one version of a scorecard: its questions by section, and how it is scored."""
    return show_document(request, visit, LIBRARY, key, "qa/scorecard.html", _describe)


def _describe(version: ScorecardVersion) -> dict[str, Any]:
    spec = spec_of(version)
    numbers = {question.key: at for at, question in enumerate(spec.questions, 1)}
    return {
        "spec": spec,
        "judges": say.subject_words(spec),
        "sections": [_section(one, spec, numbers) for one in spec.sections],
        "scoring": say.scoring_words(spec.scoring).items(),
    }


def _section(section: Section, spec: ScorecardSpec, numbers: dict[str, int]) -> dict[str, Any]:
    points = section.weight * sum(one.points for one in section.questions if not one.bonus)
    return {
        "title": section.title,
        "weight": section.weight,
        "percent": round(100 * points / points_possible(spec)),
        "questions": [_question(one, spec, numbers) for one in section.questions],
    }


def _question(question: Question, spec: ScorecardSpec, numbers: dict[str, int]) -> dict[str, Any]:
    return {
        "number": numbers[question.key],
        "text": question.text,
        "guidance": question.guidance,
        "critical": question.auto_fail,
        "not_applicable": question.not_applicable,
        "condition": say.condition_words(question.only_if, spec) if question.only_if else "",
        "answer": say.answer_words(question),
        "options": question.options,
        "points": question.points,
        "scored": is_scored(question),
        "bonus": question.bonus,
        "evidence": say.EVIDENCE[question.evidence],
    }
