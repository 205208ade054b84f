"""Breakdowns: small cells stay hidden, and the same mix stands beside the crude number."""

from qa.measurement.metrics.breakdowns import against, break_down, mix_of, value_of
from qa.measurement.rows import Dimensions
from qa.measurement.types import Breakdown

Row = tuple[str, bool]


def rows(**counts: tuple[int, int]) -> list[Row]:
    return [
        (name, number < hits) for name, (hits, total) in counts.items() for number in range(total)
    ]


def test_a_small_cell_takes_the_smallest_other_with_it() -> None:
    found = break_down(
        rows(chat=(10, 100), voice=(5, 40), mail=(1, 8)),
        key=lambda row: row[0],
        hit=lambda row: row[1],
    )
    assert [(one.key, one.n, one.share) for one in found] == [
        ("chat", 100, 0.1),
        ("voice", None, None),
        ("mail", None, None),
    ]
    assert [one.interval is None for one in found] == [False, True, True]


def test_the_same_mix_stands_beside_the_crude_number() -> None:
    before, after = rows(easy=(80, 800), hard=(80, 200)), rows(easy=(16, 200), hard=(288, 800))
    found = against(before, after, stratum=lambda row: row[0], hit=lambda row: row[1])
    assert (found.first.value, found.second.value) == (0.16, 0.304)
    assert found.first_same_mix is not None
    assert found.second_same_mix is not None
    assert round(found.first_same_mix.value, 3) == 0.25
    assert round(found.second_same_mix.value, 3) == 0.22


def test_dimensions_by_name() -> None:
    of = Dimensions(journey="return", channel="chat", risk="high", cue_sheet_version="5")
    assert value_of(of, Breakdown.CUE_SHEET_VERSION) == "5"
    assert mix_of(of) == ("return", "high", "chat")
