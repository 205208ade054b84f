"""What an AI agent runs as is said by itself, its owner or who manages access."""

from datetime import timedelta

import pytest

from governance.access.models import AgentVersion
from governance.access.running_as import RanAs, agent_versions_at, versions_of
from governance.access.services import declare_version
from governance.ledger.models import LedgerEntry
from orchestra.core.errors import InvalidInputError, NotPermittedError
from tests.factories.access import MADE_AT, make_agent, make_person

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_a_version_lasts_until_the_next_one_begins() -> None:
    agent, other = make_agent(), make_agent()
    mine = str(agent.public_id)
    actor = agent.as_actor()
    declare_version(actor=actor, now=MADE_AT, agent=agent, label="1", note="First.")
    declare_version(actor=actor, now=MADE_AT + 2 * DAY, agent=agent, label="2")
    asked = [(mine, MADE_AT + n * DAY) for n in (-1, 0, 1, 2, 3)] + [
        (str(other.public_id), MADE_AT)
    ]

    found = agent_versions_at(asked)

    assert [found[one] for one in asked] == ["", "1", "1", "2", "2", ""]
    known = versions_of([mine, str(other.public_id), "nobody"])
    assert known == {mine: RanAs((MADE_AT, MADE_AT + 2 * DAY), ("1", "2"))}


def test_the_same_again_is_nothing() -> None:
    agent = make_agent()
    first = declare_version(actor=agent.as_actor(), now=MADE_AT, agent=agent, label="1")
    again = declare_version(actor=agent.as_actor(), now=MADE_AT + DAY, agent=agent, label=" 1 ")

    assert first == again
    assert AgentVersion.objects.count() == 1
    assert LedgerEntry.objects.filter(kind="agent.version_declared").count() == 1


def test_the_owner_may_say_it() -> None:
    agent = make_agent()
    version = declare_version(actor=agent.owner.as_actor(), now=MADE_AT, agent=agent, label="1")
    assert version.history.get().actor_label == agent.owner.label


@pytest.mark.parametrize("who", ["agent", "person"])
def test_nobody_else_may(who: str) -> None:
    agent = make_agent()
    actor = (make_agent() if who == "agent" else make_person()).as_actor()
    with pytest.raises(NotPermittedError):
        declare_version(actor=actor, now=MADE_AT, agent=agent, label="1")
    assert not AgentVersion.objects.exists()


@pytest.mark.parametrize(("label", "note"), [(" ", ""), ("x" * 101, ""), ("1", "x" * 301)])
def test_what_cannot_be_kept_is_refused(label: str, note: str) -> None:
    agent = make_agent()
    with pytest.raises(InvalidInputError):
        declare_version(actor=agent.as_actor(), now=MADE_AT, agent=agent, label=label, note=note)
    assert not AgentVersion.objects.exists()
