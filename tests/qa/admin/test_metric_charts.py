"""Where the parts of a chart stand."""

from qa.admin.metric_charts import CARD, Spot, describe_curve, describe_trend


def test_a_gap_stays_a_gap() -> None:
    found = describe_trend(
        [Spot("1", 10, 8, 12), Spot("2", None), Spot("3", 11, 9, 13), Spot("4", 12, 10, 14)],
        unit="%",
        target=9,
    )
    assert len(found["paths"]) == 2
    assert len(found["bands"]) == 2
    assert len(found["pending"]) == 1
    assert found["last"] == found["dots"][-1]
    assert all(CARD.top <= dot["y"] <= CARD.base for dot in found["dots"])
    assert describe_trend([Spot("1", None)], unit="%") == {"any": False}


def test_only_what_is_still_to_be_told_is_marked_as_such() -> None:
    told = Spot("3", 4.0, 2.0, 6.0)
    found = describe_trend([Spot("1", None), Spot("2", None), told, Spot("4", None)], unit="%")
    assert len(found["pending"]) == 1
    assert found["pending"][0]["x"] > found["dots"][0]["x"]


def test_higher_values_stand_higher() -> None:
    found = describe_trend([Spot("1", 1), Spot("2", 5)], unit="h")
    assert found["dots"][0]["y"] > found["dots"][1]["y"]


def test_a_curve_ends_where_too_few_are_in_sight() -> None:
    steps = [(1.0, 5.0, 2.0, 9.0, 100), (3.0, 8.0, 5.0, 12.0, 40), (6.0, 20.0, 5.0, 40.0, 10)]
    found = describe_curve(steps, until=30)
    assert found["line"].count("V") == 2
    assert found["unseen"] is not None
    assert found["band"].endswith("Z")
    assert describe_curve(steps, until=30, minimum=200) == {"any": False}
    whole = describe_curve(steps[:2], until=30)
    assert whole["unseen"] is None


def test_marks_stand_where_their_day_is_on_the_axis() -> None:
    spots = [Spot(str(week), 1.0) for week in range(4)]
    found = describe_trend(spots, unit="%", marks=[0, 2.5, 9])
    room = (CARD.end - CARD.left) / 4
    assert [(one["number"], one["x"]) for one in found["marks"]] == [
        (1, CARD.left),
        (2, round(CARD.left + 2.5 * room, 1)),
    ]
