import pytest
from pytest_django import DjangoAssertNumQueries

from governance.access.models import Queue, QueueGroupGrant, QueueUserGrant, User
from governance.access.types import QueueGrant
from governance.ledger.models import LedgerEntry
from tests.factories.access import grant, make_queue
from tests.flows.conftest import World
from tests.governance.admin.conftest import Browser

PERSON_QUERIES = 10
ROLE_QUERIES = 8


def _page(person: User) -> str:
    return f"/admin/access/people/{person.public_id}/"


def _holds(person: User, queue: str, grant: QueueGrant) -> bool:
    return QueueUserGrant.objects.filter(
        user=person, content_object__key=queue, permission__codename=grant.value
    ).exists()


def _change(act: str, grant: QueueGrant, queue: str = "returns") -> dict[str, str]:
    return {"act": act, "grant": grant.value, "queue": queue, "reason": "as agreed"}


def test_a_grant_is_taken_and_given_with_entry_and_history(retail: World, browser: Browser) -> None:
    person = retail.people["supervisor"]
    client = browser("operator")
    assert _page(person) in client.get("/admin/access/").content.decode()
    page = client.get(_page(person)).content.decode()
    assert "Revoke: vote on its approvals, Returns" in page
    taken = client.post(f"{_page(person)}grants/", _change("take", QueueGrant.VOTE), follow=True)
    assert "Taken from Maren Osei: vote on its approvals, Returns." in taken.content.decode()
    assert not _holds(person, "returns", QueueGrant.VOTE)
    entry = LedgerEntry.objects.get(kind="queue.revoked")
    assert entry.stream == f"user:{person.public_id}"
    version = QueueUserGrant.history.filter(user=person, history_type="-").latest("history_date")
    assert version.actor_label == "Petra Novak"
    text = client.get(_page(person)).content.decode()
    assert "taken: vote on its approvals" in text
    client.post(f"{_page(person)}grants/", _change("give", QueueGrant.VOTE))
    assert _holds(person, "returns", QueueGrant.VOTE)
    again = client.post(f"{_page(person)}grants/", _change("give", QueueGrant.VOTE), follow=True)
    assert b"it stood so already" in again.content


def test_taking_the_last_vote_of_a_queue_says_so(retail: World, browser: Browser) -> None:
    client = browser("operator")
    for login in retail.people:
        answer = client.post(
            f"{_page(retail.people[login])}grants/", _change("take", QueueGrant.VOTE), follow=True
        )
    assert not QueueUserGrant.objects.filter(
        content_object__key="returns", permission__codename=QueueGrant.VOTE.value
    ).exists()
    client.post(f"{_page(retail.people['supervisor'])}grants/", _change("give", QueueGrant.VOTE))
    answer = client.post(
        f"{_page(retail.people['supervisor'])}grants/",
        _change("take", QueueGrant.VOTE),
        follow=True,
    )
    assert b"Nobody can vote on the approvals of Returns now." in answer.content


def test_a_role_is_granted_as_a_whole(retail: World, browser: Browser) -> None:
    del retail
    client = browser("operator")
    page = "/admin/access/roles/specialist/"
    assert "Everybody with the role Specialist" in client.get(page).content.decode()
    client.post(f"{page}grants/", _change("give", QueueGrant.READ, "care"))
    grant = QueueGroupGrant.objects.get(content_object=Queue.objects.get(key="care"))
    assert (grant.group.name, grant.permission.codename) == ("specialist", "read_queue")
    assert page in client.get("/admin/access/").content.decode()
    for absent in ("ai_agent", "king"):
        assert client.get(f"/admin/access/roles/{absent}/").status_code == 404


def test_nobody_widens_their_own_authority(retail: World, browser: Browser) -> None:
    own = _page(retail.people["operator"])
    client = browser("operator")
    assert "Nobody gives authority to themselves." in client.get(own).content.decode()
    answer = client.post(f"{own}grants/", _change("give", QueueGrant.VOTE), follow=True)
    assert b"alert is-danger" in answer.content
    assert not _holds(retail.people["operator"], "returns", QueueGrant.VOTE)
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 1


def test_who_only_reads_access_changes_nothing(retail: World, browser: Browser) -> None:
    person = retail.people["supervisor"]
    client = browser("compliance")
    text = client.get(_page(person)).content.decode()
    assert "Maren Osei" in text
    assert "grants/" not in text
    refused = client.post(f"{_page(person)}grants/", _change("take", QueueGrant.VOTE))
    assert refused.status_code == 404
    assert _holds(person, "returns", QueueGrant.VOTE)
    assert browser("agent").get(_page(person)).status_code == 404
    wrong = {"act": "give", "grant": "own_queue", "queue": "returns"}
    assert browser("operator").post(f"{_page(person)}grants/", wrong).status_code == 404


@pytest.mark.parametrize("more", [0, 6])
def test_the_queries_of_a_person_and_a_role_do_not_grow(
    retail: World, browser: Browser, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    person, client = retail.people["supervisor"], browser("compliance")
    for number in range(more):
        queue = make_queue(f"more-{number}")
        grant(person, queue, QueueGrant.WORK)
    with django_assert_num_queries(PERSON_QUERIES):
        page = client.get(_page(person)).content.decode()
    assert all(f"More-{number}" in page for number in range(more))
    with django_assert_num_queries(ROLE_QUERIES):
        client.get("/admin/access/roles/supervisor/")
