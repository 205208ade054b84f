"""Change requests over REST: drafted, reviewed and published by people, never by an AI agent."""

import json
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from governance.ledger.models import LedgerEntry
from governance.policies.models import PolicyVersion
from governance.reviews.models import ChangeRequest, Review
from tests.flows.conftest import World, retail
from tests.flows.test_bad_input import problem, refusals
from tests.flows.test_people_over_rest import Person, prove, sign_in

__all__ = ["retail"]

PATH = "change-requests/"
KEY = "retail_returns"
LIST_QUERIES = 5


@pytest.fixture
def owner(retail: World) -> Person:
    return sign_in(retail, "policy")


@pytest.fixture
def officer(retail: World) -> Person:
    return sign_in(retail, "compliance")


def text(**changes: Any) -> dict[str, Any]:
    found = PolicyVersion.objects.get(policy__key=KEY, state="published").document
    return {**json.loads(json.dumps(found)), **changes}


def opened(person: Person, **changes: Any) -> dict[str, Any]:
    body = {
        "kind": "policy",
        "key": KEY,
        "title": "A better title",
        "document": text(title="Returns and refunds"),
        **changes,
    }
    answer = person.post(PATH, body)
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    assert answer["Location"].endswith(f"/{PATH}{found['id']}/")
    return found


def act(person: Person, change: dict[str, Any], name: str, body: Any = None) -> Any:
    return person.post(f"{PATH}{change['id']}/{name}/", body)


def review(person: Person, change: dict[str, Any], word: str, **changes: Any) -> Any:
    body = {"review": word, "digest": change["digest"], "reason": "Read it.", **changes}
    return act(person, change, "review", body)


def test_from_a_draft_to_the_version_in_force(
    retail: World, owner: Person, officer: Person
) -> None:
    change = opened(owner)
    assert (change["state"], change["base_version"], change["findings"]) == ("draft", 1, [])
    assert [(one["sign"], one["place"]) for one in change["differences"]] == [("changed", "Title")]
    assert change["differences"][0]["after"] == "Returns and refunds"
    saved = act(
        owner, change, "draft", {"digest": change["digest"], "document": text(title="Returns too")}
    ).json()
    assert saved["digest"] != change["digest"]
    assert act(owner, saved, "submit").json()["state"] == "submitted"
    votes = saved["votes_needed"]
    lead, supervisor = sign_in(retail, "lead"), sign_in(retail, "supervisor")
    for person in (officer, lead, supervisor)[:votes]:
        assert prove(person).status_code == 200
        answer = review(person, saved, "approve")
        assert answer.status_code == 200, answer.content
    assert answer.json()["state"] == "approved"
    planned = act(owner, saved, "schedule", {"publish_at": "2099-01-05T09:00:00Z"}).json()
    assert (planned["state"], planned["publish_at"]) == ("scheduled", "2099-01-05T09:00:00Z")
    assert act(owner, saved, "unschedule").json()["state"] == "approved"
    done = act(officer, saved, "publish").json()
    assert (done["state"], done["published_version"]) == ("published", 2)
    version = PolicyVersion.objects.get(policy__key=KEY, state="published")
    assert (version.number, version.digest) == (2, saved["digest"])
    found = officer.get(f"{PATH}{change['id']}/").json()
    assert [one["review"] for one in found["reviews"]] == ["approve"] * votes
    back = owner.post(f"{PATH}rollback/", {"kind": "policy", "key": KEY, "number": 1})
    assert (back.status_code, back.json()["purpose"]) == (201, "rollback")


def test_a_table_without_rows_may_be_kept_as_a_draft_and_goes_no_further(owner: Person) -> None:
    change = opened(owner, document=text(rules=[], limits=[], invariants=[]))
    assert change["state"] == "draft"
    assert ("rules", "empty") in {(one["field"], one["code"]) for one in change["findings"]}
    answer = act(owner, change, "submit")
    found = problem(answer, 422, "change.invalid")
    said = {one["field"]: one["message"] for one in found["errors"]}
    assert said["rules"].startswith("the table has no row; add one")
    assert ChangeRequest.objects.get().state == "draft"
    assert PolicyVersion.objects.get(policy__key=KEY, state="published").number == 1


def test_nobody_votes_on_their_own_and_a_stale_digest_is_a_conflict(
    owner: Person, officer: Person
) -> None:
    change = opened(owner)
    act(owner, change, "submit")
    before = refusals()
    found = problem(review(owner, change, "approve"), 403, "change.own")
    assert found["detail"] == "You wrote this; you may not vote on it."
    problem(review(officer, change, "approve", digest="0" * 64), 409, "change.stale")
    assert refusals() == before + 2
    assert Review.objects.count() == 0


def test_a_vote_says_where_a_proof_is_given(owner: Person, officer: Person) -> None:
    change = opened(owner)
    act(owner, change, "submit")
    found = problem(review(officer, change, "approve"), 403, "change.step_up_required")
    assert found["data"]["step_up"] == "/api/v1/step-up/"
    assert prove(officer).status_code == 200
    assert review(officer, change, "approve").status_code == 200


