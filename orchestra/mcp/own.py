"""Orchestra's own tools: each one call of the service or selector that REST calls too."""

from collections.abc import Mapping
from typing import Any, Final

from cases.api.bodies import contact_of, offer_of
from cases.api.handoff_outputs import HandoffOut
from cases.api.outputs import (
    CaseDetailOut,
    CaseOut,
    JourneyOut,
    JourneysOut,
    MessageOut,
    ReadyStepOut,
    TimelineItemOut,
    VerificationOut,
)
from cases.api.present import case_detail
from cases.journeys import selectors as journey_reads
from cases.journeys import services as journeys
from cases.journeys.types import StepFilters
from cases.memory import selectors as memory
from cases.memory.models import Case
from cases.memory.types import CaseFilters, Speaker, VerificationLevel
from cases.tools import selectors as tools
from cases.tools.types import CallState
from governance.access import services as access
from governance.access.types import Capability
from governance.api.knowledge import ArticleHitOut, ArticleOut, article_detail, hit_detail
from governance.api.permissions import wait_while_active
from governance.knowledge import selectors as knowledge
from governance.knowledge.services import open_article
from orchestra.core import clock
from orchestra.mcp import shapes
from orchestra.mcp.asking import ASKING
from orchestra.mcp.outcomes import as_it_stands, outcome_of
from orchestra.mcp.own_types import Body, Caller, OwnTool

Json = Any
_MOST_STEPS: Final = 50


def _open_case(caller: Caller, body: Body) -> dict[str, Json]:
    opened = journeys.open_case(actor=caller.actor, now=clock.now(), contact=contact_of(body))
    return case_detail(opened.case)


def _find_cases(caller: Caller, body: Body) -> dict[str, Json]:
    names = ("status", "queue", "customer", "opened_after", "opened_before")
    rows = memory.list_cases(
        authority=caller.authority, filters=CaseFilters(**{name: body[name] for name in names})
    )
    found = list(rows[: body["limit"] + 1])
    shown = found[: body["limit"]]
    return {"cases": CaseOut(shown, many=True).data, "has_more": len(found) > len(shown)}


def _read_case(caller: Caller, body: Body) -> dict[str, Json]:
    return case_detail(caller.case(body["case_id"]))


def _read_timeline(caller: Caller, body: Body) -> dict[str, Json]:
    items = memory.timeline(
        authority=caller.authority,
        case=caller.case(body["case_id"]),
        after=body["after"],
        limit=body["limit"] + 1,
    )
    shown = items[: body["limit"]]
    return {
        "items": TimelineItemOut(shown, many=True).data,
        "next_after": body["after"] + len(shown) if len(items) > len(shown) else None,
    }


def _add_message(caller: Caller, body: Body) -> dict[str, Json]:
    message = journeys.add_message(
        actor=caller.actor,
        now=clock.now(),
        case=caller.case(body["case_id"]),
        speaker=Speaker(body["speaker"]),
        text=body["text"],
        interaction_id=body.get("interaction"),
        at=body.get("at"),
    )
    return dict(MessageOut(message).data)


def _confirm_need(caller: Caller, body: Body) -> dict[str, Json]:
    confirmed = journeys.confirm_intent(
        actor=caller.actor,
        now=clock.now(),
        case=caller.case(body["case_id"]),
        intent=body["intent"],
        evidence=tuple(body["evidence"]),
    )
    return case_detail(confirmed)


def _next_step(caller: Caller, body: Body) -> dict[str, Json]:
    case = caller.case(body["case_id"]) if "case_id" in body else None
    access.note_steps_read(actor=caller.actor, now=clock.now())
    rows = journey_reads.list_steps_over_cases(authority=caller.authority, filters=StepFilters())
    if case is not None:
        rows = rows.filter(journey__case=case)
    ready = wait_while_active(
        caller.actor,
        lambda: list(rows.all()[:_MOST_STEPS]),
        until=bool,
        seconds=body.get("wait_seconds", 0),
    )
    return {
        "ready": ReadyStepOut(ready, many=True).data,
        "journeys": [] if case is None else _journeys(case),
    }


