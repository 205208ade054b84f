"""Switch tests of attention on and off for a queue: an administrator and a compliance officer."""

import hashlib
import secrets
from datetime import datetime

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext as _

from governance.access.models import Queue, User
from governance.access.selectors import authority_of, require
from governance.access.types import Authority, Capability
from governance.approvals import entries, vigilance
from governance.approvals.models import ApprovalRequest, VigilanceSwitch, VigilanceTest
from governance.approvals.types import VigilanceResult
from governance.ledger import services as ledger
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from orchestra.core.locking import lock, lock_one

REASON_LENGTH = 500


def ask_vigilance(
    *, actor: Actor, now: datetime, queue: Queue, per_thousand: int, reason: str
) -> VigilanceSwitch:
    """Ask that a queue's approvers are tested; nothing is until another person agrees.

    Args:
        actor: An administrator or a compliance officer.
        now: The moment of the act.
        queue: The queue.
        per_thousand: Tests for a thousand requests, 1 to 50.
        reason: Why, for the ledger and for who agrees.

    Raises:
        NotPermittedError: The actor may not, or the installation does not allow tests.
        InvalidInputError: The rate is out of bounds, or no reason is given.
        ConflictError: The queue is tested, or asked for, already.
    """
    person = _require(actor)
    _check(per_thousand, reason)
    with ledger.one_act():
        lock_one(Queue.objects.filter(pk=queue.pk))
        if VigilanceSwitch.objects.filter(queue=queue).exists():
            raise ConflictError(
                _("It is asked for or switched on already. Switch it off first."),
                code="vigilance.present",
            )
        made = VigilanceSwitch.objects.create(
            queue=queue,
            per_thousand=per_thousand,
            seed=secrets.token_hex(32),
            reason=reason.strip()[:REASON_LENGTH],
            asked_by=_person(person),
            asked_at=now,
        )
        _record(made, person.actor, now, entries.VIGILANCE_ASKED)
    return made


def agree_vigilance(*, actor: Actor, now: datetime, queue: Queue) -> VigilanceSwitch:
    """Agree that a queue's approvers are tested; from the next request on they are.

    Raises:
        NotPermittedError: The actor asked for it, or the two are not an administrator and a
            compliance officer.
        NotFoundError: Nobody asked for it.
        ConflictError: It is switched on.
    """
    person = _require(actor)
    with ledger.one_act():
        switch = _locked(queue)
        if switch.agreed_at is not None:
            raise ConflictError(_("It is switched on already."), code="vigilance.present")
        _check_pair(switch, person)
        switch.agreed_by, switch.agreed_at = _person(person), now
        # Only what is asked for from now on draws a test.
        switch.cursor = ApprovalRequest.objects.aggregate(last=Max("pk"))["last"] or 0
        switch.save(update_fields=["agreed_by", "agreed_at", "cursor"])
        _record(switch, person.actor, now, entries.VIGILANCE_SWITCHED_ON)
    return switch


def end_vigilance(*, actor: Actor, now: datetime, queue: Queue) -> None:
    """Stop testing a queue's approvers, or take the question back; one person is enough.

    What was drawn and not yet placed is dropped. The seed is told, so that every draw can be
    made again.

    Raises:
        NotPermittedError: The actor may not.
        NotFoundError: It is not switched on, and nobody asked for it.
    """
    person = _require(actor, needs_setting=False)
    with ledger.one_act():
        switch = _locked(queue)
        waiting = lock(VigilanceTest.objects.filter(queue=queue, request__isnull=True))
        VigilanceTest.objects.filter(
            pk__in=[test.pk for test in waiting], result=VigilanceResult.OPEN
        ).update(result=VigilanceResult.EXPIRED, judged_at=now)
        _record(
            switch, person.actor, now, entries.VIGILANCE_SWITCHED_OFF, told={"seed": switch.seed}
        )
        switch.delete()


def _require(actor: Actor, *, needs_setting: bool = True) -> Authority:
    authority = authority_of(actor)
    require(authority=authority, capability=Capability.VIGILANCE_SWITCH)
    if needs_setting and not settings.ORCHESTRA["VIGILANCE_ALLOWED"]:
        raise NotPermittedError(
            _("This installation does not allow tests of attention. Its operator sets that."),
            code="vigilance.not_allowed",
        )
    return authority


def _person(authority: Authority) -> User:
    return User.objects.get(public_id=authority.actor.id)


def _check(per_thousand: int, reason: str) -> None:
    errors = []
    if not vigilance.LOWEST <= per_thousand <= vigilance.HIGHEST:
        text = _("Choose a rate from 1 to 50 of a thousand requests.")
        errors.append(FieldError("per_thousand", "range", text))
    if not reason.strip():
        errors.append(FieldError("reason", "required", _("Say why.")))
    if errors:
        message = _("Nothing was asked for; see the errors.")
        raise InvalidInputError(message, code="vigilance.invalid", errors=errors)


def _check_pair(switch: VigilanceSwitch, person: Authority) -> None:
    asker = authority_of(User.objects.get(pk=switch.asked_by_id).as_actor())
    is_pair = asker.active and vigilance.completes(asker=asker.roles, agreer=person.roles)
    if switch.asked_by_id == person.actor.pk or not is_pair:
        raise NotPermittedError(
            _(
                "Tests need an administrator and a compliance officer: one asks, the other agrees. "
                "Ask a colleague with the other role."
            ),
            code="vigilance.two_people",
        )


def _locked(queue: Queue) -> VigilanceSwitch:
    rows = lock(VigilanceSwitch.objects.filter(queue=queue).select_related("queue"))
    if not rows:
        raise NotFoundError(_("Nobody asked for tests in this queue."), code="vigilance.none")
    return rows[0]


def _record(
    switch: VigilanceSwitch,
    actor: Actor,
    now: datetime,
    kind: str,
    *,
    told: dict[str, str] | None = None,
) -> None:
    ledger.append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream="vigilance",
            kind=kind,
            payload={
                "queue": switch.queue.title,
                "key": switch.queue.key,
                "per_thousand": switch.per_thousand,
                "reason": switch.reason,
                "seed_digest": hashlib.sha256(switch.seed.encode()).hexdigest(),
                **(told or {}),
            },
            subject_kind="queue",
            subject_id=str(switch.queue.public_id),
        ),
    )
