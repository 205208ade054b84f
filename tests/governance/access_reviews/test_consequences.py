"""What a revocation would do, counted from claims and votes that stand."""

from datetime import timedelta

import pytest

from governance.access.models import Queue, User
from governance.access_reviews.consequences import Consequence, read_consequence
from governance.access_reviews.holdings import read_holdings
from governance.access_reviews.types import Holdings
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.approvals.types import ApprovalState, VoteChoice
from orchestra.core import clock
from tests.factories.approvals import make_row

pytestmark = pytest.mark.django_db


def vote(person: User, request: ApprovalRequest, choice: VoteChoice = VoteChoice.APPROVE) -> None:
    ApprovalVote.objects.create(request=request, voter=person, choice=choice, at=clock.now())


def ask(holdings: Holdings, end: str) -> Consequence:
    (grant,) = [one for one in holdings.grants if one.key.endswith(end)]
    return read_consequence(holdings=holdings, grant=grant, now=clock.now())


def test_claims_and_votes_on_the_queue_are_counted(
    people: dict[str, User], returns: Queue, accounts: Queue
) -> None:
    now, maren = clock.now(), people["maren"]
    waiting, granted, used = (make_row(returns, number) for number in range(3))
    elsewhere = make_row(accounts, 3)
    for one, state in ((granted, ApprovalState.GRANTED), (used, ApprovalState.USED)):
        ApprovalRequest.objects.filter(pk=one.pk).update(state=state)
    ApprovalRequest.objects.filter(pk=waiting.pk).update(
        claimed_by=maren, claimed_until_at=now + timedelta(minutes=5)
    )
    for one in (waiting, granted, used, elsewhere):
        vote(maren, one)
    vote(people["jonas"], granted)
    end = f"{maren.public_id}:{returns.public_id}:vote_queue"
    assert ask(read_holdings(now=now), end) == Consequence(
        claims=1, waiting=1, granted=1, left={"Returns": 1}
    )
    role = ask(read_holdings(now=now), f"{maren.public_id}:supervisor")
    assert (role.claims, role.waiting, role.granted) == (1, 2, 1)
    assert role.nobody == ("Accounts",)
    assert role.left == {"Returns": 1, "Accounts": 0}


def test_a_grant_without_a_vote_touches_no_approval(
    people: dict[str, User], returns: Queue
) -> None:
    vote(people["maren"], make_row(returns, 1))
    end = f"{people['maren'].public_id}:{returns.public_id}:read_queue"
    assert ask(read_holdings(now=clock.now()), end) == Consequence()


def test_the_last_who_manages_access_is_told(people: dict[str, User]) -> None:
    end = f"{people['petra'].public_id}:administrator"
    assert ask(read_holdings(now=clock.now()), end).is_last_manager
