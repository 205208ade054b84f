"""Tools by which an AI agent asks a colleague, reads the answer, and refers a matter outside."""

from typing import Any, Final

from cases.api.consults import ConsultOut
from cases.api.outputs import CaseOut
from cases.handoff.consults import list_consults
from cases.handoff.types import Consult
from cases.journeys import services as journeys
from governance.access.types import Capability
from governance.api.permissions import wait_while_active
from orchestra.core import clock
from orchestra.mcp import shapes
from orchestra.mcp.own_types import Body, Caller, OwnTool

Json = Any


def _ask_colleague(caller: Caller, body: Body) -> dict[str, Json]:
    found = journeys.ask_colleague(
        actor=caller.actor,
        now=clock.now(),
        case=caller.case(body["case_id"]),
        question=journeys.Question(
            text=body["question"],
            person_id=body["to"]["person"],
            queue_key=body["to"]["queue"],
        ),
    )
    return dict(ConsultOut(found).data)


def _read_questions(caller: Caller, body: Body) -> dict[str, Json]:
    case = caller.case(body["case_id"])
    found = wait_while_active(
        caller.actor,
        lambda: list_consults(case=case),
        until=_all_answered,
        seconds=body.get("wait_seconds", 0),
    )
    return {"questions": ConsultOut(found, many=True).data, "all_answered": _all_answered(found)}


def _all_answered(found: list[Consult]) -> bool:
    return all(one.is_answered for one in found)


def _refer_outside(caller: Caller, body: Body) -> dict[str, Json]:
    case = journeys.refer_outside(
        actor=caller.actor,
        now=clock.now(),
        case=caller.case(body["case_id"]),
        referral=journeys.Referral(
            to=body["to"], reason_code=body["reason_code"], told=body["told"]
        ),
    )
    return dict(CaseOut(case).data)


#: In the order in which an agent meets them.
ASKING: Final[tuple[OwnTool, ...]] = (
    OwnTool(
        name="orchestra_ask_colleague",
        title="Ask a colleague",
        description=(
            "Ask a person or a queue for a word and keep the case. Do it when you lack what a "
            "colleague knows, and may go on with the answer; orchestra_read_questions has it."
        ),
        takes=shapes.AskIn,
        gives=ConsultOut,
        capability=Capability.HANDOFF_OFFER,
        run=_ask_colleague,
        act="case.ask_colleague",
    ),
    OwnTool(
        name="orchestra_read_questions",
        title="Read what colleagues answered",
        description=(
            "Read what was asked of colleagues on a case, oldest first, with what they answered. "
            "With wait_seconds the answer is held until each is answered."
        ),
        takes=shapes.QuestionsIn,
        gives=shapes.QuestionsOut,
        capability=Capability.CASE_READ,
        run=_read_questions,
    ),
    OwnTool(
        name="orchestra_refer_outside",
        title="Record that somebody outside has the matter",
        description=(
            "Record to whom outside of the house you passed the matter, why, and what you told "
            "the customer. Nothing is sent; the case stays open with you."
        ),
        takes=shapes.ReferralOfCaseIn,
        gives=CaseOut,
        capability=Capability.HANDOFF_OFFER,
        run=_refer_outside,
        act="case.refer_outside",
    ),
)
