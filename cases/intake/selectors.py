"""Reads of intake: the intents, what reads them, and what was made of a case."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import structlog
from django.db.models import OuterRef, Q, QuerySet, Subquery

from cases.intake.classifiers import Classifier, ExampleClassifier, LearntClassifier
from cases.intake.documents import KEY_OF_INTAKE, VersionSpec, read_document
from cases.intake.models import (
    ClassificationRecord,
    ClassifierTraining,
    ClassifierVersion,
    ClassifierWeights,
    IntakeClassifier,
    Intent,
    IntentExample,
    PriorityTable,
    PriorityTableVersion,
)
from cases.intake.packing import unpack
from cases.intake.priorities import KEY_OF_TABLE, SHIPPED, Table, read_table
from cases.intake.scoring import Model
from cases.intake.types import Bands, IntentSpec, TrainingState
from cases.memory.models import Case
from cases.memory.types import CaseStatus
from governance.access.rules import may
from governance.access.selectors import readable_queue_ids
from governance.access.types import Authority, Capability
from governance.reviews.types import DocumentState
from governance.reviews.version_rows import VersionRows
from orchestra.core.errors import InvalidInputError
from orchestra.core.parsed import ParsedDocuments
from orchestra.core.together import Reading, answer, read

log = structlog.get_logger(__name__)

DOCUMENT_KIND: Final = "classifier"
ROWS: Final = VersionRows(
    documents=IntakeClassifier.objects.all,
    versions=ClassifierVersion.objects.all,
    link="classifier",
)
TABLE_KIND: Final = "priority_table"
TABLE_ROWS: Final = VersionRows(
    documents=PriorityTable.objects.all,
    versions=PriorityTableVersion.objects.all,
    link="table",
)
#: A reading of 150 intents takes some 40 MB unpacked.
_readings: ParsedDocuments[Model] = ParsedDocuments(most=2)


@dataclass(frozen=True, slots=True)
class InForce:
    """What reads the customer's words now, and what its confidence allows."""

    classifier: Classifier
    bands: Bands


def in_force(intents: Sequence[IntentSpec]) -> InForce:
    """Return the published classifier, or the one that counts words where there is none.

    A version whose weights are not what it says is passed over with a warning: a case must
    stay workable whatever was done to a table.

    Args:
        intents: The intents, for the classifier that counts.
    """
    version = find_version()
    if version is None:
        return InForce(ExampleClassifier(intents), Bands())
    spec = read_document(version.document)
    try:
        model = _readings.get(spec.weights, lambda: _load(spec.weights))
    except (InvalidInputError, ClassifierWeights.DoesNotExist):
        log.warning("intake.weights_unusable", version=version.number, digest=spec.weights)
        return InForce(ExampleClassifier(intents), spec.bands)
    name = f"{spec.key}.v{version.number}"
    return InForce(LearntClassifier(name=name, model=model, digest=spec.weights), spec.bands)


def _load(digest: str) -> Model:
    data = ClassifierWeights.objects.values_list("data", flat=True).get(digest=digest)
    return unpack(bytes(data), digest=digest)


def table_in_force() -> Table:
    """Return the published table of priorities, or the one that ships where there is none."""
    found = PriorityTableVersion.objects.filter(
        table__key=KEY_OF_TABLE, state=DocumentState.PUBLISHED
    ).first()
    return SHIPPED if found is None else read_table(found.document, version=found.number)


def find_version() -> ClassifierVersion | None:
    """Return the version in force, or None."""
    return ClassifierVersion.objects.filter(
        classifier__key=KEY_OF_INTAKE, state=DocumentState.PUBLISHED
    ).first()


def list_versions() -> QuerySet[ClassifierVersion]:
    """Return every version, newest first."""
    return ClassifierVersion.objects.filter(classifier__key=KEY_OF_INTAKE).order_by("-number")


def spec_of(version: ClassifierVersion) -> VersionSpec:
    """Return what a version says."""
    return read_document(version.document)


def list_trainings() -> QuerySet[ClassifierTraining]:
    """Return every learning, newest first."""
    return ClassifierTraining.objects.order_by("-pk")


def find_open_training() -> ClassifierTraining | None:
    """Return the learning that waits or runs, or None."""
    return list_trainings().filter(state__in=(TrainingState.WAITING, TrainingState.RUNNING)).first()


def list_intents() -> list[IntentSpec]:
    """Return every intent as a value, by key."""
    return answer(reading_intents())


def reading_intents() -> Reading[list[IntentSpec]]:
    """Come to every intent as a value, by key."""
    found = yield from read(Intent.objects.order_by("key"))
    return [
        IntentSpec(
            key=row.key,
            title=row.title,
            cue_sheet=row.cue_sheet,
            queue=row.queue,
            examples=tuple(row.examples),
        )
        for row in found
    ]


def list_titles() -> QuerySet[Intent, tuple[str, str]]:
    """Return key and title of every intent, by key."""
    return Intent.objects.order_by("key").values_list("key", "title")


def find_intent(key: str) -> IntentSpec | None:
    """Return the intent of a key, or None."""
    return next((spec for spec in list_intents() if spec.key == key), None) if key else None


def latest_classification(*, case: Case) -> ClassificationRecord | None:
    """Return what intake made of the need of a case last, or None.

    Later words in which it found no need leave the reading of the earlier ones; a suggestion of
    others is none.
    """
    rows = ClassificationRecord.objects.filter(case=case, suggested=False)
    return rows.annotate(names_one=~Q(intent="")).order_by("-names_one", "-pk").first()


