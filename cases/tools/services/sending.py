"""Send one attempt to the system of record, and confirm what it says; no transaction is open."""

from dataclasses import dataclass

from cases.tools import paths, registry
from cases.tools.gather import ask_read
from cases.tools.models import ToolCall
from cases.tools.rules import shows_effect
from cases.tools.selectors import connection_of, endpoint_of, tools_by_name
from cases.tools.types import AdapterAnswer, AdapterRequest, Effect, ToolSpec
from orchestra.core.errors import InvalidInputError, UpstreamError


@dataclass(frozen=True, slots=True)
class Report:
    """What one attempt brought.

    Attributes:
        answer: What the system said; None where there was no answer.
        trouble: Why there was none, or why the effect could not be confirmed.
        confirmed: Whether the declared check shows the effect; None where none was made.
        confirmed_by: Tool of the check.
        looked_up: Whether the answer was found by its key after the first one was lost.
    """

    answer: AdapterAnswer | None = None
    trouble: UpstreamError | None = None
    confirmed: bool | None = None
    confirmed_by: str = ""
    looked_up: bool = False


def send(*, call: ToolCall, spec: ToolSpec) -> Report:
    """Send a claimed call, look its effect up where the answer is lost, confirm it."""
    connection = connection_of(call, spec)
    adapter = registry.adapters.get(connection.kind)
    try:
        answer = adapter.call(endpoint_of(connection), _request(call, spec))
    except UpstreamError as trouble:
        found = look_up(call=call, spec=spec) if trouble.effect_unknown else None
        if found is None:
            return Report(trouble=trouble)
        return confirm(call=call, spec=spec, answer=found, looked_up=True)
    return confirm(call=call, spec=spec, answer=answer)


def look_up(*, call: ToolCall, spec: ToolSpec) -> AdapterAnswer | None:
    """Return the first answer given under a write's key; None where it cannot be told."""
    if not spec.lookup or spec.effect is not Effect.WRITE:
        return None
    try:
        return ask_back(call=call, spec=spec)
    except UpstreamError:
        return None


def ask_back(*, call: ToolCall, spec: ToolSpec) -> AdapterAnswer | None:
    """Return the first answer a system of record gave under a write's key; None for none.

    Raises:
        UpstreamError: The system did not answer, or cannot be asked.
    """
    connection = connection_of(call, spec)
    adapter = registry.adapters.get(connection.kind)
    return adapter.lookup(endpoint_of(connection), _request(call, spec))


def confirm(
    *, call: ToolCall, spec: ToolSpec, answer: AdapterAnswer, looked_up: bool = False
) -> Report:
    """Return the report of an answer, with the declared check made.

    A check that cannot be made leaves the effect open: said to be done, but not seen.
    """
    declared = spec.confirm
    if declared is None or not answer.ok:
        return Report(answer=answer, looked_up=looked_up)
    name = str(declared["tool"])
    arguments = paths.fill(
        dict(declared["arguments"]), root=call.arguments, reads={"answer": answer.value}
    )
    try:
        tool = tools_by_name({name}).get(name)
        if tool is None or tool.effect != Effect.READ or arguments is paths.MISSING:
            raise _unconfirmed(name)
        shown = ask_read(tool=tool, arguments=arguments)
    except (UpstreamError, InvalidInputError, LookupError) as error:
        # The call itself was answered: whatever kept the check from being made, even a
        # connection over its limit, says nothing about the effect and must not repeat it.
        is_open = isinstance(error, UpstreamError) and error.effect_unknown
        trouble = error if isinstance(error, UpstreamError) and is_open else _unconfirmed(name)
        return Report(answer=answer, trouble=trouble, confirmed_by=name, looked_up=looked_up)
    if not shown.ok:
        return Report(
            answer=answer, trouble=_unconfirmed(name), confirmed_by=name, looked_up=looked_up
        )
    return Report(
        answer=answer,
        confirmed=shows_effect(expect=declared["expect"], answer=shown.value),
        confirmed_by=name,
        looked_up=looked_up,
    )


def _unconfirmed(name: str) -> UpstreamError:
    return UpstreamError(
        f"The system says it is done, but {name} could not be asked to show it.",
        may_retry=True,
        effect_unknown=True,
        code="upstream.unconfirmed",
    )


def _request(call: ToolCall, spec: ToolSpec) -> AdapterRequest:
    return AdapterRequest(
        operation=spec.operation,
        tool=spec.name,
        arguments=call.arguments,
        idempotency_key=call.effect_key if spec.effect is Effect.WRITE else "",
        timeout_seconds=spec.timeout_seconds,
    )
