"""Starting, deciding and finishing: rows, the grant that really goes, and one entry each."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access import services as access
from governance.access.models import (
    AgentQueueGrant,
    ApiCredential,
    KindGroupGrant,
    Queue,
    QueueGroupGrant,
    QueueUserGrant,
    User,
)
from governance.access.types import QueueGrant, Role
from governance.access_reviews import services
from governance.access_reviews.models import AccessReview
from governance.access_reviews.services.starting import start_review
from orchestra.core import clock
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from tests.factories.access import drop_roles, grant, make_person
from tests.factories.access_reviews import (
    confirm,
    finish,
    kinds,
    line,
    of,
    payload,
    refused,
    revoke,
)
from tests.governance.access_reviews.conftest import start

pytestmark = pytest.mark.django_db
People = dict[str, User]
#: The two databases need other questions to write many-to-many rows and to take turns.
START_READS = {"sqlite": 13, "postgresql": 12}


class TestStart:
    def test_the_list_has_one_line_for_each_grant(self, people: People, returns: Queue) -> None:
        review = start(people)
        assert review.items.count() == (
            5  # roles: three single ones of Ilse, Rafael, Petra; Maren, Jonas
            + QueueUserGrant.objects.count()
            + QueueGroupGrant.objects.count()
            + AgentQueueGrant.objects.count()
            + ApiCredential.objects.count()
            + KindGroupGrant.objects.count()
        )
        item = of(review, people["maren"], f"{returns.public_id}:vote_queue")
        assert (item.place_title, item.state) == ("Returns", "open")
        assert item.given_at is not None
        assert payload("access_review.started")["count"] == review.items.count()
        assert payload("access_review.started")["reviewers"] == ["ilse", "rafael"]

    def test_a_role_says_who_gave_it_when(self, people: People) -> None:
        item = of(start(people), people["jonas"], "specialist")
        assert item.given_by == "petra"
        assert item.given_at is not None
        assert clock.now() - item.given_at > timedelta(days=99)
        assert item.is_unused
        assert item.reason == "Works returns."

    def test_a_conflict_stands_at_its_line(self, people: People, returns: Queue) -> None:
        item = of(start(people), people["jonas"], f"{returns.public_id}:vote_queue")
        assert item.conflicts == [
            {"kind": "agent_and_votes", "places": ["Returns"], "others": ["Store assistant"]}
        ]

    def test_a_token_is_its_owners_and_ends(self, people: People) -> None:
        item = line(start(people), "token:")
        assert item.subject_ids == [str(people["jonas"].public_id)]
        assert item.until_at is not None
        assert item.used_how == "not_recorded"

    def test_only_what_changed_since_the_last_one_is_marked(
        self, people: People, returns: Queue
    ) -> None:
        first = start(people)
        assert not first.items.filter(is_changed=True).exists()
        finish(people["ilse"], first, first.items.count())
        grant(people["ilse"], returns, QueueGrant.READ)
        second = start(people, title="Review Q1")
        assert [item.key for item in second.items.filter(is_changed=True)] == [
            f"queue:{people['ilse'].public_id}:{returns.public_id}:read_queue"
        ]

    def test_one_is_open_at_a_time(self, people: People) -> None:
        start(people)
        refused(lambda: start(people), ConflictError, "access_review.open")
        assert AccessReview.objects.count() == 1

    @pytest.mark.parametrize("who", ["petra", "maren", "jonas"])
    def test_who_may_not_review_starts_none(self, people: People, who: str) -> None:
        refused(
            lambda: start_review(
                actor=people[who].as_actor(),
                now=clock.now(),
                title="Q4",
                due_at=clock.now() + timedelta(days=1),
                reviewer_ids=[people["ilse"].public_id],
            ),
            NotPermittedError,
            "not_permitted",
        )
        assert not AccessReview.objects.exists()

    def test_all_that_is_wrong_is_said_at_once(self, people: People) -> None:
        error = refused(
            lambda: start_review(
                actor=people["ilse"].as_actor(),
                now=clock.now(),
                title="",
                due_at=clock.now() - timedelta(days=1),
                reviewer_ids=[people["petra"].public_id],
            ),
            InvalidInputError,
            "access_review.invalid",
        )
        assert [(one.field, one.code) for one in error.errors] == [
            ("title", "required"),
            ("due_at", "range"),
            ("reviewers", "not_eligible"),
        ]

    @pytest.mark.parametrize("more", [0, 30])
    def test_it_reads_as_often_for_more_grants(self, people: People, more: int) -> None:
        for _number in range(more):
            make_person(
                roles=[Role.SUPERVISOR],
                grants={Queue.objects.all()[0]: [QueueGrant.READ, QueueGrant.VOTE]},
            )
        with CaptureQueriesContext(connection) as asked:
            start(people)
        # SQLite takes only so many values at once: the lines are written in several lots.
        reads = [one for one in asked.captured_queries if one["sql"].startswith("SELECT")]
        assert len(reads) == START_READS[connection.vendor]


class TestConfirm:
    def test_it_is_one_entry_and_the_grant_stays(self, people: People, returns: Queue) -> None:
        item = of(start(people), people["maren"], f"{returns.public_id}:vote_queue")
        before = kinds()
        done = confirm(people["ilse"], item)
        assert (done.state, done.decided_by) == ("confirmed", "ilse")
        assert kinds() == [*before, "access_review.confirmed"]
        told = payload("access_review.confirmed")
        assert (told["holder"], told["what"]) == ("maren", "vote on Returns")
        assert QueueUserGrant.objects.filter(user=people["maren"], content_object=returns).exists()

    def test_again_is_refused(self, people: People) -> None:
        item = of(start(people), people["maren"], "supervisor")
        confirm(people["ilse"], item)
        refused(lambda: confirm(people["rafael"], item), ConflictError, "access_review.decided")

    def test_nobody_reviews_themselves(self, people: People) -> None:
        item = of(start(people), people["ilse"], "compliance_officer")
        refused(lambda: confirm(people["ilse"], item), NotPermittedError, "access_review.own")
        assert confirm(people["rafael"], item).state == "confirmed"

    def test_nor_an_agent_they_own(self, people: People) -> None:
        access.give_role(
            actor=people["petra"].as_actor(),
            now=clock.now(),
            user=people["jonas"],
            role=Role.COMPLIANCE_OFFICER,
            reason="Reviews too.",
        )
        review = start(people, "ilse", "jonas")
        for key in ("token:", "agent:"):
            item = line(review, key)
            refused(lambda: confirm(people["jonas"], item), NotPermittedError, "access_review.own")  # noqa: B023  called at once
            confirm(people["ilse"], item)

    def test_who_became_its_owner_since_may_not_either(self, people: People) -> None:
        review = start(people)
        item = line(review, "agent:")
        AgentQueueGrant.objects.get().agent.__class__.objects.update(owner=people["ilse"])
        refused(lambda: confirm(people["ilse"], item), NotPermittedError, "access_review.own")

    def test_only_named_reviewers_decide(self, people: People) -> None:
        item = of(start(people, "ilse"), people["maren"], "supervisor")
        refused(
            lambda: confirm(people["rafael"], item),
            NotPermittedError,
            "access_review.not_reviewer",
        )
        refused(lambda: confirm(people["petra"], item), NotPermittedError, "not_permitted")

    def test_a_reviewer_who_lost_the_role_decides_nothing(self, people: People) -> None:
        item = of(start(people), people["maren"], "supervisor")
        drop_roles(people["rafael"])
        refused(lambda: confirm(people["rafael"], item), NotPermittedError, "not_permitted")

    def test_what_is_gone_is_said(self, people: People, returns: Queue) -> None:
        item = of(start(people), people["jonas"], f"{returns.public_id}:vote_queue")
        access.revoke_queue(
            actor=people["petra"].as_actor(),
            now=clock.now(),
            user=people["jonas"],
            queue=returns,
            grant=QueueGrant.VOTE,
        )
        refused(lambda: confirm(people["ilse"], item), ConflictError, "access_review.gone")
        refused(lambda: revoke(people["ilse"], item), ConflictError, "access_review.gone")

    def test_what_was_given_again_is_another(self, people: People, returns: Queue) -> None:
        item = of(start(people), people["jonas"], f"{returns.public_id}:vote_queue")
        # A later grant keeps the database from giving the same row number again.
        grant(people["ilse"], returns, QueueGrant.READ)
        access.revoke_queue(
            actor=people["petra"].as_actor(),
            now=clock.now(),
            user=people["jonas"],
            queue=returns,
            grant=QueueGrant.VOTE,
        )
        grant(people["jonas"], returns, QueueGrant.VOTE)
        refused(lambda: confirm(people["ilse"], item), ConflictError, "access_review.changed")
        present = QueueUserGrant.objects.get(
            user=people["jonas"], permission__codename="vote_queue"
        )
        assert confirm(people["ilse"], item, seen=f"{present.pk}|").state == "confirmed"

    def test_a_line_of_another_review_is_not_found(self, people: People) -> None:
        item = of(start(people), people["maren"], "supervisor")
        refused(
            lambda: services.confirm_grant(
                actor=people["ilse"].as_actor(),
                now=clock.now(),
                review_id=item.review.public_id,
                item_id=item.review.public_id,
            ),
            NotFoundError,
            "not_found",
        )


class TestFinish:
    def test_what_was_decided_and_left_open_is_written_down(
        self, people: People, returns: Queue
    ) -> None:
        review = start(people)
        confirm(people["ilse"], of(review, people["maren"], "supervisor"))
        revoke(people["ilse"], line(review, "token:"))
        access.revoke_queue(
            actor=people["petra"].as_actor(),
            now=clock.now(),
            user=people["jonas"],
            queue=returns,
            grant=QueueGrant.VOTE,
        )
        left = review.items.count() - 3
        refused(lambda: finish(people["ilse"], review), ConflictError, "access_review.undecided")
        done = finish(people["ilse"], review, left)
        assert (done.state, done.finished_by) == ("finished", "ilse")
        told = payload("access_review.finished")
        assert (told["confirmed"], told["revoked"], told["open"], told["gone"]) == (1, 1, left, 1)
        assert len(told["left_open"]) == left

    def test_nothing_is_decided_in_a_finished_one(self, people: People) -> None:
        review = start(people)
        item = of(review, people["maren"], "supervisor")
        finish(people["ilse"], review, review.items.count())
        refused(lambda: confirm(people["ilse"], item), ConflictError, "access_review.finished")
        refused(lambda: revoke(people["ilse"], item), ConflictError, "access_review.finished")
        refused(lambda: finish(people["ilse"], review), ConflictError, "access_review.finished")

    def test_who_may_not_review_finishes_none(self, people: People) -> None:
        review = start(people)
        refused(lambda: finish(people["petra"], review), NotPermittedError, "not_permitted")
        assert AccessReview.objects.get().state == "open"


class TestReviewers:
    def name(self, actor: User, review: AccessReview, reviewer: User) -> None:
        services.name_reviewer(
            actor=actor.as_actor(),
            now=clock.now(),
            review_id=review.public_id,
            reviewer_id=reviewer.public_id,
        )

    def test_another_is_named_once(self, people: People) -> None:
        review = start(people, "ilse")
        self.name(people["ilse"], review, people["rafael"])
        self.name(people["ilse"], review, people["rafael"])
        assert kinds().count("access_review.reviewer_named") == 1
        item = of(review, people["ilse"], "compliance_officer")
        assert confirm(people["rafael"], item).decided_by == "rafael"

    def test_nobody_names_themselves_nor_who_may_not(self, people: People) -> None:
        review = start(people, "ilse")
        refused(
            lambda: self.name(people["rafael"], review, people["rafael"]),
            NotPermittedError,
            "access_review.own_naming",
        )
        refused(
            lambda: self.name(people["ilse"], review, people["petra"]),
            InvalidInputError,
            "access_review.invalid",
        )
        assert review.reviewers.count() == 1


def test_an_export_is_an_entry(people: People) -> None:
    services.record_export(actor=people["ilse"].as_actor(), now=clock.now(), what="a review")
    assert payload("access.exported")["what"] == "a review"
