"""Reads of tools, calls and attempts."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from cases.memory.locks import refuse_gated
from cases.memory.models import Case
from cases.memory.rules import is_uuid
from cases.tools import stored
from cases.tools.models import Connection, ToolAttempt, ToolCall, ToolDefinition, ToolVersion
from cases.tools.parsing import parse_tool, tool_digest
from cases.tools.ports import Endpoint
from cases.tools.types import CallState, Effect, Json, ToolSpec
from governance.access.selectors import readable_queue_ids
from governance.access.types import Authority, Capability
from orchestra.core import canonical
from orchestra.core.actors import Actor, ActorKind
from orchestra.core.errors import FieldError, InvalidInputError, NotFoundError
from orchestra.core.parsed import ParsedDocuments

DOCUMENT_KIND = "tool"
#: How many calls for the same are looked at for one on the same grounds.
_LOOKED_BACK = 50

_specs: ParsedDocuments[ToolSpec] = ParsedDocuments(most=1024)


def spec_of(tool: ToolDefinition) -> ToolSpec:
    """Return what a tool declares, parsed once for each digest.

    Raises:
        InvalidInputError: The stored document is no tool; it was not loaded through a pack.
    """
    return _specs.get(tool.digest, lambda: _parsed(tool.pk, tool.digest, tool.document))


def change_something(*, names: Collection[str]) -> bool:
    """Whether one of some tools changes a system of record; handing a case over changes none."""
    rows = ToolDefinition.objects.filter(name__in=names, effect=Effect.WRITE)
    return any(spec_of(tool).hands_off is None for tool in rows)


def spec_of_version(version: ToolVersion) -> ToolSpec:
    """Return what one version of a tool declares.

    Raises:
        InvalidInputError: The stored document is no tool.
    """
    return _specs.get(
        version.digest, lambda: _parsed(version.tool_id, version.digest, version.document)
    )


def spec_of_call(call: ToolCall) -> ToolSpec:
    """Return what the tool of a call declared in the version the call was decided under.

    What may have had its effect already is brought to an end as it was begun, whatever the
    tool has become since; no query where it is the version in force still.

    Raises:
        InvalidInputError: The stored document is no tool.
    """
    tool = call.tool
    if call.tool_digest == tool.digest:
        return spec_of(tool)
    version = ToolVersion.objects.filter(tool=tool, digest=call.tool_digest).first()
    if version is None:
        # Tools had no versions yet when this was decided.
        return spec_of(tool)
    return spec_of_version(version)


def connection_of(call: ToolCall, spec: ToolSpec) -> Connection:
    """Return the connection that a version of a call's tool declares."""
    present = call.tool.connection
    return (
        present if present.key == spec.connection else Connection.objects.get(key=spec.connection)
    )


def _parsed(tool_pk: int, digest: str, document: Json) -> ToolSpec:
    if tool_digest(document) != digest:
        # A row comes without its document: another version went into force since it was read.
        version = ToolVersion.objects.filter(tool_id=tool_pk, digest=digest).first()
        if version is None:
            message = _("The stored tool is not the one that was published.")
            raise InvalidInputError(message, code="tool.altered")
        document = version.document
    return parse_tool(document=canonical_document(document))


def canonical_document(document: Json) -> Json:
    """Return a document as every database gives it back: keys in order, 1.0 and 1 one number.

    Raises:
        InvalidInputError: It has no canonical form.
    """
    return canonical.loads_strict(canonical.canonical_bytes(document))


def endpoint_of(connection: Connection) -> Endpoint:
    """Return a connection as its adapter sees it."""
    return Endpoint(
        key=connection.key, base_url=connection.base_url, settings=dict(connection.settings)
    )


def get_connection(*, key: str) -> Connection:
    """Return the connection with a key.

    Raises:
        InvalidInputError: There is none.
    """
    found = Connection.objects.filter(key=key).first()
    if found is None:
        message = _("There is no connection %(name)s; add it first.") % {"name": key}
        errors = [FieldError("connection", "unknown_connection", message)]
        raise InvalidInputError(message, code="connection.unknown", errors=errors)
    return found


def connection_document(connection: Connection) -> dict[str, Json]:
    """Return a connection as a pack declares it; what is empty is left out."""
    document: dict[str, Json] = {
        "key": connection.key,
        "title": connection.title,
        "kind": connection.kind,
    }
    if connection.base_url:
        document["base_url"] = connection.base_url
    if connection.settings:
        document["settings"] = dict(connection.settings)
    return document


