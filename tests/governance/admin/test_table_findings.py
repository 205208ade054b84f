"""Findings on their rows: what is said of one with errors left aside, and where each stands."""

from typing import Any

import pytest
from django.template.loader import render_to_string
from pytest_django import DjangoAssertNumQueries

from governance.admin.table_findings import (
    MAX_COMPARED,
    Found,
    check_document,
    count_blocking,
    other_sides,
    place_all,
)
from governance.admin.table_forms import find_errors
from governance.policies import registry
from governance.policies.checking.findings import Finding, Severity
from orchestra.core.errors import FieldError
from tests.factories.policies import make_document
from tests.factories.reviews import put_in_force
from tests.factories.tables import KNOWN

Json = Any
pytestmark = pytest.mark.django_db

ABOVE = {"fact": "amount_minor", "above": 10000}


def rule(name: str, when: list[Json], **changes: Json) -> Json:
    return {
        "id": name,
        "title": f"Title of {name}",
        "when": when,
        "outcome": "approve",
        "reason": "R",
        **changes,
    }


def found_in(*rules: Json) -> list[tuple[str, str]]:
    document = make_document(rules=list(rules), limits=[])
    errors = find_errors(document, catalogue=KNOWN)
    checks = check_document(document, errors, catalogue=KNOWN)
    return [(each.path, each.code) for each in checks if each.path]


@pytest.fixture(autouse=True)
def _nothing_above(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry.tool_names, "_items", {})


def test_a_weaker_control_for_a_larger_amount_blocks() -> None:
    small = rule("small", [ABOVE, {"fact": "amount_minor", "at_most": 50000}])
    small["obligations"] = {"votes": 2}
    large = rule("large", [{"fact": "amount_minor", "above": 50000}])
    assert ("rules[0]", "weaker_above") in found_in(small, large)


def test_rows_that_can_be_read_are_checked_beside_one_that_cannot() -> None:
    broken = rule("broken", [{"fact": "account age", "is": ""}])
    hidden = rule("hidden", [{"fact": "amount_minor", "above": 20000}])
    found = found_in(broken, rule("wide", [ABOVE]), hidden)
    assert ("rules[2]", "shadowed") in found
    assert all(path.startswith("rules") for path, _code in found)


def test_nothing_is_checked_of_a_table_that_cannot_be_read() -> None:
    document = make_document(title="")
    errors = find_errors(document, catalogue=KNOWN)
    assert [each.field for each in errors] == ["title"]
    assert check_document(document, errors, catalogue=KNOWN) == ()


def test_more_rows_than_can_be_compared_while_one_writes_are_said() -> None:
    rows = [rule(f"r{n}", [ABOVE]) for n in range(MAX_COMPARED + 1)]
    (found,) = check_document(make_document(rules=rows, limits=[]), [], catalogue=KNOWN)
    assert (found.code, found.severity) == ("too_large", Severity.WARNING)


@pytest.mark.parametrize(
    ("path", "row", "target", "where"),
    [
        ("rules[2].when[1].above", "rules.2", "rules.2.when.1.value", "Row 3"),
        ("rules[2].when[1].fact", "rules.2", "rules.2.when.1.fact", "Row 3"),
        ("rules[2]", "rules.2", "row-rules.2", "Row 3"),
        ("limits[0].window_hours", "limits.0", "limits.0.window", "Limit 1"),
        ("rules[0].obligations.votes", "rules.0", "rules.0.obligations.votes", "Row 1"),
        ("invariants[0].then.votes", "invariants.0", "invariants.0.obligations.votes", "Promise 1"),
        ("invariants[0].then.outcome", "invariants.0", "invariants.0.outcome", "Promise 1"),
        ("title", "", "title", "Title"),
        ("thresholds.USD", "", "thresholds", "Thresholds"),
        ("scope.tools[3]", "", "scope", "Where it holds"),
        ("rules", "", "editor-head", "The table"),
        ("", "", "editor-head", "The table"),
    ],
)
def test_every_finding_has_its_place(path: str, row: str, target: str, where: str) -> None:
    (found,) = place_all([FieldError(path, "x", "Wrong.")])
    assert (found.row, found.target, found.where) == (row, target, where)


def test_what_the_version_in_force_demands_is_said_while_somebody_writes() -> None:
    demand = {
        "id": "two_votes",
        "title": "Two votes above 100",
        "when": [ABOVE],
        "then": {"outcome": "approve", "votes": 2},
    }
    strict = rule("strict", [ABOVE], obligations={"votes": 2})
    put_in_force(make_document(rules=[strict], limits=[], invariants=[demand]))
    softer = make_document(rules=[rule("softer", [ABOVE])], limits=[])
    found = check_document(softer, [], catalogue=KNOWN)
    (demanded,) = [each for each in found if each.code == "invariant_fails"]
    assert "which the version in force demands" in demanded.message
    assert demanded.severity is Severity.ERROR


def test_findings_are_in_the_readers_language_and_link_to_their_other_side() -> None:
    rules = [rule("broken", [{"fact": "amount_minor"}])]
    rules += [rule(name, [ABOVE]) for name in ("wide", "hidden")]
    document = make_document(rules=rules, limits=[])
    errors = find_errors(document, catalogue=KNOWN)
    checks = check_document(document, errors, catalogue=KNOWN)
    (hidden,) = [each for each in checks if each.code == "shadowed"]
    assert type(hidden.message) is str
    (placed,) = place_all([hidden])
    assert placed.row == "rules.2"
    assert placed.sides == (("row-rules.1", "Row 2"),)


def test_looking_again_while_somebody_writes_asks_the_database_once(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    put_in_force(make_document())
    document = make_document(rules=[rule("wide", [ABOVE])], limits=[])
    check_document(document, [], catalogue=KNOWN)
    with django_assert_num_queries(1):
        check_document(document, [], catalogue=KNOWN)


def test_only_errors_block() -> None:
    warning = Finding("", "rules[0]", Severity.WARNING, "gap", "A gap.")
    assert count_blocking(place_all([warning, FieldError("title", "required", "Say it.")])) == 1


def test_both_sides_of_a_finding_are_links() -> None:
    assert other_sides(["rules[9]", "limits[0]", ""]) == (
        ("row-rules.9", "Row 10"),
        ("row-limits.0", "Limit 1"),
    )
    sides = other_sides(["rules[9]"])
    found = Found("rules.0", "row-rules.0", "rules[0]", "Row 1", "T", "M", blocks=True, sides=sides)
    html = render_to_string("governance/table_findings.html", {"row": {"findings": [found]}})
    assert '<a href="#row-rules.9" data-target="row-rules.9">Row 10</a>' in html