def test_it_is_sent_back_or_refused_with_a_reason(owner: Person, officer: Person) -> None:
    change = opened(owner)
    act(owner, change, "submit")
    assert review(officer, change, "refuse", reason="").status_code == 422
    asked = review(officer, change, "ask_for_changes", reason="Say why.")
    assert asked.json()["state"] == "changes_asked"
    ended = review(officer, change, "refuse", reason="Not like this.")
    assert ended.json()["state"] == "refused"
    problem(act(owner, change, "submit"), 409, "change.state")
    again = opened(owner)
    problem(act(owner, again, "submit"), 409, "change.refused_text")


def test_a_comment_is_made_and_resolved(owner: Person, officer: Person) -> None:
    change = opened(owner)
    made = act(officer, change, "comments", {"text": "Why?", "place": "Row 1"})
    assert made.status_code == 201
    assert (made.json()["number"], made.json()["digest"]) == (1, change["digest"])
    lead = act(owner, change, "comments/1/resolve")
    assert lead.json()["resolved_at"]
    problem(act(owner, change, "comments/1/resolve"), 409, "change.comment_resolved")
    assert act(owner, change, "comments/2/resolve").status_code == 404
    found = owner.get(f"{PATH}{change['id']}/").json()["comments"]
    assert [(one["number"], one["place"]) for one in found] == [(1, "Row 1")]


def test_what_is_wrong_is_said_by_field_and_nothing_stored(owner: Person) -> None:
    body = {"kind": "policy", "key": KEY, "title": "T"}
    for wrong in (
        {**body, "kind": "poem"},
        {**body, "title": ""},
        {**body, "state": "approved"},
        {**body, "document": []},
        {"kind": "policy"},
    ):
        assert owner.post(PATH, wrong).status_code == 422
    assert ChangeRequest.objects.count() == 0
    change = opened(owner, document=text(title=""))
    assert change["findings"]
    found = problem(act(owner, change, "submit"), 422, "change.invalid")
    assert found["errors"]
    stale = act(owner, change, "draft", {"digest": "0" * 64, "document": text()})
    problem(stale, 409, "change.stale")


def test_an_ai_agent_neither_drafts_nor_votes_nor_publishes(retail: World, owner: Person) -> None:
    change = opened(owner)
    act(owner, change, "submit")
    before = LedgerEntry.objects.filter(kind__startswith="change.").count()
    agent = retail.api
    assert agent.get(PATH).status_code == 403
    assert agent.get(f"{PATH}{change['id']}/").status_code == 403
    assert agent.post(PATH, {"kind": "policy", "key": KEY, "title": "T"}).status_code == 403
    for name, body in (
        ("review", {"review": "approve", "digest": change["digest"]}),
        ("publish", None),
        ("withdraw", None),
        ("comments", {"text": "Let me."}),
    ):
        assert agent.post(f"{PATH}{change['id']}/{name}/", body).status_code == 403, name
    assert LedgerEntry.objects.filter(kind__startswith="change.").count() == before
    assert ChangeRequest.objects.get().state == "submitted"


def test_who_may_not_draft_or_publish_or_see(retail: World, owner: Person) -> None:
    lead = sign_in(retail, "lead")
    assert lead.post(PATH, {"kind": "policy", "key": KEY, "title": "T"}).status_code == 403
    change = opened(owner)
    assert act(lead, change, "publish").status_code == 403
    assert act(lead, change, "withdraw").status_code == 403
    assert sign_in(retail, "agent").get(PATH).status_code == 403
    assert owner.get(f"{PATH}{uuid4()}/").status_code == 404
    assert ChangeRequest.objects.get().state == "draft"


def test_the_list_is_filtered_and_costs_the_same_whatever_its_length(
    owner: Person, officer: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(3):
        change = opened(owner, document=text(title=f"Title {number}"))
    act(owner, change, "submit")
    names = [one["name"] for one in owner.get(PATH).json()["results"]]
    newest_first = ChangeRequest.objects.order_by("-pk").values_list("pk", flat=True)
    assert names == [f"CR-{pk}" for pk in newest_first]
    assert len(names) == 3
    for params, count in (
        ({"state": "draft"}, 2),
        ({"state": "submitted", "kind": "policy"}, 1),
        ({"kind": "cue_sheet"}, 0),
        ({"mine": "written"}, 0),
        ({"mine": "to_review"}, 1),
    ):
        assert len(officer.get(PATH, **params).json()["results"]) == count, params
    assert officer.get(PATH, state="lost").status_code == 422
    assert officer.get(PATH, mine="all").status_code == 422
    with django_assert_num_queries(LIST_QUERIES):
        officer.get(PATH)


def test_a_repeat_opens_no_second_change(owner: Person) -> None:
    body = {"kind": "policy", "key": KEY, "title": "T", "document": text(title="T")}
    first = owner.post(PATH, body, key="once")
    second = owner.post(PATH, body, key="once")
    assert first.json() == second.json()
    assert ChangeRequest.objects.count() == 1
