"""What was before a case, by value."""

from datetime import timedelta

from governance.access.running_as import RanAs
from orchestra.core.actors import ActorKind
from qa.population.story import FirstWork, Past
from qa.population.types import Act
from tests.conftest import NOW

DAY = timedelta(days=1)


def test_first_work_is_what_ended_first_and_only_once_it_ended() -> None:
    past = Past(firsts={"agent:a": FirstWork(NOW - DAY, NOW)}, ran_as={})
    assert past.first_work(by="agent:a", before=NOW) == NOW - DAY
    assert past.first_work(by="agent:a", before=NOW - DAY) is None
    assert past.first_work(by="agent:b", before=NOW) is None


def test_a_new_unit_comes_after_one_that_ended_as_early() -> None:
    past = Past(firsts={"agent:a": FirstWork(NOW - DAY, NOW)}, ran_as={})
    past.take_in(by="agent:a", started_at=NOW, ended_at=NOW)
    assert past.first_work(by="agent:a", before=NOW) == NOW - DAY
    past.take_in(by="agent:a", started_at=NOW - 3 * DAY, ended_at=NOW - 2 * DAY)
    past.take_in(by="", started_at=NOW, ended_at=NOW)
    assert past.first_work(by="agent:a", before=NOW) == NOW - 3 * DAY
    assert past.firsts.keys() == {"agent:a"}


def test_only_an_agent_runs_as_a_version() -> None:
    past = Past(firsts={}, ran_as={"a": RanAs((NOW,), ("7",))})
    agent = Act(NOW, ActorKind.AGENT, "agent:a", "Anna")
    person = Act(NOW, ActorKind.HUMAN, "human:a", "Anna")
    assert past.version_label(act=agent, at=NOW) == "Anna 7"
    assert past.version_label(act=agent, at=NOW - DAY) == ""
    assert past.version_label(act=person, at=NOW) == ""
    assert past.version_label(act=None, at=NOW) == ""
