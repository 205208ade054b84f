"""A table as YAML: written in one form, read back alike, and refused with its lines."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.policies.parsing import table_to_document
from governance.policies.soundness import MAX_ROWS
from governance.policies.types import Outcome, PolicyTable
from governance.policies.yaml_text import from_yaml, to_yaml
from tests.factories.policies import make_document, make_rule, make_table
from tests.governance.policies.test_decision import tables
from tests.governance.policies.test_parsing import KNOWN, rule

WORDS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=60
).filter(str.strip)


def document(text: str) -> dict[str, Any]:
    found, errors = from_yaml(text)
    assert errors == []
    assert found is not None
    return found


def places(text: str) -> list[tuple[int, int, str, str]]:
    _found, errors = from_yaml(text, catalogue=KNOWN)
    return [(each.line, each.column, each.path, each.code) for each in errors]


@given(tables("one"), st.dictionaries(WORDS, st.sampled_from([0]), max_size=3), WORDS)
def test_a_document_comes_back_byte_for_byte(
    table: PolicyTable, others: dict[str, int], words: str
) -> None:
    given_ = {**table_to_document(table), "title": words, **others}
    text = to_yaml(given_)
    found, _errors = from_yaml(text)
    assert found == given_
    assert to_yaml(found) == text


@given(WORDS, WORDS, st.booleans())
def test_words_of_any_kind_come_back(title: str, reason: str, disabled: bool) -> None:
    rules = [rule(title=title, reason=reason, disabled=disabled)]
    text = to_yaml(make_document(rules=rules))
    assert document(text)["rules"] == rules
    assert to_yaml(document(text)) == text


def test_fields_stand_in_the_order_people_read_them() -> None:
    text = to_yaml(make_document(rules=[rule(disabled=True, when=[{"fact": "risk", "is": "low"}])]))
    assert text.index("scope:") < text.index("rules:") < text.index("limits:")
    assert (
        "- id: row\n"
        "  title: Row\n"
        "  disabled: true\n"
        "  when:\n"
        "  - {fact: risk, is: low}\n"
        "  outcome: approve\n"
        "  reason: Because.\n"
    ) in text


HEAD = "key: a\ntitle: A\n"
ROW = "rules:\n- id: one\n  title: One\n  reason: Why.\n  outcome: deny\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEAD + ROW + "key: b\n", (8, 1, "key", "duplicate")),
        (HEAD + ROW + "  reason: Again.\n", (8, 3, "rules[0].reason", "duplicate")),
        (HEAD + ROW + "  when: &a [1]\n", (8, 9, "", "anchor")),
        (HEAD + ROW + "  when: *a\n", (8, 9, "", "alias")),
        (HEAD + "title: !!python/name:os.system x\n", (3, 8, "", "tag")),
        (HEAD + ROW + "  1: x\n", (8, 3, "rules[0].?", "key")),
        (HEAD + "thresholds: {USD: .nan}\n" + ROW, (3, 14, "thresholds.USD", "number")),
        (HEAD + "thresholds: {USD: 050000}\n" + ROW, (3, 14, "thresholds.USD", "number")),
        (HEAD + "rules: []\n", (3, 1, "rules", "empty")),
        (HEAD, (1, 1, "rules", "empty")),
        (HEAD + ROW + "  disabled: true\n", (3, 1, "rules", "empty")),
        (HEAD + ROW + "  outcomes: deny\n", (8, 3, "rules[0].outcomes", "unknown_field")),
        ("- a\n", (1, 1, "", "type")),
        ("", (1, 1, "", "type")),
        ("a: [1\n", (2, 1, "", "yaml")),
        ("a: " + "x" * (1 << 20), (1, 1, "", "too_large")),
    ],
    ids=range(16),
)
def test_what_is_wrong_is_named_with_its_place(
    text: str, expected: tuple[int, int, str, str]
) -> None:
    assert places(text) == [expected]


def test_a_bomb_is_refused_at_its_first_anchor() -> None:
    lines = ["a0: &a0 [1,1,1,1,1,1,1,1,1,1]"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    started = time.perf_counter()
    assert places("\n".join(lines)) == [(1, 5, "", "anchor")]
    assert time.perf_counter() - started < 1


def test_rows_that_cannot_hold_and_amounts_of_no_currency_are_named_on_their_row() -> None:
    both = [{"fact": "amount_minor", "above": 1000}, {"fact": "amount_minor", "at_most": 500}]
    text = to_yaml(
        make_document(
            thresholds={"USD": 5000, "EUR": 4000},
            rules=[rule(when=[{"fact": "currency", "is": "USD"}, *both])],
        )
    )
    (error,) = from_yaml(text, catalogue=KNOWN)[1]
    assert (error.path, error.code) == ("rules[0].when[2]", "contradiction")
    assert str(error) == (
        f"line {error.line}, column {error.column}: rules[0].when[2]: this row can never fire: "
        "amount_minor above 1000, and at most 500"
    )
    assert text.splitlines()[error.line - 1].strip() == "- {fact: amount_minor, at_most: 500}"


@pytest.mark.parametrize("count", [MAX_ROWS, MAX_ROWS + 1])
def test_two_thousand_rows_are_read_and_more_are_refused(count: int) -> None:
    table = make_table("big", [make_rule(f"r{n}", Outcome.DENY) for n in range(count)])
    found = places(to_yaml(table_to_document(table)))
    assert [code for *_place, code in found] == ([] if count == MAX_ROWS else ["too_many"])
