"""What of the ledger is news to whom."""

import pytest

from governance.access.types import QueueGrant, Role
from orchestra.live import rules
from orchestra.live.rules import Head
from tests.factories.access import person_authority

HERE, THERE = 1, 2


def head(index: int, kind: str = "message.added", queue: int = HERE, actor: str = "bot") -> Head:
    return Head(index=index, kind=kind, case_id=f"case-{queue}", queue_id=queue, actor_id=actor)


def test_a_reader_is_told_what_is_new_on_the_queues_they_read() -> None:
    reader = person_authority(Role.HUMAN_AGENT, grants={HERE: {QueueGrant.READ}})
    heads = [
        head(3),
        head(4, "approval.requested"),
        head(5, "message.added"),
        head(6, queue=THERE),
        head(7, "case.read"),
        head(8, actor=reader.actor.id),
    ]
    told = rules.news_for(reader, heads, after=4)
    assert told == {"case-1": ["approval.requested", "message.added"]}
    assert rules.news_for(reader, heads, after=6) == {}


def test_nobody_is_told_of_a_queue_they_hold_nothing_on() -> None:
    stranger = person_authority(Role.HUMAN_AGENT)
    assert rules.news_for(stranger, [head(1), head(2, "approval.voted")], after=0) == {}


@pytest.mark.parametrize(
    ("said", "place"),
    [("", None), ("12", 12), ("0", 0), ("-1", None), ("9" * 19, None), ("²", None), ("x", None)],
)
def test_a_place_is_a_number_that_can_be_one(said: str, place: int | None) -> None:
    assert rules.place_of(said) == place


def test_reading_begins_with_who_has_waited_longest_and_not_too_far_back() -> None:
    assert rules.begin_of([40, 90], size=100, most=500) == 40
    assert rules.begin_of([40, 90], size=100, most=20) == 80
    assert rules.begin_of([], size=100, most=20) == 100


def test_only_the_stream_of_a_case_names_one() -> None:
    assert rules.case_of("case:abc") == "abc"
    assert rules.case_of("user:abc") == ""


def test_an_event_is_told_in_lines_that_end_with_an_empty_one() -> None:
    assert rules.text_of("news", place=7, data='{"a":1}') == (
        b'id: 7\nevent: news\ndata: {"a":1}\n\n'
    )
    assert rules.text_of("over") == b"event: over\ndata: {}\n\n"
