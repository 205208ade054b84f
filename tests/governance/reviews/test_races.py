"""Many at once: one publishes, votes count once, and a decision sees one set of policies."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Event
from typing import Any

import pytest
from django.db import connections

from governance.access import services as access
from governance.access.models import User
from governance.access.types import Role
from governance.policies.decision import decide
from governance.policies.loading import policies_in_force
from governance.policies.models import PolicyVersion
from governance.policies.services import publish_version
from governance.reviews import services
from governance.reviews.models import ChangeRequest, Review
from governance.reviews.types import ChangeState
from orchestra.core.actors import system
from tests.factories.access import make_person
from tests.factories.policies import make_document, make_facts
from tests.factories.races import race
from tests.factories.reviews import (
    LATER,
    NOW,
    People,
    approve,
    ballot_of,
    make_people,
    make_text,
    publish,
    put_in_force,
    submit_change,
)

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
]
OWNER = system("owner")
READERS = 4
VERSIONS = 12


@pytest.fixture
def people(transactional_db: None) -> People:
    del transactional_db
    return make_people()


def publishing(change: ChangeRequest, person: User) -> Callable[[], object]:
    return lambda: publish(change, person)


def test_of_two_changes_of_one_version_one_is_published(people: People) -> None:
    put_in_force()
    changes = [
        approve(submit_change(people.author, make_text(row)), people.officer)
        for row in ("one", "two")
    ]
    told = race([publishing(change, people.owner) for change in changes])
    assert told == {"ok": 1, "change.base_moved": 1}
    assert PolicyVersion.objects.count() == 2
    states = sorted(ChangeRequest.objects.values_list("state", flat=True))
    assert states == ["approved", "published"]


def test_one_change_is_published_once(people: People) -> None:
    change = approve(submit_change(people.author), people.officer)
    told = race([publishing(change, people.owner) for _ in range(8)])
    assert told == {"ok": 1, "change.state": 7}
    assert PolicyVersion.objects.count() == 1


def test_eight_people_vote_at_once(people: People) -> None:
    put_in_force(make_text(tool="refund"))
    change = submit_change(people.author, make_text("new", tool="refund"))
    voters = [make_person(roles=[Role.COMPLIANCE_OFFICER]) for _ in range(8)]

    def voting(voter: User) -> Callable[[], object]:
        return lambda: approve(change, voter)

    assert race([voting(voter) for voter in voters]) == {"ok": 2, "change.state": 6}
    assert Review.objects.count() == 2
    change.refresh_from_db()
    assert change.state == ChangeState.APPROVED


def test_a_change_is_published_or_refused_never_both(people: People) -> None:
    put_in_force()
    for row in ("one", "two", "three"):
        text = make_text(row, title=f"Look-ups, {row}")
        change = approve(submit_change(people.author, text), people.officer)
        before = PolicyVersion.objects.count()
        told = race([publishing(change, people.owner), refusing(change, people.lead)])
        assert told == {"ok": 1, "change.state": 1}
        change.refresh_from_db()
        is_published = PolicyVersion.objects.count() > before
        assert change.state == (ChangeState.PUBLISHED if is_published else ChangeState.REFUSED)


def refusing(change: ChangeRequest, person: User) -> Callable[[], object]:
    ballot = ballot_of(change, "Not like this.")
    return lambda: services.refuse(
        actor=person.as_actor(), now=LATER, change_id=change.public_id, ballot=ballot
    )


def test_one_person_hands_the_same_over_once(people: People) -> None:
    def handing() -> object:
        return access.delegate(
            actor=people.author.as_actor(),
            now=NOW,
            delegate_id=people.owner.public_id,
            covers=Role.POLICY_OWNER,
            until_at=LATER,
            reason="On leave.",
        )

    assert race([handing] * 6) == {"ok": 1, "delegation.overlap": 5}


def test_a_decision_sees_all_of_one_version_or_all_of_the_next(people: People) -> None:
    """Version n has n rows that all say so; a mixture would show rows of two versions."""
    put_in_force(make_text("v1-0"))
    over = Event()

    def read() -> list[int]:
        seen: list[int] = []
        try:
            while not over.is_set():
                decision = decide(
                    facts=make_facts(tool="read_order", confidence=0.1),
                    policies=policies_in_force(),
                )
                ((number, _digest),) = decision.policies.values()
                fired = {row.rule for row in decision.fired if row.policy == "lookups"}
                assert fired == {f"v{number}-{row}" for row in range(number)}
                seen.append(number)
        finally:
            connections.close_all()
        return seen

    with ThreadPoolExecutor(READERS) as pool:
        readers = [pool.submit(read) for _ in range(READERS)]
        try:
            for number in range(2, VERSIONS + 1):
                text = make_text(*(f"v{number}-{row}" for row in range(number)))
                publish(approve(submit_change(people.author, text), people.officer), people.owner)
        finally:
            over.set()
        for reader in readers:
            seen = reader.result(timeout=30)
            assert seen == sorted(seen)
            assert set(seen) <= set(range(1, VERSIONS + 1))
            assert len(set(seen)) > 1
    assert PolicyVersion.objects.get(state="published").number == VERSIONS


def test_what_a_promise_leans_on_does_not_go_while_it_is_given(now: datetime) -> None:
    """Each text is sound beside what is in force; both together are not, so one is refused."""
    above = [{"fact": "amount_minor", "above": 50_000}]
    promise = {"id": "two", "title": "Two votes", "when": above}
    promise["then"] = {"outcome": "approve", "votes": 2}

    def text(key: str, votes: int, *promises: dict[str, Any]) -> dict[str, Any]:
        rule = {"id": "ask", "title": "Ask", "when": above, "outcome": "approve", "reason": "So."}
        rules = [{**rule, "obligations": {"votes": votes}}]
        scope = {"tools": ["refund"]}
        return make_document(
            key=key, limits=[], scope=scope, rules=rules, invariants=list(promises)
        )

    def put(document: dict[str, Any]) -> PolicyVersion:
        key = document["key"]
        return publish_version(actor=OWNER, now=now, policy_key=key, title=key, document=document)

    put(text("votes", 2))
    told = race([lambda: put(text("promises", 1, promise)), lambda: put(text("votes", 1))])
    assert told == {"ok": 1, "policy.invalid": 1}
