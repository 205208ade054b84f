"""Scales, axes and bars."""

import pytest

from orchestra.core.charts import Column, Frame, describe_bars, few_labels, ticks, upright

FRAME = Frame(200, 100)


def test_ticks_are_round_and_hold_all() -> None:
    assert ticks(8.2, 15.9) == [5, 10, 15, 20]
    assert ticks(0, 1) == [0, 0.5, 1]
    assert ticks(3, 3) == [3, 3.5, 4]


def test_a_value_stands_within_the_frame() -> None:
    down = upright(10, 20, FRAME)
    assert [down(one) for one in (10, 15, 20)] == [FRAME.base, (FRAME.base + FRAME.top) / 2, 10]
    assert (down(-5), down(50)) == (FRAME.base, FRAME.top)


def test_the_last_label_is_among_the_few() -> None:
    labels = [(float(place), str(place)) for place in range(10)]
    assert [one["label"] for one in few_labels(labels, most=4)] == ["0", "3", "6", "9"]
    assert few_labels([]) == []


def test_bars_are_piled_up_from_the_axis() -> None:
    columns = [Column("10:00", (6, 2, 0)), Column("11:00", (0, 0, 0)), Column("12:00", (1, 0, 3))]
    found = describe_bars(columns, kinds=("done", "failed", "unknown"), frame=FRAME)
    told = [(one["kind"], one["x"]) for one in found["bars"]]
    assert [kind for kind, _x in told] == ["done", "failed", "done", "unknown"]
    first, second = found["bars"][:2]
    assert first["y"] + first["height"] == pytest.approx(FRAME.base)
    assert second["y"] + second["height"] == pytest.approx(first["y"])
    assert first["height"] == pytest.approx(3 * second["height"], abs=0.2)
    assert {one["width"] for one in found["bars"]} == {round(FRAME.room(3) * 0.84, 1)}
    assert all(FRAME.left <= one["x"] <= FRAME.end for one in found["bars"])
    assert [one["label"] for one in found["labels"]] == ["10:00", "11:00", "12:00"]


def test_a_scale_of_things_has_whole_numbers_and_nothing_is_no_chart() -> None:
    found = describe_bars([Column("a", (1,))], kinds=("done",), frame=FRAME)
    assert [one["label"] for one in found["axis"]] == ["0", "1"]
    assert describe_bars([Column("a", (0,))], kinds=("done",), frame=FRAME) == {"any": False}
