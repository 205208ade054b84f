from datetime import UTC, datetime

import pytest

from governance.switches import selectors
from governance.switches.models import Stop
from governance.switches.types import StopScope
from orchestra.core.errors import NotFoundError
from orchestra.core.fields import uuid7
from tests.factories.access import make_agent

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def test_what_can_be_stopped_is_listed_by_name() -> None:
    make_agent("Beta")
    make_agent("Alpha")
    make_agent("Gone", is_active=False)
    assert [one.label for one in selectors.list_targets(StopScope.AGENT)] == ["Alpha", "Beta"]
    assert selectors.list_targets(StopScope.EVERYTHING) == ()
    everything = selectors.find_target(StopScope.EVERYTHING, "whatever")
    assert everything is not None
    assert everything.key == ""


def test_those_that_stand_on_something_are_the_same_read_and_among_all() -> None:
    begun = [
        (StopScope.TOOL, "refund"),
        (StopScope.AGENT, "a-1"),
        (StopScope.CUE_SHEET, "returns"),
        (StopScope.TOOL, "other"),
        (StopScope.EVERYTHING, ""),
    ]
    for scope, key in begun:
        Stop.objects.create(scope=scope, key=key, label=key, by_kind="human", at=AT)
    for touched in (
        {"agents": ["a-1"], "tools": ["refund"], "cue_sheets": ["returns"]},
        {"agents": [], "tools": [], "cue_sheets": ["refund"]},
    ):
        alone = selectors.list_touching(**touched)
        assert selectors.touching_among(selectors.in_force(), **touched) == alone
        assert len(alone) == (4 if touched["tools"] else 1)


def test_what_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        selectors.get_stop(uuid7())
    assert selectors.find_target(StopScope.AGENT, "Nobody") is None
