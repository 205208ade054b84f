"""Lists of cases by what they are, the newest first."""

import pytest

from orchestra.core.errors import NotFoundError
from qa.history import selectors as history
from tests.factories.history import make_past_log

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("kind", "refs"),
    [
        ("", ["C-1", "B-1", "A-1"]),
        ("anything", ["C-1", "B-1", "A-1"]),
        ("transferred", ["A-1"]),
        ("went_back", ["A-1"]),
        ("reopened", ["B-1"]),
        ("open", ["C-1", "B-1"]),
        ("withdrawn", []),
    ],
)
def test_cases_of_a_kind(kind: str, refs: list[str]) -> None:
    found = history.list_cases(log=make_past_log(), kind=kind)
    assert [one.ref for one in found] == refs


def test_cases_of_a_month_and_those_after_one() -> None:
    log = make_past_log()
    may = history.list_cases(log=log, month="2026-05")
    assert [one.ref for one in may] == ["B-1", "A-1"]
    after = history.list_cases(log=log, after=(may[0].opened_at, may[0].pk))
    assert [one.ref for one in after] == ["A-1"]


def test_what_there_is_not() -> None:
    log = make_past_log()
    with pytest.raises(NotFoundError):
        history.get_log("other")
    with pytest.raises(NotFoundError):
        history.list_events(log=log, ref="Z-1")
