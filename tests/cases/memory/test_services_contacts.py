"""When a contact is over: with its case, with the next one, or after a day of silence."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.journeys import services as journeys
from cases.memory import services
from cases.memory.models import Case, Interaction
from cases.memory.services.idling import IDLE_AFTER
from cases.memory.types import Channel, Speaker
from tests.factories.cases import contact, kinds_of, last_payload

MINUTE = timedelta(minutes=1)


@pytest.fixture
def case(centre: Any, now: datetime) -> Case:
    draft = contact(text="I want to return my lamp.", external_ref="c-1", queue=centre.queue.key)
    return services.open_case(actor=centre.agent.as_actor(), now=now, draft=draft)


def ends(case: Case) -> list[datetime | None]:
    return list(
        Interaction.objects.filter(case=case).order_by("pk").values_list("ended_at", flat=True)
    )


def say(centre: Any, now: datetime, case: Case, text: str) -> None:
    person = centre.person.as_actor()
    journeys.add_message(actor=person, now=now, case=case, speaker=Speaker.CUSTOMER, text=text)


def resolve(centre: Any, now: datetime, case: Case) -> None:
    person = centre.person.as_actor()
    journeys.resolve(actor=person, now=now, case=case, outcome="Returned", confirmed=True)


def test_a_contact_ends_with_its_case_and_thanks_do_not_begin_it_again(
    centre: Any, now: datetime, case: Case
) -> None:
    assert ends(case) == [None]
    resolve(centre, now + MINUTE, case)
    assert ends(case) == [now + MINUTE]

    say(centre, now + 2 * MINUTE, case, "Thank you very much!")
    assert ends(case) == [now + MINUTE]
    services.receive_contact(
        actor=centre.agent.as_actor(),
        now=now + 3 * MINUTE,
        draft=contact(text="Thank you!", external_ref="c-1", queue=centre.queue.key),
    )
    assert ends(case) == [now + MINUTE, now + 3 * MINUTE]


def test_a_customer_who_asks_again_goes_on_in_the_contact(
    centre: Any, now: datetime, case: Case
) -> None:
    resolve(centre, now + MINUTE, case)
    say(centre, now + 2 * MINUTE, case, "The lamp is broken again.")
    assert ends(case) == [None]
    resolve(centre, now + 3 * MINUTE, case)
    assert ends(case) == [now + 3 * MINUTE]


def test_another_channel_ends_the_contact_before(centre: Any, now: datetime, case: Case) -> None:
    services.start_interaction(
        actor=centre.person.as_actor(), now=now + MINUTE, case=case, channel=Channel.VOICE
    )
    assert ends(case) == [now + MINUTE, None]


def test_a_day_of_silence_ends_a_contact_and_is_recorded_once(
    centre: Any, now: datetime, case: Case
) -> None:
    say(centre, now + MINUTE, case, "Are you there?")
    assert services.end_idle(now=now + IDLE_AFTER) == 0
    assert ends(case) == [None]

    over = now + IDLE_AFTER + MINUTE
    assert (services.end_idle(now=over), services.end_idle(now=over)) == (1, 0)
    assert ends(case) == [over]
    assert kinds_of(case.stream)[-1] == "interaction.ended"
    assert last_payload(case.stream)["channel"] == "chat"


def test_what_ended_before_is_left_as_it_stands(centre: Any, now: datetime, case: Case) -> None:
    resolve(centre, now, case)
    Interaction.objects.filter(case=case).update(ended_at=None)
    assert services.end_idle(now=now + 2 * IDLE_AFTER) == 0
    assert ends(case) == [None]
