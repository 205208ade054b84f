"""Whoever comes back again and again is found to have come back once, and costs no more."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from cases.intake import services as intake
from cases.memory import services as memory
from cases.memory.models import Case
from cases.memory.types import Speaker
from governance.ledger.services import sequence
from orchestra.core.actors import system
from qa.population.models import PopulationReader, SamplingUnit
from qa.population.reading import read_cases
from qa.population.services import follow_ledger
from tests.conftest import NOW
from tests.factories.cases import contact, make_message
from tests.factories.centres import Centre, make_centre
from tests.factories.intents import make_intents

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def centre(db: None) -> Centre:
    del db
    return make_centre()


def follow() -> None:
    sequence(now=NOW)
    follow_ledger(now=NOW)


def targets() -> list[list[str]]:
    rows = SamplingUnit.objects.filter(kind="case").order_by("ended_at")
    return list(rows.values_list("targets", flat=True))


def told_from_the_beginning() -> list[list[str]]:
    SamplingUnit.objects.all().delete()
    PopulationReader.objects.update(next_index=0)
    follow()
    return targets()


def opened(centre: Centre, now: Any, **fields: Any) -> Case:
    draft = contact("Please help.", queue="returns", **fields)
    return memory.open_case(actor=centre.agent.as_actor(), now=now, draft=draft)


def solved(centre: Centre, now: Any, **fields: Any) -> Case:
    case = opened(centre, now, **{"customer_ref": "mia", "intent": "return_items", **fields})
    agent = centre.agent.as_actor()
    memory.add_message(actor=agent, now=now, case=case, speaker=Speaker.AI, text="Done.")
    memory.resolve_case(
        actor=centre.person.as_actor(),
        now=now + HOUR,
        case=Case.objects.get(pk=case.pk),
        outcome="Refunded",
        confirmed=True,
    )
    return case


def test_a_customer_of_many_cases_makes_as_few_of_them_be_read(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []

    def count(*, cases: Sequence[Case]) -> Any:
        read.append(len(cases))
        return read_cases(cases=cases)

    monkeypatch.setattr("qa.population.services.following.read_cases", count)
    for number in range(8):
        solved(centre, NOW + number * 2 * HOUR)
        follow()
    # The first is read alone, and each later one with the one before it, now come back to.
    assert read == [1] + [2] * 7
    assert targets() == [["recontact"]] * 7 + [[]]
    assert told_from_the_beginning() == [["recontact"]] * 7 + [[]]


def test_whoever_is_known_later_had_come_back_when_they_called(centre: Centre) -> None:
    """A week is counted from the work to the contact, not to when it was found whose it is."""
    solved(centre, NOW)
    caller = opened(centre, NOW + HOUR * (24 * 7), intent="return_items")
    follow()
    assert targets() == [[]]
    memory.bind_customer(
        actor=centre.person.as_actor(),
        now=NOW + HOUR * (24 * 9),
        case=caller,
        customer_ref="mia",
    )
    follow()
    assert targets() == [["recontact"]]
    assert told_from_the_beginning() == [["recontact"]]


@pytest.mark.parametrize("said", [["return_items"], ["exchange_items", "return_items"]])
def test_what_it_was_about_is_known_later(centre: Centre, said: Iterable[str]) -> None:
    make_intents()
    solved(centre, NOW)
    caller = opened(centre, NOW + 2 * HOUR, customer_ref="mia")
    follow()
    assert targets() == [[]]
    message = make_message(caller, "I want to return the shoes of order #W2378156")
    read = intake.classify_case(
        actor=system("intake"), now=NOW + 3 * HOUR, case=caller, message=message
    )
    for intent in said:
        intake.settle_intent(
            actor=centre.person.as_actor(),
            now=NOW + 4 * HOUR,
            case=caller,
            classification_id=str(read.public_id),
            intent=intent,
        )
    follow()
    assert targets() == [["recontact"]]
    assert told_from_the_beginning() == [["recontact"]]


@pytest.mark.parametrize("seed", range(4))
def test_read_bit_by_bit_it_is_what_is_read_at_once(centre: Centre, seed: int) -> None:
    chance = Random(seed)  # noqa: S311  a seeded order of events, no secret
    now, unknown = NOW, list[Case]()
    for _step in range(24):
        now += HOUR * chance.choice([2, 8, 20, 50, 100])
        who = {"intent": chance.choice(["return_items"] * 2 + ["exchange_items", ""])}
        who["customer_ref"] = chance.choice(["mia", "mia", "bo"])
        match chance.choice(["solved", "solved", "opened", "unknown", "bound"]):
            case "solved":
                solved(centre, now, **who)
            case "opened":
                opened(centre, now, **who)
            case "unknown":
                unknown.append(opened(centre, now, intent=who["intent"]))
            case "bound" if unknown:
                ref = who["customer_ref"]
                person = centre.person.as_actor()
                memory.bind_customer(actor=person, now=now, case=unknown.pop(), customer_ref=ref)
        if chance.random() < 0.6:
            follow()
    follow()
    bit_by_bit = targets()
    assert ["recontact"] in bit_by_bit
    assert told_from_the_beginning() == bit_by_bit
