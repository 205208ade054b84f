import pytest

from governance.switches import selectors
from governance.switches.types import StopScope
from orchestra.core.errors import NotFoundError
from orchestra.core.fields import uuid7
from tests.factories.access import make_agent

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


def test_what_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        selectors.get_stop(uuid7())
    assert selectors.find_target(StopScope.AGENT, "Nobody") is None
