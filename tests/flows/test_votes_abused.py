"""Votes that must not count, by page and by REST: told, on record, and nothing changes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from cases.tools.models import ToolCall
from governance.access import services as access
from governance.access.models import Queue, User
from governance.access.types import QueueGrant, Role
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from orchestra.core import clock
from orchestra.management import world
from tests.flows.conftest import World
from tests.flows.helpers import say, waiting_address
from tests.flows.test_bad_input import fields, problem
from tests.flows.test_people_over_rest import Person, sign_in

Ballot = dict[str, str]
#: Sends a ballot in a person's name and returns what they are told.
Door = Callable[[Client, ApprovalRequest, Ballot], str]


def by_page(client: Client, found: ApprovalRequest, ballot: Ballot) -> str:
    posted = {
        "choice": ballot["vote"],
        "action_digest": ballot["digest"],
        "view_digest": ballot["view_digest"],
        "reason": "The record shows it.",
    }
    answer = client.post(f"/admin/approvals/{found.public_id}/vote/", posted, follow=True)
    return str(answer.content.decode())


def by_rest(client: Client, found: ApprovalRequest, ballot: Ballot) -> str:
    answer = Person(client, "").post(
        f"approvals/{found.public_id}/vote/", {**ballot, "reason": "The record shows it."}
    )
    return "" if answer.status_code == 200 else str(answer.json()["detail"])


doors = pytest.mark.parametrize("door", [by_page, by_rest], ids=["page", "rest"])


@pytest.fixture
def waiting(retail: World) -> ApprovalRequest:
    """A request that needs one vote of a supervisor, and no proof of who votes."""
    return ApprovalRequest.objects.get(public_id=waiting_address(retail))


def answering(found: ApprovalRequest, **changes: str) -> Ballot:
    return {
        "vote": "approve",
        "digest": found.action_digest,
        "view_digest": found.view_digest,
        **changes,
    }


def standing() -> list[Any]:
    """All that a vote could change: requests, votes, calls."""
    return [
        list(ApprovalRequest.objects.order_by("pk").values_list()),
        list(ApprovalVote.objects.order_by("pk").values_list()),
        list(ToolCall.objects.order_by("pk").values_list("pk", "state", "attempt")),
    ]


def refusals() -> list[dict[str, Any]]:
    entries = LedgerEntry.objects.filter(kind="act.refused").order_by("pk")
    return [{"stream": one.stream, **dict(payload_of(entry=one) or {})} for one in entries]


def refused(
    door: Door, client: Client, found: ApprovalRequest, *, code: str, says: str, **ballot: str
) -> None:
    """Vote, and check that it was refused, told, put on record, and changed nothing."""
    before, known = standing(), len(refusals())
    told = door(client, found, answering(found, **ballot))
    assert says in told.replace("&#x27;", "'"), told[:3000]
    [entry] = refusals()[known:]
    assert entry["code"] == code
    assert entry["act"].endswith("approval.vote")
    assert entry["stream"] == f"case:{found.case_public_id}"
    assert standing() == before


def make_supervisor_of(person: User, found: ApprovalRequest) -> None:
    now = clock.now()
    access.give_role(
        actor=world.BUILDER, now=now, user=person, role=Role.SUPERVISOR, reason="Joined"
    )
    queue = Queue.objects.get(pk=found.queue_id)
    access.grant_queue(
        actor=world.BUILDER,
        now=now,
        user=person,
        queue=queue,
        grant=QueueGrant.VOTE,
        reason="Joined",
    )


@doors
class TestWho:
    def test_the_requester(self, retail: World, waiting: ApprovalRequest, door: Door) -> None:
        me = str(retail.people["supervisor"].public_id)
        ApprovalRequest.objects.update(requester_kind="human", requester_id=me)
        client = sign_in(retail, "supervisor").client
        refused(door, client, waiting, code="approval.own_request", says="You asked for it.")

    def test_whoever_edited_it(self, retail: World, waiting: ApprovalRequest, door: Door) -> None:
        me = str(retail.people["supervisor"].public_id)
        ApprovalRequest.objects.update(barred={me: "You edited it last."})
        client = sign_in(retail, "supervisor").client
        refused(door, client, waiting, code="approval.barred", says="You edited it last.")

    def test_the_owner_of_the_agent(
        self, retail: World, waiting: ApprovalRequest, door: Door
    ) -> None:
        make_supervisor_of(retail.people["operator"], waiting)
        client = sign_in(retail, "operator").client
        says = "You own the agent that asks."
        refused(door, client, waiting, code="approval.barred", says=says)

    def test_who_stands_in_for_the_owner(
        self, retail: World, waiting: ApprovalRequest, door: Door
    ) -> None:
        owner = retail.people["operator"]
        make_supervisor_of(owner, waiting)
        now = clock.now()
        access.delegate(
            actor=owner.as_actor(),
            now=now,
            delegate_id=retail.people["supervisor"].public_id,
            covers=Role.SUPERVISOR,
            until_at=now + timedelta(hours=1),
            reason="On leave.",
        )
        client = sign_in(retail, "supervisor").client
        says = "Somebody who may not vote on it let you act in their place"
        refused(door, client, waiting, code="approval.stands_in", says=says)

    def test_a_superuser_who_asked(
        self, retail: World, waiting: ApprovalRequest, door: Door
    ) -> None:
        person = retail.people["supervisor"]
        User.objects.filter(pk=person.pk).update(is_superuser=True)
        ApprovalRequest.objects.update(requester_id=str(person.public_id))
        client = sign_in(retail, "supervisor").client
        refused(door, client, waiting, code="approval.own_request", says="You asked for it.")

    def test_a_superuser_without_the_role(
        self, retail: World, waiting: ApprovalRequest, door: Door
    ) -> None:
        person = retail.people["agent"]
        User.objects.filter(pk=person.pk).update(is_superuser=True)
        client = sign_in(retail, "agent").client
        says = "Your role does not vote on approvals."
        refused(door, client, waiting, code="approval.not_your_role", says=says)

    def test_another_role(self, retail: World, waiting: ApprovalRequest, door: Door) -> None:
        client = sign_in(retail, "specialist").client
        says = "It needs the vote of a supervisor."
        refused(door, client, waiting, code="approval.other_role", says=says)

    def test_somebody_disabled(self, retail: World, waiting: ApprovalRequest, door: Door) -> None:
        """Their session ends at once, so nobody is there whose act could stand on record."""
        client = sign_in(retail, "supervisor").client
        User.objects.filter(pk=retail.people["supervisor"].pk).update(is_active=False)
        before = standing()
        told = door(client, waiting, answering(waiting))
        assert "Password" in told or "credentials" in told or "Authorization" in told
        assert standing() == before


@doors
class TestWhen:
    def test_an_old_digest(self, retail: World, waiting: ApprovalRequest, door: Door) -> None:
        client = sign_in(retail, "supervisor").client
        for part in ("digest", "view_digest"):
            says = "Your vote answered"
            refused(door, client, waiting, code="approval.stale", says=says, **{part: "5" * 64})

    def test_again_through_another_session(
        self, retail: World, waiting: ApprovalRequest, door: Door
    ) -> None:
        ApprovalRequest.objects.update(votes_needed=2)
        first, second = (sign_in(retail, "supervisor").client for _ in range(2))
        door(first, waiting, answering(waiting))
        assert ApprovalVote.objects.count() == 1
        says = "You already voted"
        refused(door, second, waiting, code="approval.already_voted", says=says)

    def test_after_the_deadline(
        self,
        retail: World,
        waiting: ApprovalRequest,
        door: Door,
        settings: Any,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        # Signed in for longer than the request waits.
        settings.SESSION_COOKIE_AGE = 2 * 60 * 60
        client = sign_in(retail, "supervisor").client
        later = clock.now() + timedelta(minutes=61)
        monkeypatch.setattr(clock, "now", lambda: later)
        says = "Its deadline has passed; nothing ran."
        refused(door, client, waiting, code="approval.expired", says=says)

    def test_once_the_customer_has_written(
        self, retail: World, waiting: ApprovalRequest, door: Door
    ) -> None:
        say(retail, waiting.case_public_id, "customer", "No, wait. Another street.")
        client = sign_in(retail, "supervisor").client
        waiting.refresh_from_db()
        assert waiting.state == "voided"
        # The page says what came in between; the API says where the request stands.
        page, rest = "Nothing was approved. The customer has written", "It was voided; nothing ran."
        says = page if door is by_page else rest
        refused(door, client, waiting, code="approval.ended", says=says)
        assert retail.store.total_effects() == 0

    def test_who_lost_the_role_before_it_ran(
        self, retail: World, waiting: ApprovalRequest, door: Door
    ) -> None:
        person = retail.people["supervisor"]
        door(sign_in(retail, "supervisor").client, waiting, answering(waiting))
        waiting.refresh_from_db()
        assert waiting.state == "granted"
        access.take_role(actor=world.BUILDER, now=clock.now(), user=person, role=Role.SUPERVISOR)
        retail.work()
        waiting.refresh_from_db()
        assert waiting.state == "voided"
        assert "no longer counts" in waiting.ended_reason
        assert ToolCall.objects.get(public_id=waiting.subject_id).state == "voided"
        assert retail.store.total_effects() == 0
        assert LedgerEntry.objects.filter(kind="approval.voided").count() == 1


class TestForged:
    def test_an_agent_with_its_token(self, retail: World, waiting: ApprovalRequest) -> None:
        before, known = standing(), len(refusals())
        path = f"approvals/{waiting.public_id}/vote/"
        problem(retail.api.post(path, answering(waiting)), 403, "approval.not_a_person")
        assert refusals()[known]["code"] == "approval.not_a_person"
        assert len(refusals()) == known + 1
        assert standing() == before

    @pytest.mark.parametrize("field", ["voter", "approver", "actor", "user_id", "step_up"])
    def test_another_name_in_the_body(
        self, retail: World, waiting: ApprovalRequest, field: str
    ) -> None:
        other = str(retail.people["colleague"].public_id)
        before = standing()
        answer = sign_in(retail, "supervisor").post(
            f"approvals/{waiting.public_id}/vote/", {**answering(waiting), field: other}
        )
        assert fields(problem(answer, 422, "invalid_input")) == {field}
        assert standing() == before

    def test_another_name_in_a_form_or_a_header_is_nobody(
        self, retail: World, waiting: ApprovalRequest
    ) -> None:
        other = retail.people["colleague"]
        client = sign_in(retail, "supervisor").client
        client.post(
            f"/admin/approvals/{waiting.public_id}/vote/",
            {
                "choice": "approve",
                "action_digest": waiting.action_digest,
                "view_digest": waiting.view_digest,
                "voter": str(other.public_id),
                "user": other.username,
            },
            headers={"Remote-User": other.username, "X-Forwarded-User": other.username},
        )
        vote = ApprovalVote.objects.get()
        assert vote.voter == retail.people["supervisor"]
        entry = LedgerEntry.objects.get(kind="approval.voted")
        assert entry.actor_id == str(retail.people["supervisor"].public_id)

    def test_a_header_alone_signs_nobody_in(self, retail: World, waiting: ApprovalRequest) -> None:
        other, before = retail.people["colleague"], standing()
        answer = Client().post(
            f"/api/v1/approvals/{waiting.public_id}/vote/",
            answering(waiting),
            content_type="application/json",
            headers={
                "Remote-User": other.username,
                "X-Forwarded-User": other.username,
                "Idempotency-Key": "one",
            },
        )
        problem(answer, 401, "not_authenticated")
        assert standing() == before
