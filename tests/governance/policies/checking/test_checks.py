"""Every finding at once, on its row, with a sentence; and what is sound gets none."""

import time
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pytest
import yaml
from django.conf import settings

from governance.policies.catalogue import Catalogue, known_facts
from governance.policies.checking.checks import check_table
from governance.policies.checking.findings import Finding, Severity
from governance.policies.parsing import parse_policy
from governance.policies.types import (
    Condition,
    Invariant,
    Operator,
    Outcome,
    PolicyTable,
    Rule,
    Scope,
)
from orchestra.core.said import Said
from tests.factories.fact_space import CATALOGUE, small_table
from tests.factories.policies import make_limit, make_rule, make_table

RETAIL = settings.BASE_DIR / "cases" / "packs" / "builtin" / "retail" / "policies"
ABOVE = ("amount_minor", "above", 500)


def check(*rules: Rule, **changes: Any) -> list[tuple[str, str, str]]:
    return codes(check_table(table=small_table(rules, **changes), catalogue=CATALOGUE))


def codes(findings: tuple[Finding, ...]) -> list[tuple[str, str, str]]:
    return [(finding.path, finding.severity.value, finding.code) for finding in findings]


def test_a_sound_table_has_no_findings() -> None:
    assert check(make_rule("row", Outcome.APPROVE, ABOVE, votes=2)) == []


def test_an_empty_table_has_no_findings() -> None:
    assert check() == []


def test_all_findings_come_at_once_errors_first() -> None:
    table = small_table(
        [
            make_rule("never", Outcome.DENY, ABOVE, ("amount_minor", "below", 5)),
            make_rule("hidden", Outcome.VERIFY, ("amount_minor", "above", 900)),
            make_rule("wide", Outcome.DENY, ABOVE),
            make_rule("unknown", Outcome.DENY, ("amuont_minor", "above", 5)),
        ],
        limits=(make_limit(measure="amount_minor", currency="EUR"),),
    )
    findings = check_table(table=table, catalogue=CATALOGUE)
    assert [(finding.row, finding.severity.value, finding.code) for finding in findings] == [
        ("per_day", "error", "currency_mismatch"),
        ("never", "error", "contradictory"),
        ("unknown", "error", "unknown_fact"),
        ("hidden", "warning", "shadowed"),
    ]
    assert findings[0].message == (
        "The limit “Limit per_day” counts EUR, but thresholds are set for USD only."
    )
    assert findings[1].message == (
        "The row can never fire: no value of amount that it names satisfies all its conditions."
    )
    assert findings[2].message == "There is no fact amuont_minor; did you mean amount_minor?"


@pytest.mark.parametrize(
    "when",
    [
        [("verification", "is", "basic"), ("verification", "is", "strong")],
        [("verification", "not_in", ("none", "claimed", "basic", "strong"))],
        [("customer_bound", "is", True), ("customer_bound", "is", False)],
        [("risk_flags", "contains", "a"), ("risk_flags", "lacks", "a")],
        [("amount_minor", "above", 5), ("amount_minor", "below", 6)],
    ],
    ids=["texts", "choices", "flags", "lists", "whole_numbers"],
)
def test_contradictory_conditions(when: list[tuple[str, str, Any]]) -> None:
    assert check(make_rule("row", Outcome.DENY, *when)) == [("rules[0]", "error", "contradictory")]


def test_a_row_outside_the_scope() -> None:
    row = make_rule("row", Outcome.DENY, ("tool", "is", "lookup"))
    scope = Scope(tools=("refund",))
    assert check(row, scope=scope) == [("rules[0]", "error", "outside_scope")]


@pytest.mark.parametrize(
    "condition",
    [
        ("amount_minor", "is", "a lot"),
        ("amount_minor", "above", 1.5),
        ("verification", "above", 5),
        ("customer_bound", "is", "yes"),
        ("verification", "in", ()),
    ],
    ids=["text", "fraction", "order", "flag", "empty"],
)
def test_wrong_types_and_empty_sets(condition: tuple[str, str, Any]) -> None:
    found = check(make_rule("row", Outcome.DENY, condition))
    assert {(path, severity, code) for path, severity, code in found} == {
        ("rules[0]", "error", "type")
    }


def test_unknown_tools() -> None:
    table = small_table([make_rule("row", Outcome.DENY, ("tool", "is", "refnd"))])
    known = Catalogue(facts=CATALOGUE.facts, tools=frozenset({"refund"}))
    (finding,) = check_table(table=table, catalogue=known)
    assert (finding.code, finding.message) == (
        "unknown_tool",
        "There is no tool refnd; did you mean refund?",
    )


