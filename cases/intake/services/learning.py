"""Have the classifier learn again: asked for by a person, done by a worker, put under review."""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from cases.intake import entries
from cases.intake.documents import KEY_OF_INTAKE, VersionSpec, write_document
from cases.intake.learning import (
    FEWEST_EXAMPLES,
    Measured,
    example_digest,
    learn_reading,
    measure_counted,
    measure_learnt,
)
from cases.intake.models import ClassifierTraining, ClassifierWeights
from cases.intake.packing import pack
from cases.intake.scoring import with_none
from cases.intake.selectors import (
    DOCUMENT_KIND,
    find_open_training,
    find_version,
    learnt_from,
    list_intents,
    spec_of,
)
from cases.intake.types import Bands, IntentSpec, TrainingState
from governance.access.models import User
from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.reviews import services as reviews
from orchestra.core.actors import Actor, system
from orchestra.core.canonical import sha256_hex
from orchestra.core.dispatch import enqueue
from orchestra.core.errors import InvalidInputError, NotPermittedError, OrchestraError

log = structlog.get_logger(__name__)

TRAIN_TASK = "cases.intake.train"
WORKER = system("intake")
_FEWEST_INTENTS = 2


@one_act()
def ask_training(*, actor: Actor, now: datetime) -> ClassifierTraining:
    """Have a worker learn from the examples as they stand; the one that is open is returned.

    Raises:
        NotPermittedError: The actor is no person, or may not draft what intake is done by.
        InvalidInputError: There are too few examples.
    """
    if not actor.is_human:
        raise NotPermittedError(_("Only a person has the classifier learn."))
    require(authority=authority_of(actor), capability=Capability.CUE_SHEET_EDIT)
    found = find_open_training()
    if found is not None:
        return found
    _check_enough(list_intents())
    training = ClassifierTraining.objects.create(by_id=actor.id, by_label=actor.label, asked_at=now)
    _record(actor, now, training, entries.TRAINING_ASKED, {})
    enqueue(TRAIN_TASK)
    return training


def _check_enough(intents: list[IntentSpec]) -> None:
    known = [spec for spec in intents if len(spec.examples) >= FEWEST_EXAMPLES]
    if len(known) < _FEWEST_INTENTS:
        message = _(
            "At least two intents need %(count)d example utterances each before there is "
            "anything to learn; a pack brings them."
        ) % {"count": FEWEST_EXAMPLES}
        raise InvalidInputError(message, code="classifier.too_few_examples")


def train_due(*, now: datetime) -> int:
    """Do the learning that waits, or whose worker is gone; safe to run twice.

    Learning itself holds no transaction: the row is claimed, the work is done, and its outcome
    is written where the row is still ours.

    Returns:
        How many learnings were done.
    """
    _give_up_lost(now)
    training = _claim(now)
    if training is None:
        return 0
    try:
        made = _learn()
        _finish(training, now, made)
    except OrchestraError as error:
        _fail(training, now, error.message)
    except Exception:
        # Whatever a library raises: the row must not stay "running", and the log has the rest.
        log.exception("intake.training_failed", training=training.pk)
        _fail(training, now, _("It failed unexpectedly; the operator's log says more."))
    return 1


def _claim(now: datetime) -> ClassifierTraining | None:
    with transaction.atomic():
        row = ClassifierTraining.objects.filter(state=TrainingState.WAITING).order_by("pk").first()
        if row is None:
            return None
        taken = ClassifierTraining.objects.filter(pk=row.pk, state=TrainingState.WAITING).update(
            state=TrainingState.RUNNING, started_at=now
        )
    row.refresh_from_db()
    return row if taken else None


@one_act()
def _give_up_lost(now: datetime) -> None:
    lost = ClassifierTraining.objects.filter(
        state=TrainingState.RUNNING,
        started_at__lt=now - timedelta(seconds=settings.ORCHESTRA["TRAINING_LEASE_SECONDS"]),
    )
    for row in lost:
        _end(row, now, TrainingState.FAILED, problem=_("Its worker was lost; ask for it again."))


def _learn() -> tuple[VersionSpec, bytes, list[str]]:
    """Return what a version would say, its weights, and the digests of what they learnt from."""
    specs, none, own = learnt_from()
    specs = [spec for spec in specs if len(spec.examples) >= FEWEST_EXAMPLES]
    _check_enough(specs)
    learnt = learn_reading(specs, none)
    against, before, bands = _before(specs, none)
    data = pack(learnt.model)
    every = with_none(specs, none)
    spec = VersionSpec(
        key=KEY_OF_INTAKE,
        title=_("Intake classifier"),
        weights=sha256_hex(data),
        examples={key: len(one.examples) for key, one in every.items()},
        corrections=own,
        measured=learnt.measured,
        against=against,
        before=before,
        bands=bands,
    )
    digests = sorted(
        {example_digest(key, text) for key, one in every.items() for text in one.examples}
    )
    return spec, data, digests


def _before(specs: list[IntentSpec], none: tuple[str, ...]) -> tuple[str, Measured, Bands]:
    """Return the name of what is in force, how it does on the same examples, and its bands."""
    version = find_version()
    if version is None:
        seen = frozenset(
            example_digest(key, text)
            for key, one in with_none(list_intents()).items()
            for text in one.examples
        )
        return "examples.v1", measure_counted(specs, none, seen=seen), Bands()
    present = spec_of(version)
    weights = ClassifierWeights.objects.get(digest=present.weights)
    measured = measure_learnt(specs, none, seen=frozenset(weights.examples))
    return f"{present.key}.v{version.number}", measured, present.bands


@one_act()
def _finish(
    training: ClassifierTraining, now: datetime, made: tuple[VersionSpec, bytes, list[str]]
) -> None:
    spec, data, digests = made
    document = write_document(spec)
    ClassifierWeights.objects.get_or_create(
        digest=spec.weights, defaults={"data": data, "examples": digests, "made_at": now}
    )
    version = find_version()
    if version is not None and spec_of(version).weights == spec.weights:
        _end(training, now, TrainingState.DONE, problem=_("Nothing new was learnt."))
        return
    author = User.objects.get(public_id=training.by_id).as_actor()
    change = reviews.open_change(
        actor=author,
        now=now,
        kind=DOCUMENT_KIND,
        document_key=KEY_OF_INTAKE,
        title=_("Learnt again from %(count)d examples") % {"count": sum(spec.examples.values())},
        summary=_("%(own)d of the examples are what people said about messages of cases.")
        % {"own": spec.corrections},
        document=document,
    )
    _end(training, now, TrainingState.DONE, change=change.public_id)


@one_act()
def _fail(training: ClassifierTraining, now: datetime, problem: str) -> None:
    _end(training, now, TrainingState.FAILED, problem=problem)


def _end(
    training: ClassifierTraining,
    now: datetime,
    state: TrainingState,
    *,
    change: Any = None,
    problem: str = "",
) -> None:
    changed = ClassifierTraining.objects.filter(
        pk=training.pk, state=TrainingState.RUNNING, started_at=training.started_at
    ).update(state=state, ended_at=now, change=change, problem=problem[:500])
    if not changed:
        return
    outcome = _("a change request") if change else problem
    _record(WORKER, now, training, entries.TRAINING_ENDED, {"outcome": outcome})


def _record(
    actor: Actor, now: datetime, training: ClassifierTraining, kind: str, payload: dict[str, str]
) -> None:
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=SYSTEM_STREAM,
            kind=kind,
            payload=payload,
            subject_kind="classifier_training",
            subject_id=str(training.public_id),
        ),
    )
