"""A version is published whole or not at all, in place of the one before."""

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from governance.access.types import QueueGrant, Role
from governance.ledger.models import LedgerEntry
from governance.policies import catalogue, registry, selectors
from governance.policies.catalogue import Catalogue
from governance.policies.models import Policy, PolicyVersion
from governance.policies.services import publish_version
from governance.reviews.types import DocumentState
from orchestra.core.actors import Actor, ActorKind, system
from orchestra.core.errors import InvalidInputError, NotPermittedError
from tests.factories.access import make_person, make_queue
from tests.factories.policies import make_document, naming

pytestmark = pytest.mark.django_db

OWNER = Actor(kind=ActorKind.HUMAN, id=str(uuid4()), label="Tomasz Wieland")


def publish(now: datetime, document: dict[str, Any] | None = None, **more: Any) -> PolicyVersion:
    document = document or make_document()
    given: dict[str, Any] = {"actor": OWNER, "policy_key": document["key"], "title": "Refunds"}
    return publish_version(now=now, document=document, **{**given, **more})


def errors_of(now: datetime, document: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    before = list(PolicyVersion.objects.order_by("pk").values("pk", "state"))
    entries = LedgerEntry.objects.count()
    with pytest.raises(InvalidInputError) as caught:
        publish(now, document, **more)
    assert list(PolicyVersion.objects.order_by("pk").values("pk", "state")) == before
    assert LedgerEntry.objects.count() == entries
    return [(error.field, error.code) for error in caught.value.errors]


def test_the_first_version_is_in_force_and_in_the_ledger(now: datetime) -> None:
    version = publish(now)
    assert (version.number, version.state, version.published_at) == (1, "published", now)
    assert (version.author_id, version.author_label) == (OWNER.id, OWNER.label)
    assert list(selectors.list_published()) == [version]
    entry = LedgerEntry.objects.get()
    assert (entry.kind, entry.actor_id) == ("policy.published", OWNER.id)
    assert entry.stream == f"policy:{version.policy.public_id}"
    assert json.loads(bytes(entry.leaf_bytes))["policy"] == version.digest


def test_the_next_version_retires_the_one_before(now: datetime) -> None:
    first = publish(now)
    later = now + timedelta(days=1)
    second = publish(later, make_document(thresholds={"USD": 1}), title="Refunds and returns")
    first.refresh_from_db()
    assert (first.state, first.retired_at) == (DocumentState.RETIRED, later)
    assert (second.number, second.state) == (2, "published")
    assert Policy.objects.get().title == "Refunds and returns"
    assert first.history.latest().history_change_reason == "Replaced by version 2."
    assert first.history.latest().actor_id == OWNER.id


def test_the_document_in_force_again_changes_nothing(now: datetime) -> None:
    first = publish(now)
    assert publish(now + timedelta(days=1)) == first
    assert PolicyVersion.objects.count() == 1
    assert LedgerEntry.objects.count() == 1


def test_an_earlier_document_again_is_a_new_version(now: datetime) -> None:
    publish(now)
    publish(now, make_document(thresholds={}))
    assert publish(now).number == 3


def test_an_ai_agent_publishes_nothing(now: datetime) -> None:
    agent = Actor(kind=ActorKind.AGENT, id=str(uuid4()), label="Bot")
    with pytest.raises(NotPermittedError):
        publish(now, actor=agent)
    assert Policy.objects.count() == 0
    assert LedgerEntry.objects.count() == 0


def test_a_wrong_document_is_refused_whole(now: datetime) -> None:
    rules = [{"id": "x", "title": "X", "when": [{"fact": "gone", "is": 1}], "outcome": "deny"}]
    assert set(errors_of(now, make_document(rules=rules))) == {
        ("rules[0].when[0].fact", "unknown_fact"),
        ("rules[0].reason", "required"),
    }
    assert Policy.objects.count() == 0


def test_key_must_be_that_of_the_policy(now: datetime) -> None:
    assert errors_of(now, make_document(), policy_key="other") == [("key", "other_policy")]


def test_unknown_tool_is_refused_where_tools_are_known(now: datetime) -> None:
    known = Catalogue(facts=catalogue.known_facts(), tools=frozenset({"lookup"}))
    assert errors_of(now, make_document(), catalogue=known) == [("scope.tools[0]", "unknown_tool")]


def test_present_catalogue_asks_whoever_knows_the_tools() -> None:
    assert registry.present_catalogue().tools is None
    registry.tool_names.register("a", lambda: naming("refund"))
    registry.tool_names.register("b", lambda: naming("lookup"))
    assert registry.present_catalogue().tools == {"refund", "lookup"}


def test_a_limit_of_another_policy_is_taken(now: datetime) -> None:
    publish(now)
    other = make_document(key="other", rules=[])
    assert errors_of(now, other) == [("limits[0].key", "taken")]


def test_what_follows_publishing_happens_in_the_same_transaction(now: datetime) -> None:
    told: list[PolicyVersion] = []

    def handler(version: PolicyVersion, actor: Actor, at: datetime) -> None:
        assert (actor, at) == (OWNER, now)
        told.append(version)

    registry.published.register("test", handler)
    version = publish(now)
    assert told == [version]

    def fail(*_: object) -> None:
        raise RuntimeError

    registry.published.register("then", fail)
    with pytest.raises(RuntimeError):
        publish(now, make_document(thresholds={}))
    assert PolicyVersion.objects.get().state == "published"
    assert LedgerEntry.objects.count() == 1


def test_an_approval_nobody_can_give_is_refused(now: datetime) -> None:
    asked: list[tuple[tuple[str, ...], tuple[str, ...]]] = []

    def nobody(roles: Collection[str], queues: Collection[str]) -> bool:
        asked.append((tuple(roles), tuple(queues)))
        return not roles

    found = errors_of(now, make_document(), has_eligible=nobody)
    assert found == [("limits[0]", "no_eligible_approver")]
    assert asked == [((), ("returns",)), (("supervisor",), ("returns",))]


def test_who_is_eligible_is_asked_of_the_grants(now: datetime) -> None:
    ask = selectors.has_eligible_voter
    assert not ask((), ())
    returns, billing = make_queue("returns"), make_queue("billing")
    everyone: dict[str, Any] = {"has_eligible": ask}
    assert ("thresholds", "no_eligible_approver") in errors_of(now, make_document(), **everyone)
    make_person("maren", roles=[Role.SUPERVISOR], grants={returns: [QueueGrant.VOTE]})
    make_person("lena", roles=[Role.HUMAN_AGENT], grants={billing: [QueueGrant.VOTE]})
    assert ask((), ())
    assert ask(("supervisor",), ("returns",))
    assert not ask(("specialist",), ("returns",))
    assert not ask((), ("returns", "billing"))
    assert not ask((), ("gone",))
    assert publish(now, **everyone).number == 1


def test_the_system_may_publish(now: datetime) -> None:
    assert publish(now, actor=system("packs")).author_id == "packs"
