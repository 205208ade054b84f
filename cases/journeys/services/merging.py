"""Make two cases one where their journeys allow it, and take that back."""

from datetime import datetime

from django.utils.translation import gettext as _

from cases.handoff.models import Handoff
from cases.handoff.types import HandoffState
from cases.journeys.models import Journey
from cases.journeys.selectors import list_running
from cases.journeys.types import JourneyState
from cases.memory import services as memory
from cases.memory.merging import Side
from cases.memory.models import Case
from cases.tools.models import ToolCall
from cases.tools.types import TERMINAL_STATES, CallState, Effect
from governance.ledger.services import one_act
from orchestra.core.actors import Actor


@one_act()
def merge_cases(
    *, actor: Actor, now: datetime, survivor: Case, absorbed: Case, reason: str
) -> Case:
    """Take one case into another and return the survivor.

    What runs on the absorbed case is paused, and goes on where the merge is taken back.

    Raises:
        NotPermittedError: The actor is no person, or may not work both.
        ConflictError: They may not be made one; the message says what to do first.
        InvalidInputError: The reason is missing.
    """
    rows = memory.lock_both(actor=actor, survivor=survivor, absorbed=absorbed)
    running = list_running(case=rows[1])
    memory.merge_locked(
        actor=actor,
        now=now,
        sides=(_side(rows[0]), _side(rows[1])),
        cases=rows,
        reason=reason,
        paused=[journey.public_id for journey in running],
    )
    _set_state([journey.pk for journey in running], JourneyState.PAUSED)
    return rows[0]


@one_act()
def unmerge_case(*, actor: Actor, now: datetime, absorbed: Case, reason: str) -> Case:
    """Give a case back that was taken into another, as it was, and return it.

    Raises:
        NotPermittedError: The actor is no person, or may not work both.
        ConflictError: It is merged into none, or its survivor is closed.
        InvalidInputError: The reason is missing.
    """
    merge = memory.lock_merge(actor=actor, absorbed=absorbed)
    row = memory.unmerge_locked(actor=actor, now=now, merge=merge, reason=reason)
    paused = Journey.objects.filter(public_id__in=merge.paused, state=JourneyState.PAUSED)
    _set_state(list(paused.values_list("pk", flat=True)), JourneyState.RUNNING)
    return row


def _set_state(keys: list[int], state: JourneyState) -> None:
    Journey.objects.filter(pk__in=keys).update(state=state)


def _side(case: Case) -> Side:
    sheets = {
        journey.version.cue_sheet.key: journey.version.cue_sheet.title
        for journey in list_running(case=case)
    }
    calls = ToolCall.objects.filter(case=case).select_related("tool")
    unsettled = [call.tool.title for call in calls.exclude(state__in=TERMINAL_STATES)]
    if Handoff.objects.filter(case=case, state=HandoffState.OFFERED).exists():
        unsettled.append(_("an offered handoff"))
    wrote = calls.filter(state=CallState.SUCCEEDED, tool__effect=Effect.WRITE)
    return memory.side_of(
        case,
        sheets=sheets,
        unsettled=tuple(unsettled),
        wrote=frozenset(wrote.values_list("cue_sheet", flat=True)),
    )
