"""Open a change of a governed document, write it, and hand it in."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from governance.access.selectors import authority_of
from governance.ledger.services import one_act
from governance.reviews import entries
from governance.reviews.models import ChangeRequest
from governance.reviews.registry import documents
from governance.reviews.selectors import (
    can_rehearse,
    find_refused_alike,
    kind_of,
    present_version,
    risk_of,
)
from governance.reviews.services.locked import (
    digest_of,
    lock_change,
    move,
    record,
    require_drafting,
    void_reviews,
)
from governance.reviews.types import ChangePurpose, ChangeState, VoidCause
from orchestra.core.actors import Actor
from orchestra.core.clock import rfc3339
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError
from orchestra.core.history import save_as

Json = Any
MAX_TITLE = 200


@one_act()
def open_change(
    *,
    actor: Actor,
    now: datetime,
    kind: str,
    document_key: str,
    title: str,
    summary: str = "",
    document: Mapping[str, Json] | None = None,
    purpose: ChangePurpose = ChangePurpose.EDIT,
) -> ChangeRequest:
    """Open a change of a document, on the version in force.

    Args:
        actor: Who writes it.
        now: When, UTC.
        kind: Registered kind of document.
        document_key: Key of the document; there may be no version of it yet.
        title: What it is about, in one line.
        summary: Why, in the author's words.
        document: The draft; None to begin with the text in force.
        purpose: Whether it edits, rolls back, or takes the document out of force.

    Raises:
        LookupError: Nobody registered the kind.
        NotPermittedError: The actor may not draft this kind.
        InvalidInputError: There is no title, no text to begin with, or no canonical form.
    """
    found = documents.get(kind)
    require_drafting(authority_of(actor), kind=kind, key=document_key)
    number, digest, present = present_version(kind, document_key)
    draft = present if document is None else document
    _check_opening(title, draft)
    assert draft is not None  # noqa: S101  checked in the line above
    change = ChangeRequest(
        kind=kind,
        document_key=document_key,
        purpose=purpose,
        title=title.strip(),
        summary=summary.strip(),
        base_number=number,
        base_digest=digest,
        document=dict(draft),
        digest=digest_of(kind, purpose, draft),
        state=ChangeState.DRAFT,
        risk=risk_of(kind=found, purpose=purpose, document=draft, base=present),
        author_id=actor.id,
        author_label=actor.label,
        editor_id=actor.id,
        editor_label=actor.label,
        created_at=now,
    )
    save_as(change, actor=actor, reason="opened")
    record(change, actor=actor, now=now, kind=entries.OPENED, payload={"base": number})
    return change


def _check_opening(title: str, draft: Json) -> None:
    errors = []
    if not title.strip():
        errors.append(FieldError("title", "required", _("Say in one line what it changes.")))
    elif len(title) > MAX_TITLE:
        errors.append(FieldError("title", "length", _("The title is too long.")))
    if draft is None:
        message = _("Nothing is in force under this key, so the change needs a text.")
        errors.append(FieldError("document", "required", message))
    if errors:
        message = _("The change cannot be opened; see the errors.")
        raise InvalidInputError(message, code="change.invalid", errors=errors)


@one_act()
def save_draft(
    *,
    actor: Actor,
    now: datetime,
    change_id: UUID,
    document: Mapping[str, Json],
    seen_digest: str,
    summary: str | None = None,
) -> ChangeRequest:
    """Save an edit; whatever errors it has, they are told and stop only the submission.

    Another text or summary takes the votes away and brings the change back to the draft;
    the same again changes nothing.

    Args:
        actor: Who edits.
        now: When, UTC.
        change_id: Public id of the change.
        document: The new text.
        seen_digest: Digest of the text the editor began with.
        summary: New summary; None to leave it.

    Raises:
        NotFoundError: There is none, or the actor may not know of it.
        NotPermittedError: The actor may not draft this kind.
        ConflictError: It is past editing, or somebody else saved meanwhile (``change.stale``).
        InvalidInputError: The text has no canonical form.
    """
    change, authority = lock_change(actor=actor, change_id=change_id)
    kind = kind_of(change)
    require_drafting(authority, kind=change.kind, key=change.document_key)
    _check_seen(change, seen_digest)
    purpose = ChangePurpose(change.purpose)
    if purpose is not ChangePurpose.EDIT:
        raise ConflictError(
            _("This change brings back or takes away a text as it is; open an edit to write one."),
            code="change.not_an_edit",
        )
    digest = digest_of(change.kind, purpose, document)
    words = change.summary if summary is None else summary.strip()
    if (digest, words) == (change.digest, change.summary):
        return change
    _number, _digest, base = present_version(change.kind, change.document_key)
    before, voided = change.digest, void_reviews(change, now, VoidCause.EDITED)
    move(
        change,
        actor=actor,
        wanted=ChangeState.DRAFT,
        changes={
            "document": dict(document),
            "digest": digest,
            "summary": words,
            "risk": risk_of(kind=kind, purpose=purpose, document=document, base=base),
            "editor_id": authority.actor.id,
            "editor_label": authority.actor.label,
            **_BACK_TO_DRAFT,
        },
        reason="saved",
    )
    record(
        change,
        actor=actor,
        now=now,
        kind=entries.SAVED,
        payload={"before": before, "votes_voided": voided},
    )
    return change


_BACK_TO_DRAFT: Mapping[str, None] = {"submitted_at": None, "publish_at": None, "expires_at": None}


def _check_seen(change: ChangeRequest, seen_digest: str) -> None:
    if change.digest != seen_digest:
        raise ConflictError(
            _("%(who)s saved another text meanwhile. Compare before you save yours.")
            % {"who": change.editor_label},
            code="change.stale",
            data={"answered": seen_digest, "stands": change.digest},
        )


@one_act()
def submit(
    *, actor: Actor, now: datetime, change_id: UUID, expires_at: datetime | None = None
) -> ChangeRequest:
    """Hand a draft in for review; votes begin anew.

    Args:
        actor: Who hands it in.
        now: When, UTC.
        change_id: Public id of the change.
        expires_at: When it lapses unpublished; None for the default.

    Raises:
        NotFoundError: There is none, or the actor may not know of it.
        NotPermittedError: The actor may not draft this kind.
        ConflictError: It is past the draft, another version came into force since, or exactly
            this text was refused on it (``change.refused_text``).
        InvalidInputError: The text has errors, all named, or changes nothing.
    """
    change, authority = lock_change(actor=actor, change_id=change_id)
    kind = kind_of(change)
    require_drafting(authority, kind=change.kind, key=change.document_key)
    _number, digest, present = present_version(change.kind, change.document_key)
    if digest != change.base_digest:
        raise ConflictError(
            _("Another version came into force since this was opened. Put it on that one first."),
            code="change.base_moved",
        )
    _check_refused(change)
    _check_submission(change, digest, now, expires_at)
    days = settings.ORCHESTRA["REVIEW_EXPIRY_DAYS"]
    ends = expires_at or now + timedelta(days=days)
    purpose = ChangePurpose(change.purpose)
    voided = void_reviews(change, now, VoidCause.SUBMITTED)
    move(
        change,
        actor=actor,
        wanted=ChangeState.SUBMITTED,
        changes={
            "submitted_at": now,
            "expires_at": ends,
            "held_reason": "",
            "needs_rehearsal": can_rehearse(kind),
            "risk": risk_of(kind=kind, purpose=purpose, document=change.document, base=present),
        },
        reason="submitted",
    )
    payload = {"risk": str(change.risk), "expires_at": rfc3339(ends), "votes_voided": voided}
    record(change, actor=actor, now=now, kind=entries.SUBMITTED, payload=payload)
    return change


def _check_refused(change: ChangeRequest) -> None:
    refused = find_refused_alike(change)
    if refused is not None:
        raise ConflictError(
            _(
                "Exactly this text was refused for good as %(label)s, and the version it would "
                "change is still in force. Write another text."
            )
            % {"label": refused.label},
            code="change.refused_text",
            data={"refused": str(refused.public_id)},
        )


def _check_submission(
    change: ChangeRequest, present_digest: str, now: datetime, expires_at: datetime | None
) -> None:
    errors: list[FieldError] = []
    if change.purpose != ChangePurpose.RETIREMENT:
        errors.extend(kind_of(change).validate(change.document))
        field = kind_of(change).rows.key_field
        key = change.document.get(field)
        if key is not None and key != change.document_key:
            message = _("The text is that of another document.")
            errors.append(FieldError(field, "other_document", message))
        if change.digest == present_digest:
            message = _("The text is the one in force already; nothing would change.")
            errors.append(FieldError("", "no_change", message))
    if expires_at is not None and expires_at <= now:
        errors.append(FieldError("expires_at", "range", _("This time has passed already.")))
    if errors:
        message = _("The change cannot be submitted; see the errors.")
        raise InvalidInputError(message, code="change.invalid", errors=errors)


@one_act()
def rebase(*, actor: Actor, now: datetime, change_id: UUID) -> ChangeRequest:
    """Put a change on the version in force now; its text stays, the votes go.

    Raises:
        NotFoundError: There is none, or the actor may not know of it.
        NotPermittedError: The actor may not draft this kind.
        ConflictError: It is past editing, or stands on the version in force already.
    """
    change, authority = lock_change(actor=actor, change_id=change_id)
    require_drafting(authority, kind=change.kind, key=change.document_key)
    number, digest, _present = present_version(change.kind, change.document_key)
    if digest == change.base_digest:
        raise ConflictError(
            _("It stands on the version in force already."), code="change.base_present"
        )
    voided = void_reviews(change, now, VoidCause.REBASED)
    move(
        change,
        actor=actor,
        wanted=ChangeState.DRAFT,
        changes={
            "base_number": number,
            "base_digest": digest,
            # What was rehearsed was compared with the version before.
            "rehearsal_digest": "",
            "report_digest": "",
            **_BACK_TO_DRAFT,
        },
        reason=f"put on version {number}",
    )
    payload = {"base": number, "votes_voided": voided}
    record(change, actor=actor, now=now, kind=entries.REBASED, payload=payload)
    return change


@one_act()
def withdraw(*, actor: Actor, now: datetime, change_id: UUID) -> ChangeRequest:
    """Take a change back before it is published.

    Raises:
        NotFoundError: There is none, or the actor may not know of it.
        NotPermittedError: The actor may not draft this kind.
        ConflictError: It was published or has ended.
    """
    change, authority = lock_change(actor=actor, change_id=change_id)
    require_drafting(authority, kind=change.kind, key=change.document_key)
    move(
        change,
        actor=actor,
        wanted=ChangeState.WITHDRAWN,
        changes={"publish_at": None},
        reason="withdrawn",
    )
    record(change, actor=actor, now=now, kind=entries.WITHDRAWN)
    return change
