"""What change requests, access and the record mean to people."""

from datetime import datetime, timedelta

import pytest

from governance.access import services as access
from governance.access.models import User
from governance.access.types import Capability, Role
from governance.ledger import services as ledger
from governance.ledger.entries import LEDGER_VERIFIED
from governance.ledger.types import EntryDraft
from governance.notifications import registry
from governance.notifications.models import Notice
from governance.notifications.telling import people
from governance.notifications.types import Told, Why
from governance.policies import registry as policies
from governance.reviews import services as reviews
from governance.reviews.types import Ballot
from orchestra.core.actors import system
from tests.factories.access import make_agent, make_person, make_queue
from tests.factories.notifications import read_on
from tests.factories.reviews import (
    People,
    approve,
    know_tools,
    make_people,
    put_in_force,
    submit_change,
)

pytestmark = pytest.mark.django_db


def told(kind: str) -> dict[str, str]:
    rows = Notice.objects.filter(kind=kind).select_related("person")
    return {one.person.username: str(one.why) for one in rows}


@pytest.fixture
def team(monkeypatch: pytest.MonkeyPatch, db: None) -> People:
    del db
    monkeypatch.setattr(policies.tool_names, "_items", {})
    monkeypatch.setattr(policies.tool_risks, "_items", {})
    know_tools()
    put_in_force()
    return make_people()


def test_a_review_is_wanted_of_who_may_give_it_never_of_the_author(
    team: People, now: datetime
) -> None:
    change = submit_change(team.author, now=now)
    read_on(now)
    asked = told("change.submitted")
    assert team.officer.username in asked
    assert team.author.username not in asked
    notice = Notice.objects.filter(kind="change.submitted").first()
    assert notice is not None
    assert (notice.label, notice.page_id) == (change.label, str(change.public_id))


def test_the_author_hears_of_a_refusal_and_nobody_is_asked_any_more(
    team: People, now: datetime
) -> None:
    change = submit_change(team.author, now=now)
    read_on(now)
    ballot = Ballot(digest=change.digest, reason="Not like this.")
    reviews.refuse(
        actor=team.officer.as_actor(), now=now, change_id=change.public_id, ballot=ballot
    )
    read_on(now)
    assert told("change.refused") == {team.author.username: "wrote"}
    assert not Notice.objects.filter(kind="change.submitted", ended_at=None).exists()


def test_the_author_hears_that_it_was_approved(team: People, now: datetime) -> None:
    change = submit_change(team.author, now=now)
    approve(change, team.officer, now=now)
    read_on(now)
    assert told("change.approved") == {team.author.username: "wrote"}
    assert told("change.submitted") == {}


@pytest.fixture
def petra(db: None) -> User:
    del db
    return make_person("petra", roles=[Role.ADMINISTRATOR])


def test_a_person_hears_what_they_were_given_and_what_was_taken(petra: User, now: datetime) -> None:
    lena, queue = make_person("lena"), make_queue("returns", title="Returns")
    actor = petra.as_actor()
    access.give_role(actor=actor, now=now, user=lena, role=Role.HUMAN_AGENT, reason="Joined")
    access.take_role(actor=actor, now=now, user=lena, role=Role.HUMAN_AGENT, reason="Left")
    read_on(now)
    assert told("role.given") == told("role.taken") == {"lena": "yours"}
    assert Notice.objects.get(kind="role.given").label == "human agent"
    del queue


def test_the_owner_hears_that_their_agent_was_disabled(petra: User, now: datetime) -> None:
    agent = make_agent(owner=make_person("owner"))
    access.disable_agent(actor=petra.as_actor(), now=now, agent=agent)
    read_on(now)
    assert told("agent.disabled") == {"owner": "owns_agent"}


def append_verified(now: datetime, *, ok: bool) -> None:
    with ledger.one_act():
        payload = {"size": 1, "ok": ok, "problems": 1, "seconds": 0.1}
        draft = EntryDraft(stream="system", kind=LEDGER_VERIFIED, payload=payload)
        ledger.append_entry(actor=system("ledger"), now=now, draft=draft)


@pytest.mark.usefixtures("petra")
def test_who_looks_after_the_record_hears_once_that_it_does_not_hold(now: datetime) -> None:
    make_person("maren", roles=[Role.SUPERVISOR])
    append_verified(now, ok=True)
    read_on(now)
    assert told(LEDGER_VERIFIED) == {}
    append_verified(now, ok=False)
    append_verified(now, ok=False)
    read_on(now)
    assert told(LEDGER_VERIFIED) == {"petra": "looks_after"}
    assert Notice.objects.count() == 1
    Notice.objects.update(read_at=now)
    append_verified(now + timedelta(hours=1), ok=False)
    read_on(now)
    assert Notice.objects.count() == 2


def test_only_active_people_who_may_are_found(petra: User) -> None:
    make_person("gone", roles=[Role.ADMINISTRATOR], is_active=False)
    assert list(people.who_may(Capability.ACCESS_MANAGE)) == [str(petra.public_id)]
    assert people.who_may(Capability.ACCESS_MANAGE, roles=["supervisor"]) == {}
    assert people.owner_of("nobody") == ""


def test_each_person_is_told_once_and_not_of_their_own_act() -> None:
    told_twice = [
        Told("a", Why.ASKED),
        Told("a", Why.CLAIMED),
        Told("b", Why.ASKED),
        Told("", Why.ASKED),
    ]
    assert people.only(told_twice, besides="b") == (Told("a", Why.ASKED),)


def test_every_kind_that_asks_can_be_asked_whether_it_is_still_open() -> None:
    asking = {kind for kind in registry.rules if registry.rules.get(kind).asks}
    assert {kind.partition(".")[0] for kind in asking} == {
        "approval",
        "change",
        "handoff",
        "outcome_alert",
        "step",
    }
    assert set(registry.still_open) == {
        "approval",
        "change_request",
        "consult",
        "handoff",
        "outcome_alert",
        "step",
    }