def test_currencies() -> None:
    in_pounds = make_rule("pounds", Outcome.DENY, ABOVE, ("currency", "is", "GBP"))
    assert check(in_pounds) == [("rules[0]", "error", "currency_mismatch")]
    assert check(in_pounds, thresholds={}) == []
    in_any = make_rule("any", Outcome.DENY, ABOVE)
    both = {"USD": 5, "EUR": 5}
    assert check(in_any, thresholds=both) == [("rules[0]", "warning", "currency_open")]


def test_approvals_that_nobody_can_give() -> None:
    asked: list[tuple[Collection[str], Collection[str]]] = []

    def only_supervisors(roles: Collection[str], queues: Collection[str]) -> bool:
        asked.append((roles, queues))
        return not roles or "supervisor" in roles

    rules = [
        make_rule("one", Outcome.APPROVE, ABOVE, roles=("specialist",), votes=1),
        make_rule("two", Outcome.APPROVE, ABOVE, roles=("supervisor",), votes=2),
    ]
    table = small_table(rules, scope=Scope(queues=("returns",)))
    findings = check_table(table=table, catalogue=CATALOGUE, has_eligible=only_supervisors)
    assert codes(findings) == [("rules[0]", "error", "no_eligible_approver")]
    assert asked == [
        (("specialist",), ("returns",)),
        (("supervisor",), ("returns",)),
        ((), ("returns",)),
    ]


def test_an_invariant_that_fails_and_one_of_another_policy() -> None:
    wanted = Invariant(
        "two_votes",
        "No refund over 500 without two votes",
        (Condition("amount_minor", Operator.ABOVE, 500),),
        Outcome.APPROVE,
        votes=2,
    )
    two = make_rule("two", Outcome.APPROVE, ABOVE, votes=2)
    assert check(two, invariants=(wanted,)) == []
    (finding,) = check_table(table=small_table([], invariants=(wanted,)), catalogue=CATALOGUE)
    assert (finding.row, finding.path, finding.code) == (
        "two_votes",
        "invariants[0]",
        "invariant_fails",
    )
    assert finding.facts["amount_minor"] == 501
    assert finding.message.startswith(
        "“No refund over 500 without two votes” does not hold. Where "
    )
    other = make_table("other", [], invariants=(wanted,))
    (finding,) = check_table(table=small_table([]), others=[other], catalogue=CATALOGUE)
    assert (finding.path, finding.severity, finding.code) == ("", "error", "invariant_fails")
    assert "of the policy Other does not hold" in finding.message


def test_what_is_too_large_is_said_and_not_called_sound() -> None:
    rows = [make_rule(f"r{n}", Outcome.DENY, ("risk_flags", "contains", str(n))) for n in range(20)]
    found = check(*rows)
    assert ("", "warning", "too_large") in found
    assert ("", "warning", "floor_unproved") in found


def retail() -> list[PolicyTable]:
    known = Catalogue(facts=known_facts())
    return [
        parse_policy(
            document=yaml.safe_load(path.read_text()), version=1, digest="a" * 64, catalogue=known
        )
        for path in sorted(RETAIL.glob("*.yaml"))
    ]


def test_the_retail_policies_have_no_findings() -> None:
    tables = retail()
    assert len(tables) == 10
    known = Catalogue(facts=known_facts())
    for table in tables:
        assert check_table(table=table, others=tables, catalogue=known) == ()


def test_200_rows_are_checked_in_time() -> None:
    choices: list[tuple[str, str, list[Any]]] = [
        ("amount_minor", "above", list(range(0, 100_000, 5000))),
        ("confidence", "below", [0.1, 0.3, 0.5, 0.7, 0.9]),
        ("verification", "is_not", ["none", "claimed", "basic"]),
        ("channel", "is", ["chat", "voice", "email", "web"]),
        ("risk_flags", "contains", ["fraud", "legal", "vip", "regulator"]),
        ("earlier_refusals", "at_least", [1, 2, 3, 4]),
    ]
    rules = []
    for number in range(200):
        when = [
            (fact, operator, values[number * (place + 3) % len(values)])
            for place, (fact, operator, values) in enumerate(choices)
            if number >> place & 1 or place == number % len(choices)
        ]
        outcome = list(Outcome)[1 + number % 4]
        votes = 1 + number % 3 if outcome is Outcome.APPROVE else 0
        rules.append(make_rule(f"r{number}", outcome, *when, votes=votes))
    begun = time.process_time()
    found = check_table(table=small_table(rules, thresholds={"USD": 5000}), catalogue=CATALOGUE)
    assert time.process_time() - begun < 5
    assert {finding.code for finding in found} >= {"shadowed"}
    assert not any("unproved" in finding.code for finding in found)
    assert {finding.severity for finding in found} <= set(Severity)


