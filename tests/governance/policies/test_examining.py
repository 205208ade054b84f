"""A document is examined beside what is in force, and everything is said at once."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.ledger.models import LedgerEntry
from governance.policies import examining
from governance.policies.checking.findings import Finding
from governance.policies.checking.proofs import Verdict
from governance.policies.examining import find_errors, find_findings, prove_document
from governance.policies.models import PolicyVersion
from governance.policies.services import publish_version, retire_policy
from orchestra.core.actors import Actor, ActorKind
from orchestra.core.errors import InvalidInputError
from tests.factories.policies import make_document

pytestmark = pytest.mark.django_db

OWNER = Actor(kind=ActorKind.HUMAN, id=str(uuid4()), label="Tomasz Wieland")
ABOVE_500 = [{"fact": "amount_minor", "above": 50_000}]
NEVER_ALONE = {
    "id": "two_votes",
    "title": "No refund over 500 without two votes",
    "when": ABOVE_500,
    "then": {"outcome": "approve", "votes": 2},
}


def row(name: str, when: list[dict[str, Any]], outcome: str = "approve", **asked: Any) -> Any:
    found = {"id": name, "title": name, "when": when, "outcome": outcome, "reason": "Because."}
    return {**found, "obligations": asked} if asked else found


def text(key: str, *rules: Any, **more: Any) -> dict[str, Any]:
    given = {"limits": [], "scope": {"tools": ["refund"]}, "rules": list(rules)}
    return make_document(key=key, **{**given, **more})


def publish(now: datetime, document: dict[str, Any]) -> PolicyVersion:
    return publish_version(
        actor=OWNER, now=now, policy_key=document["key"], title="Refunds", document=document
    )


def refused(now: datetime, document: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What refuses a document, at the door of submission and when it is published."""
    held = list(PolicyVersion.objects.order_by("pk").values("pk", "state"))
    entries = LedgerEntry.objects.count()
    with pytest.raises(InvalidInputError) as caught:
        publish(now, document)
    assert list(PolicyVersion.objects.order_by("pk").values("pk", "state")) == held
    assert LedgerEntry.objects.count() == entries
    assert tuple(caught.value.errors) == find_errors(document=document)
    return [(error.field, error.code, error.message) for error in caught.value.errors]


def brief(findings: tuple[Finding, ...]) -> list[tuple[str, str, str]]:
    return [(one.path, one.severity.value, one.code) for one in findings]


def test_a_contradictory_table_is_refused(now: datetime) -> None:
    twice = text("refunds", row("ask", ABOVE_500, votes=1), row("no", ABOVE_500, "deny"))
    ((path, code, message),) = refused(now, twice)
    assert (path, code) == ("rules[0]", "contradiction")
    assert "on exactly the facts on which “no” says deny" in message


def test_warnings_stop_nothing_and_are_shown(now: datetime) -> None:
    twice = text("refunds", row("one", ABOVE_500, "deny"), row("two", ABOVE_500, "deny"))
    assert brief(find_findings(document=twice)) == [("rules[1]", "warning", "shadowed")]
    assert find_errors(document=twice) == ()
    assert publish(now, twice).number == 1


def test_what_cannot_be_read_is_said_beside_what_can() -> None:
    rules = [
        row("gone", [{"fact": "amuont", "is": 1}], "deny"),
        row("one", ABOVE_500, "deny"),
        row("two", ABOVE_500, "deny"),
    ]
    assert brief(find_findings(document=text("refunds", *rules))) == [
        ("rules[0].when[0].fact", "error", "unknown_fact"),
        ("rules[2]", "warning", "shadowed"),
    ]
    assert brief(find_findings(document={"key": "refunds", "rules": 5}))[0][1:] == (
        "error",
        "required",
    )


def test_rows_are_checked_beside_one_that_lacks_its_value() -> None:
    rules = [
        row("gone", [{"fact": "amount_minor"}], "deny"),
        row("one", ABOVE_500, "deny"),
        row("two", ABOVE_500, "deny"),
    ]
    found = find_findings(document=text("refunds", *rules))
    assert [one.path.partition(".")[0] for one in found] == ["rules[0]", "rules[2]"]
    assert (found[1].code, found[1].others) == ("shadowed", ("rules[1]",))


