"""Revoking in a review: the grant really goes, and nobody is left without a voter."""

from datetime import timedelta

import pytest

from governance.access import services as access
from governance.access.models import (
    AgentQueueGrant,
    ApiCredential,
    KindGroupGrant,
    KindUserGrant,
    Queue,
    QueueGroupGrant,
    QueueUserGrant,
    User,
)
from governance.access.selectors import authority_of, list_eligible_voters
from governance.access.services.documents import Of
from governance.access.types import QueueGrant, Role
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from tests.factories.access import make_person
from tests.factories.access_reviews import confirm, kinds, line, of, payload, refused, revoke
from tests.governance.access_reviews.conftest import start

pytestmark = pytest.mark.django_db
People = dict[str, User]


class TestRevoke:
    @pytest.fixture
    def spare(self, people: People, returns: Queue, accounts: Queue) -> User:
        """A supervisor more, so that nobody is the last."""
        del people
        votes = {returns: [QueueGrant.VOTE], accounts: [QueueGrant.VOTE]}
        return make_person("spare", roles=[Role.SUPERVISOR], grants=votes)

    def test_a_role_goes_at_once(self, people: People, spare: User, returns: Queue) -> None:
        del spare
        item = of(start(people), people["maren"], "supervisor")
        before = kinds()
        done = revoke(people["ilse"], item)
        assert (done.state, done.decided_reason) == ("revoked", "Left the team.")
        assert kinds() == [*before, "role.taken", "access_review.revoked"] or kinds() == [
            *before,
            "access_review.revoked",
            "role.taken",
        ]
        assert authority_of(people["maren"].as_actor()).roles == frozenset()
        assert people["maren"] not in list_eligible_voters(
            queue_id=returns.pk, roles=(), barred_ids=()
        )
        told = payload("access_review.revoked")
        assert (told["what"], told["reason"]) == ("supervisor", "Left the team.")

    def test_the_taking_is_the_reviewers_own_act(self, people: People, spare: User) -> None:
        del spare
        revoke(people["ilse"], of(start(people), people["maren"], "supervisor"))
        entry = LedgerEntry.objects.get(kind="role.taken")
        assert entry.actor_id == str(people["ilse"].public_id)

    def test_a_queue_grant_goes(self, people: People, spare: User, returns: Queue) -> None:
        del spare
        revoke(
            people["ilse"], of(start(people), people["maren"], f"{returns.public_id}:vote_queue")
        )
        held = QueueUserGrant.objects.filter(user=people["maren"], content_object=returns)
        assert [one.permission.codename for one in held] == ["read_queue"]

    def test_a_roles_grant_goes(self, people: People) -> None:
        revoke(people["ilse"], line(start(people), "role_queue:human_agent"))
        assert not QueueGroupGrant.objects.exists()

    def test_an_agents_queue_and_its_token_go(self, people: People) -> None:
        review = start(people)
        revoke(people["ilse"], line(review, "agent:"))
        revoke(people["ilse"], line(review, "token:"))
        assert not AgentQueueGrant.objects.exists()
        assert ApiCredential.objects.get().revoked_at is not None
        assert set(kinds()) >= {"agent.grant_revoked", "token.revoked"}

    def test_the_changing_of_documents_goes(self, people: People) -> None:
        access.grant_document(
            actor=people["petra"].as_actor(),
            now=clock.now(),
            holder=people["maren"],
            of=Of(kind="policy"),
            reason="Helps out.",
            until_at=clock.now() + timedelta(days=5),
        )
        review = start(people)
        item = line(review, "document:policy:*:" + str(people["maren"].public_id))
        assert (item.given_by, item.reason) == ("petra", "Helps out.")
        assert item.until_at is not None
        revoke(people["ilse"], item)
        assert not KindUserGrant.objects.exists()
        shared = line(review, "document:cue_sheet:*:supervisor")
        revoke(people["ilse"], shared)
        assert not KindGroupGrant.objects.filter(group__name="supervisor", kind="cue_sheet")
        assert kinds().count("document.revoked") == 2

    def test_what_was_confirmed_can_still_be_revoked(self, people: People, spare: User) -> None:
        del spare
        item = of(start(people), people["maren"], "supervisor")
        confirm(people["ilse"], item)
        assert revoke(people["rafael"], item).state == "revoked"

    def test_a_reason_is_needed(self, people: People) -> None:
        item = line(start(people), "agent:")
        refused(
            lambda: revoke(people["ilse"], item, reason=" "), InvalidInputError, "invalid_input"
        )
        assert AgentQueueGrant.objects.exists()

    def test_nobody_revokes_their_own(self, people: People) -> None:
        item = of(start(people), people["ilse"], "compliance_officer")
        refused(lambda: revoke(people["ilse"], item), NotPermittedError, "access_review.own")
        assert Role.COMPLIANCE_OFFICER in authority_of(people["ilse"].as_actor()).roles

    @pytest.mark.parametrize("what", ["supervisor", "vote_queue"])
    def test_the_last_who_can_vote_stays(self, people: People, accounts: Queue, what: str) -> None:
        end = what if what == "supervisor" else f"{accounts.public_id}:{what}"
        item = of(start(people), people["maren"], end)
        error = refused(
            lambda: revoke(people["ilse"], item), ConflictError, "access_review.nobody_votes"
        )
        assert error.message == (
            "Revoking would leave Accounts with nobody who can vote. Name someone first."
        )
        assert list_eligible_voters(queue_id=accounts.pk, roles=(), barred_ids=())

    def test_the_last_who_manages_access_stays(self, people: People) -> None:
        item = of(start(people), people["petra"], "administrator")
        refused(lambda: revoke(people["ilse"], item), ConflictError, "access_review.nobody_manages")

    def test_a_reviewer_manages_no_access_outside_of_a_review(
        self, people: People, spare: User
    ) -> None:
        revoke(people["ilse"], of(start(people), people["maren"], "supervisor"))
        with pytest.raises(NotPermittedError):
            access.take_role(
                actor=people["ilse"].as_actor(),
                now=clock.now(),
                user=spare,
                role=Role.SUPERVISOR,
            )
        assert spare.groups.exists()
