"""The card of checks and proofs: every finding on its row, and no vote for what fails."""

from typing import Any

import pytest
from django.test import Client

from governance.access.models import User
from governance.admin.change_checks import describe_checks, find_checked, place_words
from governance.policies import registry
from governance.reviews.models import ChangeRequest
from orchestra.core import clock
from tests.factories.reviews import (
    People,
    know_tools,
    make_people,
    make_text,
    open_change,
    put_in_force,
    submit_change,
)

ABOVE = [{"fact": "amount_minor", "above": 50_000}]
PROMISE = {
    "id": "two_votes",
    "title": "No refund over 500 without two votes",
    "when": ABOVE,
    "then": {"outcome": "approve", "votes": 2},
}


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch, db: None) -> People:
    del db
    monkeypatch.setattr(registry.tool_names, "_items", {})
    monkeypatch.setattr(registry.tool_risks, "_items", {})
    know_tools()
    put_in_force()
    return make_people()


def page(person: User, change: ChangeRequest) -> str:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(f"/admin/change-requests/{change.public_id}/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("rules[3].when[0].fact", "Row 4"),
        ("limits[0]", "Limit 1"),
        ("invariants[1]", "Promise 2"),
        ("invariants", "The policy as a whole"),
        ("", "The policy as a whole"),
    ],
)
def test_a_place_is_named_as_people_count(path: str, words: str) -> None:
    assert place_words(path) == words


def test_warnings_reach_the_reviewer_and_stop_no_vote(people: People) -> None:
    change = submit_change(people.author, make_text("one", "two"), now=clock.now())
    shown = page(people.officer, change)
    assert '<span class="badge is-warn">worth a look</span> <div> <b>Row 2</b>' in shown
    assert '<span class="small muted">against Row 1</span>' in shown
    assert "The row changes nothing: whenever it fires, so does “Row one”" in shown
    assert 'value="approve">' in shown
    found: Any = describe_checks(find_checked(change))
    assert [(one["risk"], str(one["word"])) for one in found["proofs"]] == [
        ("low", "holds"),
        ("medium", "holds"),
        ("high", "holds"),
        ("critical", "holds"),
        ("", "holds"),
    ]
    assert all(int(one["cases"].replace(",", "")) > 20 for one in found["proofs"])
    assert found["fails"] is False


def test_what_fails_cannot_be_approved_on_the_page(people: People) -> None:
    change = submit_change(people.author, make_text("one"), now=clock.now())
    # What is in force may change after a text was handed in, and with it what holds.
    ChangeRequest.objects.filter(pk=change.pk).update(
        document=make_text("x", tool="read_order", invariants=[PROMISE])
    )
    shown = page(people.officer, change)
    assert "“No refund over 500 without two votes” does not hold. Where" in shown
    assert 'value="approve" disabled>' in shown
    assert "so this text cannot come into force" in shown


def test_a_draft_that_cannot_be_read_is_not_proved(people: People) -> None:
    change = open_change(people.author, make_text("a", title=""))
    shown = page(people.author, change)
    assert "1 error keeps it from being submitted" in shown
    assert 'id="proofs"' not in shown
