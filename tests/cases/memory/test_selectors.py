"""Who sees which case, and the timeline as a view of the ledger."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from cases.memory import selectors, services
from cases.memory.types import CaseFilters, Speaker, Trust, VerificationLevel
from governance.access.selectors import authority_of
from governance.access.types import Role
from orchestra.core.actors import system
from orchestra.core.errors import InvalidInputError, NotFoundError
from tests.factories.access import make_person
from tests.factories.cases import OPENED_AT, contact, make_case, make_customer, make_message


def test_what_may_not_be_seen_is_not_found(centre: Any) -> None:
    case = make_case(centre.queue)
    reader, stranger = (authority_of(who.as_actor()) for who in (centre.reader, centre.stranger))
    assert selectors.get_case(authority=reader, case_id=case.public_id) == case
    assert selectors.get_case(authority=reader, case_id=str(case.public_id)) == case
    for authority, case_id in [
        (stranger, case.public_id),
        (reader, uuid.uuid4()),
        (reader, "no id at all"),
    ]:
        with pytest.raises(NotFoundError):
            selectors.get_case(authority=authority, case_id=case_id)
    with pytest.raises(NotFoundError):
        selectors.timeline(authority=stranger, case=case)


def test_a_case_comes_with_its_entries_in_one_statement(
    centre: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    case = make_case(centre.queue)
    with transaction.atomic():
        services.record_read(authority=authority_of(system("test")), now=OPENED_AT, case=case)
    reader, stranger = (authority_of(who.as_actor()) for who in (centre.reader, centre.stranger))
    with django_assert_num_queries(1):
        found, entries = selectors.get_case_with_entries(
            authority=reader, case_id=str(case.public_id)
        )
    assert found == selectors.get_case(authority=reader, case_id=case.public_id)
    assert entries == list(selectors.list_entries(authority=reader, case=case))
    assert entries
    for authority, case_id in [(stranger, case.public_id), (reader, uuid.uuid4()), (reader, "no")]:
        with pytest.raises(NotFoundError):
            selectors.get_case_with_entries(authority=authority, case_id=case_id)


def test_a_list_holds_what_may_be_seen(centre: Any) -> None:
    mine, other = make_case(centre.queue), make_case(centre.other)
    officer = make_person(roles=[Role.COMPLIANCE_OFFICER])
    for who, seen in [
        (centre.reader, [mine]),
        (centre.stranger, [other]),
        (officer, [other, mine]),
        (make_person(), []),
    ]:
        assert list(selectors.list_cases(authority=authority_of(who.as_actor()))) == seen


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (CaseFilters(), ["c", "b", "a"]),
        (CaseFilters(status="resolved"), ["b"]),
        (CaseFilters(customer="mia"), ["a"]),
        (CaseFilters(intent="cancel_order"), ["c"]),
        (CaseFilters(risk="fraud"), ["c"]),
        (CaseFilters(risk="fra"), []),
        (CaseFilters(queue="returns"), ["c", "b", "a"]),
        (CaseFilters(queue="exchanges"), []),
        (CaseFilters(journey="return_items"), []),
        (CaseFilters(opened_after="2026-11-19T18:30:00Z"), ["b"]),
        (CaseFilters(opened_before="2026-11-19T18:30:00Z"), ["c", "a"]),
    ],
)
def test_filters(centre: Any, filters: CaseFilters, found: list[str]) -> None:
    make_case(centre.queue, subject="a", customer=make_customer("mia"))
    later = OPENED_AT + timedelta(hours=1)
    make_case(centre.queue, subject="b", status="resolved", opened_at=later)
    make_case(centre.queue, subject="c", intent="cancel_order", risk_flags=["complaint", "fraud"])
    rows = selectors.list_cases(authority=authority_of(system("test")), filters=filters)
    assert [case.subject for case in rows] == found


def test_a_bad_filter_is_named(centre: Any) -> None:
    with pytest.raises(InvalidInputError) as refused:
        selectors.list_cases(
            authority=authority_of(centre.reader.as_actor()), filters=CaseFilters(status="gone")
        )
    assert [error.field for error in refused.value.errors] == ["status"]


def test_a_list_costs_one_query_whatever_its_length(
    centre: Any, django_assert_num_queries: Any
) -> None:
    authority = authority_of(centre.reader.as_actor())
    for number in range(12):
        make_case(centre.queue, customer=make_customer(f"customer-{number}"), holder=centre.person)
        if number in {0, 11}:
            with django_assert_num_queries(1):
                for case in selectors.list_cases(authority=authority):
                    assert case.holder == centre.person
                    assert case.customer.name + case.queue.key == "Mia Garciareturns"


class TestTimeline:
    def opened(self, centre: Any, now: datetime) -> Any:
        return services.open_case(
            actor=centre.agent.as_actor(),
            now=now,
            draft=contact(
                "My mail is mia.garcia@example.com, call +1 415 555 0132.", queue="returns"
            ),
        )

    def test_it_tells_what_happened(self, centre: Any, now: datetime) -> None:
        case = self.opened(centre, now)
        services.add_message(
            actor=centre.person.as_actor(),
            now=now,
            case=case,
            speaker=Speaker.HUMAN,
            text="I am looking.",
        )
        items = selectors.timeline(
            authority=authority_of(centre.person.as_actor()), case=case, unmasked=True
        )
        assert [(item.seq, item.kind, item.actor_label) for item in items] == [
            (1, "case.opened", "Returns assistant"),
            (2, "message.added", "Returns assistant"),
            (3, "message.added", "lena"),
        ]
        assert items[0].sentence == f"Returns assistant opened case {case.label} on chat"
        assert items[2].sentence == "lena recorded what the person said: I am looking."
        assert items[1].payload["text"].startswith("My mail is mia.garcia@example.com")
        assert items[2].at == now

    def test_it_masks_for_display_only(self, centre: Any, now: datetime) -> None:
        case = self.opened(centre, now)
        masked = "My mail is m•••@•••.com, call ••• 32."
        analyst = make_person(roles=[Role.QA_ANALYST])
        for who, unmasked in [(centre.person, False), (analyst, True), (analyst, False)]:
            items = selectors.timeline(
                authority=authority_of(who.as_actor()), case=case, unmasked=unmasked
            )
            assert items[1].payload["text"] == masked
            assert masked in items[1].sentence
            assert "example.com" not in str(items)
            assert items[1].actor_label == "Returns assistant"

    def test_it_goes_on_from_a_place(self, centre: Any, now: datetime) -> None:
        case = self.opened(centre, now)
        authority = authority_of(centre.person.as_actor())
        after = selectors.timeline(authority=authority, case=case, after=1)
        assert [item.seq for item in after] == [2]
        first = selectors.timeline(authority=authority, case=case, limit=1)
        assert [item.seq for item in first] == [1]

    def test_it_costs_the_same_whatever_its_length(
        self, centre: Any, now: datetime, django_assert_num_queries: Any
    ) -> None:
        case = self.opened(centre, now)
        authority = authority_of(centre.person.as_actor())
        for number in range(10):
            services.add_message(
                actor=centre.agent.as_actor(),
                now=now,
                case=case,
                speaker=Speaker.AI,
                text=f"Message {number}",
            )
            if number in {0, 9}:
                with django_assert_num_queries(2):
                    items = selectors.timeline(authority=authority, case=case)
                assert len(items) == 3 + number


class TestVerificationOf:
    def test_it_names_the_check_that_set_the_level(self, centre: Any, now: datetime) -> None:
        case = make_case(centre.queue)
        assert selectors.verification_of(case).trust is None
        for level, method in [
            (VerificationLevel.BASIC, "email on file"),
            (VerificationLevel.STRONG, "called back"),
            (VerificationLevel.BASIC, "name and zip code"),
        ]:
            services.record_verification(
                actor=centre.person.as_actor(),
                now=now,
                case=case,
                level=level,
                method=method,
                trust=Trust.HUMAN_CONFIRMED,
            )
        case.refresh_from_db()
        standing = selectors.verification_of(case)
        assert (standing.level, standing.method) == ("strong", "called back")
        assert (standing.trust, standing.by_label, standing.at) == ("human_confirmed", "lena", now)


def test_messages_are_found_by_case(centre: Any) -> None:
    case, other = make_case(centre.queue), make_case(centre.queue)
    first, last = make_message(case, "First"), make_message(case, "Last")
    make_message(case, "From the AI", speaker=Speaker.AI)
    assert [found.text for found in selectors.list_messages(case=case)] == [
        "First",
        "Last",
        "From the AI",
    ]
    assert selectors.find_latest_message(case=case) == last
    assert selectors.find_latest_message(case=other) is None
    assert selectors.get_message(case=case, message_id=first.public_id) == first
    with pytest.raises(NotFoundError):
        selectors.get_message(case=other, message_id=first.public_id)


def test_a_case_is_locked_by_its_public_id(centre: Any) -> None:
    case = make_case(centre.queue)
    with transaction.atomic():
        assert selectors.lock_case(case.public_id) == case
        with pytest.raises(NotFoundError):
            selectors.lock_case(uuid.uuid4())
