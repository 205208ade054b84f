"""Set up, remove and reset a second factor; the sign-in library makes and checks the codes."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.utils.translation import gettext as _

from governance.access import entries, factors, rules
from governance.access.models import User
from governance.access.services.guard import (
    require_another,
    require_manager,
    require_proof,
    require_reason,
    require_self,
)
from governance.access.services.sessions import end_sessions
from governance.access.types import StepUpProof
from governance.ledger import services as ledger
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError
from orchestra.core.locking import lock_one

#: What proves enough to set up a second factor: whoever has no password has only the first way.
SETTING_UP = rules.METHODS | {rules.IDENTITY_METHOD}


def set_up_factor(
    *,
    actor: Actor,
    now: datetime,
    person: User,
    secret: str,
    code: str,
    proof: StepUpProof | None,
) -> list[str]:
    """Set up an authenticator app; its first code shows that the app has the secret.

    Args:
        actor: The person themselves.
        now: When.
        person: Whose factor it becomes.
        secret: What the app was given, in base 32.
        code: What the app shows; it is spent by this.
        proof: That the person is at the screen.

    Returns:
        Recovery codes, to be shown once.

    Raises:
        NotPermittedError: Not the person, or no fresh proof.
        ConflictError: One is set up already.
        InvalidInputError: The code is not the app's.
    """
    require_self(actor, person)
    require_proof(proof, now, SETTING_UP)
    with ledger.one_act():
        lock_one(User.objects.filter(pk=person.pk))
        if factors.has_factor(person):
            raise ConflictError(_("An authenticator app is set up already. Remove it first."))
        if not TOTP.activate(person, secret).validate_code(code):
            message = _("That is not the code the app shows now. Try the next one.")
            raise InvalidInputError(
                _("Nothing was set up."), errors=[FieldError("code", "wrong", message)]
            )
        _record(actor, now, person, entries.FACTOR_SET_UP)
        return _new_codes(person)


def remove_factor(*, actor: Actor, now: datetime, person: User, proof: StepUpProof | None) -> None:
    """Remove the own second factor, with its recovery codes.

    Raises:
        NotPermittedError: Not the person, or no fresh proof.
        ConflictError: None is set up.
    """
    require_self(actor, person)
    require_proof(proof, now)
    with ledger.one_act():
        _delete(person)
        _record(actor, now, person, entries.FACTOR_REMOVED)


def reset_factor(
    *, actor: Actor, now: datetime, person: User, reason: str, proof: StepUpProof | None
) -> None:
    """Take the second factor of another person who lost it, and end their sign-ins.

    Raises:
        NotPermittedError: The actor may not manage access, is the person, or has no fresh proof.
        InvalidInputError: No reason.
        ConflictError: None is set up.
    """
    require_manager(actor)
    require_another(actor, person)
    require_proof(proof, now)
    why = require_reason(reason)
    with ledger.one_act():
        _delete(person)
        _record(actor, now, person, entries.FACTOR_RESET, reason=why)
        end_sessions(actor=actor, now=now, person=person, reason=_("second factor reset"))


def make_recovery_codes(
    *, actor: Actor, now: datetime, person: User, proof: StepUpProof | None
) -> list[str]:
    """Make new recovery codes; the old ones are worth nothing from then on.

    Returns:
        The codes, to be shown once.

    Raises:
        NotPermittedError: Not the person, or no fresh proof.
        ConflictError: No second factor is set up.
    """
    require_self(actor, person)
    require_proof(proof, now)
    with ledger.one_act():
        lock_one(User.objects.filter(pk=person.pk))
        if not factors.has_factor(person):
            raise ConflictError(_("No second factor is set up."))
        codes = _new_codes(person)
        _record(actor, now, person, entries.RECOVERY_CODES_MADE)
        return codes


def record_recovery_code(*, now: datetime, person: User) -> None:
    """Record that a recovery code was spent, and how many are left."""
    factor = factors.find_factor(person)
    left = factor.codes_left if factor else 0
    with ledger.one_act():
        _record(person.as_actor(), now, person, entries.RECOVERY_CODE_USED, left=left)


def _new_codes(person: User) -> list[str]:
    Authenticator.objects.filter(user_id=person.pk, type=Authenticator.Type.RECOVERY_CODES).delete()
    codes = RecoveryCodes.activate(person)
    codes.mark_as_viewed()
    return list(codes.generate_codes())


def _delete(person: User) -> None:
    lock_one(User.objects.filter(pk=person.pk))
    count, _rows = Authenticator.objects.filter(user_id=person.pk).delete()
    if not count:
        raise ConflictError(_("No second factor is set up."))


def _record(actor: Actor, now: datetime, person: User, kind: str, **more: object) -> None:
    ledger.append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=f"user:{person.public_id}",
            kind=kind,
            payload={"person": person.label, **more},
            subject_kind="user",
            subject_id=str(person.public_id),
        ),
    )
