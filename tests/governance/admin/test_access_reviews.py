"""Access reviews as pages: started, decided line by line, and what is refused."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from governance.access import services as access
from governance.access.models import Queue, User
from governance.access.types import QueueGrant, Role
from governance.access_reviews.models import AccessReview, AccessReviewItem
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from tests.factories.access import make_person
from tests.governance.access_reviews.conftest import (  # noqa: F401  fixtures are used by name
    accounts,
    people,
    returns,
    start,
)
from tests.governance.admin.test_changes import sign_in, text_of

pytestmark = pytest.mark.django_db
LIST = "/admin/access/reviews/"
PAGE_QUERIES = 5
People = dict[str, User]


def path(review: AccessReview, rest: str = "") -> str:
    return f"{LIST}{review.public_id}/{rest}"


def item(review: AccessReview, end: str) -> AccessReviewItem:
    lines = AccessReviewItem.objects.exclude(kind="every_document")
    return lines.get(review=review, key__endswith=end)


def kinds() -> list[str]:
    return list(LedgerEntry.objects.order_by("id").values_list("kind", flat=True))


class TestList:
    def test_a_review_is_started(self, people: People) -> None:  # noqa: F811
        client = sign_in(people["ilse"])
        assert "No review yet." in text_of(client, LIST)
        due = (clock.now() + timedelta(days=3)).strftime("%Y-%m-%dT18:00")
        told = client.post(
            f"{LIST}start/",
            {
                "title": "Review Q4",
                "due_at": due,
                "reviewers": [str(people[one].public_id) for one in ("ilse", "rafael")],
            },
            follow=True,
        ).content.decode()
        assert "Started. The list is frozen as it stands now." in told
        page = text_of(client, LIST)
        assert "Review Q4" in page
        assert "One is open. Finish it first." in page

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"title": " "}, "Give the review a title."),
            ({"due_at": "2001-01-01T10:00"}, "It has to be due after now."),
            ({"due_at": "soon"}, "Write until when it is to be done."),
            ({"reviewers": []}, "Name at least one reviewer."),
            ({"reviewers": ["x"]}, "Choose a person."),
        ],
    )
    def test_what_is_wrong_is_said_and_kept(
        self,
        people: People,  # noqa: F811
        changes: dict[str, str | list[str]],
        said: str,
    ) -> None:
        data = {
            "title": "Review Q4",
            "due_at": "2099-01-01T10:00",
            "reviewers": [str(people["rafael"].public_id)],
            **changes,
        }
        answer = sign_in(people["ilse"]).post(f"{LIST}start/", data)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert said in page
        if "title" not in changes:
            assert 'value="Review Q4"' in page
        assert not AccessReview.objects.exists()

    def test_a_second_open_one_is_refused_and_recorded(self, people: People) -> None:  # noqa: F811
        start(people)
        data = {
            "title": "Another",
            "due_at": "2099-01-01T10:00",
            "reviewers": [str(people["rafael"].public_id)],
        }
        answer = sign_in(people["ilse"]).post(f"{LIST}start/", data)
        assert answer.status_code == 409
        assert kinds()[-1] == "act.refused"
        assert AccessReview.objects.count() == 1


class TestPage:
    def test_it_shows_who_can_do_what(self, people: People) -> None:  # noqa: F811
        page = text_of(sign_in(people["ilse"]), path(start(people)))
        for part in (
            "Review Q4",
            "reviewers: ilse, rafael",
            "Everybody with the role Human agent",
            "by petra",
            "Change every policy",
            "Given because: Works returns.",
            "used never",
            "conflict of duty",
            "answers for Store assistant, whose actions the queue Returns approves.",
            "rafael decides: nobody reviews themselves",
            "rafael decides about what is yours.",
            "Author of a change does not vote on it",
            'Agent owner and approver in one queue <span class="d">1 person</span>',
            "Roles and capabilities",
        ):
            assert part in page, part
        for code in ("vote_queue", "agent_and_votes", "person_queue", "compliance_officer<"):
            assert code not in page, code

    @pytest.mark.parametrize(
        ("show", "there", "absent"),
        [
            ("conflicts", "jonas", "Store assistant <i>AI</i>"),
            ("agents", "Store assistant <i>AI</i>", "maren <i>person</i>"),
            ("unused", "jonas", "Read cases"),
            ("changed", "Nothing here.", "maren <i>person</i>"),
            ("bogus", "maren <i>person</i>", "Nothing here."),
        ],
    )
    def test_the_filters(
        self,
        people: People,  # noqa: F811
        show: str,
        there: str,
        absent: str,
    ) -> None:
        page = text_of(sign_in(people["ilse"]), path(start(people), f"?show={show}"))
        assert there in page
        assert absent not in page

    def test_what_changed_and_what_is_gone_is_said(
        self,
        people: People,  # noqa: F811
        returns: Queue,  # noqa: F811
    ) -> None:
        review = start(people)
        access.revoke_queue(
            actor=people["petra"].as_actor(),
            now=clock.now(),
            user=people["jonas"],
            queue=returns,
            grant=QueueGrant.VOTE,
        )
        assert "Gone since the list was frozen" in text_of(sign_in(people["ilse"]), path(review))

    @pytest.mark.parametrize("who", ["petra", "maren", "jonas"])
    def test_who_may_not_review_finds_nothing(self, people: People, who: str) -> None:  # noqa: F811
        review = start(people)
        client = sign_in(people[who])
        line = item(review, "supervisor").public_id
        assert client.get(LIST).status_code == 404
        assert client.get(path(review)).status_code == 404
        for rest in ("finish/", "reviewers/", f"lines/{line}/confirm/", f"lines/{line}/revoke/"):
            assert client.post(path(review, rest)).status_code == 404
        assert not review.items.exclude(state="open").exists()

    @pytest.mark.parametrize("more", [0, 45])
    def test_it_asks_as_often_for_more_grants(
        self,
        people: People,  # noqa: F811
        returns: Queue,  # noqa: F811
        more: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for _number in range(more):
            make_person(roles=[Role.SUPERVISOR], grants={returns: [QueueGrant.VOTE]})
        client, review = sign_in(people["ilse"]), start(people)
        text_of(client, path(review))
        with django_assert_num_queries(PAGE_QUERIES):
            page = text_of(client, path(review))
        assert ("Next" in page) is bool(more)


class TestActs:
    def post(self, who: User, review: AccessReview, end: str, act: str, **data: str) -> str:
        line = item(review, end).public_id
        answer = sign_in(who).post(path(review, f"lines/{line}/{act}/"), data, follow=True)
        return " ".join(answer.content.decode().split())

    def test_a_grant_is_confirmed_and_the_cursor_goes_on(self, people: People) -> None:  # noqa: F811
        review = start(people)
        page = self.post(people["ilse"], review, "supervisor", "confirm", show="left")
        assert item(review, "supervisor").state == "confirmed"
        assert page.count("is-cursor") == 1
        assert kinds()[-1] == "access_review.confirmed"

    def test_ones_own_is_refused_and_recorded(self, people: People) -> None:  # noqa: F811
        review = start(people)
        mine = f"{people['ilse'].public_id}:compliance_officer"
        page = self.post(people["ilse"], review, mine, "confirm")
        assert "Nobody reviews themselves." in page
        assert kinds()[-1] == "act.refused"
        assert item(review, mine).state == "open"
        assert 'Nobody reviews their own access <span class="d">1 try refused</span>' in page

    def test_before_a_revocation_its_consequence_is_shown(self, people: People) -> None:  # noqa: F811
        review = start(people)
        line = item(review, f"{people['jonas'].public_id}:specialist").public_id
        page = text_of(sign_in(people["ilse"]), path(review, f"?revoke={line}"))
        assert "Before you revoke" in page
        assert "Returns keeps 1 person who can vote." in page
        assert "0 approvals are claimed by them now." in page

    def test_what_would_be_refused_is_said_before(self, people: People) -> None:  # noqa: F811
        review = start(people)
        line = item(review, "supervisor").public_id
        page = text_of(sign_in(people["ilse"]), path(review, f"?revoke={line}"))
        said = "Revoking would leave Accounts with nobody who can vote. Name someone first."
        assert said in page
        assert said in self.post(people["ilse"], review, "supervisor", "revoke", reason="Gone.")
        assert people["maren"].groups.exists()
        assert kinds()[-1] == "act.refused"

    def test_it_is_revoked_with_a_reason_only(self, people: People) -> None:  # noqa: F811
        review = start(people)
        end = f"{people['jonas'].public_id}:specialist"
        page = self.post(people["ilse"], review, end, "revoke", reason=" ")
        assert "Say why it is revoked" in page
        assert people["jonas"].groups.exists()
        page = self.post(people["ilse"], review, end, "revoke", reason="Left.")
        assert "Revoked. It took effect at once." in page
        assert not people["jonas"].groups.exists()

    def test_it_is_finished_with_what_is_left_open(self, people: People) -> None:  # noqa: F811
        review, client = start(people), sign_in(people["ilse"])
        refused = client.post(path(review, "finish/"), follow=True).content.decode()
        assert "grants are undecided" in refused
        told = client.post(
            path(review, "finish/"), {"left_open": str(review.items.count())}, follow=True
        ).content.decode()
        assert "Finished. What was decided stands in the ledger." in told
        assert "left open" in told
        assert 'data-key="c"' not in told

    def test_another_reviewer_is_named(self, people: People) -> None:  # noqa: F811
        review, client = start(people, "ilse"), sign_in(people["ilse"])
        page = text_of(client, path(review))
        assert "Nobody named may decide your own grants. Name another reviewer." in page
        client.post(path(review, "reviewers/"), {"reviewer": str(people["rafael"].public_id)})
        assert "rafael decides" in text_of(client, path(review))


def test_the_access_page_leads_to_the_reviews(people: People) -> None:  # noqa: F811
    link = f'href="{LIST}"'
    assert link in text_of(sign_in(people["ilse"]), "/admin/access/")
    assert link not in text_of(sign_in(people["petra"]), "/admin/access/")


def test_the_start_page_tells_what_is_open_and_what_is_late(people: People) -> None:  # noqa: F811
    ilse = sign_in(people["ilse"])
    assert "left to decide" not in text_of(ilse, "/admin/")
    review = start(people)
    assert f"{review.items.count()} grants are left to decide." in text_of(ilse, "/admin/")
    AccessReview.objects.update(due_at=clock.now() - timedelta(hours=1))
    assert "The access review is late:" in text_of(ilse, "/admin/")
    assert "access review is late" not in text_of(sign_in(people["petra"]), "/admin/")
