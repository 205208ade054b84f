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
from governance.reviews.types import DocumentState
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError, NotPermittedError
from orchestra.core.history import save_as
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
    row = next(iter(lock(IntakeClassifier.objects.filter(key=spec.key))), None)
    if row is None:
        row = IntakeClassifier(key=spec.key, title=spec.title)
        save_as(row, actor=actor, reason="first version")
    versions = list(ClassifierVersion.objects.filter(classifier=row).order_by("number"))
    digest = document_digest(kind=DOCUMENT_KIND, document=document)
    present = next((one for one in versions if one.state == DocumentState.PUBLISHED), None)
    if present is not None and present.digest == digest:
        return present
    if present is not None:
        present.state, present.retired_at = DocumentState.RETIRED, now
        save_as(present, actor=actor, reason="a newer version is in force")
    version = ClassifierVersion(
        classifier=row,
        number=len(versions) + 1,
        state=DocumentState.PUBLISHED,
        document=dict(document),
        digest=digest,
        author_id=actor.id,
        author_label=actor.label,
        created_at=now,
        published_at=now,
    )
    save_as(version, actor=actor, reason="published")
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
    version = (
        ClassifierVersion.objects.filter(classifier__key=key, state=DocumentState.PUBLISHED)
        .select_related("classifier")
        .first()
    )
    if version is None:
        raise ConflictError(_("No version of it is in force."), code="classifier.not_in_force")
    version.state, version.retired_at = DocumentState.RETIRED, now
    save_as(version, actor=actor, reason="taken out of force")
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
