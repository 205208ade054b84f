"""Many people reach for one case: one has it, the others are told who."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from cases.handoff import services
from cases.handoff.models import Handoff
from cases.handoff.types import BundleInputs
from governance.access.models import User
from governance.access.types import QueueGrant, Role
from orchestra.core.actors import system
from tests.factories.access import make_person
from tests.factories.cases import kinds_of, make_case
from tests.factories.races import race

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.usefixtures("committing"),
]
AT_ONCE = 8


def test_one_of_many_takes_the_case(centre: Any, now: datetime) -> None:
    case = make_case(centre.queue)
    found = services.offer_handoff(
        actor=system("journey"),
        now=now,
        case=case,
        queue=centre.queue,
        reason_code="low_confidence",
        inputs=BundleInputs(),
    )
    people = [
        make_person(roles=[Role.HUMAN_AGENT], grants={centre.queue: [QueueGrant.WORK]})
        for _ in range(AT_ONCE)
    ]

    def taking(person: User) -> Callable[[], object]:
        actor = person.as_actor()
        return lambda: services.accept_handoff(actor=actor, now=now, handoff_id=found.public_id)

    assert race([taking(person) for person in people]) == {
        "ok": 1,
        "conflict.handoff_taken": AT_ONCE - 1,
    }
    found.refresh_from_db()
    case.refresh_from_db()
    assert found.accepted_by == case.holder
    assert kinds_of(case.stream) == ["handoff.offered", "handoff.accepted"]


def test_a_case_is_offered_once(centre: Any, now: datetime) -> None:
    case = make_case(centre.queue)

    def offering() -> object:
        return services.offer_handoff(
            actor=centre.agent.as_actor(),
            now=now,
            case=case,
            queue=centre.queue,
            reason_code="low_confidence",
            inputs=BundleInputs(),
        )

    assert race([offering] * AT_ONCE) == {"ok": 1, "conflict.handoff_waiting": AT_ONCE - 1}
    assert Handoff.objects.filter(case=case).count() == 1


def test_one_of_many_answers_what_a_queue_was_asked(centre: Any, now: datetime) -> None:
    case = make_case(centre.queue, holder=centre.person)
    works = {centre.queue: [QueueGrant.READ, QueueGrant.WORK]}
    people = [make_person(roles=[Role.HUMAN_AGENT], grants=works) for _ in range(AT_ONCE)]
    found = services.ask_colleague(
        actor=centre.person.as_actor(),
        now=now,
        case=case,
        question=services.Question(text="Is it covered?", queue_key=centre.queue.key),
    )

    def answering(person: User) -> Callable[[], object]:
        actor = person.as_actor()
        return lambda: services.answer_colleague(
            actor=actor, now=now, case=case, consult_id=found.id, answer="It is."
        )

    assert race([answering(person) for person in people]) == {
        "ok": 1,
        "conflict.consult_answered": AT_ONCE - 1,
    }
    assert kinds_of(case.stream) == ["handoff.consulted", "handoff.consult_answered"]
