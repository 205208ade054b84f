"""Keep the list of skills, note who has them, and let queues ask for them."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from governance.access.models import Queue, User
from governance.access.services import guard
from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.skills import entries
from governance.skills.models import QueueSkill, Skill, SkillHolding
from governance.skills.rules import skill_errors
from governance.skills.types import NewSkill
from orchestra.core.actors import Actor
from orchestra.core.canonical import check_text
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError
from orchestra.core.history import acting, save_as
from orchestra.core.locking import compare_and_set, lock, take_turn

REASON_LENGTH = 500
_TURN = "skills"


@one_act()
def list_skill(*, actor: Actor, now: datetime, new: NewSkill, reason: str) -> Skill:
    """Put a skill on the list.

    Raises:
        NotPermittedError: The actor may not manage access.
        InvalidInputError: A field is wrong, or there is no reason; every one is named.
    """
    guard.require_manager(actor)
    take_turn(_TURN)
    check_text(new.title, "title")
    errors = skill_errors(new, set(Skill.objects.values_list("key", flat=True)))
    if errors:
        raise InvalidInputError(_("The skill was not listed; see the errors."), errors=errors)
    said = _reason(reason)
    skill = Skill(key=new.key, title=new.title.strip(), kind=new.kind, from_risk=new.from_risk)
    save_as(skill, actor=actor, reason=said)
    more = {"kind": str(new.kind), "from_risk": new.from_risk}
    _record(actor, now, skill, entries.SKILL_LISTED, said, more)
    return skill


@one_act()
def retire_skill(*, actor: Actor, now: datetime, skill: Skill, reason: str) -> Skill:
    """Take a skill off the list: nothing asks for it any more, and who has it no longer counts.

    Raises:
        NotPermittedError: The actor may not manage access.
        InvalidInputError: There is no reason.
        ConflictError: It is off the list already.
    """
    guard.require_manager(actor)
    said = _reason(reason)
    [row] = lock(Skill.objects.filter(pk=skill.pk))
    if row.retired_at is not None:
        raise ConflictError(_("It is off the list already."), code="conflict.skill_retired")
    compare_and_set(
        row,
        expected={"retired_at": None},
        changes={"retired_at": now},
        actor=actor,
        reason=said,
    )
    _record(actor, now, row, entries.SKILL_RETIRED, said, {})
    return row


@one_act()
def give_skill(*, actor: Actor, now: datetime, user: User, skill: Skill, reason: str) -> bool:
    """Note that a person has a skill.

    Returns:
        Whether anything changed.

    Raises:
        NotPermittedError: The actor may not manage access, or it is their own.
        InvalidInputError: There is no reason.
        ConflictError: The skill is off the list.
    """
    guard.require_manager(actor)
    guard.require_another(actor, user)
    key = {"user": user, "skill": skill}
    return _give(actor, now, SkillHolding, key, reason, entries.SKILL_GIVEN)


@one_act()
def take_skill(*, actor: Actor, now: datetime, user: User, skill: Skill, reason: str) -> bool:
    """Note that a person does not have a skill any more; what they have taken stays theirs.

    Returns:
        Whether anything changed.

    Raises:
        NotPermittedError: The actor may not manage access.
        InvalidInputError: There is no reason.
    """
    guard.require_manager(actor)
    key = {"user": user, "skill": skill}
    return _take(actor, now, SkillHolding, key, reason, entries.SKILL_TAKEN)


@one_act()
def ask_for_skill(*, actor: Actor, now: datetime, queue: Queue, skill: Skill, reason: str) -> bool:
    """Let whoever takes a case handed to a queue need a skill; what waits already is as it was.

    Returns:
        Whether anything changed.

    Raises:
        NotPermittedError: The actor may not manage access.
        InvalidInputError: There is no reason.
        ConflictError: The skill is off the list.
    """
    guard.require_manager(actor)
    key = {"queue": queue, "skill": skill}
    return _give(actor, now, QueueSkill, key, reason, entries.SKILL_ASKED)


@one_act()
def stop_asking(*, actor: Actor, now: datetime, queue: Queue, skill: Skill, reason: str) -> bool:
    """Let a queue no longer ask for a skill.

    Returns:
        Whether anything changed.

    Raises:
        NotPermittedError: The actor may not manage access.
        InvalidInputError: There is no reason.
    """
    guard.require_manager(actor)
    key = {"queue": queue, "skill": skill}
    return _take(actor, now, QueueSkill, key, reason, entries.SKILL_NOT_ASKED)


def _give(
    actor: Actor, now: datetime, model: Any, key: dict[str, Any], reason: str, kind: str
) -> bool:
    said = _reason(reason)
    [skill] = lock(Skill.objects.filter(pk=key["skill"].pk))
    if skill.retired_at is not None:
        raise ConflictError(
            _("The skill %(skill)s is off the list.") % {"skill": skill.title},
            code="conflict.skill_retired",
        )
    if model.objects.filter(**key).exists():
        return False
    row = model(
        **key,
        reason=said,
        given_by_kind=str(actor.kind),
        given_by_id=actor.id,
        given_by=actor.label[:200],
        since_at=now,
    )
    save_as(row, actor=actor, reason=said)
    _record(actor, now, skill, kind, said, _of(key))
    return True


def _take(
    actor: Actor, now: datetime, model: Any, key: dict[str, Any], reason: str, kind: str
) -> bool:
    said = _reason(reason)
    lock(Skill.objects.filter(pk=key["skill"].pk))
    row = model.objects.filter(**key).first()
    if row is None:
        return False
    with acting(actor):
        row._change_reason = said  # noqa: SLF001  simple-history's documented attribute
        row.delete()
    _record(actor, now, key["skill"], kind, said, _of(key))
    return True


def _of(key: dict[str, Any]) -> dict[str, str]:
    if "user" in key:
        return {"person": key["user"].label, "person_id": str(key["user"].public_id)}
    return {"queue": key["queue"].title, "queue_key": key["queue"].key}


def _reason(reason: str) -> str:
    said = reason.strip()
    check_text(said, "reason")
    if not said or len(said) > REASON_LENGTH:
        message = _("Say why, in at most %(count)d characters.") % {"count": REASON_LENGTH}
        raise InvalidInputError(message, errors=[FieldError("reason", "required", message)])
    return said


def _record(
    actor: Actor, now: datetime, skill: Skill, kind: str, reason: str, more: dict[str, str]
) -> None:
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=SYSTEM_STREAM,
            kind=kind,
            payload={"skill": skill.title, "skill_key": skill.key, "reason": reason, **more},
            subject_kind="skill",
            subject_id=str(skill.public_id),
        ),
    )
