"""A cue that asks for a skill is offered to who has it, and refused whoever lacks it."""

from typing import Any

import pytest

from cases.handoff.models import Handoff
from cases.journeys import services
from cases.journeys.models import CueSheetVersion, StepRun
from cases.journeys.selectors import list_ready_steps
from cases.journeys.skilled import asked_at
from cases.journeys.telling import tell_owner
from cases.journeys.types import StepState
from cases.memory.models import Case
from governance.access.selectors import authority_of
from governance.notifications.types import Happened
from governance.skills.services import give_skill, retire_skill
from orchestra.core.errors import NotPermittedError
from tests.factories.journeys import make_spec, make_step
from tests.factories.retail import Centre
from tests.factories.skills import make_skill


def publish(centre: Centre, **changes: Any) -> None:
    """Let the first cue of a cancellation be a person's who has a skill."""
    present = CueSheetVersion.objects.get(cue_sheet__key="cancel_order", state="published")
    first, *rest = present.document["steps"]
    services.publish_cue_sheet(
        actor=centre.people["petra"].as_actor(),
        now=centre.clock(),
        document={**present.document, "steps": [{**first, **changes}, *rest]},
    )


PERSONS = {"owner": "human_agent", "does": {"check": "customer_confirmed"}, "skills": ["spanish"]}


@pytest.fixture
def step(centre: Centre) -> StepRun:
    make_skill("spanish")
    publish(centre, **PERSONS)
    return StepRun.objects.get(journey__case=centre.open().case, key="identify")


def ready(centre: Centre, name: str) -> list[str]:
    authority = authority_of(centre.people[name].as_actor())
    return [one.key for one in list_ready_steps(authority=authority)]


def finish(centre: Centre, step: StepRun, name: str) -> StepRun:
    return services.complete_step(
        actor=centre.people[name].as_actor(),
        now=centre.clock(),
        case=step.journey.case,
        step=str(step.public_id),
    )


def give(centre: Centre, name: str) -> None:
    give_skill(
        actor=centre.people["petra"].as_actor(),
        now=centre.clock(),
        user=centre.people[name],
        skill=StepRun.skills.through.objects.get().skill,
        reason="Noted.",
    )


def told(step: StepRun) -> set[str]:
    assert step.ready_at is not None
    happened = Happened(
        index=0,
        event_id="event",
        kind="step.missed",
        at=step.ready_at,
        actor_id="journey",
        stream="",
        subject_kind="step",
        subject_id=str(step.public_id),
    )
    telling = tell_owner(happened, step.ready_at)
    assert telling is not None
    return {one.person_id for one in telling.people}


def test_only_who_has_it_is_offered_the_cue_and_may_do_it(centre: Centre, step: StepRun) -> None:
    lena, maren = (str(centre.people[name].public_id) for name in ("lena", "maren"))
    assert ready(centre, "lena") == []
    assert lena not in told(step)
    assert maren in told(step)
    with pytest.raises(NotPermittedError) as caught:
        finish(centre, step, "lena")
    assert (caught.value.error_code, caught.value.data) == (
        "not_permitted.skill",
        {"skills": ["spanish"]},
    )
    step.refresh_from_db()
    assert step.state == StepState.READY
    give(centre, "lena")
    assert ready(centre, "lena") == ["identify"]
    assert told(step) == {lena}
    assert finish(centre, step, "lena").state == StepState.DONE


def test_a_skill_off_the_list_is_asked_no_more(centre: Centre, step: StepRun) -> None:
    retire_skill(
        actor=centre.people["petra"].as_actor(),
        now=centre.clock(),
        skill=StepRun.skills.through.objects.get().skill,
        reason="No longer needed.",
    )
    assert ready(centre, "lena") == ["identify"]
    assert finish(centre, step, "lena").state == StepState.DONE


def test_a_handoff_asks_for_what_the_journey_is_at(centre: Centre, step: StepRun) -> None:
    case: Case = step.journey.case
    offer = services.HandoffOffer(reason_code="customer_request")
    services.offer_handoff(actor=centre.agent, now=centre.clock(), case=case, offer=offer)
    assert [skill.key for skill in Handoff.objects.get(case=case).skills.all()] == ["spanish"]


def test_another_version_asks_for_its_own(centre: Centre, step: StepRun) -> None:
    publish(centre, **{**PERSONS, "skills": []})
    newest = CueSheetVersion.objects.get(cue_sheet__key="cancel_order", state="published")
    services.move_journey(
        actor=centre.people["maren"].as_actor(),
        now=centre.clock(),
        case=step.journey.case,
        journey_id=str(step.journey.public_id),
        seen_digest=newest.digest,
        reason="The new one asks for less.",
    )
    assert not step.skills.exists()
    assert ready(centre, "lena") == ["identify"]


@pytest.mark.usefixtures("centre")
def test_a_skill_that_is_on_no_list_is_found() -> None:
    present = CueSheetVersion.objects.get(cue_sheet__key="cancel_order", state="published")
    first, *rest = present.document["steps"]
    document = {**present.document, "steps": [{**first, "skills": ["zulu"]}, *rest]}
    found = [(error.field, error.code) for error in services.find_errors(document)]
    assert found == [("steps[0].skills[0]", "unknown_skill")]


def test_what_a_journey_has_passed_or_not_reached_asks_for_nothing() -> None:
    spec = make_spec(
        make_step("a", skills=("one",)),
        make_step("b", skills=("two", "three")),
        make_step("c", skills=("four",)),
        skills=("own",),
    )
    states = {"a": StepState.DONE, "b": StepState.WAITING, "c": StepState.PENDING}
    assert asked_at(spec=spec, states=states) == {"own", "two", "three"}