def connection_digest(connection: Connection) -> str:
    """Return the digest of what a connection declares."""
    return canonical.digest("orchestra.connection.v1", connection_document(connection))


def list_connections() -> QuerySet[Connection]:
    """Return the connections by title, each with how many tools in force use it."""
    used = Count("tools", filter=Q(tools__retired_at=None))
    return Connection.objects.annotate(used=used).order_by("title", "key")


def get_tool(*, name: str) -> ToolDefinition:
    """Return the tool with a name and its connection.

    Raises:
        InvalidInputError: There is none.
    """
    tool = stored.TOOLS.first([name])
    if tool is None:
        message = _("There is no tool %(name)s; ask for the list of tools.") % {"name": name}
        raise InvalidInputError(
            message, code="tool.unknown", errors=[FieldError("tool", "unknown", message)]
        )
    return tool


def tools_by_name(names: Collection[str]) -> dict[str, ToolDefinition]:
    """Return tools and their connections by name; unknown names are absent."""
    if not names:
        return {}
    return {tool.name: tool for tool in stored.TOOLS.rows(sorted(names))}


def list_named(names: Collection[str]) -> QuerySet[ToolDefinition]:
    """Return tools and their connections, of those names that a tool has."""
    return stored.tools().filter(name__in=sorted(names))


def list_tools() -> QuerySet[ToolDefinition]:
    """Return the tools that are switched on, by name."""
    return ToolDefinition.objects.select_related("connection").filter(enabled=True)


def call_by_pk(call_id: int) -> ToolCall:
    """Return a call by its internal key, as tasks name it.

    Raises:
        NotFoundError: There is none.
    """
    call = stored.CALL.first(call_id)
    if call is None:
        raise not_found()
    return call


def state_of(call_id: int) -> CallState:
    """Return where a call stands, by its internal key: the one column that who waits asks for."""
    [state] = stored.STATE.rows(call_id)
    return CallState(state)


def due_call(call_id: int) -> Any:
    """Return a call by its internal key with ``is_stopped``, whether a stop stands on it.

    Raises:
        NotFoundError: There is none.
    """
    call = stored.DUE_CALL.first(call_id)
    if call is None:
        raise not_found()
    return call


def get_call(*, authority: Authority, call_id: UUID | str) -> ToolCall:
    """Return a call that the reader may see, by its public id.

    Raises:
        NotFoundError: There is no such call, or the reader may not see its case.
    """
    try:
        wanted = call_id if isinstance(call_id, UUID) else UUID(call_id)
    except ValueError:
        raise not_found() from None
    queues = readable_queue_ids(authority, Capability.CASE_READ)
    if queues is None:
        call = stored.CALL_BY_ID.first(wanted)
    else:
        call = stored.CALL_OF_QUEUES.first(wanted, sorted(queues)) if queues else None
    if call is None:
        raise not_found()
    refuse_gated(actor=authority.actor, case=call.case)
    return call


def list_call(*, authority: Authority, call_id: str) -> QuerySet[ToolCall]:
    """Return the call of a public id where a person may see it: one row, or none."""
    queues = readable_queue_ids(authority, Capability.CASE_READ)
    rows = stored.calls()
    rows = rows if queues is None else rows.filter(case__queue_id__in=queues)
    return rows.filter(public_id=call_id) if is_uuid(call_id) else rows.none()


def list_calls(*, case: Case) -> QuerySet[ToolCall]:
    """Return the calls of a case in the order they were proposed."""
    return stored.calls().filter(case=case).order_by("pk")


def list_calls_of(*, case_public_id: UUID) -> QuerySet[ToolCall]:
    """Return the calls of a case, named by its public id, in the order they were proposed."""
    return stored.calls().filter(case__public_id=case_public_id).order_by("pk")


def list_attempts(*, call: ToolCall) -> QuerySet[ToolAttempt]:
    """Return the attempts at a call, first to last."""
    return ToolAttempt.objects.filter(call=call).order_by("number")


