"""A request goes to one named person for a time: who may, to whom, and how it ends."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from governance.access import services as access
from governance.access.models import Queue, User
from governance.access.selectors import authority_of
from governance.access.types import Capability, QueueGrant, Role
from governance.approvals import handed, services
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import ApprovalState
from orchestra.core.clock import rfc3339
from orchestra.core.errors import InvalidInputError, NotFoundError
from tests.factories.access import ALL_GRANTS, make_agent, make_person, make_supervisor
from tests.factories.approval_acts import REJECT, UNKNOWN, kinds, payload, refuse, vote
from tests.factories.approvals import DEADLINE_AT, Recorder, make_request

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def hand_over(
    request: ApprovalRequest, by: User, to: User, now: datetime, **changes: Any
) -> ApprovalRequest:
    return services.hand_over_request(
        **{
            "actor": by.as_actor(),
            "now": now,
            "request_id": request.public_id,
            "to_id": to.public_id,
            "until_at": now + timedelta(minutes=10),
            "reason": "She knows the order.",
            **changes,
        }
    )


def take_back(request: ApprovalRequest, by: User, now: datetime) -> ApprovalRequest:
    return services.take_back_request(actor=by.as_actor(), now=now, request_id=request.public_id)


class TestHandOver:
    def test_it_shows_and_is_recorded_and_stops_nobody(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        giver, receiver, other = (make_supervisor(returns) for _ in range(3))
        request = make_request(returns)
        hand_over(request, giver, receiver, now)
        request.refresh_from_db()
        found = handed.hand_over_of(request, now)
        assert found == handed.HandOver(
            to_id=str(receiver.public_id),
            to_label=receiver.label,
            by_id=str(giver.public_id),
            by_label=giver.label,
            until_at=now + timedelta(minutes=10),
        )
        entry = payload("approval.handed_over")
        assert entry["approval_id"] == str(request.public_id)
        assert (entry["to_id"], entry["by_id"]) == (found.to_id, found.by_id)
        assert entry["until"] == rfc3339(found.until_at)
        assert entry["reason"] == "She knows the order."
        assert vote(other, request, now).state == ApprovalState.GRANTED
        request.refresh_from_db()
        assert (request.handed_to_id, request.handed_by_id, request.handed_until_at) == (None,) * 3
        assert kinds() == ["requested", "handed_over", "voted", "granted"]
        assert recorder.decided == [(request.pk, "granted")]

    def test_without_a_time_it_lasts_until_the_deadline(
        self, returns: Queue, now: datetime
    ) -> None:
        request = make_request(returns)
        found = hand_over(
            request, make_supervisor(returns), make_supervisor(returns), now, until_at=None
        )
        assert found.handed_until_at == request.deadline_at

    def test_the_claim_of_the_giver_ends_with_it(self, returns: Queue, now: datetime) -> None:
        giver, receiver = make_supervisor(returns), make_supervisor(returns)
        request = make_request(returns)
        services.claim_request(actor=giver.as_actor(), now=now, request_id=request.public_id)
        hand_over(request, giver, receiver, now)
        request.refresh_from_db()
        assert (request.claimed_by_id, request.claimed_until_at) == (None, None)
        claim = services.claim_request(
            actor=receiver.as_actor(), now=now, request_id=request.public_id
        )
        assert claim.claimed_by_id == receiver.pk
        assert handed.is_handed_to(claim, receiver.pk, now)

    def test_what_was_handed_over_is_not_handed_on(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        giver, receiver, third = (make_supervisor(returns) for _ in range(3))
        request = make_request(returns)
        hand_over(request, giver, receiver, now)
        error = refuse(lambda: hand_over(request, receiver, third, now), recorder)
        assert error.error_code == "approval.handed_to_you"
        assert giver.label in error.message
        for by in (giver, third):
            again = refuse(lambda by=by: hand_over(request, by, third, now), recorder)
            assert again.error_code in {"approval.handed_over", "approval.hand_over_invalid"}
        assert handed.is_handed_to(ApprovalRequest.objects.get(pk=request.pk), receiver.pk, now)

    def test_what_another_holds_is_not_handed_over(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        holder, giver, receiver = (make_supervisor(returns) for _ in range(3))
        request = make_request(returns)
        services.claim_request(actor=holder.as_actor(), now=now, request_id=request.public_id)
        error = refuse(lambda: hand_over(request, giver, receiver, now), recorder)
        assert error.error_code == "approval.claimed"

    def test_who_may_not_vote_hands_nothing_over(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        receiver, barred = make_supervisor(returns), make_supervisor(returns)
        request = make_request(returns, barred={str(barred.public_id): "You edited it last."})
        reader = make_person(roles=[Role.COMPLIANCE_OFFICER])
        for by, code in (
            (barred, "approval.barred"),
            (reader, "approval.not_your_queue"),
            (make_agent(queues=[returns]), "approval.not_a_person"),
        ):
            error = refuse(lambda by=by: hand_over(request, by, receiver, now), recorder)
            assert error.error_code == code
        stranger = make_person(roles=[Role.SUPERVISOR])
        refused = refuse(lambda: hand_over(request, stranger, receiver, now), recorder)
        assert isinstance(refused, NotFoundError)

    def test_it_widens_nothing(self, returns: Queue, recorder: Recorder, now: datetime) -> None:
        giver, barred, gone = (make_supervisor(returns) for _ in range(3))
        User.objects.filter(pk=gone.pk).update(is_active=False)
        request = make_request(
            returns,
            barred={str(barred.public_id): "You edited it last."},
            roles=("supervisor",),
        )
        officer = make_person(roles=[Role.COMPLIANCE_OFFICER], grants={returns: ALL_GRANTS})
        for to, code in (
            (giver, "self"),
            (barred, "barred"),
            (make_person(roles=[Role.SUPERVISOR]), "not_your_queue"),
            (make_person(roles=[Role.HUMAN_AGENT], grants={returns: ALL_GRANTS}), "not_your_role"),
            (officer, "other_role"),
            (gone, "access.disabled"),
        ):
            error = refuse(lambda to=to: hand_over(request, giver, to, now), recorder)
            assert isinstance(error, InvalidInputError)
            assert [(one.field, one.code) for one in error.errors] == [("to", code)]

    def test_everything_wrong_is_named_at_once(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        giver, request = make_supervisor(returns), make_request(returns)
        error = refuse(
            lambda: hand_over(request, giver, giver, now, until_at=now, reason=" "), recorder
        )
        assert [(one.field, one.code) for one in error.errors] == [
            ("to", "self"),
            ("until", "range"),
            ("reason", "required"),
        ]
        late = refuse(
            lambda: hand_over(
                request,
                giver,
                make_supervisor(returns),
                now,
                until_at=DEADLINE_AT + timedelta(seconds=1),
            ),
            recorder,
        )
        assert [one.field for one in late.errors] == ["until"]

    def test_nobody_and_nothing(self, returns: Queue, recorder: Recorder, now: datetime) -> None:
        giver, request = make_supervisor(returns), make_request(returns)
        error = refuse(lambda: hand_over(request, giver, giver, now, to_id=UNKNOWN), recorder)
        assert error.error_code == "person.not_found"
        error = refuse(lambda: hand_over(request, giver, giver, now, request_id=UNKNOWN), recorder)
        assert error.error_code == "approval.not_found"

    def test_what_has_ended_stays(self, returns: Queue, recorder: Recorder, now: datetime) -> None:
        giver, receiver = make_supervisor(returns), make_supervisor(returns)
        request = make_request(returns)
        error = refuse(lambda: hand_over(request, giver, receiver, DEADLINE_AT), recorder)
        assert error.error_code == "approval.expired"
        vote(giver, request, now, REJECT)
        error = refuse(lambda: hand_over(request, giver, receiver, now), recorder)
        assert error.error_code == "approval.ended"
        error = refuse(lambda: take_back(request, giver, now), recorder)
        assert error.error_code == "approval.ended"


class TestEnd:
    def test_the_giver_takes_it_back(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        giver, receiver = make_supervisor(returns), make_supervisor(returns)
        request = make_request(returns)
        hand_over(request, giver, receiver, now)
        error = refuse(lambda: take_back(request, receiver, now), recorder)
        assert error.error_code == "approval.not_handed_over"
        take_back(request, giver, now)
        request.refresh_from_db()
        assert handed.hand_over_of(request, now) is None
        entry = payload("approval.taken_back")
        assert (entry["to_id"], entry["reason"]) == (str(receiver.public_id), "taken back")
        refuse(lambda: take_back(request, giver, now), recorder)
        assert kinds() == ["requested", "handed_over", "taken_back"]

    def test_its_time_ends_it_once_and_by_the_system(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        giver, receiver = make_supervisor(returns), make_supervisor(returns)
        request = make_request(returns)
        hand_over(request, giver, receiver, now, until_at=now + timedelta(minutes=3))
        later = now + timedelta(minutes=3)
        request.refresh_from_db()
        # Also before the sweep has come.
        assert handed.hand_over_of(request, later) is None
        refuse(lambda: take_back(request, giver, later), recorder)
        assert services.turn_clocks(now=later, batch=10) == 1
        assert services.turn_clocks(now=later, batch=10) == 0
        request.refresh_from_db()
        assert (request.handed_to_id, request.state) == (None, "pending")
        assert payload("approval.taken_back")["reason"] == "its time is over"
        # Once it is over, whoever had it is like everybody.
        hand_over(request, receiver, giver, later)

    def test_the_vote_of_the_receiver_ends_it(self, returns: Queue, now: datetime) -> None:
        giver, receiver = make_supervisor(returns), make_supervisor(returns)
        request = make_request(returns, votes_needed=2)
        hand_over(request, giver, receiver, now)
        assert vote(receiver, request, now).state == ApprovalState.PENDING
        assert payload("approval.voted")["was_handed_over"] is True
        request.refresh_from_db()
        assert handed.hand_over_of(request, now) is None
        assert vote(giver, request, now).state == ApprovalState.GRANTED
        assert payload("approval.voted")["was_handed_over"] is False
        assert kinds() == ["requested", "handed_over", "voted", "voted", "granted"]


class TestAway:
    def away(self, who: User, stand_in: User, now: datetime, **changes: Any) -> None:
        access.delegate(
            **{
                "actor": who.as_actor(),
                "now": now,
                "delegate_id": stand_in.public_id,
                "covers": Capability.APPROVAL_VOTE,
                "until_at": now + HOUR,
                "reason": "On leave.",
                **changes,
            }
        )

    @pytest.mark.parametrize("covers", [Capability.APPROVAL_VOTE, Role.SUPERVISOR])
    def test_nothing_is_handed_to_who_is_away(
        self, returns: Queue, recorder: Recorder, now: datetime, covers: Role | Capability
    ) -> None:
        giver, receiver = make_supervisor(returns), make_supervisor(returns)
        stand_in = make_supervisor(returns, first_name="Dario", last_name="Conti")
        self.away(receiver, stand_in, now, covers=covers)
        request = make_request(returns)
        error = refuse(lambda: hand_over(request, giver, receiver, now), recorder)
        [found] = error.errors
        assert (found.field, found.code) == ("to", "away")
        assert "Dario Conti" in found.message
        assert hand_over(request, giver, stand_in, now).handed_to_id == stand_in.pk

    def test_reviews_handed_over_are_no_absence(self, returns: Queue, now: datetime) -> None:
        giver, receiver, other = (make_supervisor(returns) for _ in range(3))
        self.away(receiver, other, now, covers=Capability.CHANGE_REVIEW)
        request = make_request(returns)
        assert hand_over(request, giver, receiver, now).handed_to_id == receiver.pk

    def test_voting_is_still_only_for_who_may(self, returns: Queue) -> None:
        other = make_person(roles=[Role.SUPERVISOR], grants={returns: [QueueGrant.READ]})
        assert (
            handed.list_possible_receivers(
                request=make_request(returns),
                authority=authority_of(make_supervisor(returns).as_actor()),
                now=DEADLINE_AT - HOUR,
            )
            == []
        )
        assert other.pk
