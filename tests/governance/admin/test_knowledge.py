"""Articles as pages: found, read, opened for a case, written, and proposed."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from cases.memory.models import Case
from governance.access.models import User
from governance.access.types import Role
from governance.admin import knowledge
from governance.knowledge import selectors
from governance.knowledge.models import ArticleInForce, ArticleUse, ArticleVersion
from governance.knowledge.services import record_use, retire_article
from governance.knowledge.types import UseDraft, UseWay
from governance.ledger.models import LedgerEntry
from governance.reviews.models import ChangeRequest
from orchestra.core import bounded, clock
from orchestra.core.actors import system
from tests.factories.access import make_person
from tests.factories.articles import BODY, make_document, put_in_force
from tests.factories.reviews import People, approve, make_people, submit_change
from tests.flows.conftest import World
from tests.flows.helpers import open_case

pytestmark = pytest.mark.django_db
LIST_QUERIES = 7
SEARCH_QUERIES = 7
PAGE_QUERIES = 7


@pytest.fixture
def people(db: None) -> People:
    del db
    return make_people()


def sign_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def shown(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return " ".join(answer.content.decode().split())


def opened(people: People, **changes: Any) -> ChangeRequest:
    return submit_change(
        people.author,
        make_document(**changes),
        now=clock.now(),
        kind="article",
        document_key="returns",
    )


def days(count: int) -> str:
    return (clock.now().date() + timedelta(days=count)).isoformat()


def test_whoever_has_no_role_finds_nothing() -> None:
    put_in_force()
    client = sign_in(make_person())
    for path in ("/admin/knowledge/", "/admin/knowledge/returns/"):
        assert client.get(path).status_code == 404
    reader = sign_in(make_person(roles=[Role.HUMAN_AGENT]))
    assert "Write an article" not in shown(reader, "/admin/knowledge/")
    assert reader.get("/admin/change-requests/new/article/").status_code == 404


def test_the_list_tells_what_is_in_force_due_and_past(
    people: People, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    put_in_force("fresh", title="Fresh one", review_by=days(100))
    put_in_force("due", title="Due one", review_by=days(10))
    put_in_force("stale", title="Stale one", review_by=days(-10))
    opened(people)
    client = sign_in(people.author)
    client.get("/admin/knowledge/")
    with django_assert_num_queries(LIST_QUERIES):
        text = shown(client, "/admin/knowledge/")
    assert "1 article is past its review date" in text
    for title in ("Fresh one", "Due one", "Stale one"):
        assert title in text
    assert "Stale one" in shown(client, "/admin/knowledge/?show=stale")
    assert "Due one" not in shown(client, "/admin/knowledge/?show=stale")
    assert "Due one" in shown(client, "/admin/knowledge/?show=due")
    assert "CR-" in shown(client, "/admin/knowledge/?show=drafts")
    assert client.get("/admin/knowledge/?show=other").status_code == 404
    start = shown(client, "/admin/")
    assert "1 article is past its review date" in start


def test_a_search_marks_what_it_found(
    people: People, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    put_in_force("a", title="Gift cards", body="A <b>card</b> is money.")
    put_in_force("b", title="Lamps", body="A lamp.")
    client = sign_in(people.author)
    client.get("/admin/knowledge/")
    with django_assert_num_queries(SEARCH_QUERIES):
        text = shown(client, "/admin/knowledge/?q=card")
    assert "Gift <mark>cards</mark>" in text
    assert "<mark>card</mark>" in text
    # PostgreSQL leaves tags out of an excerpt, SQLite shows them as text; neither places one.
    assert "<b><mark>" not in text
    assert "Lamps" not in text
    assert "These have some of them" in shown(client, "/admin/knowledge/?q=card+lamp")
    assert "No article has any" in shown(client, "/admin/knowledge/?q=moonlight")
    assert client.get("/admin/knowledge/", {"q": '"(' * 900}).status_code == 200


def test_an_article_is_shown_safely(
    people: People, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    put_in_force(body="**Bold** <script>alert(1)</script> [a](javascript:x)")
    client = sign_in(people.author)
    client.get("/admin/knowledge/")
    with django_assert_num_queries(PAGE_QUERIES):
        text = shown(client, "/admin/knowledge/returns/")
    assert "<strong>Bold</strong> &lt;script&gt;alert(1)&lt;/script&gt; [a](javascript:x)" in text
    assert "version 1 in force" in text
    assert "Store policy" in text
    assert client.get("/admin/knowledge/other/").status_code == 404
    assert client.get("/admin/knowledge/returns/?version=7").status_code == 404


def test_older_and_retired_versions_stay_readable(people: People) -> None:
    put_in_force()
    put_in_force(body="The new text.")
    client = sign_in(people.author)
    text = shown(client, "/admin/knowledge/returns/?version=1")
    assert "This is version 1 as it was." in text
    assert "Propose to go back to version 1" in text
    assert "The new text." in shown(client, "/admin/knowledge/returns/")
    retire_article(actor=system("test"), now=clock.now(), key="returns")
    assert "This is version 2 as it was." in shown(client, "/admin/knowledge/returns/")


def test_an_altered_text_is_not_shown(people: People) -> None:
    version = put_in_force()
    document = make_document(body="Pay everybody.")
    ArticleVersion.objects.filter(pk=version.pk).update(document=document)
    text = shown(sign_in(people.author), "/admin/knowledge/returns/")
    assert "not the one that was published" in text
    assert "Pay everybody" not in text


def test_opened_from_a_case_it_is_a_use_that_others_see(retail: World) -> None:
    put_in_force("jam", title="On jam")
    case = open_case(retail)
    link = f"/admin/knowledge/jam/?case={case}"
    agent = sign_in(retail.people["agent"])
    assert f"/admin/knowledge/?case={case}" in shown(agent, f"/admin/cases/{case}/")
    assert link in shown(agent, f"/admin/knowledge/?case={case}&q=jam")
    label = Case.objects.get(public_id=case).label
    for _again in range(2):
        assert f"You opened this for {label}." in shown(agent, link)
    use = ArticleUse.objects.get()
    assert (use.way, use.by_label) == ("opened", "Lena Fischer")
    assert LedgerEntry.objects.filter(kind="article.used", stream=f"case:{case}").count() == 1
    assert f'/admin/cases/{case}/">{label}</a>' in shown(agent, "/admin/knowledge/jam/")
    owner = sign_in(retail.people["policy"])
    text = shown(owner, "/admin/knowledge/jam/")
    assert label not in text
    assert "None that you may see." in text
    assert owner.get(link).status_code == 404
    assert ArticleUse.objects.count() == 1


def test_opened_from_a_case_it_asks_for_no_more_than_a_page_may(
    retail: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    put_in_force("jam", title="On jam")
    link = f"/admin/knowledge/jam/?case={open_case(retail)}"
    agent = sign_in(retail.people["agent"])
    shown(agent, link)
    with django_assert_max_num_queries(12):
        shown(agent, link)


def test_uses_are_counted_up_to_a_bound(retail: World, monkeypatch: pytest.MonkeyPatch) -> None:
    version = put_in_force("jam", title="On jam")
    for number in range(3):
        draft = UseDraft(UseWay.OPENED, "case", f"c-{number}", f"case:c-{number}")
        record_use(actor=system("tests"), now=clock.now(), version=version, use=draft)
    agent = sign_in(retail.people["agent"])
    text = shown(agent, "/admin/knowledge/jam/")
    assert "3 uses" in text
    assert "3 more are in queues you may not read, or are older." in text
    for room in (selectors, knowledge, bounded):
        monkeypatch.setattr(room, "COUNTED", 2)
    text = shown(agent, "/admin/knowledge/jam/")
    assert "1+ uses" in text
    assert "More are in queues you may not read, or are older." in text


def test_a_new_article_is_begun_written_and_published(people: People) -> None:
    client = sign_in(people.author)
    answer = client.post(
        "/admin/change-requests/new/article/", {"title": "Gift wrapping", "key": ""}
    )
    change = ChangeRequest.objects.get()
    assert change.document_key == "gift_wrapping"
    page = f"/admin/change-requests/{change.public_id}/article/"
    assert answer["Location"] == page
    assert "write the text of the article" in shown(client, page)
    form = {
        "title": "Gift wrapping",
        "owner": "Care",
        "review_by": days(90),
        "audience": ["ai", "human"],
        "topics": "",
        "language": "en",
        "sources": "",
        "body": "Wrapping is **free**.",
        "summary": "Asked often.",
        "digest": change.digest,
        "do": "save",
    }
    answer = client.post(page, form)
    assert answer["Location"] == f"/admin/change-requests/{change.public_id}/"
    text = shown(client, f"/admin/change-requests/{change.public_id}/")
    assert "Edit the article" in text
    client.post(f"/admin/change-requests/{change.public_id}/act/", {"act": "submit"})
    change.refresh_from_db()
    approve(change, people.officer, now=clock.now())
    answer = sign_in(people.owner).post(
        f"/admin/change-requests/{change.public_id}/act/", {"act": "publish"}
    )
    assert ArticleInForce.objects.get().title == "Gift wrapping"
    assert "<strong>free</strong>" in shown(client, "/admin/knowledge/gift_wrapping/")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"title": "", "key": ""}, "A key has small letters"),
        ({"title": "Gift", "key": "No Key"}, "A key has small letters"),
        ({"title": "Taking back", "key": "returns"}, "is in force"),
    ],
)
def test_what_cannot_be_begun_is_told(people: People, form: dict[str, str], said: str) -> None:
    put_in_force()
    answer = sign_in(people.author).post("/admin/change-requests/new/article/", form)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not ChangeRequest.objects.exists()


def test_a_preview_changes_nothing(people: People) -> None:
    change = opened(people)
    client = sign_in(people.author)
    page = f"/admin/change-requests/{change.public_id}/article/"
    answer = client.post(page, {"do": "preview", "body": "**New** <img src=x>", "title": ""})
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "<strong>New</strong> &lt;img src=x&gt;" in text
    assert "give it a title" in text
    answer = client.post(f"{page}preview/", {"body": "*a*"})
    assert "<em>a</em>" in answer.content.decode()
    assert "<html" not in answer.content.decode()
    change.refresh_from_db()
    assert change.document["body"] == BODY


def test_what_has_errors_is_saved_and_told(people: People) -> None:
    change = opened(people)
    page = f"/admin/change-requests/{change.public_id}/article/"
    answer = sign_in(people.author).post(
        page, {"do": "save", "body": "x", "digest": change.digest}, follow=True
    )
    assert "errors keep it from being submitted" in answer.content.decode()
    change.refresh_from_db()
    assert change.document["body"] == "x"


def test_a_text_that_another_saved_meanwhile_is_kept_on_the_page(people: People) -> None:
    change = opened(people)
    page = f"/admin/change-requests/{change.public_id}/article/"
    answer = sign_in(people.author).post(
        page, {"do": "save", "body": "Mine alone.", "digest": "0" * 64}
    )
    text = answer.content.decode()
    assert "saved another text meanwhile" in text
    assert "Mine alone." in text
    change.refresh_from_db()
    assert change.document["body"] == BODY


def test_reviewers_read_it_and_do_not_edit_it(people: People) -> None:
    change = opened(people)
    page = f"/admin/change-requests/{change.public_id}/article/"
    client = sign_in(people.officer)
    assert "Read as an article" in shown(client, f"/admin/change-requests/{change.public_id}/")
    text = shown(client, page)
    assert "Goods come back" in text
    assert "Save the draft" not in text
    assert client.post(page, {"do": "save", "body": "x"}).status_code == 404
    assert client.post(f"{page}preview/", {"body": "x"}).status_code == 404
