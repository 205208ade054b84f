"""The ledger's reader: who is told of what, exactly once, and what ends news."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from governance.access import services as access
from governance.access.models import Queue, User
from governance.access.types import Capability, QueueGrant, Role
from governance.approvals import services as approvals
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import Ballot, RejectReason, VoteChoice
from governance.ledger import services as ledger
from governance.ledger.models import LedgerEntry
from governance.ledger.registry import kinds
from governance.ledger.types import EntryDraft, EntryKind
from governance.notifications import registry, services
from governance.notifications.models import LedgerReader, Notice, NoticeDelivery
from governance.notifications.registry import NoticeRule, Subscriber
from governance.notifications.types import Event, Happened, Manner, Telling, Topic
from governance.policies.types import RiskLevel
from orchestra.core.actors import system
from orchestra.core.errors import ConflictError
from tests.factories.access import make_agent, make_person, make_queue, make_supervisor
from tests.factories.approvals import ASKED_AT, make_request, register_recorder
from tests.factories.notifications import choose, make_notice, read_on
from tests.factories.races import race

pytestmark = pytest.mark.django_db
KIND = "test.happened"


@dataclass(frozen=True)
class Desk:
    queue: Queue
    maren: User
    dario: User


@pytest.fixture
def desk(db: None) -> Desk:
    del db
    register_recorder()
    queue = make_queue("returns", title="Returns")
    return Desk(queue, make_supervisor(queue, "maren"), make_supervisor(queue, "dario"))


def told(kind: str) -> dict[str, str]:
    rows = Notice.objects.filter(kind=kind).select_related("person")
    return {one.person.username: str(one.why) for one in rows}


def vote(person: User, request: ApprovalRequest, now: datetime, choice: VoteChoice) -> None:
    ballot = Ballot(
        choice=choice,
        action_digest=request.action_digest,
        view_digest=request.view_digest,
        reason="It is not due.",
        reason_code=RejectReason.OTHER,
    )
    approvals.cast_vote(
        actor=person.as_actor(), now=now, request_id=request.public_id, ballot=ballot
    )


def append(kind: str, **draft: Any) -> None:
    with transaction.atomic():
        values = {"stream": "system", "payload": {}, **draft}
        ledger.append_entry(
            actor=system("test"), now=ASKED_AT, draft=EntryDraft(kind=kind, **values)
        )


def know(monkeypatch: pytest.MonkeyPatch, *codes: str) -> None:
    """Let entries of some kinds be appended, whether a room writes them or not."""
    known = {code: EntryKind(code, "Something happened") for code in codes}  # type: ignore[arg-type]
    monkeypatch.setattr(kinds, "_items", {**known, **kinds._items})


def test_everybody_who_may_vote_is_told_and_nobody_else(desk: Desk) -> None:
    make_person("lena", roles=[Role.HUMAN_AGENT], grants={desk.queue: list(QueueGrant)})
    make_supervisor(make_queue("fraud"), "other")
    request = make_request(desk.queue)
    read_on(ASKED_AT)
    assert told("approval.requested") == {"maren": "may_vote", "dario": "may_vote"}
    notice = Notice.objects.get(person=desk.maren)
    assert (notice.label, notice.page, notice.page_id) == (
        request.label,
        "approval",
        str(request.public_id),
    )
    assert (notice.topic, notice.risk, notice.deadline_at, notice.queue_id) == (
        Topic.DECIDE,
        RiskLevel.HIGH,
        request.deadline_at,
        desk.queue.pk,
    )
    messages = NoticeDelivery.objects.all()
    assert {(one.channel, one.due_at) for one in messages} == {("email", ASKED_AT)}
    assert len(messages) == 2


def test_an_entry_is_read_once_whatever_happens(desk: Desk) -> None:
    make_request(desk.queue)
    assert read_on(ASKED_AT) > 0
    before = Notice.objects.count()
    LedgerReader.objects.get(name="notices")
    read_on(ASKED_AT)
    assert read_on(ASKED_AT) == 0 or Notice.objects.count() == before
    assert Notice.objects.count() == before


def test_a_long_ledger_is_read_window_by_window(desk: Desk) -> None:
    for _number in range(7):
        make_request(desk.queue)
    assert read_on(ASKED_AT, window=2) >= 7
    assert Notice.objects.count() == 14
    reader = LedgerReader.objects.get(name="notices")
    assert reader.next_index == LedgerEntry.objects.filter(leaf_index__isnull=False).count()


def test_a_reader_that_begins_leaves_the_old_alone(desk: Desk) -> None:
    make_request(desk.queue)
    ledger.sequence(now=ASKED_AT, wait=True)
    services.follow_ledger(now=ASKED_AT + timedelta(hours=3))
    assert not Notice.objects.exists()


def test_who_voted_and_what_ended_asks_nothing_more(desk: Desk) -> None:
    request = make_request(desk.queue, votes_needed=2)
    read_on(ASKED_AT)
    vote(desk.maren, request, ASKED_AT, VoteChoice.APPROVE)
    read_on(ASKED_AT)
    assert Notice.objects.get(person=desk.maren, kind="approval.requested").ended_at == ASKED_AT
    assert Notice.objects.get(person=desk.dario, kind="approval.requested").ended_at is None
    vote(desk.dario, request, ASKED_AT, VoteChoice.REJECT)
    read_on(ASKED_AT)
    assert not Notice.objects.filter(kind="approval.requested", ended_at=None).exists()


def test_what_ended_before_it_was_read_asks_nothing(desk: Desk) -> None:
    request = make_request(desk.queue)
    vote(desk.maren, request, ASKED_AT, VoteChoice.APPROVE)
    read_on(ASKED_AT)
    assert told("approval.requested") == {}


def test_a_person_who_asked_and_who_held_it_hear_what_became_of_it(desk: Desk) -> None:
    lena = make_person("lena", roles=[Role.HUMAN_AGENT])
    request = make_request(desk.queue, requester=lena.as_actor())
    approvals.claim_request(actor=desk.maren.as_actor(), now=ASKED_AT, request_id=request.public_id)
    approvals.void_request(
        actor=system("test"), now=ASKED_AT, request_pk=request.pk, reason="It changed."
    )
    read_on(ASKED_AT)
    assert told("approval.voided") == {"lena": "asked", "maren": "claimed"}


def test_the_owner_of_an_agent_hears_of_a_rejection_not_of_a_grant(desk: Desk) -> None:
    petra = make_person("petra", roles=[Role.ADMINISTRATOR])
    agent = make_agent(owner=petra, queues=[desk.queue]).as_actor()
    granted, refused = (make_request(desk.queue, requester=agent) for _one in range(2))
    vote(desk.maren, granted, ASKED_AT, VoteChoice.APPROVE)
    vote(desk.maren, refused, ASKED_AT, VoteChoice.REJECT)
    read_on(ASKED_AT)
    assert told("approval.granted") == {}
    assert told("approval.rejected") == {"petra": "owns_agent"}


def test_who_stands_in_is_told_as_loudly_as_the_absent_person_wanted(desk: Desk) -> None:
    choose(desk.maren, ASKED_AT, Manner.AT_ONCE)
    choose(desk.dario, ASKED_AT, Manner.IN_APP)
    access.delegate(
        actor=desk.maren.as_actor(),
        now=ASKED_AT,
        delegate_id=desk.dario.public_id,
        covers=Capability.APPROVAL_VOTE,
        until_at=ASKED_AT + timedelta(days=2),
        reason="On leave.",
    )
    make_request(desk.queue)
    read_on(ASKED_AT)
    assert told("approval.requested") == {"maren": "may_vote", "dario": "stands_in"}
    notice = Notice.objects.get(person=desk.dario, kind="approval.requested")
    assert notice.instead_of == [str(desk.maren.public_id)]
    assert [one.channel for one in notice.deliveries.all()] == ["email"]
    assert told("delegation.given") == {"dario": "yours"}


def test_what_somebody_turned_off_is_kept_and_never_counted(desk: Desk) -> None:
    choose(desk.maren, ASKED_AT, Manner.OFF)
    make_request(desk.queue)
    read_on(ASKED_AT)
    notice = Notice.objects.get(person=desk.maren)
    assert notice.is_silent
    assert not notice.deliveries.exists()
    assert not Notice.objects.get(person=desk.dario).is_silent


def test_a_kind_that_approvals_write_elsewhere_reaches_its_person(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    know(monkeypatch, "approval.handed_over", "approval.reminded", "approval.escalated")
    request = make_request(desk.queue)
    append(
        "approval.handed_over",
        subject_kind="approval",
        subject_id=str(request.public_id),
        payload={"to_id": str(desk.dario.public_id)},
    )
    append(
        "approval.reminded",
        subject_kind="approval",
        subject_id=str(request.public_id),
        payload={"handed_to_id": str(desk.dario.public_id), "claimed_by_id": ""},
    )
    append("approval.escalated", subject_kind="approval", subject_id=str(request.public_id))
    read_on(ASKED_AT)
    assert told("approval.handed_over") == {"dario": "handed"}
    assert told("approval.reminded") == {"dario": "may_vote"}
    assert set(told("approval.escalated")) == {"maren", "dario"}


@pytest.fixture
def news(monkeypatch: pytest.MonkeyPatch) -> list[Happened]:
    """A kind of its own, whose rule fails where the payload says so."""
    seen: list[Happened] = []

    def tell(happened: Happened, _now: datetime) -> Telling | None:
        seen.append(happened)
        if happened.payload.get("wrong"):
            raise LookupError("nobody knows it")
        return None

    monkeypatch.setattr(registry.rules, "_items", dict(registry.rules._items))
    monkeypatch.setattr(registry.subscribers, "_items", {})
    know(monkeypatch, KIND)
    registry.rules.register(KIND, NoticeRule(Topic.PROOF, "Something happened", tell))  # type: ignore[arg-type]
    return seen


def test_an_entry_that_cannot_be_read_is_recorded_and_read_over(news: list[Happened]) -> None:
    append(KIND, payload={"wrong": True})
    append(KIND, payload={"wrong": False})
    read_on(ASKED_AT)
    assert [one.payload["wrong"] for one in news] == [True, False]
    entry = LedgerEntry.objects.get(kind="notification.unreadable")
    assert entry.subject_id == str(news[0].index)
    read_on(ASKED_AT)
    assert len(news) == 2


def test_a_subscriber_is_given_each_event_once_and_in_order(news: list[Happened]) -> None:
    taken: list[Event] = []
    registry.subscribers.register("outbox", Subscriber(taken.append))
    for number in range(3):
        append(KIND, subject_kind="thing", subject_id=f"thing-{number}")
    read_on(ASKED_AT)
    read_on(ASKED_AT)
    assert [one.subject_id for one in taken] == ["thing-0", "thing-1", "thing-2"]
    first = taken[0]
    assert (first.type, first.subject_kind, first.at) == (KIND, "thing", ASKED_AT)
    assert len({one.id for one in taken}) == 3
    assert first.id == news[0].event_id


def test_a_subscriber_that_fails_is_given_the_same_again_and_holds_up_nobody(
    news: list[Happened],
) -> None:
    taken: list[Event] = []
    others: list[Event] = []
    broken = True

    def take(event: Event) -> None:
        make_notice(make_person(), ASKED_AT)
        if broken:
            raise ConflictError("not now")
        taken.append(event)

    registry.subscribers.register("a-broken", Subscriber(take))
    registry.subscribers.register("b-sound", Subscriber(others.append))
    append(KIND)
    read_on(ASKED_AT)
    assert len(news) == len(others) == 1
    assert not Notice.objects.exists()
    broken = False
    read_on(ASKED_AT)
    assert [one.id for one in taken] == [others[0].id]
    assert len(others) == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_readers_at_once_make_each_notice_once() -> None:
    register_recorder()
    queue = make_queue("returns")
    for name in ("maren", "dario"):
        make_supervisor(queue, name)
    for _number in range(6):
        make_request(queue)
    ledger.sequence(now=ASKED_AT, wait=True)

    def read() -> None:
        services.follow_ledger(now=ASKED_AT, window=2)

    assert race([read] * 4) == {"ok": 4}
    assert Notice.objects.count() == 12
    assert NoticeDelivery.objects.count() == 12


def test_what_an_entry_makes_costs_the_same_however_many_are_told(
    desk: Desk, django_assert_max_num_queries: Any
) -> None:
    make_request(desk.queue)
    ledger.sequence(now=ASKED_AT, wait=True)
    with django_assert_max_num_queries(40) as few:
        services.follow_ledger(now=ASKED_AT)
    for number in range(12):
        make_supervisor(desk.queue, f"more-{number}")
    make_request(desk.queue)
    ledger.sequence(now=ASKED_AT, wait=True)
    with django_assert_max_num_queries(len(few)) as many:
        services.follow_ledger(now=ASKED_AT)
    assert Notice.objects.count() == 2 + 14
    assert len(many) <= len(few)
