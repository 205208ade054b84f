"""Say what an AI agent runs as from now on, so that what it did can be told apart by version."""

from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from governance.access import entries
from governance.access.models import AgentIdentity, AgentVersion
from governance.access.services.guard import require_manager
from governance.ledger import services as ledger
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.errors import FieldError, InvalidInputError, NotPermittedError
from orchestra.core.history import save_as
from orchestra.core.locking import lock_one

_LABEL_LENGTH: Final = 100
_NOTE_LENGTH: Final = 300


@ledger.one_act()
def declare_version(
    *, actor: Actor, now: datetime, agent: AgentIdentity, label: str, note: str = ""
) -> AgentVersion:
    """Say that an AI agent runs as a version from now on; said again in a row it is nothing.

    Args:
        actor: The agent itself, its owner, or who manages access.
        now: From when on.
        agent: Which agent.
        label: What people know the version by, such as ``2026-11-1``, at most 100 characters.
        note: What is new, at most 300 characters.

    Returns:
        The version that runs.

    Raises:
        NotPermittedError: The actor is another agent, or a person who neither owns it nor
            manages access.
        InvalidInputError: The label is empty or too long, or the note is too long.
    """
    _require_may_say(actor, agent)
    label, note = label.strip(), note.strip()
    _check(label, note)
    lock_one(AgentIdentity.objects.filter(pk=agent.pk))
    last = AgentVersion.objects.filter(agent=agent).order_by("-began_at", "-pk").first()
    if last is not None and last.label == label:
        return last
    version = AgentVersion(agent=agent, label=label, note=note, began_at=now)
    save_as(version, actor=actor, reason=note)
    ledger.append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=f"agent:{agent.public_id}",
            kind=entries.AGENT_VERSION,
            payload={"agent": agent.name, "version": label, "note": note},
            subject_kind="agent",
            subject_id=str(agent.public_id),
        ),
    )
    return version


def _require_may_say(actor: Actor, agent: AgentIdentity) -> None:
    if actor.is_agent:
        if actor.id != str(agent.public_id):
            raise NotPermittedError(
                _("An AI agent says its own version only."), code="access.another_agent"
            )
        return
    if not (actor.is_human and actor.pk == agent.owner_id):
        require_manager(actor)


def _check(label: str, note: str) -> None:
    errors = []
    if not label:
        errors.append(FieldError("label", "required", _("Say which version it is.")))
    if len(label) > _LABEL_LENGTH:
        errors.append(FieldError("label", "too_long", _("Use at most 100 characters.")))
    if len(note) > _NOTE_LENGTH:
        errors.append(FieldError("note", "too_long", _("Use at most 300 characters.")))
    if errors:
        message = _("Nothing was changed; see the errors.")
        raise InvalidInputError(message, code="agent.invalid", errors=errors)