def test_nothing_is_said_of_the_table_as_a_whole_while_rows_are_left_aside(now: datetime) -> None:
    two = row("two", ABOVE_500, votes=2)
    publish(now, text("refunds", two, invariants=[NEVER_ALONE]))
    broken = {**two, "outcome": "perhaps"}
    found = find_findings(document=text("refunds", broken, row("x", [], "deny")))
    assert {one.path for one in found} == {"rules[0].outcome"}


def test_every_later_version_proves_what_its_owner_demands(now: datetime) -> None:
    two = row("two", ABOVE_500, votes=2)
    publish(now, text("refunds", two, invariants=[NEVER_ALONE]))
    one = row("one", ABOVE_500, votes=1)
    ((path, code, message),) = refused(now, text("refunds", one, invariants=[NEVER_ALONE]))
    assert (path, code) == ("invariants[0]", "invariant_fails")
    assert message == (
        "“No refund over 500 without two votes” does not hold. Where actor kind is agent, amount "
        "is above $500.00, risk is high, tool is refund: approve, 1 vote."
    )
    ((path, code, message),) = refused(now, text("refunds", one))
    assert (path, code) == ("invariants", "invariant_fails")
    assert "which the version in force demands, does not hold" in message
    assert publish(now, text("refunds", two)).number == 2
    assert publish(now, text("refunds", one)).number == 3


def test_another_policy_cannot_drop_the_row_an_invariant_leans_on(now: datetime) -> None:
    two = row("two", ABOVE_500, votes=2)
    publish(now, text("votes", two))
    publish(now, text("refunds", row("x", [], "allow"), invariants=[NEVER_ALONE]))
    ((path, code, message),) = refused(now, text("votes", row("one", ABOVE_500, votes=1)))
    assert (path, code) == ("", "invariant_fails")
    assert "“No refund over 500 without two votes” of the policy Refunds does not hold." in message
    elsewhere = text("votes", two, scope={"tools": ["lookup"]})
    assert [found[1] for found in refused(now, elsewhere)] == ["invariant_fails"]
    held = PolicyVersion.objects.filter(state="published").count()
    with pytest.raises(InvalidInputError) as caught:
        retire_policy(actor=OWNER, now=now, policy_key="votes")
    assert caught.value.error_code == "policy.leant_on"
    assert "does not hold" in caught.value.errors[0].message
    assert PolicyVersion.objects.filter(state="published").count() == held
    publish(now, text("refunds", row("x", [], "allow")))
    assert retire_policy(actor=OWNER, now=now, policy_key="votes").state == "retired"


def test_a_limit_of_another_policy_is_named(now: datetime) -> None:
    publish(now, make_document(key="first"))
    ((path, code, message),) = refused(now, make_document(key="second", rules=[]))
    assert (path, code) == ("limits[0].key", "taken")
    assert message.startswith("the policy ")


def test_a_text_is_checked_once_beside_the_same_policies(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    check = examining.check_table

    def counted(**given: Any) -> tuple[Finding, ...]:
        done.append(given["table"].key)
        return check(**given)

    monkeypatch.setattr(examining, "check_table", counted)
    monkeypatch.setattr(examining, "_kept", {})
    document = text("refunds", row("two", ABOVE_500, votes=2))
    publish(now, text("other", row("x", [], "allow")))
    find_findings(document=document)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        find_findings(document=document)
    assert len(queries) == 1
    assert done == ["other", "refunds"]
    publish(now, text("other", row("x", ABOVE_500, "allow")))
    find_findings(document=document)
    assert done == ["other", "refunds", "other", "refunds"]


def test_the_floors_of_a_document_are_proved_with_the_number_of_cases(now: datetime) -> None:
    publish(now, text("other", row("x", [], "allow")))
    proofs = prove_document(document=text("refunds", row("two", ABOVE_500, votes=2)))
    assert [proof.name for proof in proofs] == ["low", "medium", "high", "critical", "undeclared"]
    assert {proof.verdict for proof in proofs} == {Verdict.PROVED}
    assert all(proof.cases > 20 for proof in proofs)
    assert prove_document(document={"key": "x"}) == ()
