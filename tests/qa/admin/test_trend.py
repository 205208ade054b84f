"""A trend as a picture and as a table."""

from qa.admin.trend import Point, describe_trend


def test_what_is_known_stands_where_its_number_says() -> None:
    found = describe_trend(
        [
            Point("45", 0.95, 0.9, 1.0),
            Point("46", None, note="38 of 180"),
            Point("47", 0.9, 0.84, 0.94, mark="plan version 2"),
        ]
    )
    first, gap, last = found["dots"]
    assert first["x"] < gap["x"] < last["x"]
    assert first["high_y"] == found["top"]
    assert first["y"] < last["y"] < last["low_y"] < found["base"]
    assert (gap["y"], gap["note"]) == (None, "38 of 180")
    assert (last["value"], last["low"], last["high"]) == ("90.0", "84.0", "94.0")
    assert [line["label"] for line in found["lines"]] == [100, 95, 90, 85, 80]
    assert found["path"].count("M") == 2, "a gap is never bridged"


def test_nothing_known_draws_no_picture() -> None:
    found = describe_trend([Point("46", None, note="held")])
    assert (found["any"], found["path"]) == (False, "")
    assert describe_trend([])["any"] is False


def test_a_low_share_lowers_the_floor() -> None:
    found = describe_trend([Point("46", 0.2, 0.02, 0.6)])
    assert found["lines"][-1]["label"] == 0
    assert found["dots"][0]["low_y"] <= found["base"]
