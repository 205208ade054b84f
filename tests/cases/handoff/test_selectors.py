"""Who sees which handoff."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from cases.handoff import selectors, services
from cases.handoff.models import Handoff
from cases.handoff.types import BundleInputs
from cases.memory.models import Case
from governance.access.models import Queue
from governance.access.selectors import authority_of
from orchestra.core.actors import system
from orchestra.core.errors import NotFoundError
from tests.factories.cases import make_case


def offered(queue: Queue, now: datetime, case: Case | None = None) -> Handoff:
    return services.offer_handoff(
        actor=system("journey"),
        now=now,
        case=case or make_case(queue),
        queue=queue,
        reason_code="low_confidence",
        inputs=BundleInputs(),
    )


def test_what_may_not_be_seen_is_not_found(centre: Any, now: datetime) -> None:
    found = offered(centre.queue, now)
    reader, stranger = (authority_of(who.as_actor()) for who in (centre.reader, centre.stranger))
    assert selectors.get_handoff(authority=reader, handoff_id=found.public_id) == found
    for authority, handoff_id in [
        (stranger, found.public_id),
        (reader, uuid4()),
        (reader, "no id"),
    ]:
        with pytest.raises(NotFoundError):
            selectors.get_handoff(authority=authority, handoff_id=handoff_id)


def test_what_waits_for_whom(centre: Any, now: datetime) -> None:
    later = offered(centre.queue, now + timedelta(minutes=5))
    first = offered(centre.queue, now)
    taken = offered(centre.queue, now)
    services.accept_handoff(actor=centre.person.as_actor(), now=now, handoff_id=taken.public_id)
    elsewhere = offered(centre.other, now)
    for who, waiting in [
        (centre.person, [first, later]),
        (centre.reader, []),
        (centre.agent, []),
        (centre.stranger, [elsewhere]),
    ]:
        authority = authority_of(who.as_actor())
        assert list(selectors.list_waiting(authority=authority)) == waiting


def test_a_list_costs_one_query_whatever_its_length(
    centre: Any, now: datetime, django_assert_num_queries: Any
) -> None:
    authority = authority_of(centre.person.as_actor())
    for number in range(6):
        offered(centre.queue, now)
        if number in {0, 5}:
            with django_assert_num_queries(1):
                shown = [
                    f"{found.case.label} {found.queue.title} {found.case.queue.title}"
                    for found in selectors.list_waiting(authority=authority)
                ]
            assert len(shown) == number + 1


def test_the_latest_counts(centre: Any, now: datetime) -> None:
    case = make_case(centre.queue)
    assert selectors.find_latest_handoff(case=case) is None
    first = offered(centre.queue, now, case)
    services.return_handoff(
        actor=centre.person.as_actor(), now=now, handoff_id=first.public_id, reason="not mine"
    )
    second = offered(centre.queue, now, case)
    assert selectors.find_latest_handoff(case=case) == second
    assert list(selectors.list_handoffs(case=case)) == [first, second]
