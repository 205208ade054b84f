"""The planner's curve: round lines of its scale, everything inside of the picture."""

from qa.admin.sampling_chart import FRAME, chart_of
from qa.sampling.budget import Offer


def _offer(reviews: int, alone: float, checked: float | None, *, current: bool = False) -> Offer:
    return Offer(reviews=reviews, alone=alone, checked=checked, hours=None, current=current)


def test_it_stands_on_a_scale_of_round_points() -> None:
    found = chart_of(
        [_offer(20, 0.18, 0.12), _offer(40, 0.13, 0.09, current=True), _offer(80, 0.09, 0.06)]
    )
    assert found is not None
    assert [label for _y, label in found["grid"]] == ["0", "5", "10", "15", "20"]
    assert (found["grid"][0][0], found["grid"][-1][0]) == (FRAME.base, FRAME.top)
    (first, _), (middle, _), (last, low) = found["alone"]
    assert (first, last) == (FRAME.left + 20, FRAME.end - 20)
    assert found["now"] == middle
    assert first < middle < last
    assert found["checked"][-1][1] > low
    assert found["alone_path"].startswith(f"M{first} ")


def test_one_offer_is_no_line_and_a_certain_one_lies_on_the_axis() -> None:
    assert chart_of([_offer(20, 0.1, None)]) is None
    found = chart_of([_offer(20, 0.0, None), _offer(40, 0.0, None)])
    assert found is not None
    assert {y for _x, y in found["alone"]} == {FRAME.base}
    assert (found["checked"], found["checked_path"], found["now"]) == ([], "", None)
