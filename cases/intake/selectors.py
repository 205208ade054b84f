"""Reads of intake: the intents, and what was made of a case."""

from cases.intake.models import ClassificationRecord, Intent
from cases.intake.types import IntentSpec
from cases.memory.models import Case


def list_intents() -> list[IntentSpec]:
    """Return every intent as a value, by key."""
    return [
        IntentSpec(
            key=row.key,
            title=row.title,
            cue_sheet=row.cue_sheet,
            queue=row.queue,
            examples=tuple(row.examples),
        )
        for row in Intent.objects.order_by("key")
    ]


def find_intent(key: str) -> IntentSpec | None:
    """Return the intent of a key, or None."""
    return next((spec for spec in list_intents() if spec.key == key), None) if key else None


def latest_classification(*, case: Case) -> ClassificationRecord | None:
    """Return what intake made of a case last, or None."""
    return ClassificationRecord.objects.filter(case=case).order_by("-pk").first()


def list_classifications(*, case: Case) -> list[ClassificationRecord]:
    """Return every classification of a case, oldest first."""
    return list(ClassificationRecord.objects.filter(case=case).order_by("pk"))
