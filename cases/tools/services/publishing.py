"""Put a version of a tool into force, or take it out of force."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cases.tools import entries
from cases.tools.checking import find_errors, uses_of
from cases.tools.models import Connection, ToolDefinition, ToolVersion
from cases.tools.parsing import parse_tool, tool_digest
from cases.tools.selectors import canonical_document
from cases.tools.services.reaffirming import REAFFIRM_TASK
from cases.tools.types import ToolSpec
from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.reviews.rules import PUBLISHING
from governance.reviews.services.versions import next_place, put_in_force, take_out_of_force
from governance.reviews.types import DocumentState
from orchestra.core.actors import Actor
from orchestra.core.dispatch import enqueue
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError, NotPermittedError
from orchestra.core.history import save_as
from orchestra.core.locking import compare_and_set, lock, take_turn

Json = Any
SUBJECT = "tool"
_SHOWN_USES = 5


@one_act()
def publish_tool(
    *,
    actor: Actor,
    now: datetime,
    document: Mapping[str, Json],
    with_surroundings: bool = True,
) -> ToolVersion:
    """Put a version of a tool into force and retire the one before, at one moment.

    The document that is in force already is left as it is. Calls that wait were decided on
    another version; once this has committed they are voided, and both sides told why. Whether
    the actor may publish is the caller's question; an AI agent never may.

    Args:
        actor: Who publishes.
        now: When, UTC.
        document: What the tool declares; its name says which tool it is.
        with_surroundings: Whether what the tool names, and what uses it, is looked at; False
            where the caller did, as a pack that brings all of it at once.

    Raises:
        InvalidInputError: The document is wrong, with every error at once.
        NotPermittedError: An AI agent publishes.
    """
    _check_actor(actor)
    spec = parse_tool(document=canonical_document(document))
    digest = tool_digest(document)
    take_turn(PUBLISHING)
    tool = next(iter(lock(ToolDefinition.objects.filter(name=spec.name))), None)
    if tool is not None and tool.retired_at is None and tool.digest == digest:
        found = tool.versions.filter(state=DocumentState.PUBLISHED).first()
        if found is not None:
            return found
    if with_surroundings:
        _check_surroundings(document)
    place = next_place(ToolVersion.objects.filter(tool=tool))
    tool = _put(actor, tool, spec, document, place.number)
    new = ToolVersion(tool=tool, document=dict(document), digest=digest)
    version = put_in_force(place, new, actor=actor, now=now)
    _record(actor, now, version, entries.TOOL_PUBLISHED)
    if place.number > 1:
        enqueue(REAFFIRM_TASK)
    return version


@one_act()
def retire_tool(*, actor: Actor, now: datetime, name: str) -> ToolVersion:
    """Take a tool out of force, with nothing in its place; it can be proposed no more.

    Whether the actor may is the caller's question; an AI agent never may.

    Raises:
        NotPermittedError: An AI agent retires it.
        ConflictError: It is not in force, or something in force cannot do without it.
    """
    _check_actor(actor)
    take_turn(PUBLISHING)
    lock(ToolDefinition.objects.filter(name=name))
    versions = ToolVersion.objects.filter(tool__name=name).select_related("tool")
    version = take_out_of_force(versions, actor=actor, now=now, code="tool.not_in_force")
    tool = version.tool
    _check_unused(name)
    compare_and_set(
        tool,
        expected={"digest": tool.digest, "retired_at": None},
        changes={"enabled": False, "retired_at": now},
        actor=actor,
        reason="taken out of force",
    )
    _record(actor, now, version, entries.TOOL_RETIRED)
    enqueue(REAFFIRM_TASK)
    return version


def _check_actor(actor: Actor) -> None:
    if actor.is_agent:
        raise NotPermittedError(_("An AI agent publishes no tool."), code="tool.agent")


def _check_surroundings(document: Mapping[str, Json]) -> None:
    errors = find_errors(document)
    if errors:
        message = _("The tool cannot be published; see the errors.")
        raise InvalidInputError(message, code="tool.invalid", errors=errors)


def _check_unused(name: str) -> None:
    uses = uses_of(name)
    if uses:
        titles = list(dict.fromkeys(f"“{use.title}”" for use in uses))[:_SHOWN_USES]
        raise ConflictError(
            _("These use it and are in force: %(uses)s. Take it out of them first.")
            % {"uses": ", ".join(titles)},
            code="tool.in_use",
        )


def _put(
    actor: Actor,
    tool: ToolDefinition | None,
    spec: ToolSpec,
    document: Mapping[str, Json],
    number: int,
) -> ToolDefinition:
    """Copy a version into the tool's own row, which is all that a call reads."""
    changes: dict[str, Any] = {
        "title": spec.title,
        "connection": _connection(spec),
        "effect": spec.effect,
        "risk": spec.risk,
        "document": dict(document),
        "digest": tool_digest(document),
        "number": number,
        "retired_at": None,
    }
    reason = f"version {number} is in force"
    if tool is None:
        tool = ToolDefinition(name=spec.name, **changes)
        save_as(tool, actor=actor, reason=reason)
        return tool
    if tool.retired_at is not None:
        changes["enabled"] = True
    expected = {"digest": tool.digest, "number": tool.number}
    compare_and_set(tool, expected=expected, changes=changes, actor=actor, reason=reason)
    return tool


def _connection(spec: ToolSpec) -> Connection:
    found = Connection.objects.filter(key=spec.connection).first()
    if found is None:
        message = _("There is no connection %(name)s.") % {"name": spec.connection}
        errors = [FieldError("connection", "unknown_connection", message)]
        raise InvalidInputError(message, code="tool.invalid", errors=errors)
    return found


def _record(actor: Actor, now: datetime, version: ToolVersion, kind: str) -> None:
    tool = version.tool
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=SYSTEM_STREAM,
            kind=kind,
            payload={
                "tool": tool.name,
                "title": tool.title,
                "risk": str(tool.risk),
                "effect": str(tool.effect),
                "number": version.number,
                "digest": version.digest,
            },
            subject_kind=SUBJECT,
            subject_id=str(tool.public_id),
            schema=version.digest,
        ),
    )
