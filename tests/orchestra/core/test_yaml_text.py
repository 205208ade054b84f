"""YAML with the line of every value, and nothing that JSON could not say."""

import pytest

from orchestra.core.yaml_text import MAX_VALUES, read_located, write_yaml


def codes(text: str) -> list[tuple[str, str]]:
    return [(found.field, found.code) for found in read_located(name="a.yaml", text=text).findings]


def test_every_value_has_its_line() -> None:
    found = read_located(name="a.yaml", text="key: x\nrules:\n  - id: one\n    when: {a: 1}\n")
    assert found.value == {"key": "x", "rules": [{"id": "one", "when": {"a": 1}}]}
    assert found.place("rules[0].when.a") == "a.yaml:4: rules[0].when.a"
    assert found.place("rules[0].outcome") == "a.yaml:3: rules[0].outcome"
    assert found.place("rules[7].outcome.votes") == "a.yaml:2: rules[7].outcome.votes"
    assert found.place("") == "a.yaml:1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [1", [("", "yaml")]),
        ("a: 1\na: 2\n", [("a", "duplicate")]),
        ("a: 2026-01-01\n", [("a", "value")]),
        ("1: a\n", [(".?", "key")]),
        ("a: &x [*x]\n", [("a[0]", "alias")]),
        ("a: !!python/object:os.system x\n", [("a", "value")]),
        ("", []),
    ],
)
def test_what_json_could_not_say_is_refused(text: str, expected: list[tuple[str, str]]) -> None:
    found = [(field.split(": ")[-1] if ": " in field else "", code) for field, code in codes(text)]
    assert found == expected


def test_an_alias_may_be_used_but_not_without_bound() -> None:
    assert read_located(name="a", text="a: &x {b: 1}\nc: *x\n").value == {
        "a": {"b": 1},
        "c": {"b": 1},
    }
    lines = ["a0: &a0 [1,1,1,1,1,1,1,1,1,1]"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    found = codes("\n".join(lines))
    assert [code for _, code in found] == ["too_large"]
    assert MAX_VALUES < 10**8


def test_a_file_above_a_mebibyte_is_not_read() -> None:
    assert codes("a: " + "x" * (1 << 20)) == [("a.yaml:1", "too_large")]


def strict(text: str) -> list[tuple[tuple[int, int], str]]:
    found = read_located(name="", text=text, strict=True)
    return [(found.position(each.field.partition(": ")[2]), each.code) for each in found.findings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: &x [1]\n", [((2, 4), "anchor")]),
        ("a: 1\nb: *x\n", [((2, 4), "alias")]),
        ("a: 1\nb: !!str 5\n", [((2, 4), "tag")]),
        ("a: 1\nb:\n  c: 012\n", [((3, 3), "number")]),
        ("a: 1:30\n", [((1, 1), "number")]),
        ("a: .nan\n", [((1, 1), "number")]),
        ("a: -.inf\n", [((1, 1), "number")]),
        ("a: 9007199254740993\n", [((1, 1), "number")]),
        ("a: " + "[" * 60 + "]" * 60, [((1, 53), "too_deep")]),
        ("a: 1\nb: [2\n", [((3, 1), "yaml")]),
        ("a: 1\n\x07b: 2\n", [((1, 1), "yaml")]),
        ("<<: {a: 1}\n", [((1, 1), "key")]),
        ("a: 0\nb: -12\nc: 0.5\n", []),
    ],
)
def test_a_strict_reader_refuses_what_says_more_than_it_shows(
    text: str, expected: list[tuple[tuple[int, int], str]]
) -> None:
    assert strict(text) == expected


def test_what_is_written_is_read_again_and_written_alike() -> None:
    value = {"b": ["no", "1", "012", "é \u2028", ""], "a": {"x": [1, 0.5, None, True]}}
    for flow in (False, True):
        text = write_yaml(value, flow_leaves=flow)
        assert read_located(name="", text=text, strict=True).value == value
        assert "&" not in text
    assert write_yaml({"a": [1, 2]}, flow_leaves=True) == "a: [1, 2]\n"
