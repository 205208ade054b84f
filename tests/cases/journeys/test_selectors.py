"""Reads of cue sheets, journeys and steps."""

from dataclasses import replace

import pytest
from pytest_django import DjangoAssertNumQueries

from cases.journeys import selectors
from cases.journeys.types import When
from cases.memory.models import Case
from governance.access.selectors import authority_of
from orchestra.core.actors import system
from orchestra.core.errors import InvalidInputError, NotFoundError
from tests.factories.retail import Centre


def test_published_cue_sheets_are_found_by_key(centre: Centre) -> None:
    del centre
    assert len(selectors.list_published()) == 8
    assert selectors.get_published(key="cancel_order").cue_sheet.title == "Cancel a pending order"
    assert selectors.find_published(key="nothing") is None
    with pytest.raises(InvalidInputError):
        selectors.get_published(key="nothing")


def test_steps_are_found_by_key_and_by_id(case: Case) -> None:
    step = selectors.get_step(case=case, step="identify")
    assert selectors.get_step(case=case, step=str(step.public_id)).pk == step.pk
    for wrong in ("nothing", "00000000-0000-7000-8000-000000000000"):
        with pytest.raises(NotFoundError):
            selectors.get_step(case=case, step=wrong)


def test_waiting_steps_are_those_that_nobody_has_begun(centre: Centre, case: Case) -> None:
    before = {step.key for step in selectors.list_waiting_steps(case=case)}
    centre.identify(case)
    after = {step.key for step in selectors.list_waiting_steps(case=case)}
    assert before - after == {"identify"}
    assert {step.state for step in selectors.list_waiting_steps(case=case)} <= {"ready", "pending"}


def test_steps_stand_under_their_journey(case: Case) -> None:
    [journey] = selectors.list_journeys(case=case)
    steps = selectors.steps_by_journey(case=case)
    assert [step.position for step in steps[journey.pk]] == list(range(7))
    assert selectors.list_running(case=case) == [journey]


def test_a_person_may_stand_in_for_the_ai_but_not_the_reverse(centre: Centre, case: Case) -> None:
    step = selectors.get_step(case=case, step="identify")
    lena = authority_of(centre.people["lena"].as_actor())
    agent = authority_of(centre.agent)
    assert selectors.may_fulfil(authority=lena, step=step)
    assert selectors.may_fulfil(authority=agent, step=step)
    step.owner = "human_agent"
    assert selectors.may_fulfil(authority=lena, step=step)
    assert not selectors.may_fulfil(authority=agent, step=step)
    assert not selectors.may_fulfil(authority=authority_of(system("x")), step=step)


def test_facts_of_a_case_stand_over_those_of_its_calls(centre: Centre, case: Case) -> None:
    centre.identify(case)
    case.refresh_from_db()
    steps = list(selectors.list_steps(case=case))
    spec = selectors.spec_of(steps[0].journey.version)
    first = replace(spec.steps[0], when=(When("tool", "is", "find_user_id_by_email"),))
    asking = replace(spec, steps=(first, *spec.steps[1:]))
    facts = selectors.facts_of(case=case, spec=asking, steps=steps)
    assert (facts["verification"], facts["customer_bound"]) == ("basic", True)
    assert facts["tool"] == "find_user_id_by_email"


def test_calls_are_not_read_for_facts_that_nothing_names(
    centre: Centre, case: Case, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    centre.identify(case)
    case = Case.objects.select_related("customer").get(pk=case.pk)
    steps = list(selectors.list_steps(case=case))
    spec = selectors.spec_of(steps[0].journey.version)
    with django_assert_num_queries(0):
        facts = selectors.facts_of(case=case, spec=spec, steps=steps)
    assert "tool" not in facts
