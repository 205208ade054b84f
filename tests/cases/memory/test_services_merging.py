"""Two cases become one and two again: rows, journeys, messages, ledger."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.journeys import services
from cases.memory import selectors
from cases.memory import services as memory
from cases.memory.models import Case, CaseMerge, Customer
from cases.memory.types import Speaker
from governance.access.selectors import authority_of
from governance.ledger.models import LedgerEntry
from governance.ledger.registry import reading_streams_with
from orchestra.core.errors import ConflictError, NotFoundError, NotPermittedError
from orchestra.core.together import answer
from tests.factories.cases import (
    OPENED_AT,
    contact,
    kinds_of,
    make_case,
    make_customer,
    make_message,
)
from tests.factories.races import race

DAY = timedelta(days=1)


@pytest.fixture
def mia(centre: Any) -> Customer:  # noqa: ARG001  the database
    return make_customer("mia")


def joined(stream: str) -> tuple[str, ...]:
    return answer(reading_streams_with(stream))


def pair(centre: Any, mia: Customer, **fields: Any) -> tuple[Case, Case]:
    known = {"customer": mia, "verification": "basic", "intent": "return"}
    survivor = make_case(centre.queue, **known)
    return survivor, make_case(centre.queue, **{**known, "opened_at": OPENED_AT - DAY, **fields})


def merge(centre: Any, now: datetime, survivor: Case, absorbed: Case) -> Case:
    return services.merge_cases(
        actor=centre.person.as_actor(),
        now=now,
        survivor=survivor,
        absorbed=absorbed,
        reason="She wrote twice.",
    )


def unmerge(centre: Any, now: datetime, absorbed: Case) -> Case:
    return services.unmerge_case(
        actor=centre.person.as_actor(), now=now, absorbed=absorbed, reason="Two lamps."
    )


def row_of(case: Case) -> dict[str, Any]:
    return Case.objects.filter(pk=case.pk).values()[0]


def test_the_survivor_keeps_the_earliest_opening_and_reads_both(
    centre: Any, mia: Customer, now: datetime
) -> None:
    survivor, absorbed = pair(centre, mia)
    words = [make_message(one, text).text for one, text in ((survivor, "a"), (absorbed, "b"))]
    merge(centre, now, survivor, absorbed)
    survivor.refresh_from_db()
    absorbed.refresh_from_db()
    assert survivor.opened_at == OPENED_AT - DAY
    assert (absorbed.status, absorbed.merged_into, absorbed.resolved_at) == (
        "merged", survivor, None,
    )  # fmt: skip
    assert [one.text for one in selectors.list_messages(case=survivor)] == words
    assert [one.text for one in selectors.list_messages(case=absorbed)] == ["b"]
    assert kinds_of(survivor.stream) == ["case.took_in"]
    assert kinds_of(absorbed.stream) == ["case.merged"]
    with pytest.raises(ConflictError, match="was merged into") as refused:
        services.add_message(
            actor=centre.person.as_actor(),
            now=now,
            case=absorbed,
            speaker=Speaker.HUMAN,
            text="Hello",
        )
    assert refused.value.error_code == "conflict.case_merged"


def test_taking_it_back_restores_both_rows_exactly(
    centre: Any, mia: Customer, now: datetime
) -> None:
    survivor, absorbed = pair(centre, mia, status="resolved", outcome="Done")
    third = make_case(
        centre.queue, customer=mia, verification="basic", opened_at=OPENED_AT - 2 * DAY
    )
    before = row_of(survivor), row_of(absorbed), row_of(third)
    merge(centre, now, survivor, absorbed)
    merge(centre, now, survivor, third)
    unmerge(centre, now, third)
    assert row_of(survivor)["opened_at"] == OPENED_AT - DAY
    unmerge(centre, now, absorbed)
    assert (row_of(survivor), row_of(absorbed), row_of(third)) == before
    assert kinds_of(absorbed.stream) == ["case.merged", "case.unmerged"]
    assert kinds_of(survivor.stream)[-1] == "case.gave_back"
    merge(centre, now, survivor, absorbed)
    assert CaseMerge.objects.filter(undone_at=None).count() == 1


def test_a_refusal_changes_nothing_and_says_what_to_do(
    centre: Any, mia: Customer, now: datetime
) -> None:
    survivor, absorbed = pair(centre, mia)
    before = row_of(survivor), row_of(absorbed), LedgerEntry.objects.count()
    with pytest.raises(ConflictError, match="with itself"):
        merge(centre, now, survivor, survivor)
    Case.objects.filter(pk=absorbed.pk).update(customer=make_customer("otto"))
    with pytest.raises(ConflictError, match="different customers"):
        merge(centre, now, survivor, absorbed)
    Case.objects.filter(pk=absorbed.pk).update(customer=mia)
    with pytest.raises(ConflictError, match="merged into no other case"):
        unmerge(centre, now, absorbed)
    assert (row_of(survivor), row_of(absorbed), LedgerEntry.objects.count()) == before


def test_only_a_person_who_works_both_merges(centre: Any, mia: Customer, now: datetime) -> None:
    survivor, absorbed = pair(centre, mia)
    with pytest.raises(NotPermittedError):
        services.merge_cases(
            actor=centre.agent.as_actor(),
            now=now,
            survivor=survivor,
            absorbed=absorbed,
            reason="The same.",
        )
    elsewhere = make_case(centre.other, customer=mia, verification="basic")
    with pytest.raises(NotFoundError):
        merge(centre, now, survivor, elsewhere)


def test_a_closed_case_is_reopened_first(centre: Any, mia: Customer, now: datetime) -> None:
    survivor, absorbed = pair(centre, mia, status="closed")
    with pytest.raises(ConflictError, match="closed"):
        merge(centre, now, survivor, absorbed)


def test_what_was_taken_in_ends_and_begins_again_with_its_survivor(
    centre: Any, mia: Customer, now: datetime
) -> None:
    survivor, absorbed = pair(centre, mia)
    merge(centre, now, survivor, absorbed)
    actor = centre.person.as_actor()
    memory.resolve_case(actor=actor, now=now, case=survivor, outcome="Done", confirmed=False)
    services.close(actor=actor, now=now, case=survivor)
    absorbed.refresh_from_db()
    assert (absorbed.status, absorbed.closed_at) == ("merged", now)
    with pytest.raises(ConflictError, match="reopen it first"):
        unmerge(centre, now, absorbed)
    services.reopen(actor=actor, now=now, case=survivor, reason="She called.")
    assert unmerge(centre, now, absorbed).closed_at is None


def test_words_under_the_absorbed_cases_reference_reach_the_survivor(
    centre: Any, mia: Customer, now: datetime
) -> None:
    survivor, absorbed = pair(centre, mia, external_ref="chat-9")
    merge(centre, now, survivor, absorbed)
    found = memory.receive_contact(
        actor=centre.agent.as_actor(),
        now=now,
        draft=contact("Any news?", queue="returns", external_ref="chat-9"),
    )
    assert (found.case, found.rejoined) == (survivor, True)


def test_duplicates_are_suggested_never_merged(centre: Any, mia: Customer) -> None:
    survivor, absorbed = pair(centre, mia)
    make_case(centre.queue, customer=mia, intent="exchange")
    make_case(centre.queue, customer=make_customer("otto"), intent="return")
    make_case(centre.queue, customer=mia, intent="return", status="closed")
    make_case(centre.other, customer=mia, intent="return")
    authority = authority_of(centre.person.as_actor())
    (found,) = selectors.list_duplicates(authority=authority, case=survivor)
    assert (found.case, found.why) == (absorbed, ("intent",))
    assert Case.objects.filter(status="merged").count() == 0
    anonymous = make_case(centre.queue, intent="return")
    assert selectors.list_duplicates(authority=authority, case=anonymous) == []


@pytest.mark.postgresql
@pytest.mark.usefixtures("committing")
class TestRaces:
    def test_each_into_the_other_at_once_merges_once(self, centre: Any, now: datetime) -> None:
        one, other = pair(centre, make_customer("mia"))
        acts = [lambda: merge(centre, now, one, other), lambda: merge(centre, now, other, one)] * 4
        outcome = race(acts)
        assert outcome["ok"] == 1
        assert sum(outcome.values()) == 8
        assert set(outcome) <= {"ok", "conflict.case_merged", "conflict.merge.has_absorbed"}
        assert CaseMerge.objects.count() == 1

    def test_a_merge_is_taken_back_once(self, centre: Any, now: datetime) -> None:
        one, other = pair(centre, make_customer("mia"))
        merge(centre, now, one, other)
        outcome = race([lambda: unmerge(centre, now, other)] * 8)
        assert outcome == {"ok": 1, "conflict.not_merged": 7}
        other.refresh_from_db()
        assert (other.status, other.merged_into) == ("open", None)

    def test_words_and_a_merge_at_once_lose_no_word(self, centre: Any, now: datetime) -> None:
        one, other = pair(centre, make_customer("mia"))
        actor = centre.agent.as_actor()

        def say() -> object:
            return services.add_message(
                actor=actor, now=now, case=other, speaker=Speaker.CUSTOMER, text="Hello"
            )

        outcome = race([lambda: merge(centre, now, one, other), *[say] * 7])
        said = outcome["ok"] - 1
        assert outcome["conflict.case_merged"] == 7 - said
        assert selectors.list_messages(case=one).count() == said


def told(centre: Any, case: Case, **part: int) -> list[tuple[str, str]]:
    authority = authority_of(centre.person.as_actor())
    items = selectors.timeline(authority=authority, case=case, unmasked=True, **part)
    return [(item.from_case, item.kind) for item in items]


def speak(centre: Any, now: datetime, case: Case, text: str) -> None:
    services.add_message(
        actor=centre.person.as_actor(), now=now, case=case, speaker=Speaker.HUMAN, text=text
    )


def test_the_timeline_tells_both_stories_in_their_order_and_apart_again(
    centre: Any, mia: Customer, now: datetime
) -> None:
    survivor, absorbed = pair(centre, mia)
    for case in (survivor, absorbed):
        make_message(case, "Hello")
    for case in (survivor, absorbed, survivor):
        speak(centre, now, case, "We look at it.")
    merge(centre, now, survivor, absorbed)
    label = absorbed.label
    assert told(centre, survivor) == [
        ("", "message.added"),
        (label, "message.added"),
        ("", "message.added"),
        (label, "case.merged"),
        ("", "case.took_in"),
    ]
    assert told(centre, absorbed) == [("", "message.added"), ("", "case.merged")]
    pages = [told(centre, survivor, after=place, limit=2) for place in (0, 2, 4)]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [one for page in pages for one in page] == told(centre, survivor)
    assert joined(survivor.stream) == (survivor.stream, absorbed.stream)
    unmerge(centre, now, absorbed)
    assert {mark for mark, _kind in told(centre, survivor)} == {""}
    assert told(centre, survivor)[-1] == ("", "case.gave_back")
    assert joined(survivor.stream) == (survivor.stream,)
    assert joined("system") == ("system",)
    assert joined("case:nothing") == ("case:nothing",)


def test_the_timeline_costs_the_same_however_many_were_taken_in(
    centre: Any, mia: Customer, now: datetime, django_assert_num_queries: Any
) -> None:
    survivor, absorbed = pair(centre, mia)
    others = [pair(centre, mia)[1] for _ in range(3)]
    for case in (absorbed, *others):
        merge(centre, now, survivor, case)
        authority = authority_of(centre.person.as_actor())
        with django_assert_num_queries(2):
            selectors.timeline(authority=authority, case=survivor)
