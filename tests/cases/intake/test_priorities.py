"""The table of priorities as a document: what it says, and what is no table."""

from copy import deepcopy
from typing import Any

import pytest

from cases.intake.priorities import SHIPPED, describe_changes, read_table, write_table
from cases.intake.types import Degree
from orchestra.core.errors import InvalidInputError

#: Source: the product's definition of its metrics.
EXPECTED = {
    (1, 1): 1, (1, 2): 2, (1, 3): 3,
    (2, 1): 2, (2, 2): 3, (2, 3): 4,
    (3, 1): 3, (3, 2): 4, (3, 3): 5,
}  # fmt: skip


def changed(**cells: Any) -> dict[str, Any]:
    document = deepcopy(write_table(SHIPPED))
    for name, value in cells.items():
        impact, urgency = name.split("_")
        document["table"][impact][urgency] = value
    return document


def test_the_table_that_ships_is_impact_and_urgency_less_one() -> None:
    for (impact, urgency), priority in EXPECTED.items():
        found = SHIPPED.priority(impact=Degree(impact), urgency=Degree(urgency))
        assert found == priority


def test_what_is_written_is_read_again() -> None:
    assert read_table(write_table(SHIPPED)) == SHIPPED


def test_another_table_is_read_with_its_version() -> None:
    table = read_table(changed(high_medium=1), version=4)
    assert table.priority(impact=Degree.HIGH, urgency=Degree.MEDIUM) == 1
    assert table.version == 4


@pytest.mark.parametrize(
    ("document", "field", "code"),
    [
        (changed(high_high=0), "table.high.high", None),
        (changed(low_low=6), "table.low.low", None),
        (changed(low_low="5"), "table.low.low", None),
        (changed(low_low=True), "table.low.low", None),
        (changed(high_high=5), "table.high.medium", "order"),
        (changed(low_low=2), "table.low.low", "order"),
        ({**write_table(SHIPPED), "key": "other"}, "key", "key"),
        ({**write_table(SHIPPED), "title": ""}, "title", None),
        ({**write_table(SHIPPED), "table": None}, "table.high.high", None),
        ({**write_table(SHIPPED), "table": {"huge": {}}}, "table.huge", None),
    ],
)
def test_what_is_no_table_is_refused_by_field(
    document: dict[str, Any], field: str, code: str | None
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_table(document)
    found = {error.field: error.code for error in caught.value.errors}
    assert field in found
    assert code in {None, found[field]}


def test_a_difference_is_said_in_words() -> None:
    [change] = describe_changes(write_table(SHIPPED), changed(high_medium=1))
    assert change.place == "Impact high, urgency medium"
    assert (change.before, change.after) == ("priority 2", "priority 1")
    assert len(describe_changes(None, write_table(SHIPPED))) == 10
