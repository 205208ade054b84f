"""Rows of lists as values say what the models would."""

import pytest

from cases.admin.lines import (
    as_case_lines,
    as_handoff_lines,
    held_by,
    taken_by,
    whose_case,
    whose_handoff,
)
from cases.handoff.models import Handoff
from cases.memory.models import Case
from cases.memory.types import label_of
from governance.access.models import User
from tests.factories.access import make_person, make_queue
from tests.factories.cases import OPENED_AT, make_case, make_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def cases() -> list[Case]:
    """Cases of customers with a name, with none, and of nobody; held by people of all kinds."""
    holders = [
        make_person("ines", first_name="Ines", last_name="Kaplan"),
        make_person("lena", first_name="Lena", last_name=""),
        make_person("omar", first_name="", last_name=""),
        None,
    ]
    customers = [make_customer(), make_customer("c-7", name=""), None, None]
    return [
        make_case(customer=customer, holder=holder, claimed_name=claimed)
        for customer, holder, claimed in zip(
            customers, holders, ("", "Mia", "Mia", ""), strict=True
        )
    ]


def test_a_case_is_called_and_held_as_its_models_say(cases: list[Case]) -> None:
    lines = list(as_case_lines(Case.objects.order_by("pk")))
    assert [
        (
            label_of(line.pk),
            line.queue__title,
            whose_case(line),
            held_by(line),
        )
        for line in lines
    ] == [
        (case.label, case.queue.title, case.who, case.holder.label if case.holder else "")
        for case in cases
    ]
    assert [line.risk_flags for line in lines] == [[], [], [], []]


def test_a_handoff_says_whose_case_it_is_and_who_took_it(cases: list[Case]) -> None:
    queue, people = make_queue(title="Returns"), [*User.objects.order_by("pk")]
    takers = [None, *(one for one in people if one.username in {"ines", "lena", "omar"})]
    for case, taker in zip(cases, takers, strict=True):
        Handoff.objects.create(
            case=case,
            queue=queue,
            accepted_by=taker,
            bundle={},
            offered_at=OPENED_AT,
            reply_due_at=OPENED_AT,
        )
    rows = Handoff.objects.order_by("pk")
    assert [
        (
            line.case__public_id,
            line.queue__title,
            whose_handoff(line),
            taken_by(line),
        )
        for line in as_handoff_lines(rows)
    ] == [
        (
            one.case.public_id,
            one.queue.title,
            one.case.who,
            one.accepted_by.label if one.accepted_by else "",
        )
        for one in rows
    ]
