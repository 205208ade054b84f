"""The same key twice at once, on two connections: one act, and the answer of it for both."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client

from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.approvals.types import VoteChoice
from orchestra.api.models import IdempotencyRecord
from orchestra.core import clock
from tests.factories.access import make_queue, make_supervisor
from tests.factories.approvals import make_ballot, make_row, register_recorder
from tests.factories.races import race

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
]
ROUNDS = 8


def vote_at_once(clients: list[Client], request: ApprovalRequest, *, key: str) -> list[Any]:
    ballot = make_ballot(request)
    body = {
        "vote": str(VoteChoice.APPROVE),
        "digest": ballot.action_digest,
        "view_digest": ballot.view_digest,
    }
    answers: list[Any] = []

    def vote(client: Client) -> None:
        address = f"/api/v1/approvals/{request.public_id}/vote/"
        keyed = {"Idempotency-Key": key}
        answers.append(client.post(address, body, content_type="application/json", headers=keyed))

    race([partial(vote, one) for one in clients])
    return answers


def test_two_with_one_key_make_one_vote_and_get_one_answer() -> None:
    register_recorder()
    returns = make_queue("returns")
    joris = make_supervisor(returns, "joris")
    clients = [Client(), Client()]
    for one in clients:
        one.force_login(joris, "django.contrib.auth.backends.ModelBackend")
    for number in range(ROUNDS):
        request = make_row(returns, number, deadline_at=clock.now() + timedelta(minutes=30))
        answers = vote_at_once(clients, request, key=f"round-{number}")
        assert [one.status_code for one in answers] == [200, 200], [one.content for one in answers]
        assert answers[0].content == answers[1].content
        assert sum("Idempotency-Replayed" in one for one in answers) == 1
        assert ApprovalVote.objects.filter(request=request).count() == 1
    assert IdempotencyRecord.objects.filter(state="finished").count() == ROUNDS