def _journeys(case: Case) -> list[dict[str, Json]]:
    context = {"steps": journey_reads.steps_by_journey(case=case)}
    found = journey_reads.list_journeys(case=case)
    return list(JourneyOut(found, many=True, context=context).data)


def _complete_step(caller: Caller, body: Body) -> dict[str, Json]:
    case = caller.case(body["case_id"])
    journeys.complete_step(
        actor=caller.actor,
        now=clock.now(),
        case=case,
        step=body["step"],
        evidence=tuple(body["evidence"]),
        note=body["note"],
    )
    return {"journeys": _journeys(case)}


def _hand_off(caller: Caller, body: Body) -> dict[str, Json]:
    found = journeys.offer_handoff(
        actor=caller.actor,
        now=clock.now(),
        case=caller.case(body["case_id"]),
        offer=offer_of(body),
    )
    return dict(HandoffOut(found).data)


def _record_verification(caller: Caller, body: Body) -> dict[str, Json]:
    found = journeys.record_verification(
        actor=caller.actor,
        now=clock.now(),
        case=caller.case(body["case_id"]),
        level=VerificationLevel(body["level"]),
        method=body["method"],
        customer_ref=body["customer_ref"],
        evidence=body["evidence"],
    )
    return dict(VerificationOut(found).data)


def _search_knowledge(caller: Caller, body: Body) -> dict[str, Json]:
    found = knowledge.search_articles(
        authority=caller.authority, now=clock.now(), text=body["query"], limit=body["limit"]
    )
    shown = [hit_detail(hit) for hit in found.hits]
    return {"articles": ArticleHitOut(shown, many=True).data, "has_more": found.has_more}


def _read_article(caller: Caller, body: Body) -> dict[str, Json]:
    now = clock.now()
    asked: dict[str, Any] = {"authority": caller.authority, "now": now, "key": body["key"]}
    version = (
        open_article(**asked, subject=("case", body["case_id"]))
        if "case_id" in body
        else knowledge.get_version(**asked)
    )
    return dict(ArticleOut(article_detail(version, now.date())).data)


def _call_status(caller: Caller, body: Body) -> dict[str, Json]:
    asked = {
        "call_id": body.get("tool_call_id", ""),
        "approval_id": body.get("approval_id", ""),
    }
    call = wait_while_active(
        caller.actor,
        lambda: as_it_stands(tools.get_own_call(authority=caller.authority, **asked)),
        until=lambda found: CallState(found.state).is_terminal,
        seconds=body.get("wait_seconds", 0),
    )
    return outcome_of(call)


def _cancel_call(caller: Caller, body: Body) -> dict[str, Json]:
    call = tools.get_own_call(authority=caller.authority, call_id=body["tool_call_id"])
    cancelled = journeys.cancel_tool_call(
        actor=caller.actor, now=clock.now(), call_id=call.public_id, reason=body["reason"]
    )
    return outcome_of(cancelled)


