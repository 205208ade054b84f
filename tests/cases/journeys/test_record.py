"""Whatever the cue sheet and whatever comes, the record alone says how every row stands.

Cue sheets, acts and answers are drawn. After every act the case as folded from its ledger
entries equals the rows, nothing is ready before what stands before it, and in the end every
journey has ended and makes the same moves when it is run again.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cases.handoff.models import Handoff
from cases.handoff.types import HandoffState
from cases.journeys import services
from cases.journeys.models import CueSheetVersion, Journey, StepRun
from cases.journeys.rules import fallback_sources
from cases.journeys.selectors import spec_of
from cases.journeys.types import JourneyState, StepState
from cases.memory.models import Case
from cases.memory.selectors import read_entries
from cases.memory.types import Speaker
from cases.playback.fold import state_after
from cases.playback.services import rerun_case
from cases.tools.adapters import simulated
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import VoteChoice
from orchestra.core.actors import Actor
from orchestra.core.errors import OrchestraError
from tests.factories.playback import plans, read_of, rows_of
from tests.factories.retail import CANCEL, FATIMA, OLIVIA, SMALL, Centre

Json = Any
IS_PROOF: Final = os.environ.get("ORCHESTRA_PROOF") == "record"
KEYS: Final = "abcd"
LONG: Final = timedelta(days=3)
#: How many minutes a drawn journey may take where it has a time at all.
WHOLE: Final = 2_000
_FINAL_JOURNEYS = frozenset(
    {JourneyState.COMPLETED, JourneyState.HANDED_OFF, JourneyState.CANCELLED}
)
_DOES: Final[tuple[dict[str, Json], ...]] = (
    {"check": "customer_confirmed"},
    {"message": "outcome"},
    {"sign_off": True},
    {"tool": "find_user_id_by_email"},
    {"tool": "get_order_details"},
    {"tool": ["cancel_pending_order", "get_order_details"]},
    {"tool": "get_user_details"},
)
_WHEN: Final = ([], [{"fact": "verification", "is": "none"}], [{"fact": "priority", "in": [3, 4]}])
#: Answers that systems of record give: what is found, what is not, and what has its effect.
_CALLS: Final[dict[str, tuple[dict[str, Json], ...]]] = {
    "find_user_id_by_email": (
        {"email": "nobody@example.com"},
        {"email": "olivia.lopez2019@example.com"},
    ),
    "get_order_details": (
        {"order_id": "#W0000000"},
        {"order_id": SMALL["order_id"]},
        {"order_id": CANCEL["order_id"]},
    ),
    "cancel_pending_order": (SMALL, CANCEL),
    "get_user_details": ({"user_id": FATIMA}, {"user_id": OLIVIA}),
}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Json]:
    """Draw a cue sheet that may be put into force."""
    count = draw(st.integers(1, len(KEYS)))
    steps = []
    for index, key in enumerate(KEYS[:count]):
        does = draw(st.sampled_from(_DOES))
        after = draw(st.lists(st.sampled_from(KEYS[:index]), unique=True)) if index else []
        due = draw(st.sampled_from([None, 30]))
        step = {
            "key": key,
            "title": f"Step {key}",
            "stage": draw(st.sampled_from(["identify", "execute", "close"])),
            "owner": draw(st.sampled_from(["ai", "ai", "human_agent"])),
            "does": does,
            "after": after,
            "when": draw(st.sampled_from(_WHEN)),
            "due_in_minutes": due,
            "grace_minutes": draw(st.sampled_from([None, 15])) if due else None,
            "optional": draw(st.booleans()),
            "otherwise": draw(
                st.sampled_from(["retry", "hand_off", "skip", *KEYS[index + 1 : count]])
            ),
        }
        if does == {"tool": "get_user_details"} and draw(st.booleans()):
            step["bind"] = {"user_id": "customer_ref"}
        steps.append(step)
    named = draw(st.lists(st.sampled_from(KEYS[:count]), unique=True, min_size=1))
    proof = draw(st.sampled_from(["all_done", "any_done"]))
    return {
        "key": "drawn",
        "title": "A drawn need",
        "intents": [],
        "pattern": "ai_first",
        "queue": "care",
        "completion": {
            "says": "It is done.",
            proof: named,
        },
        "ends_after_minutes": draw(st.sampled_from([None, WHOLE])),
        "sign_off_role": draw(st.sampled_from(["", "human_agent"])),
        "steps": steps,
    }


def sound() -> st.SearchStrategy[dict[str, Json]]:
    """Return documents that have no errors."""
    return documents().filter(lambda one: not services.find_errors(one))


class Play:
    """A case under a drawn cue sheet, and everything that may happen to it."""

    def __init__(self, centre: Centre, document: dict[str, Json], data: st.DataObject) -> None:
        self.centre, self.data = centre, data
        self.maren = centre.people["maren"].as_actor()
        self.lena = centre.people["lena"].as_actor()
        self._publish(document)
        opened = centre.open("Something else entirely.")
        self.case = Case.objects.get(pk=opened.case.pk)
        services.start_journey(
            actor=self.maren, now=centre.clock(), case=self.case, cue_sheet_key="drawn"
        )

    def act(self) -> None:
        """Do one thing that was drawn; some of it is refused."""
        name = self.data.draw(st.sampled_from(sorted(self._acts())), label="act")
        with suppress(OrchestraError):
            self._acts()[name]()
        self._propose_bound()

    def check(self) -> None:
        """Compare the record with the rows, and look that nothing is ready too early."""
        then = state_after(read_entries(case=self.case), plans())
        assert then is not None
        assert read_of(then) == rows_of(self.case)
        for journey in Journey.objects.filter(case=self.case, state=JourneyState.RUNNING):
            spec = spec_of(journey.version)
            states = dict(StepRun.objects.filter(journey=journey).values_list("key", "state"))
            sources = fallback_sources(spec=spec)
            for step in spec.steps:
                if states[step.key] == StepState.READY:
                    before = [key for key in step.after if key not in sources.get(step.key, ())]
                    assert all(StepState(states[key]).is_final for key in before)

    def end(self) -> None:
        """Do and refuse what is asked for while time passes: then no journey runs any more."""
        for journey in Journey.objects.filter(case=self.case, state=JourneyState.PAUSED):
            self._hold("resume", journey)
        for _again in range(12 * len(KEYS)):
            if set(self._states()) <= _FINAL_JOURNEYS:
                break
            for step in self._steps(StepState.READY):
                with suppress(OrchestraError):
                    self._finish(step)
                    self._propose(step)
            self._refuse_what_waits()
            self.centre.work()
            self._time(LONG)
            self._propose_bound()
            self.check()
        assert set(self._states()) <= _FINAL_JOURNEYS
        found = rerun_case(case=self.case)
        assert (found.verdict, found.first, found.lacks) == ("equal", None, ())

    def _refuse_what_waits(self) -> None:
        for request in ApprovalRequest.objects.filter(state="pending"):
            self._vote(request, VoteChoice.REJECT)
        for call in self.case.tool_calls.filter(state="awaiting_verification"):
            services.cancel_tool_call(
                actor=self.maren, now=self.centre.clock(), call_id=call.public_id
            )

    def _acts(self) -> dict[str, Callable[[], object]]:
        return {
            "finish": lambda: self._finish(self._pick(self._steps(StepState.READY))),
            "propose": lambda: self._propose(self._pick(self._steps(StepState.READY))),
            "propose off the plan": lambda: self._call("get_order_details", self._agent()),
            "identify": lambda: self.centre.identify(self.case, OLIVIA),
            "say": self._say,
            "work": self.centre.work,
            "vote": self._vote_drawn,
            "time": lambda: self._time(self._draw([timedelta(minutes=31), LONG])),
            "pause": lambda: self._hold("pause", self._journey()),
            "resume": lambda: self._hold("resume", self._journey()),
            "cancel": lambda: self._hold("cancel", self._journey()),
            "move": self._move,
            "offer": self._offer,
            "take": lambda: self._handoff(services.accept_handoff, HandoffState.OFFERED),
            "give back": lambda: self._handoff(
                services.return_handoff, HandoffState.ACCEPTED, reason="It is yours."
            ),
            "complete": lambda: self._handoff(services.complete_handoff, HandoffState.ACCEPTED),
        }

    def _draw(self, choices: list[Any]) -> Any:
        return self.data.draw(st.sampled_from(choices))

    def _pick(self, rows: list[Any]) -> Any:
        return self._draw(rows) if rows else None

    def _agent(self) -> Actor:
        return self._draw([self.centre.agent, self.lena])

    def _steps(self, state: StepState) -> list[StepRun]:
        rows = StepRun.objects.filter(journey__case=self.case, state=state)
        return list(rows.select_related("journey").order_by("pk"))

    def _states(self) -> list[str]:
        return list(Journey.objects.filter(case=self.case).values_list("state", flat=True))

    def _journey(self) -> Journey:
        return Journey.objects.filter(case=self.case).latest("pk")

    def _publish(self, document: dict[str, Json]) -> CueSheetVersion:
        return services.publish_cue_sheet(
            actor=self.centre.people["petra"].as_actor(),
            now=self.centre.clock(),
            document=document,
        )

    def _finish(self, step: StepRun | None) -> None:
        if step is None or step.tools:
            return
        actor = self.centre.agent if step.owner == "ai" else self.lena
        with suppress(OrchestraError):
            services.complete_step(
                actor=actor, now=self.centre.clock(), case=self.case, step=str(step.public_id)
            )

    def _propose(self, step: StepRun | None) -> None:
        if step is not None and step.tools:
            actor = self.centre.agent if step.owner == "ai" else self.lena
            self._call(self._draw(step.tools), actor, step=str(step.public_id))

    def _call(self, tool: str, actor: Actor, **changes: Json) -> None:
        arguments = self._draw(list(_CALLS[tool]))
        agreed = self.centre.agree(self.case) if tool == "cancel_pending_order" else ()
        self.centre.propose(self.case, tool, arguments, actor=actor, evidence=agreed, **changes)

    def _say(self) -> None:
        services.add_message(
            actor=self.centre.agent,
            now=self.centre.clock(),
            case=self.case,
            speaker=Speaker.CUSTOMER,
            text="Wait, let me think.",
        )

    def _vote_drawn(self) -> None:
        request = self._pick(list(ApprovalRequest.objects.filter(state="pending")))
        if request is not None:
            self._vote(request, self._draw([VoteChoice.APPROVE, VoteChoice.REJECT]))

    def _vote(self, request: ApprovalRequest, choice: VoteChoice) -> None:
        [call] = self.case.tool_calls.filter(approval_id_text=str(request.public_id))
        with suppress(OrchestraError):
            self.centre.vote(call, "maren", choice)

    def _time(self, long: timedelta) -> None:
        self.centre.clock.at += long
        services.pass_deadlines(now=self.centre.clock())
        services.end_overdue_journeys(now=self.centre.clock())

    def _propose_bound(self) -> None:
        # A worker does it at once; the record tells of the proposal, not of the wish for it.
        for step in self._steps(StepState.RUNNING):
            services.propose_bound_step(step_pk=step.pk, now=self.centre.clock())

    def _hold(self, name: str, journey: Journey) -> None:
        getattr(services, f"{name}_journey")(
            actor=self.maren,
            now=self.centre.clock(),
            case=self.case,
            journey_id=journey.public_id,
            reason="The customer asks for it.",
        )

    def _move(self) -> None:
        version = self._publish(self.data.draw(sound(), label="moved to"))
        services.move_journey(
            actor=self.maren,
            now=self.centre.clock(),
            case=self.case,
            journey_id=self._journey().public_id,
            reason="It is better.",
            seen_digest=version.digest,
        )

    def _offer(self) -> None:
        services.offer_handoff(
            actor=self._agent(),
            now=self.centre.clock(),
            case=self.case,
            offer=services.HandoffOffer(reason_code="customer_request", queue_key="care"),
        )

    def _handoff(self, act: Callable[..., object], state: HandoffState, **more: str) -> None:
        found = Handoff.objects.filter(case=self.case, state=state).last()
        if found is not None:
            act(actor=self.lena, now=self.centre.clock(), handoff_id=found.public_id, **more)


@given(document=st.deferred(sound), data=st.data())
@settings(
    max_examples=400 if IS_PROOF else 25,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_record_says_how_every_row_stands(
    centre: Centre, journal: Path, document: dict[str, Json], data: st.DataObject
) -> None:
    simulated.forget_stores()
    journal.unlink(missing_ok=True)
    play = Play(centre, document, data)
    play.check()
    for _act in range(data.draw(st.integers(0, 10), label="acts")):
        play.act()
        play.check()
    play.end()
