"""What a system of record says now of a call whose outcome is not known; reads only."""

from dataclasses import dataclass, replace
from uuid import UUID

from cases.tools import paths
from cases.tools.echoes import without_echoes
from cases.tools.gather import ask_read
from cases.tools.models import ToolCall
from cases.tools.rules import shows_effect
from cases.tools.selectors import get_call, spec_of_call, tools_by_name
from cases.tools.services.reconciling import check_may_reconcile
from cases.tools.services.sending import ask_back
from cases.tools.types import Effect, Json, ToolSpec
from governance.access.types import Authority
from orchestra.core.errors import InvalidInputError, UpstreamError


@dataclass(frozen=True, slots=True)
class Look:
    """What was found, as far as the tool declares a way to look.

    Attributes:
        asked_back: Whether the answer given under the key was asked for.
        answer: That answer; None where the system knows of none.
        answered_ok: Whether it was no refusal; None without an answer.
        read: Name of the read that shows the effect; empty where none is declared or possible.
        shown: What it shows now.
        shows: Whether that is the effect; None where it could not be asked.
        troubles: What could not be asked, in words.
        sent: The arguments of the call.
        sensitive: Paths of those that its tool calls sensitive.
    """

    asked_back: bool = False
    answer: Json = None
    answered_ok: bool | None = None
    read: str = ""
    shown: Json = None
    shows: bool | None = None
    troubles: tuple[str, ...] = ()
    sent: Json = None
    sensitive: tuple[str, ...] = ()

    def without_sensitive(self) -> "Look":
        """Return what was found without the sensitive arguments that it says back."""

        def hide(value: Json) -> Json:
            return without_echoes(value, arguments=self.sent, sensitive=self.sensitive)

        return replace(
            self,
            answer=hide(self.answer),
            shown=hide(self.shown),
            troubles=tuple(hide(list(self.troubles))),
        )

    @property
    def can_tell(self) -> bool:
        """Whether there was any way to look."""
        return self.asked_back or bool(self.read) or bool(self.troubles)


def look_now(*, authority: Authority, call_id: UUID | str) -> Look:
    """Ask the system of record what it knows of a call; writes nothing, here or there.

    Must not be called inside a transaction.

    Args:
        authority: Of a person who may reconcile the call.
        call_id: Public id.

    Raises:
        NotFoundError: There is no such call, or the reader may not see it.
        NotPermittedError: The reader may not reconcile it.
    """
    call = get_call(authority=authority, call_id=call_id)
    check_may_reconcile(authority=authority, call=call)
    spec = spec_of_call(call)
    troubles: list[str] = []
    answer, was_asked = None, False
    if spec.lookup and spec.effect is Effect.WRITE:
        try:
            answer, was_asked = ask_back(call=call, spec=spec), True
        except UpstreamError as error:
            troubles.append(error.message)
    name, shown, shows = _read(call, spec, answer.value if answer else None, troubles)
    return Look(
        asked_back=was_asked,
        answer=answer.value if answer else None,
        answered_ok=answer.ok if answer else None,
        read=name,
        shown=shown,
        shows=shows,
        troubles=tuple(troubles),
        sent=call.arguments,
        sensitive=spec.sensitive,
    )


def _read(
    call: ToolCall, spec: ToolSpec, answer: Json, troubles: list[str]
) -> tuple[str, Json, bool | None]:
    declared = spec.confirm
    if declared is None:
        return "", None, None
    name = str(declared["tool"])
    arguments = paths.fill(
        dict(declared["arguments"]), root=call.arguments, reads={"answer": answer}
    )
    tool = tools_by_name({name}).get(name)
    if tool is None or tool.effect != Effect.READ or arguments is paths.MISSING:
        return "", None, None
    try:
        found = ask_read(tool=tool, arguments=arguments)
    except (UpstreamError, InvalidInputError) as error:
        troubles.append(error.message)
        return "", None, None
    if not found.ok:
        return name, found.value, None
    return name, found.value, shows_effect(expect=declared["expect"], answer=found.value)