#: In the order in which an agent meets them.
OWN: Final[tuple[OwnTool, ...]] = (
    OwnTool(
        name="orchestra_open_case",
        title="Open a case",
        description=(
            "Open a case with the customer's first words, or rejoin the one they belong to. "
            "Answers the case with its intent, queue, journey and steps. Everything else needs "
            "its id."
        ),
        takes=shapes.CaseOpenIn,
        gives=CaseDetailOut,
        capability=Capability.CASE_OPEN,
        run=_open_case,
        act="case.open",
    ),
    OwnTool(
        name="orchestra_find_cases",
        title="Find cases",
        description="List the cases you may see, newest first, narrowed by what you give.",
        takes=shapes.CasesFindIn,
        gives=shapes.CasesOut,
        capability=Capability.CASE_READ,
        run=_find_cases,
    ),
    OwnTool(
        name="orchestra_read_case",
        title="Read a case",
        description="Read one case with its intake, its journeys and their steps.",
        takes=shapes.OfCase,
        gives=CaseDetailOut,
        capability=Capability.CASE_READ,
        run=_read_case,
    ),
    OwnTool(
        name="orchestra_read_timeline",
        title="Read the timeline of a case",
        description=(
            "Read what happened on a case, oldest first: who said and did what, on the cases that "
            "were merged into it too (from_case names them). Read it before you ask the customer "
            "anything, so that they tell their story once."
        ),
        takes=shapes.TimelineIn,
        gives=shapes.TimelineOut,
        capability=Capability.CASE_READ,
        run=_read_timeline,
    ),
    OwnTool(
        name="orchestra_add_message",
        title="Record what was said",
        description=(
            "Record an utterance of the customer or your own. The id of the answer can be cited "
            "as evidence, such as the customer's yes."
        ),
        takes=shapes.MessageOfCaseIn,
        gives=MessageOut,
        capability=Capability.CASE_WORK,
        run=_add_message,
        act="message.add",
    ),
    OwnTool(
        name="orchestra_confirm_need",
        title="Say that the customer confirmed the need",
        description=(
            "Where intent_hold is confirm, ask the customer whether you understood them, and send "
            "what they answered. The journey begins then; until then nothing may be changed."
        ),
        takes=shapes.NeedConfirmedIn,
        gives=CaseDetailOut,
        capability=Capability.CASE_WORK,
        run=_confirm_need,
        act="case.confirm_intent",
        adds_once=True,
    ),
    OwnTool(
        name="orchestra_next_step",
        title="Ask for the next step",
        description=(
            "Ask what is ready for you, on one case or on all of yours, and with which tools. "
            "With wait_seconds the answer is held until something is."
        ),
        takes=shapes.NextStepIn,
        gives=shapes.NextStepOut,
        capability=Capability.CASE_READ,
        run=_next_step,
    ),
    OwnTool(
        name="orchestra_complete_step",
        title="Finish a step",
        description="Say that a step which is no tool call is done, and cite what shows it.",
        takes=shapes.StepDoneIn,
        gives=JourneysOut,
        capability=Capability.CASE_WORK,
        run=_complete_step,
        act="step.complete",
    ),
    OwnTool(
        name="orchestra_record_verification",
        title="Record how the customer was verified",
        description=(
            "Record that the customer was verified, and how. From you it stays a claim; a tool "
            "that verifies is what policies count."
        ),
        takes=shapes.VerificationOfCaseIn,
        gives=VerificationOut,
        capability=Capability.CASE_WORK,
        run=_record_verification,
        act="verification.record",
    ),
    OwnTool(
        name="orchestra_hand_off",
        title="Hand a case to people",
        description=(
            "Hand the case to a person, with everything known about it. Do it when the customer "
            "asks for a person, or when you may not go on. The answer says what the bundle lacks."
        ),
        takes=shapes.HandOffIn,
        gives=HandoffOut,
        capability=Capability.HANDOFF_OFFER,
        run=_hand_off,
        act="handoff.offer",
        adds_once=True,
    ),
    *ASKING,
    OwnTool(
        name="orchestra_search_knowledge",
        title="Search the knowledge articles",
        description="Search the reviewed articles that are in force, the best first.",
        takes=shapes.SearchIn,
        gives=shapes.SearchOut,
        capability=Capability.KNOWLEDGE_READ,
        run=_search_knowledge,
    ),
    OwnTool(
        name="orchestra_read_article",
        title="Read a knowledge article",
        description=(
            "Read one article. Name the case it is read for: that is recorded, and the id of the "
            "answer can then be cited as evidence."
        ),
        takes=shapes.ArticleIn,
        gives=ArticleOut,
        capability=Capability.KNOWLEDGE_READ,
        run=_read_article,
    ),
    OwnTool(
        name="orchestra_call_status",
        title="Ask what became of a tool call",
        description=(
            "Ask what became of a tool call of yours, by its id or by that of its approval. With "
            "wait_seconds the answer is held until it is over."
        ),
        takes=shapes.CallStatusIn,
        gives=shapes.OutcomeOut,
        capability=Capability.CASE_READ,
        run=_call_status,
    ),
    OwnTool(
        name="orchestra_cancel_call",
        title="Take a tool call back",
        description="Take back a tool call of yours that has not begun to run.",
        takes=shapes.CallCancelIn,
        gives=shapes.OutcomeOut,
        capability=Capability.TOOL_PROPOSE,
        run=_cancel_call,
        act="tool_call.cancel",
        adds_once=True,
    ),
)
BY_NAME: Final[Mapping[str, OwnTool]] = {tool.name: tool for tool in OWN}
