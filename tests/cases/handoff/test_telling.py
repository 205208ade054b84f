"""Who is told that a case waits for a person, and when that is over."""

from datetime import datetime
from typing import Any

import pytest

from cases.handoff import consults, services, telling
from governance.access.types import QueueGrant, Role
from governance.notifications.models import Notice
from governance.notifications.types import Topic
from tests.cases.handoff.test_services import offer
from tests.cases.handoff.test_services_consulting import answer, ask
from tests.factories.access import make_person
from tests.factories.cases import make_case
from tests.factories.notifications import read_on

pytestmark = pytest.mark.django_db
WORKS = [QueueGrant.READ, QueueGrant.WORK]


def told() -> set[str]:
    return set(Notice.objects.values_list("person__username", flat=True))


def test_everybody_who_may_take_the_case_is_told(centre: Any, now: datetime) -> None:
    make_person("zora", roles=[Role.HUMAN_AGENT], grants={centre.queue: WORKS})
    make_person("nora", roles=[Role.SPECIALIST], grants={centre.queue: [QueueGrant.READ]})
    make_person("imke", roles=[Role.COMPLIANCE_OFFICER])
    handoff = offer(centre, now)
    read_on(now)
    assert "zora" in told()
    assert told().isdisjoint({"nora", "imke"})
    notice = Notice.objects.get(person__username="zora")
    assert (notice.topic, notice.label, notice.deadline_at) == (
        Topic.HANDOFF,
        handoff.case.label,
        handoff.reply_due_at,
    )
    assert (notice.page, notice.page_id) == ("case", str(handoff.case.public_id))


def test_only_the_role_that_is_asked_for(centre: Any, now: datetime) -> None:
    make_person("zora", roles=[Role.HUMAN_AGENT], grants={centre.queue: WORKS})
    make_person("nora", roles=[Role.SPECIALIST], grants={centre.queue: WORKS})
    offer(centre, now, role="specialist")
    read_on(now)
    assert told() == {"nora"}


def test_it_is_over_once_somebody_took_it(centre: Any, now: datetime) -> None:
    zora = make_person("zora", roles=[Role.HUMAN_AGENT], grants={centre.queue: WORKS})
    handoff = offer(centre, now)
    read_on(now)
    assert telling.is_open(str(handoff.public_id))
    services.accept_handoff(actor=zora.as_actor(), now=now, handoff_id=handoff.public_id)
    assert not telling.is_open(str(handoff.public_id))
    read_on(now)
    assert not Notice.objects.filter(ended_at=None).exists()


def test_what_was_taken_before_it_was_read_tells_nobody(centre: Any, now: datetime) -> None:
    zora = make_person("zora", roles=[Role.HUMAN_AGENT], grants={centre.queue: WORKS})
    handoff = offer(centre, now)
    services.accept_handoff(actor=zora.as_actor(), now=now, handoff_id=handoff.public_id)
    read_on(now)
    assert told() == set()


def test_who_is_asked_for_a_word_is_told_until_it_is_answered(centre: Any, now: datetime) -> None:
    zora = make_person("zora", roles=[Role.SPECIALIST], grants={centre.queue: WORKS})
    case = make_case(centre.queue, holder=centre.person)
    found = ask(centre.person, now, case, person_id=str(zora.public_id))
    read_on(now)
    assert told() == {"zora"}
    assert consults.is_open(found.id)
    notice = Notice.objects.get()
    assert (notice.page, notice.page_id, notice.ended_at) == ("case", str(case.public_id), None)
    answer(zora, now, case, found)
    read_on(now)
    assert Notice.objects.get(person=zora).ended_at is not None
    assert told() == {"zora", "lena"}


def test_of_a_queue_those_are_told_who_may_read_the_case(centre: Any, now: datetime) -> None:
    make_person("zora", roles=[Role.SPECIALIST], grants={centre.queue: WORKS})
    case = make_case(centre.queue)
    found = ask(centre.agent, now, case, queue_key=centre.queue.key)
    read_on(now)
    assert told() == {"zora", "lena"}
    answer(centre.person, now, case, found)
    read_on(now)
    assert not Notice.objects.filter(ended_at=None).exists()
