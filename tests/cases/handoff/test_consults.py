"""What the ledger tells of questions to colleagues, also where its texts are erased."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.handoff import consults
from governance.access.selectors import authority_of
from governance.ledger.erasable import Reach
from governance.ledger.services import erase_payloads
from orchestra.core.actors import system
from tests.cases.handoff.test_services_consulting import answer, ask
from tests.factories.cases import make_case


def test_they_are_read_in_their_order_with_one_query(centre: Any, now: datetime) -> None:
    case, other = make_case(centre.queue), make_case(centre.queue)
    asked = [ask(centre.agent, now, case, queue_key=centre.queue.key) for _ in range(3)]
    foreign = ask(centre.agent, now, other, queue_key=centre.queue.key)
    answer(centre.person, now, case, asked[1])
    with CaptureQueriesContext(connection) as queries:
        found = consults.list_consults(case=case)
    assert len(queries) == 1
    assert [one.id for one in found] == [one.id for one in asked]
    assert [one.answer for one in found] == ["", "Yes.", ""]
    assert [consults.is_open(one.id) for one in asked] == [True, False, True]
    assert consults.find_consult(case=case, consult_id=foreign.id) is None
    with CaptureQueriesContext(connection) as queries:
        mine = consults.answerable(authority=authority_of(centre.person.as_actor()), consults=found)
    assert mine == {asked[0].id, asked[2].id}
    assert sum("access_queue" in one["sql"] for one in queries) <= 2


def test_what_is_erased_shows_no_words_and_asks_nobody(centre: Any, now: datetime) -> None:
    case = make_case(centre.queue)
    first = ask(centre.agent, now, case, queue_key=centre.queue.key)
    second = ask(centre.agent, now, case, queue_key=centre.queue.key)
    answer(centre.person, now, case, first)
    with transaction.atomic():
        erase_payloads(
            actor=system("test"),
            now=now,
            reach=Reach(streams=[case.stream]),
            told={"reason": "Asked for.", "reference": "DSR-1"},
            subject=("customer", "c-1"),
        )
    one, two = consults.list_consults(case=case)
    assert (one.question, one.answer, one.is_answered) == ("", "", True)
    assert (two.id, two.question, two.is_answered) == (second.id, "", False)
    authority = authority_of(centre.person.as_actor())
    assert not consults.answerable(authority=authority, consults=[one, two])