def list_held(*, authority: Authority) -> QuerySet[ClassificationRecord]:
    """Return what was read of the cases that wait for a word on their need, longest first.

    Only of cases the reader may see and that nobody has taken; each with its case and message.
    """
    need = ClassificationRecord.objects.filter(case=OuterRef("case"), suggested=False)
    rows = ClassificationRecord.objects.filter(
        pk=Subquery(
            need.annotate(names_one=~Q(intent="")).order_by("-names_one", "-pk").values("pk")[:1]
        ),
        case__status=CaseStatus.OPEN,
    ).exclude(case__intent_hold="")
    queues = readable_queue_ids(authority, Capability.CASE_READ)
    seen = rows if queues is None else rows.filter(case__queue_id__in=queues)
    return seen.select_related("case__queue", "message").order_by("case_id")


def find_suggestion(*, classification: ClassificationRecord) -> ClassificationRecord | None:
    """Return what a second classifier suggests for the message of a classification, or None."""
    if classification.message_id is None:
        return None
    return (
        ClassificationRecord.objects.filter(
            case_id=classification.case_id, message_id=classification.message_id, suggested=True
        )
        .order_by("-pk")
        .first()
    )


def list_classifications(*, case: Case) -> list[ClassificationRecord]:
    """Return every classification of a case with its message, oldest first."""
    return list(classifications_of(case=case))


def classifications_of(*, case: Case) -> QuerySet[ClassificationRecord]:
    """Return the rows of ``list_classifications``."""
    rows = ClassificationRecord.objects.filter(case=case).select_related("message")
    return rows.order_by("pk")


def latest_among(records: Iterable[ClassificationRecord]) -> ClassificationRecord | None:
    """Return the one that :func:`latest_classification` names of all classifications of a case."""
    own = [one for one in records if not one.suggested]
    return max(own, key=lambda one: (bool(one.intent), one.pk), default=None)


def suggestion_among(
    records: Iterable[ClassificationRecord], *, classification: ClassificationRecord
) -> ClassificationRecord | None:
    """Return the one that :func:`find_suggestion` finds, of all classifications of a case."""
    message = classification.message_id
    found = [one for one in records if one.suggested and one.message_id == message]
    return max(found, key=lambda one: one.pk, default=None) if message is not None else None


def flag_words_of(*, case: Case) -> dict[str, tuple[str, ...]]:
    """Return the words that raised each risk flag of a case, whenever they were said."""
    return flag_words_among(list_classifications(case=case))


def flag_words_among(records: Iterable[ClassificationRecord]) -> dict[str, tuple[str, ...]]:
    """Return the words that raised each risk flag, of all classifications of a case."""
    said: dict[str, list[str]] = {}
    for one in records:
        for flag, words in one.flag_words.items():
            said.setdefault(flag, []).extend(words)
    return {flag: tuple(dict.fromkeys(words)) for flag, words in said.items()}


def find_settled(*, classification: ClassificationRecord) -> IntentExample | None:
    """Return what a person last said about the message of a classification, or None."""
    if classification.message_id is None:
        return None
    return (
        IntentExample.objects.filter(message_id=classification.message_id).order_by("-pk").first()
    )


def list_settled(*, case: Case) -> QuerySet[IntentExample]:
    """Return what people said about the classified messages of a case, oldest first."""
    read = ClassificationRecord.objects.filter(case=case, message__isnull=False)
    return IntentExample.objects.filter(message__in=read.values("message_id")).order_by("pk")


def settled_among(
    examples: Iterable[IntentExample], *, classification: ClassificationRecord
) -> IntentExample | None:
    """Return the one that :func:`find_settled` finds, of all that was said in a case."""
    message = classification.message_id
    found = [one for one in examples if one.message_id == message]
    return max(found, key=lambda one: one.pk, default=None) if message is not None else None


def is_told(*, case: Case) -> bool:
    """Return whether a person has said what a case is about."""
    return IntentExample.objects.filter(case=case).exists()


def list_examples(*, authority: Authority) -> QuerySet[IntentExample]:
    """Return what people said about messages of the cases an actor may see, newest first."""
    rows: QuerySet[IntentExample] = IntentExample.objects.select_related("case").order_by("-pk")
    queues = readable_queue_ids(authority, Capability.CASE_READ)
    return rows if queues is None else rows.filter(case__queue_id__in=queues)


def may_settle(*, authority: Authority, case: Case) -> bool:
    """Return whether an actor may confirm or correct what intake made of a case."""
    return authority.actor.is_human and may(authority, Capability.CASE_WORK, case.queue_id)


def learnt_from() -> tuple[list[IntentSpec], tuple[str, ...], int]:
    """Return the intents with all their examples, texts of none, and how many are from cases.

    Of several words of people on one message the last counts; erased texts teach nothing.
    """
    last = {row.message_id: row for row in IntentExample.objects.order_by("pk") if row.text}
    specs = list_intents()
    own: dict[str, list[str]] = {}
    for row in last.values():
        own.setdefault(row.intent, []).append(row.text)
    known = {spec.key for spec in specs}
    count = sum(len(texts) for key, texts in own.items() if not key or key in known)
    wider = [
        replace(spec, examples=tuple(dict.fromkeys((*spec.examples, *own.get(spec.key, ())))))
        for spec in specs
    ]
    return wider, tuple(dict.fromkeys(own.get("", ()))), count
