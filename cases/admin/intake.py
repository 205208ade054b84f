"""Intake: how well the words are read, what people said about them, versions, and learning."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.admin.priorities import describe_table
from cases.intake import selectors, services
from cases.intake.documents import KEY_OF_INTAKE, VersionSpec, percent, tally_words
from cases.intake.models import (
    ClassificationRecord,
    ClassifierTraining,
    ClassifierVersion,
    IntentExample,
)
from cases.intake.priorities import KEY_OF_TABLE
from cases.intake.types import TrainingState
from cases.memory.types import IntentHold
from governance.access.types import Capability
from governance.admin.changes import describe_opening
from governance.admin.tracked import Tracked, tracked_records
from governance.admin.visit import Crumb, Visit, attempt, page, render
from governance.ledger.refusals import Refusal
from governance.reviews import selectors as reviews
from governance.reviews.types import DocumentState
from orchestra.core import words
from orchestra.core.bounded import COUNTED, BoundedCount, in_short
from orchestra.core.redaction import mask_text

_EXAMPLES_SHOWN = 30
_TRAININGS_SHOWN = 5
_WAITING_SHOWN = 30
_SIGNS = {
    TrainingState.WAITING: "is-wait",
    TrainingState.RUNNING: "is-now",
    TrainingState.DONE: "is-ok",
    TrainingState.FAILED: "is-bad",
}

tracked_records.register(
    "classifier_version", Tracked(ClassifierVersion, Capability.CUE_SHEET_READ)
)


@page("intake/", name="intake", capability=Capability.CUE_SHEET_READ)
def intake(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what reads the customers' words, how well, and what it learns from."""
    intents = selectors.list_intents()
    titles = {spec.key: spec.title for spec in intents}
    versions = list(selectors.list_versions())
    present = next((one for one in versions if one.state == DocumentState.PUBLISHED), None)
    spec = selectors.spec_of(present) if present else None
    told = selectors.list_examples(authority=visit.authority)
    of = BoundedCount(told.values("pk")[:COUNTED])
    examples = list(told.annotate(of=of)[:_EXAMPLES_SHOWN])
    examples_of = examples[0].of if examples else 0
    own, table = (selectors.DOCUMENT_KIND, KEY_OF_INTAKE), (selectors.TABLE_KIND, KEY_OF_TABLE)
    changes = reviews.changes_by_document(documents=(own, table))
    trainings = list(selectors.list_trainings()[:_TRAININGS_SHOWN])
    held = list(selectors.list_held(authority=visit.authority))
    may_learn = visit.may(Capability.CUE_SHEET_EDIT)
    return render(
        request,
        "cases/intake.html",
        {
            "title": _("Intake"),
            "crumbs": [Crumb(_("Govern")), Crumb(_("Intake"))],
            "present": present,
            "figures": _figures(spec) if spec else None,
            "intents": [_intent(spec, key, title) for key, title in titles.items()] if spec else [],
            "intent_count": len(intents),
            "example_count": sum(len(one.examples) for one in intents),
            "examples": [_example(one, titles) for one in examples],
            "examples_of": examples_of,
            "examples_text": in_short(examples_of),
            "versions": [_version(one) for one in versions],
            "trainings": [_training(one, visit) for one in trainings],
            "is_learning": any(
                one.state in {TrainingState.WAITING, TrainingState.RUNNING} for one in trainings
            ),
            "waiting": [_waiting(one, titles, visit) for one in held[:_WAITING_SHOWN]],
            "waiting_of": len(held),
            "choices": sorted(titles.items(), key=lambda item: item[1]),
            "priorities": describe_table(visit, changes=changes[table]),
            "learn_link": reverse("admin:intake_learn") if may_learn else "",
            "opening": describe_opening(visit, kind=own[0], key=own[1], changes=changes[own]),
        },
    )


@page("intake/learn/", name="intake_learn", methods=("POST",))
def learn(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Have the classifier learn from the examples as they stand."""
    error = attempt(
        request,
        lambda: services.ask_training(actor=visit.actor, now=visit.now),
        refusal=lambda error: Refusal(
            act="classifier.learn", code=error.error_code, message=error.message
        ),
    )
    if error is None:
        messages.success(
            request,
            _("Asked for. A worker learns now; what comes of it is a change request, not more."),
        )
    return HttpResponseRedirect(reverse("admin:intake") + "#learning")


def _waiting(row: ClassificationRecord, titles: dict[str, str], visit: Visit) -> dict[str, Any]:
    """Return one case that waits for a word on its need; its words masked."""
    case = row.case
    return {
        "id": str(row.public_id),
        "case": case.label,
        "key": case.pk,
        "link": reverse("admin:case", args=[case.public_id]) + "#intake",
        "settle_link": reverse("admin:case_intake", args=[case.public_id]),
        "text": mask_text(row.message.text) if row.message else "",
        "intent": row.intent,
        "need": titles.get(row.intent, row.intent),
        "sure": percent(row.confidence),
        "is_for_person": case.intent_hold == IntentHold.PERSON,
        "queue": case.queue.title,
        "at": row.at,
        "may_settle": selectors.may_settle(authority=visit.authority, case=case),
    }


def _figures(spec: VersionSpec) -> dict[str, Any]:
    measured = spec.measured
    return {
        "found": tally_words(measured.in_scope),
        "out": tally_words(measured.out_of_scope),
        "error": f"{100 * measured.calibration_error:.1f}",
        "act_from": percent(spec.bands.act_from),
        "verify_from": percent(spec.bands.verify_from),
        "least_margin": percent(spec.bands.least_margin),
        "examples": sum(spec.examples.values()),
        "own": spec.corrections,
    }


def _intent(spec: VersionSpec, key: str, title: str) -> dict[str, Any]:
    now, before = spec.measured.by_intent.get(key), spec.before.by_intent.get(key)
    return {
        "title": title,
        "examples": spec.examples.get(key, 0),
        "now": f"{now.right} / {now.of}" if now else "",
        "before": f"{before.right} / {before.of}" if before else "",
    }


def _example(row: IntentExample, titles: dict[str, str]) -> dict[str, Any]:
    return {
        "text": row.text,
        "need": titles.get(row.intent, row.intent),
        "guessed": titles.get(row.guessed, row.guessed),
        "is_same": row.intent == row.guessed,
        "by": row.by_label,
        "at": row.at,
        "case": row.case.label,
        "link": reverse("admin:case", args=[row.case.public_id]),
    }


def _version(row: ClassifierVersion) -> dict[str, Any]:
    spec = selectors.spec_of(row)
    return {
        "number": row.number,
        "state": row.state,
        "at": row.published_at,
        "found": tally_words(spec.measured.in_scope),
        "weights": spec.weights[:12],
        "is_older": row.state == DocumentState.RETIRED,
    }


def _training(row: ClassifierTraining, visit: Visit) -> dict[str, Any]:
    change = None
    if row.change and visit.may(Capability.CHANGE_READ):
        changes = reviews.list_changes_of(kind=selectors.DOCUMENT_KIND, key=KEY_OF_INTAKE)
        change = next((one for one in changes if one.public_id == row.change), None)
    return {
        "state": words.plain(row.state),
        "sign": _SIGNS[TrainingState(row.state)],
        "by": row.by_label,
        "at": row.asked_at,
        "problem": row.problem,
        "change": change.label if change else "",
        "link": reverse("admin:change", args=[row.change]) if row.change else "",
    }
