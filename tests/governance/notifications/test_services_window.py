"""The entries of a window are read and written together, and give what they give one by one."""

from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from governance.access.models import Queue, User
from governance.approvals import services as approvals
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import Ballot, RejectReason, VoteChoice
from governance.ledger import services as ledger
from governance.ledger.models import LedgerEntry
from governance.ledger.registry import kinds
from governance.ledger.types import EntryDraft, EntryKind
from governance.notifications import registry, services
from governance.notifications.models import LedgerReader, Notice, NoticeDelivery
from governance.notifications.registry import NoticeRule
from governance.notifications.types import Ends, Happened, Telling, Told, Topic, Why
from orchestra.core.actors import Actor, system
from tests.factories.access import make_agent, make_person, make_queue, make_supervisor
from tests.factories.approvals import ASKED_AT, make_request, register_recorder
from tests.factories.notifications import read_on

pytestmark = pytest.mark.django_db
NOBODY = system("test")


@pytest.fixture
def queues(db: None) -> list[Queue]:
    del db
    register_recorder()
    found = [make_queue("returns", title="Returns"), make_queue("fraud", title="Fraud")]
    for queue in found:
        make_supervisor(queue, f"maren-{queue.key}")
        make_supervisor(queue, f"dario-{queue.key}")
    return found


def vote(person: User, request: ApprovalRequest, choice: VoteChoice) -> None:
    ballot = Ballot(
        choice=choice,
        action_digest=request.action_digest,
        view_digest=request.view_digest,
        reason="It is due.",
        reason_code=RejectReason.OTHER,
    )
    approvals.cast_vote(
        actor=person.as_actor(), now=ASKED_AT, request_id=request.public_id, ballot=ballot
    )


def values() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    left_out = {"id", "public_id", "notice_id"}
    return (
        [
            {k: v for k, v in row.items() if k not in left_out}
            for row in Notice.objects.order_by("index", "person__public_id").values()
        ],
        [
            {k: v for k, v in row.items() if k not in left_out}
            for row in NoticeDelivery.objects.order_by(
                "notice__index", "notice__person__public_id", "pk"
            ).values()
        ],
    )


def test_together_they_make_what_they_make_one_by_one(queues: list[Queue]) -> None:
    owner = make_person("petra")
    agent = make_agent(owner=owner, queues=queues).as_actor()
    requests = [make_request(queue, requester=agent) for queue in queues for _one in range(3)]
    barred = User.objects.get(username="maren-fraud")
    requests.append(make_request(queues[1], requester=barred.as_actor()))
    person = User.objects.get(username="dario-returns")
    vote(person, requests[0], VoteChoice.REJECT)
    vote(person, requests[1], VoteChoice.APPROVE)
    read_on(ASKED_AT)
    together = values()
    assert len(together[0]) == 2 * 4 + 1 + 1
    Notice.objects.all().delete()
    LedgerReader.objects.all().delete()
    services.follow_ledger(now=ASKED_AT, window=1)
    assert values() == together


def know(monkeypatch: pytest.MonkeyPatch, rules: dict[str, NoticeRule]) -> None:
    """Let entries of some kinds be appended, and mean something."""
    known = {code: EntryKind(code, "Something happened") for code in rules}  # type: ignore[arg-type]
    monkeypatch.setattr(kinds, "_items", {**known, **kinds._items})
    monkeypatch.setattr(registry.rules, "_items", {**registry.rules._items, **rules})


def append(kind: str, actor: Actor = NOBODY, **payload: Any) -> None:
    with transaction.atomic():
        draft = EntryDraft(
            kind=kind, stream="system", payload=payload, subject_kind="thing", subject_id="thing"
        )
        ledger.append_entry(actor=actor, now=ASKED_AT, draft=draft)


def rule_for(*people: User, **fields: Any) -> NoticeRule:
    def tell(happened: Happened, _now: datetime) -> Telling | None:
        label: Any = happened.payload["label"]
        told = tuple(Told(str(person.public_id), Why.YOURS) for person in people)
        return Telling(told, label=label, page="index")

    return NoticeRule(Topic.PROOF, "Something happened", tell if people else None, **fields)  # type: ignore[arg-type]


def test_what_is_told_and_ended_in_one_window_is_ended(
    queues: list[Queue], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert queues
    maren, dario = (User.objects.get(username=f"{one}-returns") for one in ("maren", "dario"))
    asks, votes = rule_for(maren, dario, asks=True), rule_for(ends=Ends.FOR_ACTOR)
    ends = rule_for(ends=Ends.FOR_ALL)
    know(monkeypatch, {"test.asked": asks, "test.voted": votes, "test.ended": ends})
    append("test.asked", label="first")
    append("test.ended")
    append("test.asked", label="second")
    append("test.voted", maren.as_actor())
    read_on(ASKED_AT)
    open_now = Notice.objects.filter(ended_at=None).values_list("label", "person__username")
    assert list(open_now) == [("second", "dario-returns")]
    assert Notice.objects.filter(ended_at=ASKED_AT).count() == 3


def test_more_requests_of_a_window_ask_no_more(queues: list[Queue]) -> None:
    make_request(queues[0])
    read_on(ASKED_AT)
    counts = []
    for number in (1, 7):
        for _one in range(number):
            make_request(queues[0])
        ledger.sequence(now=ASKED_AT, wait=True)
        with CaptureQueriesContext(connection) as asked:
            services.follow_ledger(now=ASKED_AT)
        counts.append(len(asked))
    assert Notice.objects.count() == 18
    assert counts[0] == counts[1]


def test_nothing_new_is_seen_without_a_lock(queues: list[Queue]) -> None:
    make_request(queues[0])
    read_on(ASKED_AT)
    read_on(ASKED_AT)
    with CaptureQueriesContext(connection) as asked:
        assert services.follow_ledger(now=ASKED_AT) == 0
    assert len(asked) == 1


def test_what_cannot_be_written_is_recorded_and_the_rest_is_made(
    queues: list[Queue], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert queues
    code, person = "test.happened", User.objects.get(username="maren-returns")
    know(monkeypatch, {code: rule_for(person)})
    for label in ("first", None, "last"):
        append(code, label=label)
    read_on(ASKED_AT)
    made = Notice.objects.filter(kind=code).order_by("pk")
    assert list(made.values_list("label", flat=True)) == ["first", "last"]
    assert LedgerEntry.objects.filter(kind="notification.unreadable").count() == 1
