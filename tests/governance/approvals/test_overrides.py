"""How many of the requests people dealt with were changed instead of decided as they were."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from governance.access.models import Queue, User
from governance.access.selectors import authority_of
from governance.approvals.models import ApprovalRequest
from governance.approvals.overrides import Overrides, overrides
from governance.approvals.quality_rows import Wanted, Whose
from governance.approvals.registry import EditSource, edits
from governance.approvals.types import ApprovalState
from orchestra.core import clock
from tests.factories.access import make_queue, make_supervisor
from tests.factories.approval_acts import vote
from tests.factories.approvals import ASKED_AT, make_request, register_recorder

pytestmark = pytest.mark.django_db


@pytest.fixture
def returns(db: None) -> Queue:
    del db
    register_recorder()
    return make_queue("returns")


@pytest.fixture
def ines(returns: Queue) -> User:
    return make_supervisor(returns, "ines")


@pytest.fixture
def editors(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Subject to who edited it."""
    known: dict[str, str] = {"of no request": "somebody"}
    monkeypatch.setattr(edits, "_items", {"test": EditSource(find=lambda _since: known)})
    return known


def requests(queue: Queue, *states: ApprovalState) -> list[ApprovalRequest]:
    made = [make_request(queue, subject_id=str(uuid4())) for _state in states]
    for request, state in zip(made, states, strict=True):
        ApprovalRequest.objects.filter(pk=request.pk).update(state=state)
    return made


def seen(by: User, whose: Whose = Whose.QUEUES, **more: str) -> Overrides:
    since = clock.now() - timedelta(days=3650)
    return overrides(authority=authority_of(by.as_actor()), wanted=Wanted(whose, since, **more))


def test_of_what_was_decided_or_edited(ines: User, returns: Queue, editors: dict[str, str]) -> None:
    states = (
        ApprovalState.VOIDED,
        ApprovalState.USED,
        ApprovalState.REJECTED,
        ApprovalState.GRANTED,
        ApprovalState.EXPIRED,
        ApprovalState.PENDING,
    )
    edited, *_others = requests(returns, *states)
    editors[edited.subject_id] = "somebody"
    found = seen(ines)
    assert found.edited == (str(edited.public_id),)
    assert (found.share.hits, found.share.total) == (1, 4)
    assert 0 < found.share.low < 0.25 < found.share.high < 1


def test_ones_own_are_those_one_edited(ines: User, returns: Queue, editors: dict[str, str]) -> None:
    own, other = requests(returns, ApprovalState.VOIDED, ApprovalState.VOIDED)
    editors |= {own.subject_id: str(ines.public_id), other.subject_id: "somebody"}
    found = seen(ines, Whose.MINE)
    assert found.edited == (str(own.public_id),)
    assert (found.share.hits, found.share.total) == (1, 1)


def test_of_ones_own_those_count_that_one_voted_on(
    ines: User, returns: Queue, editors: dict[str, str]
) -> None:
    voted, passed_by = (make_request(returns, subject_id=str(uuid4())) for _each in range(2))
    vote(ines, voted, ASKED_AT)
    ApprovalRequest.objects.filter(pk=passed_by.pk).update(state=ApprovalState.USED)
    del editors
    found = seen(ines, Whose.MINE)
    assert (found.share.hits, found.share.total) == (0, 1)
    assert seen(ines).share.total == 2


def test_a_source_is_asked_from_the_moment_on(
    ines: User, returns: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests(returns, ApprovalState.USED)
    asked: list[datetime] = []
    source = EditSource(find=lambda since: asked.append(since) or {})  # type: ignore[func-returns-value]
    monkeypatch.setattr(edits, "_items", {"test": source})
    wanted = Wanted(Whose.QUEUES, ASKED_AT)
    overrides(authority=authority_of(ines.as_actor()), wanted=wanted)
    assert asked == [ASKED_AT]


def test_other_queues_and_other_risks_stay_out(
    ines: User, returns: Queue, editors: dict[str, str]
) -> None:
    (edited,) = requests(returns, ApprovalState.VOIDED)
    (elsewhere,) = requests(make_queue("orders"), ApprovalState.VOIDED)
    editors |= {edited.subject_id: "x", elsewhere.subject_id: "x"}
    assert seen(ines).edited == (str(edited.public_id),)
    assert seen(ines, queue="orders").edited == ()
    assert seen(ines, risk="critical").share.total == 0
