"""A document becomes a table and back; every error at once, each at its place."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.policies.catalogue import OWN_FACTS, Catalogue, FactSpec, FactType, known_facts
from governance.policies.parsing import parse_policy, table_to_document
from governance.policies.types import Limit, Obligations, Outcome, PolicyTable
from governance.reviews.rules import document_digest
from orchestra.core.errors import FieldError, InvalidInputError
from orchestra.core.said import Said
from tests.factories.policies import make_document, make_facts
from tests.governance.policies.test_decision import tables

KNOWN = Catalogue(
    facts={
        **{spec.name: spec for spec in OWN_FACTS},
        "order_status": FactSpec("order_status", FactType.TEXT, "", "Status of the order."),
    },
    tools=frozenset({"refund", "lookup"}),
)


def parse(document: Any, catalogue: Catalogue | None = KNOWN) -> PolicyTable:
    return parse_policy(document=document, version=3, digest="d" * 64, catalogue=catalogue)


def errors_of(document: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInputError) as caught:
        parse(document)
    return [(error.field, error.code) for error in caught.value.errors]


def rule(**changes: Any) -> dict[str, Any]:
    base = {"id": "row", "title": "Row", "when": [], "outcome": "approve", "reason": "Because."}
    return {**base, **changes}


def with_condition(**condition: Any) -> dict[str, Any]:
    return make_document(rules=[rule(when=[condition])])


def test_every_part_is_read() -> None:
    table = parse(make_document())
    assert (table.key, table.version, table.digest) == ("refunds", 3, "d" * 64)
    assert table.thresholds == {"USD": 5000}
    assert table.limits == (
        Limit(
            key="refund_day",
            title="Refunds a day",
            measure="amount_minor",
            per="customer",
            window_hours=24,
            at_most=10000,
            outcome=Outcome.APPROVE,
            reason="The customer had 100 dollars today.",
            currency="USD",
            obligations=Obligations(votes=1, roles=("supervisor",)),
        ),
    )
    unsure, claimed, flagged = table.rules
    assert unsure.obligations == Obligations(votes=2, step_up=True, deadline_minutes=30)
    assert claimed.when[0].value == ("none", "claimed")
    assert claimed.obligations == Obligations(verification="strong")
    assert [condition.fact for condition in flagged.when] == ["risk_flags", "customer_bound"]


def test_it_round_trips() -> None:
    table = parse(make_document())
    assert parse(table_to_document(table)) == table


@given(tables("one"))
def test_any_table_round_trips_through_its_document(table: PolicyTable) -> None:
    try:
        read = parse(table_to_document(table))
    except InvalidInputError:
        # Builders make obligations that an outcome cannot ask for; parsing refuses them.
        return
    assert parse(table_to_document(read)) == read


@pytest.mark.parametrize("document", [None, [], "policy", 3, {1: 2}])
def test_what_is_no_document_is_refused(document: Any) -> None:
    assert ("key", "required") in errors_of(document)


def test_all_errors_come_at_once_with_their_paths() -> None:
    document = make_document(
        key="Refunds!",
        title="  ",
        scope={"tools": ["refnd"], "queue": []},
        thresholds={"usd": -1},
        rules=[
            rule(
                outcome="aprove",
                when=[{"fact": "confidnce", "below": 0.5}, {"fact": "tool", "below": 3}],
            ),
            rule(reason=None),
        ],
        limits=[{"key": "x", "measure": "sum"}],
    )
    found = set(errors_of(document))
    assert found >= {
        ("key", "format"),
        ("title", "required"),
        ("scope.queue", "unknown_field"),
        ("scope.tools[0]", "unknown_tool"),
        ("thresholds.usd", "currency"),
        ("thresholds.usd", "number"),
        ("rules[0].outcome", "choice"),
        ("rules[0].when[0].fact", "unknown_fact"),
        ("rules[0].when[1].below", "operator"),
        ("rules[1].id", "repeated"),
        ("rules[1].reason", "required"),
        ("limits[0].title", "required"),
        ("limits[0].measure", "choice"),
        ("limits[0].per", "choice"),
        ("limits[0].window_hours", "number"),
        ("limits[0].at_most", "number"),
        ("limits[0].outcome", "choice"),
        ("limits[0].reason", "required"),
    }


@pytest.mark.parametrize(
    ("condition", "error"),
    [
        ({"fact": "verification", "is": "basik"}, ("is", "choice")),
        ({"fact": "verification", "in": ["basic", 3]}, ("in", "type")),
        ({"fact": "verification", "in": []}, ("in", "type")),
        ({"fact": "verification", "in": "basic"}, ("in", "type")),
        ({"fact": "verification", "is": ["basic"]}, ("is", "type")),
        ({"fact": "tool", "is": "gone"}, ("is", "unknown_tool")),
        ({"fact": "off_plan", "is": "true"}, ("is", "type")),
        ({"fact": "off_plan", "is": 1}, ("is", "type")),
        ({"fact": "off_plan", "in": [True]}, ("in", "operator")),
        ({"fact": "amount_minor", "above": 10.5}, ("above", "type")),
        ({"fact": "amount_minor", "above": True}, ("above", "type")),
        ({"fact": "amount_minor", "above": 2**53}, ("above", "number")),
        ({"fact": "amount_minor", "above": None}, ("above", "type")),
        ({"fact": "confidence", "below": float("nan")}, ("below", "number")),
        ({"fact": "confidence", "below": float("inf")}, ("below", "number")),
        ({"fact": "confidence", "below": "0.5"}, ("below", "type")),
        ({"fact": "risk_flags", "is": "fraud"}, ("is", "operator")),
        ({"fact": "risk_flags", "contains": ["fraud"]}, ("contains", "type")),
        ({"fact": "tool", "in": ["refund"] * 1001}, ("in", "too_many")),
    ],
)
def test_condition_errors(condition: dict[str, Any], error: tuple[str, str]) -> None:
    operator, code = error
    assert (f"rules[0].when[0].{operator}", code) in errors_of(with_condition(**condition))


@pytest.mark.parametrize(
    "condition",
    [
        {"fact": "tool"},
        {"fact": "tool", "is": "refund", "is_not": "lookup"},
        {"fact": "tool", "equals": "refund"},
        {"is": "refund"},
    ],
)
def test_condition_needs_a_fact_and_one_operator(condition: dict[str, Any]) -> None:
    assert errors_of(with_condition(**condition))


@pytest.mark.parametrize(
    ("outcome", "obligations", "field"),
    [
        ("allow", {"votes": 1}, "votes"),
        ("verify", {"roles": ["supervisor"]}, "roles"),
        ("specialist", {"step_up": True}, "step_up"),
        ("approve", {"verification": "basic"}, "verification"),
        ("verify", {"verification": "claimed"}, "verification"),
        ("deny", {"deadline_minutes": 5}, "deadline_minutes"),
        ("approve", {"votes": 0}, "votes"),
        ("approve", {"votes": True}, "votes"),
        ("approve", {"votes": 11}, "votes"),
        ("approve", {"roles": ["ai_agent"]}, "roles[0]"),
        ("approve", {"roles": ["supervisor", "janitor"]}, "roles[1]"),
        ("approve", {"roles": "supervisor"}, "roles"),
        ("approve", {"step_up": 1}, "step_up"),
        ("approve", {"deadline_minutes": 0}, "deadline_minutes"),
        (
            "approve",
            {"votes": 2, "roles": ["supervisor"], "distinct_roles": True},
            "distinct_roles",
        ),
        ("approve", {"quorum": 2}, "quorum"),
    ],
)
def test_obligation_errors(outcome: str, obligations: dict[str, Any], field: str) -> None:
    document = make_document(rules=[rule(outcome=outcome, obligations=obligations)])
    assert {path for path, _code in errors_of(document)} == {f"rules[0].obligations.{field}"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"outcome": "allow"}, "outcome"),
        ({"measure": "count"}, "currency"),
        ({"currency": ""}, "currency"),
        ({"currency": "usd"}, "currency"),
        ({"window_hours": 0}, "window_hours"),
        ({"window_hours": 9000}, "window_hours"),
        ({"at_most": -1}, "at_most"),
        ({"at_most": 1.5}, "at_most"),
        ({"per": "case"}, "per"),
        ({"key": "unsure"}, "key"),
    ],
)
def test_limit_errors(changes: dict[str, Any], field: str) -> None:
    document = make_document()
    document["limits"][0].update(changes)
    assert [path for path, _code in errors_of(document)] == [f"limits[0].{field}"]


def test_name_of_the_floor_is_reserved() -> None:
    assert errors_of(make_document(key="floor")) == [("key", "reserved")]


def test_a_hint_names_the_nearest_word() -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse(with_condition(fact="confidense", below=0.5))
    assert "did you mean confidence?" in caught.value.errors[0].message


def test_without_a_catalogue_names_are_not_checked_but_values_are() -> None:
    document = with_condition(fact="of_a_tool_long_gone", **{"is": "x"})
    assert parse(document, None).rules[0].when[0].fact == "of_a_tool_long_gone"
    with pytest.raises(InvalidInputError):
        parse(with_condition(fact="of_a_tool_long_gone", below="x"), None)


def test_own_facts_are_registered_and_every_fact_of_the_factory_is_one() -> None:
    known = known_facts()
    assert {spec.name for spec in OWN_FACTS} <= known.keys()
    assert make_facts().values.keys() <= known.keys()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=8,
    ),
    st.sampled_from(["key", "title", "scope", "thresholds", "limits", "rules"]),
)
def test_junk_is_refused_or_read_but_never_breaks(junk: Any, field: str) -> None:
    found: tuple[FieldError, ...] = ()
    try:
        parse(make_document(**{field: junk}))
    except InvalidInputError as error:
        found = error.errors
    assert all(error.field and error.message for error in found)


def test_a_disabled_row_stays_in_the_text_and_in_its_digest() -> None:
    off = make_document(rules=[rule(disabled=True)])
    table = parse(off)
    assert table.rules[0].disabled is True
    assert table_to_document(table)["rules"][0]["disabled"] is True
    on = make_document(rules=[rule()])
    assert document_digest(kind="policy", document=off) != document_digest(
        kind="policy", document=on
    )
    assert errors_of(make_document(rules=[rule(disabled="yes")])) == [("rules[0].disabled", "type")]


def test_every_error_can_be_translated() -> None:
    broken = make_document(
        key="floor",
        scope={"tools": ["gone", "gone"]},
        thresholds={"usd": -1},
        rules=[
            rule(outcome="approve", obligations={"votes": 99, "roles": ["nobody"], "level": 1}),
            rule(when=[{"fact": "gone", "is": 1}, {"fact": "risk", "above": 1}, {"is": 1}]),
            rule(id="A B", when=[{"fact": "amount_minor", "is": "x"}], disabled="no", extra=1),
            rule(when=[{"fact": "risk", "is": "mild"}, {"fact": "risk", "in": []}], outcome="may"),
        ],
        limits=[{"key": "x", "measure": "count", "currency": "USD"}],
        invariants=[{"id": "x", "then": {}}],
    )
    with pytest.raises(InvalidInputError) as caught:
        parse_policy(document=broken, version=1, digest="", catalogue=KNOWN)
    messages = [caught.value.message, *(error.message for error in caught.value.errors)]
    assert len(messages) > 20
    assert [message for message in messages if not isinstance(message, Said)] == []