def test_a_disabled_row_neither_hides_another_nor_is_looked_at() -> None:
    first, second = (make_rule(name, Outcome.DENY, ABOVE) for name in ("first", "second"))
    assert check(first, second) == [("rules[1]", "warning", "shadowed")]
    assert check(replace(first, disabled=True), second) == []
    never = make_rule("never", Outcome.DENY, ABOVE, ("amount_minor", "below", 5))
    assert check(replace(never, disabled=True), second) == []


def test_a_row_that_cannot_be_compared_leaves_the_others_their_places() -> None:
    odd = make_rule("odd", Outcome.DENY, ("amount_minor", "above", "many"))
    rows = [odd, *(make_rule(name, Outcome.DENY, ABOVE) for name in ("first", "second"))]
    assert ("rules[2]", "warning", "shadowed") in check(*rows)
    assert not [path for path, _severity, code in check(*rows) if code == "shadowed"][1:]


TWO_VOTES = Invariant(
    "two_votes",
    "No refund over 500 without two votes",
    (Condition("amount_minor", Operator.ABOVE, 500),),
    Outcome.APPROVE,
    votes=2,
)


def test_an_invariant_is_dropped_only_by_a_version_that_still_proves_it() -> None:
    two = make_rule("two", Outcome.APPROVE, ABOVE, votes=2)
    before = small_table([two], invariants=(TWO_VOTES,))
    assert check_table(table=small_table([two]), before=before, catalogue=CATALOGUE) == ()
    weaker = small_table([make_rule("one", Outcome.APPROVE, ABOVE, votes=1)])
    (finding,) = check_table(table=weaker, before=before, catalogue=CATALOGUE)
    assert (finding.row, finding.path, finding.code) == (
        "two_votes",
        "invariants",
        "invariant_fails",
    )
    assert finding.message.startswith(
        "“No refund over 500 without two votes”, which the version in force demands, does not hold."
    )


def test_a_narrower_scope_leaves_an_invariant_to_what_is_in_force_there() -> None:
    two = make_rule("two", Outcome.APPROVE, ABOVE, votes=2)
    before = small_table([two], invariants=(TWO_VOTES,))
    narrower = small_table([two], scope=Scope(tools=("lookup",)))
    # Where no policy is in scope any more everything is denied.
    assert check_table(table=narrower, before=before, catalogue=CATALOGUE) == ()
    mild = make_table("mild", [], scope=Scope(tools=("refund",)))
    found = check_table(table=narrower, others=[mild], before=before, catalogue=CATALOGUE)
    assert [(one.code, one.facts["tool"]) for one in found] == [("invariant_fails", "refund")]


def test_every_finding_can_be_translated_and_names_the_other_side() -> None:
    rows = [
        make_rule("never", Outcome.DENY, ABOVE, ("amount_minor", "below", 5)),
        make_rule("wide", Outcome.APPROVE, ABOVE, votes=1),
        make_rule("hidden", Outcome.VERIFY, ("amount_minor", "above", 900)),
        make_rule("odd", Outcome.DENY, ("amount_minor", "above", "many")),
        make_rule("gone", Outcome.DENY, ("amuont_minor", "above", 5), ("channel", "is", 3)),
        make_rule("said", Outcome.DENY, ("currency", "is", "EUR")),
    ]
    limit = make_limit(measure="amount_minor", currency="GBP")
    table = small_table(rows, limits=(limit,), invariants=(TWO_VOTES,))
    found = check_table(table=table, catalogue=CATALOGUE, has_eligible=lambda *_asked: False)
    assert {finding.code for finding in found} >= {
        "contradictory",
        "shadowed",
        "type",
        "unknown_fact",
        "currency_mismatch",
        "no_eligible_approver",
        "invariant_fails",
    }
    assert [finding for finding in found if not isinstance(finding.message, Said)] == []
    (hidden,) = [finding for finding in found if finding.code == "shadowed"]
    assert (hidden.path, hidden.others) == ("rules[2]", ("rules[1]",))


def test_a_check_that_takes_too_long_ends_and_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("governance.policies.checking.space.MAX_STEPS_IN_ALL", -1)
    rows = [make_rule(f"r{n}", Outcome.DENY, ("amount_minor", "above", n)) for n in range(20)]
    found = check_table(table=small_table(rows), catalogue=CATALOGUE)
    whole = [finding for finding in found if finding.path == "" and finding.code == "too_large"]
    assert [finding.message for finding in whole][:1] == [
        "There are too many cases to check the table as a whole; divide it."
    ]
    assert len(found) < 8
