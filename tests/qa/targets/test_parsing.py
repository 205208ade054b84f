"""Every error of a target with its place, and its words."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given

from governance.access.types import Role
from governance.reviews.types import Sign
from orchestra.core.errors import InvalidInputError
from qa.measurement.types import Statistic
from qa.targets.parsing import parse_target
from qa.targets.sentences import describe_changes
from tests.factories.quality import ANY_JSON
from tests.factories.targets import target

Json = Any


def test_a_target_reads_as_written() -> None:
    found = parse_target(document=target(journey="returns", statistic="median"))
    assert (found.value, found.at_most, found.owner) == (10.0, True, Role.QA_LEAD)
    assert (found.journey, found.statistic) == ("returns", Statistic.MEDIAN)
    assert not parse_target(document=target(at_most=None, at_least=0)).at_most


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"at_least": 3}, "at_most"),
        ({"at_most": None}, "at_most"),
        ({"at_most": "ten"}, "at_most"),
        ({"owner": "ai_agent"}, "owner"),
        ({"statistic": "mode"}, "statistic"),
        ({"journey": "No Key"}, "journey"),
        ({"metric": None}, "metric"),
        ({"why": ""}, "why"),
        ({"hope": 1}, "hope"),
    ],
)
def test_every_error_has_its_place(changes: Json, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_target(document=target(**changes))
    assert caught.value.error_code == "outcome_target.invalid"
    assert field in {one.field for one in caught.value.errors}


@given(ANY_JSON)
def test_whatever_it_is_it_is_read_or_refused(document: Json) -> None:
    with suppress(InvalidInputError):
        parse_target(document=document)


def test_a_difference_is_told_in_words() -> None:
    (change,) = describe_changes(target(), target(at_most=8))
    assert (change.sign, change.before, change.after) == (
        Sign.CHANGED,
        "at most 10",
        "at most 8",
    )
    assert len(describe_changes(None, target())) == 6
