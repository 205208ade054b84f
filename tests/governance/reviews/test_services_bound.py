"""Who is bound to documents by name changes those, and reads the others like before."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from governance.access import services as access
from governance.access.models import User
from governance.access.selectors import authority_of
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.reviews import services
from governance.reviews.models import ChangeRequest, Review
from governance.reviews.selectors import get_change, list_changes, list_to_review
from governance.reviews.types import ChangeState
from governance.reviews.waiting import count_to_review
from orchestra.core import clock
from orchestra.core.actors import system
from orchestra.core.errors import ConflictError, NotPermittedError
from tests.factories.access import make_person
from tests.factories.reviews import (
    LATER,
    NOW,
    People,
    approve,
    ballot_of,
    make_text,
    open_change,
    publish,
    put_in_force,
    submit_change,
)

pytestmark = pytest.mark.django_db

SETUP = system("set-up")
LOOKUPS = access.Of("policy", "lookups")
OTHERS = access.Of("policy", "others")


@pytest.fixture
def bound(people: People) -> People:
    """Policy owners are bound: the author to the look-ups, the other owner to something else."""
    put_in_force()
    put_in_force(make_text(key="others", title="Others"))
    every = access.Of("policy")
    access.revoke_document(actor=SETUP, now=NOW, holder=Role.POLICY_OWNER, of=every)
    give(people.author, LOOKUPS)
    give(people.owner, OTHERS)
    return people


def give(person: User, of: access.Of) -> None:
    access.grant_document(actor=SETUP, now=NOW, holder=person, of=of, reason="their field")


def refuse(act: Callable[[], object], code: str) -> None:
    before = (ChangeRequest.objects.count(), Review.objects.count(), LedgerEntry.objects.count())
    states = list(ChangeRequest.objects.order_by("pk").values_list("state", "digest"))
    with pytest.raises(NotPermittedError) as refused:
        act()
    assert refused.value.error_code == code
    after = (ChangeRequest.objects.count(), Review.objects.count(), LedgerEntry.objects.count())
    assert after == before
    assert list(ChangeRequest.objects.order_by("pk").values_list("state", "digest")) == states


def test_a_bound_author_writes_and_publishes_what_is_theirs_by_name(bound: People) -> None:
    change = submit_change(bound.author)
    change = approve(change, bound.officer)
    assert publish(change, bound.author).state == ChangeState.PUBLISHED


def test_and_nothing_of_another_document(bound: People) -> None:
    act = {"actor": bound.owner.as_actor(), "now": NOW}
    refuse(lambda: open_change(bound.owner), "access.not_your_document")
    change = open_change(bound.author)
    it = {**act, "change_id": change.public_id}
    refuse(
        lambda: services.save_draft(**it, document=make_text("mine"), seen_digest=change.digest),
        "access.not_your_document",
    )
    refuse(lambda: services.submit(**it), "access.not_your_document")
    refuse(lambda: services.withdraw(**it), "access.not_your_document")
    change = services.submit(actor=bound.author.as_actor(), now=NOW, change_id=change.public_id)
    for vote in (services.approve, services.ask_for_changes, services.refuse):
        refuse(
            lambda vote=vote: vote(**it, ballot=ballot_of(change, "read it")),
            "change.not_your_document",
        )
    approve(change, bound.officer)
    refuse(lambda: services.publish(**it), "access.not_your_document")
    refuse(lambda: services.schedule(**it, publish_at=LATER), "access.not_your_document")


def test_a_new_policy_takes_the_grant_of_every_one(bound: People) -> None:
    new = {"now": NOW, "kind": "policy", "key": "", "title": "Brand new"}
    for person in (bound.author, bound.owner):
        refuse(
            lambda person=person: services.begin_document(actor=person.as_actor(), **new),
            "access.not_your_document",
        )
    give(bound.owner, access.Of("policy"))
    made = services.begin_document(actor=bound.owner.as_actor(), **new)
    assert made.document_key == "brand_new"
    # A person's own grant of every document leaves their colleagues bound.
    refuse(lambda: open_change(bound.author, document_key="others"), "access.not_your_document")


def test_lists_counts_and_verdicts_agree(bound: People) -> None:
    theirs = submit_change(bound.author)
    give(bound.supervisor, OTHERS)
    for person, waits in ((bound.officer, 1), (bound.owner, 0), (bound.supervisor, 1)):
        authority = authority_of(person.as_actor())
        # Reading is not bound: everybody who reads changes finds it in list and detail.
        assert [one.pk for one in list_changes(authority=authority)] == [theirs.pk]
        assert get_change(authority=authority, change_id=theirs.public_id) == theirs
        assert len(list_to_review(authority=authority, now=NOW)) == waits
        assert count_to_review(authority=authority, now=NOW) == waits


def test_a_vote_falls_away_with_the_grant_of_the_document(bound: People) -> None:
    third = make_person(roles=[Role.POLICY_OWNER])
    give(third, LOOKUPS)
    change = approve(submit_change(bound.author), third)
    assert change.state == ChangeState.APPROVED
    access.revoke_document(actor=SETUP, now=NOW, holder=third, of=LOOKUPS)
    with pytest.raises(ConflictError) as refused:
        publish(change, bound.officer)
    assert refused.value.error_code == "change.no_quorum"


def test_a_grant_of_a_role_frees_all_its_people(bound: People) -> None:
    access.grant_document(
        actor=SETUP, now=NOW, holder=Role.POLICY_OWNER, of=LOOKUPS, reason="all of them"
    )
    assert open_change(bound.owner).author_id == str(bound.owner.public_id)


def _browser(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_pages_say_the_same(bound: People) -> None:
    change = submit_change(bound.author, now=clock.now())
    page = f"/admin/change-requests/{change.public_id}/"
    mine, other = _browser(bound.author), _browser(bound.owner)
    assert 'value="withdraw"' in mine.get(page).content.decode()
    text = other.get(page).content.decode()
    assert change.title in text
    assert 'value="withdraw"' not in text
    assert "You review only the documents granted to you." in text
    assert "Open a change request" in mine.get("/admin/policies/lookups/").content.decode()
    shown = other.get("/admin/policies/lookups/")
    assert shown.status_code == 200
    assert "Open a change request" not in shown.content.decode()
    assert "New policy" not in mine.get("/admin/policies/").content.decode()
    asked = {"kind": "policy", "key": "lookups", "title": "Mine"}
    answer = other.post("/admin/change-requests/open/", asked, follow=True)
    assert b"only to the documents granted to you by name" in answer.content
    assert ChangeRequest.objects.count() == 1
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 1


def test_rest_says_the_same(bound: People) -> None:
    change = submit_change(bound.author, now=clock.now())
    client = _browser(bound.owner)

    def post(path: str, body: Any) -> Any:
        return client.post(
            f"/api/v1/change-requests/{path}",
            json.dumps(body),
            content_type="application/json",
            headers={"Idempotency-Key": f"k-{path or 'open'}"},
        )

    assert client.get(f"/api/v1/change-requests/{change.public_id}/").status_code == 200
    body = {
        "kind": "policy",
        "key": "lookups",
        "title": "Mine",
        "document": make_text("mine"),
    }
    answers = {
        "": body,
        f"{change.public_id}/withdraw/": {},
        f"{change.public_id}/publish/": {},
        f"{change.public_id}/review/": {
            "review": "approve",
            "digest": change.digest,
            "reason": "ok",
        },
    }
    for path, sent in answers.items():
        answer = post(path, sent)
        assert answer.status_code == 403, (path, answer.content)
        assert answer.json()["code"] in {"access.not_your_document", "change.not_your_document"}
    assert LedgerEntry.objects.filter(kind="act.refused").count() == len(answers)
    change.refresh_from_db()
    assert (change.state, ChangeRequest.objects.count()) == (ChangeState.SUBMITTED, 1)
