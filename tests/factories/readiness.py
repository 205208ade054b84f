"""A journey of the retail world brought to where the guided path wants it."""

from cases.journeys.models import CueSheetVersion, Journey, StepRun
from cases.journeys.types import JourneyState, StepState
from cases.readiness import selectors
from cases.tools.models import ToolCall
from governance.switches import services as switches
from governance.switches.types import Drill, StopScope
from orchestra.core.clock import now
from orchestra.core.fields import uuid7
from tests.flows.conftest import World


def make_ready(retail: World, key: str) -> None:
    """Drill a stop and let the tools that read answer, the last that is missing here."""
    supervisor = retail.people["supervisor"].as_actor()
    stop = switches.stop(
        actor=supervisor,
        now=now(),
        scope=StopScope.TOOL,
        key="list_all_product_types",
        reason="A drill.",
        is_drill=True,
    )
    stop = switches.lift(
        actor=supervisor, now=now(), stop_id=stop.public_id, reason="The drill is over."
    )
    switches.record_drill(
        actor=supervisor,
        now=now(),
        stop=stop,
        drill=Drill(seconds=0.5, ran=3, late=0, refused=1, held=2, resumed=2),
    )
    look_up(retail)
    seen, found = selectors.readiness_of(key=key, now=now())
    assert [(one.code, one.names) for one in found.checks if not one.passed] == []
    assert seen.agents


def look_up(retail: World) -> None:
    """Let every tool that only reads answer once."""
    mail = {"email": "fatima.johnson2300@example.com"}
    person = {"first_name": "Fatima", "last_name": "Johnson", "zip": "78712"}
    for calls in (
        (
            ("find_user_id_by_email", mail),
            ("get_order_details", {"order_id": "#W5199551"}),
            ("get_user_details", {"user_id": "fatima_johnson_7581"}),
        ),
        (("find_user_id_by_name_zip", person), ("transfer_to_human_agents", {"summary": "Help."})),
    ):
        case = _open(retail, "Please cancel my order #W5199551.")
        for tool, arguments in calls:
            said = {"confidence": 0.97, "rationale": "To see it.", "arguments": arguments}
            answer = retail.api.post(f"cases/{case}/tool-calls/", {"tool": tool, **said}).json()
            assert answer["state"] == "succeeded", answer


def _open(retail: World, text: str) -> str:
    opened = retail.api.post("cases/", {"channel": "chat", "text": text})
    return str(opened.json()["id"])


def end_with_the_effect_seen(key: str, step_key: str, *, cases: int) -> None:
    """Leave rows as journeys leave them that ended with a confirmed call."""
    version = CueSheetVersion.objects.get(cue_sheet__key=key, state="published")
    for number in range(cases):
        call = ToolCall.objects.order_by("pk")[0]
        call.pk, call.public_id, call.request_key = None, uuid7(), None
        call.effect_key, call.confirmed, call.state = f"{key}-{number}", True, "succeeded"
        call.save(force_insert=True)
        journey = Journey.objects.create(
            case=call.case, version=version, state=JourneyState.COMPLETED, started_at=now()
        )
        StepRun.objects.create(
            journey=journey,
            position=0,
            key=step_key,
            title="Cancel",
            stage="execute",
            owner="ai",
            state=StepState.DONE,
            tool_call=call,
        )
