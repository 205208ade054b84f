"""After-contact work: of people, with zeros, held at the cap."""

import pytest

from qa.measurement.metrics.work import after_contact_work, wrap_seconds
from qa.measurement.rows import WrapEnd
from qa.measurement.types import LeftOut
from tests.qa.measurement.metrics.rows import work


def test_zeros_are_in_and_what_does_not_apply_is_not_0() -> None:
    found = after_contact_work([work("a", 6), work("b", 0), work("mail", None)])
    assert (found.mean.value, found.mean.n) == (3, 2)
    assert found.mean.beside["zeros"] == 1
    assert found.mean.left_out == {"not_applicable": 1}
    assert found.share.value == pytest.approx(360 / 1200)


def test_each_human_segment_of_a_contact_has_its_own() -> None:
    found = after_contact_work([work("a", 2), work("a2", 3, contact="a"), work("b", 1)])
    assert (found.mean.value, found.mean.n) == (3, 2)


def test_long_ones_are_held_at_the_cap_and_told() -> None:
    found = after_contact_work(
        [work("a", 90, ended_by=WrapEnd.TIME_OUT), work("b", 30), work("c", 3)]
    )
    assert found.mean.value == 21
    assert (found.capped.hits, found.capped.total) == (1, 3)
    assert (found.timed_out.hits, found.timed_out.total) == (1, 3)


def test_several_chats_at_once_by_focus_or_divided() -> None:
    assert wrap_seconds(work("a", 10, focus_seconds=120.0, open_items=3)) == 120
    assert wrap_seconds(work("a", 9, open_items=3)) == 180
    found = after_contact_work([work("a", 9, open_items=3), work("b", 1, focus_seconds=60.0)])
    assert (found.allocated.hits, found.allocated.total) == (1, 2)


def test_it_is_never_negative() -> None:
    assert wrap_seconds(work("a", -3)) == 0


def test_later_days_are_another_metric() -> None:
    found = after_contact_work([work("a", 2, back_office_seconds=1800.0)])
    assert (found.mean.value, found.back_office_minutes) == (2, 30)


def test_by_what_became_of_the_draft() -> None:
    rows = [
        work("a", 1, draft_offered=True, draft_accepted=True, draft_distance=0.1),
        work("b", 4, draft_offered=True),
        work("c", 6),
    ]
    found = after_contact_work(rows).by_draft
    assert [found[name].value for name in ("accepted", "offered", "none")] == [1, 4, 6]


def test_nothing_is_no_mean() -> None:
    found = after_contact_work([work("a", 1, left_out=LeftOut.INTERNAL)])
    assert (found.mean.value, found.mean.interval, found.share.value) == (None, None, None)
    assert found.mean.left_out == {"internal": 1}
