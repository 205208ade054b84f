"""A handoff that is given back, and one that is completed, as the journeys see it."""

from typing import Any

import pytest

from cases.handoff.models import Handoff
from cases.journeys import services
from cases.journeys.models import Journey, StepRun
from cases.memory.models import Case
from governance.approvals.types import VoteChoice
from governance.ledger.models import LedgerEntry
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from tests.factories.retail import OLIVIA, SMALL, Centre


def offer(centre: Centre, case: Case, actor: Any = None, queue: str = "") -> Handoff:
    return services.offer_handoff(
        actor=actor or centre.agent,
        now=centre.clock(),
        case=case,
        offer=services.HandoffOffer(reason_code="customer_request", queue_key=queue),
    )


def accept(centre: Centre, found: Handoff) -> None:
    services.accept_handoff(
        actor=centre.people["lena"].as_actor(), now=centre.clock(), handoff_id=found.public_id
    )


def give_back(centre: Centre, found: Handoff, reason: str = "the bot can do this") -> Handoff:
    return services.return_handoff(
        actor=centre.people["lena"].as_actor(),
        now=centre.clock(),
        handoff_id=found.public_id,
        reason=reason,
    )


def complete(centre: Centre, found: Handoff) -> Handoff:
    return services.complete_handoff(
        actor=centre.people["lena"].as_actor(), now=centre.clock(), handoff_id=found.public_id
    )


class TestGivingBack:
    def test_what_was_handed_over_opens_again_and_what_was_done_stays(
        self, centre: Centre, case: Case
    ) -> None:
        centre.identify(case)
        before = centre.states(case)
        found = offer(centre, case)
        assert centre.states(case)["agree"] == "handed_off"
        assert Journey.objects.get(case=case).state == "handed_off"
        accept(centre, found)
        give_back(centre, found)

        assert centre.states(case) == before
        assert before["identify"] == "done"
        assert before["agree"] == "ready"
        journey = Journey.objects.get(case=case)
        assert (journey.state, journey.ended_at) == ("running", None)
        assert not StepRun.objects.filter(handoff=found).exists()
        kinds = centre.kinds(case)
        begin = kinds.index("handoff.returned")
        assert kinds[begin + 1] == "journey.reopened"
        assert kinds[begin:].count("step.reopened") == 6
        assert Handoff.objects.filter(case=case).count() == 1

    def test_the_agent_goes_on_to_the_end(self, centre: Centre, case: Case) -> None:
        centre.identify(case, OLIVIA)
        give_back(centre, offer(centre, case))
        centre.propose(case, "cancel_pending_order", SMALL, evidence=centre.agree(case))
        centre.work()
        assert centre.states(case)["cancel"] == "done"

    def test_it_returns_to_the_queue_it_came_from(self, centre: Centre, case: Case) -> None:
        found = offer(centre, case, queue="care")
        case.refresh_from_db()
        assert case.queue.key == "care"
        give_back(centre, found)
        case.refresh_from_db()
        assert (case.queue.key, case.holder, case.status) == ("orders", None, "open")

    def test_a_person_who_sent_it_holds_it_again(self, centre: Centre, case: Case) -> None:
        maren = centre.people["maren"]
        found = offer(centre, case, actor=maren.as_actor())
        accept(centre, found)
        give_back(centre, found)
        case.refresh_from_db()
        assert (case.holder, case.status) == (maren, "handed_off")

    def test_what_stopped_the_journey_may_be_tried_once_more(
        self, centre: Centre, case: Case
    ) -> None:
        for number in range(5):
            centre.look_up(case, f"nobody{number}@example.com")
        give_back(centre, Handoff.objects.get(case=case))
        assert centre.states(case)["identify"] == "ready"
        assert Handoff.objects.filter(case=case).count() == 1
        centre.look_up(case, "nobody@example.com")
        assert centre.states(case)["identify"] == "waiting"

    def test_a_step_of_another_handoff_stays(self, centre: Centre, case: Case) -> None:
        first = offer(centre, case)
        accept(centre, first)
        second = offer(centre, case, actor=centre.people["lena"].as_actor())
        accept(centre, second)
        give_back(centre, second)
        assert centre.states(case)["agree"] == "handed_off"
        assert Journey.objects.get(case=case).state == "handed_off"

    def test_a_refusal_changes_nothing(self, centre: Centre, case: Case) -> None:
        found = offer(centre, case)
        before, entries = centre.states(case), LedgerEntry.objects.count()
        with pytest.raises(InvalidInputError):
            give_back(centre, found, reason="")
        with pytest.raises(NotPermittedError):
            services.return_handoff(
                actor=centre.agent, now=centre.clock(), handoff_id=found.public_id, reason="mine"
            )
        assert (centre.states(case), LedgerEntry.objects.count()) == (before, entries)


class TestCompleting:
    def test_steps_without_a_call_are_left_out_and_say_so(self, centre: Centre, case: Case) -> None:
        centre.identify(case)
        found = offer(centre, case)
        accept(centre, found)
        complete(centre, found)
        assert centre.states(case) == {
            "identify": "done",
            "look_up": "skipped",
            "agree": "skipped",
            "cancel": "skipped",
            "tell": "skipped",
            "hand_over": "skipped",
            "close": "skipped",
        }
        step = StepRun.objects.get(journey__case=case, key="cancel")
        assert step.ended_reason == "the handoff was completed without it"
        assert Journey.objects.get(case=case).state == "handed_off"
        assert "journey.completed" not in centre.kinds(case)

    def test_a_journey_whose_effect_a_person_brought_about_is_complete(
        self, centre: Centre, case: Case
    ) -> None:
        centre.identify(case, OLIVIA)
        found = offer(centre, case)
        accept(centre, found)
        lena = centre.people["lena"].as_actor()
        call = centre.propose(
            case, "cancel_pending_order", SMALL, evidence=centre.agree(case), actor=lena,
            confidence=None, margin=None,
        )  # fmt: skip
        centre.vote(call, "maren", VoteChoice.APPROVE)
        centre.work()
        call.refresh_from_db()
        assert call.state == "succeeded"
        complete(centre, found)
        step = StepRun.objects.get(journey__case=case, key="cancel")
        assert (step.state, step.tool_call) == ("done", call)
        assert Journey.objects.get(case=case).state == "completed"
        assert centre.kinds(case)[-1] == "journey.completed"
        assert centre.kinds(case).count("step.skipped") >= 3

    def test_a_running_sign_off_is_left_to_its_own_act(self, centre: Centre) -> None:
        case = centre.open("Zzz qqq.").case
        services.start_journey(
            actor=centre.agent, now=centre.clock(), case=case, cue_sheet_key="transfer_to_human"
        )
        centre.propose(case, "transfer_to_human_agents", {"summary": "asks for a person"})
        found = Handoff.objects.get(case=case)
        accept(centre, found)
        complete(centre, found)
        assert centre.states(case)["sign_off"] == "ready"
        assert Journey.objects.get(case=case).state == "running"
        assert Handoff.objects.filter(case=case).count() == 1

    def test_only_once(self, centre: Centre, case: Case) -> None:
        found = offer(centre, case)
        accept(centre, found)
        complete(centre, found)
        before = LedgerEntry.objects.count()
        with pytest.raises(ConflictError):
            complete(centre, found)
        with pytest.raises(ConflictError):
            give_back(centre, found)
        assert LedgerEntry.objects.count() == before
