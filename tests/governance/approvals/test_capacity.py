"""Loads, waits and eligible people from rows, and rules in force that nobody can meet."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from governance.access import services as access
from governance.access.models import Queue, User
from governance.access.selectors import authority_of
from governance.access.types import Capability, QueueGrant, Role
from governance.approvals import capacity
from governance.approvals.types import VIGILANCE, ApprovalState
from governance.approvals.waits import Wait
from governance.checks import check_approvals_can_be_given
from governance.policies.services import publish_version
from orchestra.core import bounded
from orchestra.core.actors import system
from orchestra.core.bounded import in_short
from tests.factories.access import make_person, make_queue, make_supervisor
from tests.factories.approvals import ASKED_AT, make_row
from tests.factories.policies import make_document

pytestmark = pytest.mark.django_db
ROW = {
    "id": "r1",
    "title": "Two people of different roles",
    "outcome": "approve",
    "when": [{"fact": "confidence", "below": 0.7}],
    "reason": "Two look.",
    "obligations": {"votes": 2, "roles": ["supervisor", "specialist"], "distinct_roles": True},
}


def test_what_waits_in_each_queue_that_may_be_read(returns: Queue, now: datetime) -> None:
    elsewhere = make_queue()
    make_row(returns, 1, created_at=ASKED_AT - timedelta(hours=1))
    make_row(returns, 2)
    make_row(returns, 3, state=ApprovalState.VOIDED)
    make_row(elsewhere, 4)
    authority = authority_of(make_supervisor(returns).as_actor())
    with CaptureQueriesContext(connection) as captured:
        [load] = capacity.list_loads(authority=authority)
    assert (load.queue, load.waiting) == (returns, 2)
    assert load.oldest_at == ASKED_AT - timedelta(hours=1)
    assert len(captured) == 1
    officer = authority_of(make_person(roles=[Role.COMPLIANCE_OFFICER]).as_actor())
    assert len(capacity.list_loads(authority=officer)) == 2
    del now


def test_a_long_queue_is_counted_no_further_than_it_is_shown(
    returns: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        make_row(returns, number, created_at=ASKED_AT - timedelta(hours=number))
    make_row(returns, 9, subject_kind=VIGILANCE, created_at=ASKED_AT - timedelta(days=1))
    authority = authority_of(make_supervisor(returns).as_actor())
    [load] = capacity.list_loads(authority=authority)
    assert load.waiting == 3
    monkeypatch.setattr(bounded, "COUNTED", 2)
    [load] = capacity.list_loads(authority=authority)
    assert (load.waiting, in_short(load.waiting)) == (2, "1+")
    assert load.oldest_at == ASKED_AT - timedelta(hours=2)


def test_waits_are_of_what_people_decided(returns: Queue, now: datetime) -> None:
    def decided(number: int, state: ApprovalState, minutes: int) -> None:
        at = ASKED_AT + timedelta(minutes=minutes)
        make_row(returns, number, state=state, decided_at=at)

    decided(1, ApprovalState.GRANTED, 3)
    decided(2, ApprovalState.USED, 5)
    decided(3, ApprovalState.REJECTED, 9)
    decided(4, ApprovalState.EXPIRED, 60)
    decided(5, ApprovalState.VOIDED, 1)
    make_row(make_queue(), 6, state=ApprovalState.USED, decided_at=ASKED_AT)
    make_row(returns, 7)
    authority = authority_of(make_supervisor(returns).as_actor())
    hour = timezone.localtime(ASKED_AT).hour
    waits = capacity.list_waits(authority=authority, since=now - timedelta(days=7))
    assert waits == [Wait(returns.pk, hour, seconds) for seconds in (540, 300, 180)]
    assert capacity.list_waits(authority=authority, since=now + timedelta(days=7)) == []


def test_who_could_vote_now(returns: Queue, now: datetime) -> None:
    make_person(roles=[Role.SUPERVISOR, Role.SPECIALIST], grants={returns: list(QueueGrant)})
    make_supervisor(returns, is_active=False)
    make_person(roles=[Role.SUPERVISOR], grants={returns: [QueueGrant.READ]})
    make_person(roles=[Role.HUMAN_AGENT], grants={returns: list(QueueGrant)})
    away, stand_in = make_supervisor(returns), make_supervisor(returns)
    both = frozenset({"supervisor", "specialist"})
    one = frozenset({"supervisor"})
    assert sorted(map(len, capacity.list_eligible(now=now)[returns.pk])) == [1, 1, 2]
    access.delegate(
        actor=away.as_actor(),
        now=now,
        delegate_id=stand_in.public_id,
        covers=Capability.APPROVAL_VOTE,
        until_at=now + timedelta(hours=1),
        reason="Away",
    )
    moment = now + timedelta(minutes=1)
    with CaptureQueriesContext(connection) as captured:
        found = capacity.list_eligible(now=moment)
    assert (list(found), sorted(found[returns.pk], key=len)) == ([returns.pk], [one, both])
    assert len(captured) == 3
    later = capacity.list_eligible(now=now + timedelta(hours=2))
    assert sorted(later[returns.pk], key=len) == [one, one, both]


def test_a_rule_that_nobody_can_meet_is_named(returns: Queue, now: datetime) -> None:
    document = make_document(title="Returns", scope={"queues": [returns.key]}, rules=[ROW])
    del document["limits"], document["thresholds"]
    make_supervisor(returns)
    specialist = make_person(roles=[Role.SPECIALIST], grants={returns: [QueueGrant.VOTE]})
    publish_version(
        actor=system("test"), now=now, policy_key="refunds", title="Returns", document=document
    )
    assert capacity.list_unmet(now=now) == []
    assert check_approvals_can_be_given(databases=["default"]) == []

    User.objects.filter(pk=specialist.pk).update(is_active=False)
    [unmet] = capacity.list_unmet(now=now)
    assert (unmet.policy, unmet.rule, unmet.queues) == ("Returns", "r1", (returns.title,))
    assert capacity.list_unmet(now=now, queues=[]) == []
    [warning] = check_approvals_can_be_given(databases=["default"])
    assert warning.id == "governance.W001"
    assert warning.msg == (
        f"Nobody can give the approval that r1 of “Returns” asks for, in {returns.title}."
    )
    assert check_approvals_can_be_given() == []
