import pytest

from orchestra.core.numbers import read_whole


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("007", 7), ("123456789", 123_456_789), ("1234567890", None), ("9" * 5_000, None)],
)
def test_digits_are_a_number_while_they_are_few(text: str, number: int | None) -> None:
    assert read_whole(text) == number


@pytest.mark.parametrize("text", ["", " 1", "-1", "+1", "1.0", "1e3", "٣", "²", "0x1"])
def test_anything_else_is_none(text: str) -> None:
    assert read_whole(text) is None


def test_how_many_digits_is_the_callers_choice() -> None:
    assert read_whole("999", most_digits=3) == 999
    assert read_whole("1000", most_digits=3) is None