def list_unknown(*, authority: Authority) -> QuerySet[Any]:
    """Return the calls whose outcome nobody knows, the longest unknown first.

    Each brings ``unknown_since``, when its last attempt ended or began.
    """
    rows = stored.calls().filter(state=CallState.UNKNOWN)
    queues = readable_queue_ids(authority, Capability.CASE_READ)
    if queues is not None:
        rows = rows.filter(case__queue_id__in=queues)
    last = Max(Coalesce("attempts__ended_at", "attempts__started_at"))
    return rows.annotate(unknown_since=last).order_by("unknown_since", "pk")


def count_unsettled() -> int:
    """Return how many calls are due or running, over all cases."""
    return ToolCall.objects.filter(state__in=[CallState.READY, CallState.EXECUTING]).count()


def find_call_of_request(*, request_key: str) -> ToolCall | None:
    """Return the call that a keyed request made, or None, as nearly every time."""
    if not request_key:
        return None
    found = stored.OF_REQUEST.first(request_key)
    return None if found is None else call_by_pk(found)


def find_repeated(
    *, request_key: str, case_id: int, tool_id: int, arguments_digest: str, requester_id: str
) -> ToolCall | None:
    """Return the call that a proposal repeats, or None.

    The one that the same keyed request made, whatever became of it; else the one that is
    still open with the same arguments by the same requester, or that replaced such a one when
    a person edited it: what was edited away is not asked for a second time beside it.
    """
    same = (arguments_digest, case_id, tool_id, requester_id)
    query = stored.REPEATED_OR_OF_REQUEST if request_key else stored.REPEATED
    found = dict(query.rows(*same, *filter(None, [request_key])))
    if not found:
        return None
    return call_by_pk(found.get(request_key) or next(iter(found.values())))


def find_alike(
    *,
    case_id: int,
    tool_id: int,
    arguments_digest: str,
    requester_id: str,
    evidence: Collection[str],
) -> ToolCall | None:
    """Return the newest call for the same on the same grounds, whatever became of it, or None.

    Args:
        case_id: Primary key of the case.
        tool_id: Primary key of the tool.
        arguments_digest: Of the arguments as they were proposed.
        requester_id: Public id of who proposed it.
        evidence: What the proposal cites, in any order.
    """
    rows = ToolCall.objects.filter(
        Q(arguments_digest=arguments_digest) | Q(proposed_digest=arguments_digest),
        case_id=case_id,
        tool_id=tool_id,
        requester_id=requester_id,
    ).order_by("-pk")
    wanted = set(evidence)
    newest = rows.values_list("pk", "evidence")[:_LOOKED_BACK]
    found = next((pk for pk, cited in newest if set(cited) == wanted), None)
    return None if found is None else call_by_pk(found)


def get_own_call(
    *, authority: Authority, call_id: UUID | str = "", approval_id: str = ""
) -> ToolCall:
    """Return a call that the reader proposed, by its id or by the approval it waits for.

    Raises:
        NotFoundError: There is none, it is another's, or the reader may not see its case any more.
    """
    if not call_id:
        named = ToolCall.objects.filter(
            approval_id_text=approval_id, requester_id=authority.actor.id
        ).exclude(approval_id_text="")
        call_id = next(iter(named.values_list("public_id", flat=True)[:1]), "")
    call = get_call(authority=authority, call_id=call_id)
    if call.requester_id != authority.actor.id:
        raise not_found()
    return call


def find_replacement(call: ToolCall) -> ToolCall | None:
    """Return the call that replaced an edited one, or None."""
    return stored.calls().filter(edited_from=call).first()


def find_latest_replacement(call: ToolCall) -> ToolCall | None:
    """Return what an edited call is by now, however often it was edited since, or None."""
    found = find_replacement(call)
    while found is not None and found.state == CallState.CANCELLED:
        further = find_replacement(found)
        if further is None:
            break
        found = further
    return found


def requester_of(call: ToolCall) -> Actor:
    """Return who proposed a call, without the internal key."""
    return Actor(
        kind=ActorKind(call.requester_kind), id=call.requester_id, label=call.requester_label
    )


def decided_facts(call: ToolCall) -> dict[str, Json]:
    """Return the known facts a call was decided on."""
    values: dict[str, Json] = call.facts.get("values", {})
    return values


def not_found() -> NotFoundError:
    """Return the one answer for calls that are absent and calls that may not be seen."""
    return NotFoundError(
        _("There is no such tool call, or you may not see it."), code="not_found.tool_call"
    )
