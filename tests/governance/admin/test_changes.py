"""Change requests as pages: who sees what, what each may do, and what is said when not."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from governance.access.models import User
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.policies import registry
from governance.policies.models import PolicyVersion
from governance.reviews.models import ChangeRequest
from orchestra.core import clock
from tests.factories.access import make_person
from tests.factories.reviews import (
    People,
    approve,
    know_tools,
    make_people,
    make_text,
    open_change,
    put_in_force,
    submit_change,
)

pytestmark = pytest.mark.django_db
LIST_QUERIES = 11
PAGE_QUERIES = 6


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch, db: None) -> People:
    del db
    monkeypatch.setattr(registry.tool_names, "_items", {})
    monkeypatch.setattr(registry.tool_risks, "_items", {})
    know_tools()
    put_in_force()
    return make_people()


def sign_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def submitted(author: User, document: Any = None, **changes: Any) -> ChangeRequest:
    """A change that is in review now, whatever the day: pages read the clock themselves."""
    return submit_change(author, document, now=clock.now(), **changes)


def link(change: ChangeRequest, act: str = "") -> str:
    return f"/admin/change-requests/{change.public_id}/{act and act + '/'}"


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return " ".join(answer.content.decode().split())


def do(person: User, change: ChangeRequest, act: str, **data: str) -> str:
    answer = sign_in(person).post(link(change, "act"), {"act": act, **data}, follow=True)
    return answer.content.decode()


def vote(person: User, change: ChangeRequest, choice: str, **data: str) -> str:
    ballot = {"choice": choice, "digest": change.digest, **data}
    return sign_in(person).post(link(change, "vote"), ballot, follow=True).content.decode()


@pytest.mark.parametrize("role", [None, Role.HUMAN_AGENT])
def test_whoever_may_not_read_changes_finds_nothing(people: People, role: Role | None) -> None:
    change = open_change(people.author)
    client = sign_in(make_person(roles=[role] if role else []))
    for path in ("/admin/change-requests/", link(change)):
        assert client.get(path).status_code == 404
    for act in ("act", "vote", "save"):
        assert client.post(link(change, act), {"act": "withdraw"}).status_code == 404
    change.refresh_from_db()
    assert change.state == "draft"


def test_the_list_begins_with_what_waits_for_me(people: People) -> None:
    waiting = submitted(people.author)
    draft = open_change(people.author, title="Only a draft")
    officer = sign_in(people.officer)
    page = text_of(officer, "/admin/change-requests/")
    assert "1 change waits for your vote" in page
    assert waiting.label in page
    assert "Only a draft" not in page
    assert "Only a draft" in text_of(officer, "/admin/change-requests/?show=all")
    assert "Only a draft" in text_of(officer, "/admin/change-requests/?show=draft")
    assert officer.get("/admin/change-requests/?show=nothing").status_code == 404
    mine = text_of(sign_in(people.author), "/admin/change-requests/")
    assert "Nothing waits for your vote." in mine
    assert draft.label not in mine


def test_a_reader_who_does_not_review_sees_all(people: People) -> None:
    open_change(people.author, title="Only a draft")
    page = text_of(sign_in(make_person(roles=[Role.QA_ANALYST])), "/admin/change-requests/")
    assert "Only a draft" in page
    assert "mine to review" not in page


def test_the_page_says_in_words_what_changes_and_why_not_me(people: People) -> None:
    change = submitted(people.author, summary="Too many doubts pass.")
    page = text_of(sign_in(people.author), link(change))
    assert f"{change.label}: Ask earlier" in page
    assert "Too many doubts pass." in page
    assert "<ins>When confidence is less than 0.7: verify (customer verified basic).</ins>" in page
    assert "reason: Reason of new." in page
    assert "Row 1 is the same, word for word." in page
    assert "against version 1, in words" in page
    assert "You wrote this; you may not vote on it." in page
    assert "Approve version 2" not in page
    officer = text_of(sign_in(people.officer), link(change))
    assert "Approve version 2" in officer
    assert 'name="text" rows="18"' not in officer


def test_from_the_policy_to_the_version_in_force(people: People) -> None:
    author = sign_in(people.author)
    assert "Open a change request" in text_of(author, "/admin/policies/lookups/")
    asked = {"kind": "policy", "key": "lookups", "title": "Ask earlier", "summary": "Doubts."}
    opened = author.post("/admin/change-requests/open/", asked, follow=True)
    change = ChangeRequest.objects.get()
    assert opened.redirect_chain[-1][0] == link(change)
    assert "Nothing differs from that version." in opened.content.decode()
    saved = author.post(
        link(change, "save"),
        {
            "digest": change.digest,
            "summary": "Doubts.",
            "text": as_yaml("new"),
        },
        follow=True,
    )
    assert "Saved." in saved.content.decode()
    change.refresh_from_db()
    assert [row["id"] for row in change.document["rules"]] == ["new"]
    assert "Submitted." in do(people.author, change, "submit")
    change.refresh_from_db()
    assert "Your approval counts." in vote(people.officer, change, "approve", reason="Read.")
    assert "Published." in do(people.owner, change, "publish")
    version = PolicyVersion.objects.get(state="published")
    assert (version.number, version.digest) == (2, change.digest)
    page = text_of(author, link(change))
    assert "as version 2" in page
    assert "Propose to take it out of force" in page


def as_yaml(row: str) -> str:
    return (
        "key: lookups\ntitle: Look-ups\nscope:\n  tools: [read_order]\nrules:\n"
        f"- id: {row}\n  title: Row\n  when:\n  - {{fact: confidence, below: 0.7}}\n"
        "  outcome: verify\n  reason: Reason.\n"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("key: [", "this is no YAML"),
        ("key: a\nkey: b\n", "the key &#x27;key&#x27; stands twice"),
        ("- a\n", "The text must be a mapping of names to values."),
        ("a: &a [x, x]\nb: *a\n", "an anchor (&amp;a) is not allowed"),
        ("c: 2020-01-01\n", "quote a date"),
    ],
)
def test_a_text_that_cannot_be_read_is_shown_again_and_not_stored(
    people: People, text: str, said: str
) -> None:
    change = open_change(people.author)
    answer = sign_in(people.author).post(
        link(change, "save"), {"digest": change.digest, "text": text}
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Nothing was saved." in page
    assert said in page
    before = change.digest
    change.refresh_from_db()
    assert (change.digest, change.history.count()) == (before, 1)


def test_a_text_with_errors_is_saved_and_says_all_of_them(people: People) -> None:
    change = open_change(people.author, make_text("a", "a", title=""))
    page = text_of(sign_in(people.author), link(change))
    assert "2 errors keep it from being submitted" in page
    assert "rules[1].id" in page
    assert "The text cannot be compared before its errors are corrected" in page
    assert "The change cannot be submitted" in do(people.author, change, "submit")
    change.refresh_from_db()
    assert change.state == "draft"


def test_saving_over_somebody_keeps_what_was_written_on_the_page(people: People) -> None:
    change = open_change(people.author)
    answer = sign_in(people.owner).post(
        link(change, "save"), {"digest": "0" * 64, "text": as_yaml("mine")}
    )
    assert answer.status_code == 422
    assert "saved another text meanwhile" in answer.content.decode()
    assert "id: mine" in answer.content.decode()
    refusal = LedgerEntry.objects.get(kind="act.refused")
    assert refusal.actor_id == str(people.owner.public_id)


def test_a_stale_vote_is_refused_and_recorded(people: People) -> None:
    change = submitted(people.author)
    page = vote(people.officer, change, "approve", digest="0" * 64)
    assert "Your vote answered another text of this change" in page
    change.refresh_from_db()
    assert change.state == "submitted"
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 1


def test_changes_are_asked_for_with_a_reason(people: People) -> None:
    change = submitted(people.author)
    assert "Say what has to change" in vote(people.lead, change, "ask_for_changes")
    assert "Sent back to its author." in vote(people.lead, change, "ask_for_changes", reason="Why?")
    assert "Choose approve, ask for changes, or refuse." in vote(people.lead, change, "perhaps")
    page = text_of(sign_in(people.author), link(change))
    assert "changes asked" in page
    assert "Submit for review" in page


def test_from_high_on_the_password_is_asked_before_the_vote(people: People) -> None:
    put_in_force(make_text(tool="refund"))
    change = submitted(people.author, make_text("new", tool="refund"))
    people.officer.set_password("correct horse battery")
    people.officer.save()
    client = sign_in(people.officer)
    assert "To approve, you will be asked to show that it is you." in text_of(client, link(change))
    ballot = {"choice": "approve", "digest": change.digest, "reason": "Read."}
    asked = client.post(link(change, "vote"), ballot, follow=True)
    assert asked.redirect_chain[-1][0] == link(change, "step-up")
    wrong = client.post(link(change, "step-up"), {"password": "no"})
    assert "That is not your password. Nothing was voted." in wrong.content.decode()
    assert change.reviews.count() == 0
    done = client.post(link(change, "step-up"), {"password": "correct horse battery"}, follow=True)
    assert "Your approval counts." in done.content.decode()
    assert change.reviews.get().reason == "Read."
    assert client.get(link(change, "step-up")).status_code == 302


def test_a_version_in_between_is_said_with_the_way_on(people: People) -> None:
    change = approve(submitted(people.author), people.officer, now=clock.now())
    put_in_force(make_text("between"))
    page = text_of(sign_in(people.author), link(change))
    assert "Version 2 came into force since this was opened." in page
    assert "Another version came into force" in do(people.owner, change, "publish")
    assert "It stands on the version in force now." in do(people.author, change, "rebase")
    change.refresh_from_db()
    assert (change.state, change.base_number) == ("draft", 2)


def test_a_rehearsal_of_another_text_is_said(people: People) -> None:
    change = submitted(people.author)
    ChangeRequest.objects.update(rehearsal_digest="c" * 64)
    page = text_of(sign_in(people.officer), link(change))
    assert "Rehearsal and text do not belong together." in page
    assert "Approve version 2" not in page
    assert "Ask for changes" in page


def test_publishing_is_planned_in_the_persons_time_zone(people: People) -> None:
    people.owner.time_zone = "America/New_York"
    people.owner.save()
    change = approve(submitted(people.author), people.officer, now=clock.now())
    assert "Write a date and a time." in do(people.owner, change, "schedule", publish_at="soon")
    assert "Planned." in do(people.owner, change, "schedule", publish_at="2099-01-05T09:00")
    change.refresh_from_db()
    assert change.publish_at == datetime.fromisoformat("2099-01-05T14:00+00:00")
    assert "planned" in text_of(sign_in(people.owner), link(change))


def test_who_may_not_do_it_is_told_and_nothing_changes(people: People) -> None:
    change = approve(submitted(people.author), people.officer, now=clock.now())
    page = text_of(sign_in(people.supervisor), link(change))
    assert "Publish now" not in page
    assert "Your role does not allow this." in do(people.supervisor, change, "publish")
    change.refresh_from_db()
    assert change.state == "approved"
    assert sign_in(people.owner).post(link(change, "act"), {"act": "x"}).status_code == 404
    asked = {"kind": "policy", "key": "lookups", "title": "No"}
    for person, given in ((people.officer, asked), (people.author, {**asked, "kind": "x"})):
        answer = sign_in(person).post("/admin/change-requests/open/", given)
        assert answer.status_code == 404
    assert ChangeRequest.objects.count() == 1


def test_an_older_version_is_brought_back_from_its_page(people: People) -> None:
    put_in_force(make_text("second"))
    author = sign_in(people.author)
    page = text_of(author, "/admin/policies/lookups/?version=1")
    assert "Propose to go back to version 1" in page
    asked = {"kind": "policy", "key": "lookups", "number": "1", "summary": "Too strict."}
    author.post("/admin/change-requests/open/", asked)
    change = ChangeRequest.objects.get()
    assert (change.purpose, change.document) == ("rollback", make_text())
    assert change.label in text_of(author, "/admin/policies/lookups/")


def test_comments_say_on_which_text_they_were_made(people: People) -> None:
    change = submitted(people.author)
    told = do(people.supervisor, change, "comment", text="Who looks at 03:00?", place="Row 1")
    assert "Who looks at 03:00?" in told
    assert "on an earlier text" not in told
    ChangeRequest.objects.update(digest="d" * 64)
    assert "on an earlier text" in text_of(sign_in(people.supervisor), link(change))


@pytest.mark.parametrize("others", [0, 3])
def test_the_page_and_the_list_take_a_fixed_number_of_queries(
    people: People, others: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    change = submitted(people.author)
    for number in range(others):
        submitted(people.author, make_text(f"other-{number}"))
        do(people.supervisor, change, "comment", text=f"Comment {number}")
    client = sign_in(people.officer)
    with django_assert_num_queries(LIST_QUERIES):
        client.get("/admin/change-requests/?show=all")
    with django_assert_num_queries(PAGE_QUERIES):
        client.get(link(change))


def test_the_list_and_the_page_name_the_document_by_its_title_and_key(people: People) -> None:
    change = submitted(people.author, {**make_text(), "title": "Refunds to customers"})
    for path in ("/admin/change-requests/?show=all", link(change)):
        shown = text_of(sign_in(people.author), path)
        assert "Refunds to customers" in shown, path
        assert f'<span class="mono small muted">{change.document_key}</span>' in shown, path


@pytest.mark.parametrize("title", [None, 7, ["a"], " "])
def test_a_text_without_a_title_is_named_by_its_key(people: People, title: object) -> None:
    change = open_change(people.author, {**make_text(), "title": title})
    listed = text_of(sign_in(people.author), "/admin/change-requests/?show=all")
    assert f'Policy <span class="mono small muted">{change.document_key}</span>' in listed
    shown = text_of(sign_in(people.author), link(change))
    assert f">{change.document_key}</a>" in shown
