"""Who is away holds nothing up, and who stands in for a party votes for none."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access import services as access
from governance.access.models import Delegation, Queue, User
from governance.access.selectors import authority_of
from governance.access.types import Capability, QueueGrant, Role
from governance.approvals import handed, services
from governance.approvals.selectors import list_possible_voters, list_visible, standing_of
from governance.approvals.types import ApprovalState
from tests.factories.access import make_person, make_supervisor
from tests.factories.approval_acts import EXECUTOR, kinds, payload, refuse, snapshot, vote
from tests.factories.approvals import Recorder, make_request

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def let(who: User, stand_in: User, now: datetime, **changes: Any) -> Delegation:
    return access.delegate(
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


class TestClaims:
    def test_a_claim_ends_when_the_absence_begins(self, returns: Queue, now: datetime) -> None:
        holder, stand_in = make_supervisor(returns), make_supervisor(returns, first_name="Dario")
        request = make_request(returns)
        services.claim_request(actor=holder.as_actor(), now=now, request_id=request.public_id)
        let(holder, stand_in, now, begins_at=now + timedelta(minutes=2))
        assert services.release_absent(now=now, batch=10) == 0
        at = now + timedelta(minutes=2)
        assert [services.release_absent(now=at, batch=10) for _ in range(2)] == [1, 0]
        request.refresh_from_db()
        assert (request.claimed_by_id, request.claimed_until_at) == (None, None)
        entry = payload("approval.claim_ended")
        assert entry["holder_id"] == str(holder.public_id)
        assert entry["stand_in_id"] == str(stand_in.public_id)
        assert entry["reason"] == "Dario stands in for them"
        assert kinds() == ["requested", "claimed", "delegation.given", "claim_ended"]

    def test_who_claims_while_away_is_at_the_screen(self, returns: Queue, now: datetime) -> None:
        holder, request = make_supervisor(returns), make_request(returns)
        let(holder, make_supervisor(returns), now - timedelta(minutes=1))
        services.claim_request(actor=holder.as_actor(), now=now, request_id=request.public_id)
        assert services.release_absent(now=now, batch=10) == 0
        request.refresh_from_db()
        assert request.claimed_by_id == holder.pk

    def test_a_claim_of_somebody_else_stays(self, returns: Queue, now: datetime) -> None:
        holder, away = make_supervisor(returns), make_supervisor(returns)
        request = make_request(returns)
        services.claim_request(actor=holder.as_actor(), now=now, request_id=request.public_id)
        let(away, holder, now)
        assert services.release_absent(now=now, batch=10) == 0

    def test_where_nobody_is_away_one_query_is_enough(self, returns: Queue, now: datetime) -> None:
        make_request(returns)
        with CaptureQueriesContext(connection) as seen:
            assert services.release_absent(now=now, batch=10) == 0
        assert len(seen) == 1


class TestStandsInFor:
    def test_it_says_for_whom_and_until_when(self, returns: Queue, now: datetime) -> None:
        ines, joris = make_supervisor(returns, first_name="Ines"), make_supervisor(returns)
        third = make_supervisor(returns)
        let(ines, joris, now)
        let(joris, third, now)
        key = str(joris.public_id)
        [found] = handed.stands_in_for(person_id=key, now=now)
        assert (found.person_id, found.person_label) == (str(ines.public_id), "Ines")
        assert (found.stand_in_id, found.until_at) == (key, now + HOUR)
        assert handed.stands_in_for(person_id=key, now=now + HOUR) == []
        # It goes no further than one step.
        [second] = handed.stands_in_for(person_id=str(third.public_id), now=now)
        assert second.person_id == key

    def test_ended_early_it_is_over(self, returns: Queue, now: datetime) -> None:
        ines, joris = make_supervisor(returns), make_supervisor(returns)
        given = let(ines, joris, now)
        access.end_delegation(
            actor=ines.as_actor(), now=now + timedelta(minutes=1), delegation_id=given.public_id
        )
        later = now + timedelta(minutes=2)
        assert handed.stands_in_for(person_id=str(joris.public_id), now=later) == []
        assert handed.list_absences(now=later) == []

    def test_what_was_handed_to_them_is_listed(self, returns: Queue, now: datetime) -> None:
        giver, ines, joris = (make_supervisor(returns) for _ in range(3))
        request, other = make_request(returns), make_request(returns)
        for one, to in ((request, ines), (other, joris)):
            services.hand_over_request(
                actor=giver.as_actor(),
                now=now,
                request_id=one.public_id,
                to_id=to.public_id,
                reason="Yours.",
            )
        let(ines, joris, now)
        mine = handed.list_handed_to(authority=authority_of(joris.as_actor()), now=now)
        assert [one.pk for one in mine] == [request.pk, other.pk]
        hers = handed.list_handed_to(authority=authority_of(ines.as_actor()), now=now)
        assert [one.pk for one in hers] == [request.pk]
        over = handed.list_handed_to(authority=authority_of(joris.as_actor()), now=now + HOUR)
        assert list(over) == []


class TestStandingInForAParty:
    @pytest.mark.parametrize("covers", [Capability.APPROVAL_VOTE, Role.SUPERVISOR])
    def test_of_the_requester(
        self, returns: Queue, recorder: Recorder, now: datetime, covers: Role | Capability
    ) -> None:
        asker = make_supervisor(returns, first_name="Ines", last_name="Kaplan")
        stand_in = make_supervisor(returns)
        let(asker, stand_in, now, covers=covers)
        request = make_request(returns, requester=asker.as_actor())
        error = refuse(lambda: vote(stand_in, request, now), recorder)
        assert error.error_code == "approval.stands_in"
        assert error.message == (
            "Ines Kaplan asked for it and let you act in their place; you may not vote on it."
        )

    def test_of_somebody_barred(self, returns: Queue, recorder: Recorder, now: datetime) -> None:
        owner, stand_in = make_supervisor(returns), make_supervisor(returns)
        request = make_request(returns, barred={str(owner.public_id): "You own the agent."})
        let(owner, stand_in, now)
        error = refuse(lambda: vote(stand_in, request, now), recorder)
        assert error.error_code == "approval.stands_in"
        assert stand_in.pk not in [one.pk for one in list_possible_voters(request=request)]

    def test_it_is_not_undone_by_ending_it(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        asker, stand_in = make_supervisor(returns), make_supervisor(returns)
        request = make_request(returns, requester=asker.as_actor())
        given = let(asker, stand_in, now)
        later = now + timedelta(minutes=1)
        access.end_delegation(actor=asker.as_actor(), now=later, delegation_id=given.public_id)
        error = refuse(lambda: vote(stand_in, request, later), recorder)
        assert error.error_code == "approval.stands_in"

    def test_what_was_over_before_it_was_asked_is_nothing(
        self, returns: Queue, now: datetime
    ) -> None:
        asker, stand_in = make_supervisor(returns), make_supervisor(returns)
        # The request is made at a fixed moment; the delegation was over by then.
        long_ago = now - timedelta(days=2)
        let(asker, stand_in, long_ago, until_at=long_ago + HOUR)
        request = make_request(returns, requester=asker.as_actor())
        assert vote(stand_in, request, now).state == ApprovalState.GRANTED

    def test_other_things_handed_over_are_nothing(self, returns: Queue, now: datetime) -> None:
        asker, stand_in = make_supervisor(returns), make_supervisor(returns)
        let(asker, stand_in, now, covers=Capability.CHANGE_REVIEW)
        request = make_request(returns, requester=asker.as_actor())
        assert vote(stand_in, request, now).state == ApprovalState.GRANTED

    def test_standing_in_for_a_voter_is_nothing(self, returns: Queue, now: datetime) -> None:
        voter, stand_in = make_supervisor(returns), make_supervisor(returns)
        let(voter, stand_in, now)
        request = make_request(returns, votes_needed=2)
        vote(voter, request, now)
        assert vote(stand_in, request, now).state == ApprovalState.GRANTED

    def test_it_is_asked_again_when_it_runs(
        self, returns: Queue, recorder: Recorder, now: datetime
    ) -> None:
        asker, stand_in = make_supervisor(returns), make_supervisor(returns)
        request = make_request(returns, requester=asker.as_actor())
        vote(stand_in, request, now)
        let(asker, stand_in, now)
        error = refuse(
            lambda: services.use_grant(actor=EXECUTOR, now=now, request_pk=request.pk), recorder
        )
        assert error.error_code == "approval.voters_changed"

    def test_many_requests_bring_it_along_without_a_query_each(
        self, returns: Queue, now: datetime
    ) -> None:
        asker, stand_in = make_supervisor(returns), make_supervisor(returns)
        let(asker, stand_in, now)
        let(asker, make_supervisor(returns), now)
        reader = authority_of(
            make_person(roles=[Role.SUPERVISOR], grants={returns: [QueueGrant.READ]}).as_actor()
        )
        counts = []
        for _ in range(2):
            for _ in range(3):
                make_request(returns, requester=asker.as_actor())
            with CaptureQueriesContext(connection) as seen:
                standings = [standing_of(one) for one in list_visible(authority=reader)]
            assert all(str(stand_in.public_id) in one.stand_ins for one in standings)
            assert all(len(one.stand_ins) == 2 for one in standings)
            counts.append(len(seen))
        assert counts == [2, 2]
        assert snapshot()
