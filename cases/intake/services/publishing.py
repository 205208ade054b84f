"""Put a version of the classifier into force, or take it out of force."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cases.intake import entries
from cases.intake.documents import KEY_OF_INTAKE, VersionSpec, read_document
from cases.intake.models import ClassifierVersion, ClassifierWeights, IntakeClassifier
from cases.intake.selectors import DOCUMENT_KIND
from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.reviews.rules import PUBLISHING, document_digest
from governance.reviews.services.versions import (
    lock_document,
    next_place,
    put_in_force,
    take_out_of_force,
)
from orchestra.core.actors import Actor
from orchestra.core.errors import FieldError, InvalidInputError, NotPermittedError
from orchestra.core.locking import lock, take_turn

Json = Any


@one_act()
def publish_classifier(
    *, actor: Actor, now: datetime, document: Mapping[str, Json]
) -> ClassifierVersion:
    """Put a version into force and retire the one before; read cases keep what read them.

    The document that is in force already is left as it is.

    Raises:
        InvalidInputError: The document has errors; all of them are named.
        NotPermittedError: An AI agent publishes.
    """
    _refuse_agent(actor)
    take_turn(PUBLISHING)
    spec = _parsed(document)
    row = lock_document(IntakeClassifier, actor=actor, key=spec.key, title=spec.title)
    digest = document_digest(kind=DOCUMENT_KIND, document=document)
    place = next_place(ClassifierVersion.objects.filter(classifier=row))
    if (same := place.same(digest)) is not None:
        return same
    new = ClassifierVersion(classifier=row, document=dict(document), digest=digest)
    version = put_in_force(place, new, actor=actor, now=now)
    _record(actor, now, version, entries.PUBLISHED)
    return version


@one_act()
def retire_classifier(*, actor: Actor, now: datetime, key: str) -> ClassifierVersion:
    """Take the version in force out of force; then words are counted, as before the first.

    Raises:
        ConflictError: No version is in force.
        NotPermittedError: An AI agent retires it.
    """
    _refuse_agent(actor)
    take_turn(PUBLISHING)
    lock(IntakeClassifier.objects.filter(key=key))
    versions = ClassifierVersion.objects.filter(classifier__key=key).select_related("classifier")
    version = take_out_of_force(versions, actor=actor, now=now, code="classifier.not_in_force")
    _record(actor, now, version, entries.RETIRED)
    return version


def find_errors(document: Mapping[str, Json]) -> tuple[FieldError, ...]:
    """Return everything that stops a document from being put into force."""
    try:
        _parsed(document)
    except InvalidInputError as error:
        return error.errors
    return ()


def _parsed(document: Mapping[str, Json]) -> VersionSpec:
    spec = read_document(document)
    errors = []
    if spec.key != KEY_OF_INTAKE:
        message = _("There is one classifier, and its key is %(key)s.") % {"key": KEY_OF_INTAKE}
        errors.append(FieldError("key", "key", message))
    if not ClassifierWeights.objects.filter(digest=spec.weights).exists():
        message = _("No learning made these weights; have it learn again.")
        errors.append(FieldError("weights", "unknown", message))
    if errors:
        message = _("The version cannot be published; see the errors.")
        raise InvalidInputError(message, code="classifier.invalid", errors=errors)
    return spec


def _refuse_agent(actor: Actor) -> None:
    if actor.is_agent:
        message = _("An AI agent decides nothing about what reads the customers' words.")
        raise NotPermittedError(message, code="classifier.agent")


def _record(actor: Actor, now: datetime, version: ClassifierVersion, kind: str) -> None:
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=SYSTEM_STREAM,
            kind=kind,
            payload={
                "classifier": version.classifier.key,
                "title": version.classifier.title,
                "number": version.number,
                "digest": version.digest,
                "weights": version.document["weights"],
            },
            subject_kind="classifier_version",
            subject_id=str(version.public_id),
        ),
    )
