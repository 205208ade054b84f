"""What a tool calls sensitive is hidden where a system of record says it back."""

import copy
from typing import Any

import pytest

from cases.tools.echoes import without_echoes

CANARY = "canary-4711"
DOTS = "\u2022\u2022\u2022"
SENT: dict[str, Any] = {"code": CANARY, "card": {"cvx": 123, "name": "A"}, "pins": ["x", "9"]}
SENSITIVE = ("$.code", "$.card", "$.pins[1]")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({"code": "another"}, {"code": DOTS}),
        ({"note": f"took {CANARY}."}, {"note": f"took {DOTS}."}),
        ([{"deep": [CANARY, 123, "123"]}], [{"deep": [DOTS, DOTS, DOTS]}]),
        ({"letter": "A", "word": "As said"}, {"letter": DOTS, "word": "As said"}),
        ({"count": 9, "other": 8}, {"count": DOTS, "other": 8}),
        ({"pins": ["x", "y"], "done": True}, {"pins": ["x", DOTS], "done": True}),
        (f"refused: {CANARY}", f"refused: {DOTS}"),
        (None, None),
    ],
)
def test_it_is_hidden_by_path_and_by_value(said: Any, shown: Any) -> None:
    before = copy.deepcopy(said)
    assert without_echoes(said, arguments=SENT, sensitive=SENSITIVE) == shown
    assert said == before


def test_without_anything_sensitive_an_answer_is_as_it_was() -> None:
    said = {"code": CANARY, "count": 123}
    assert without_echoes(said, arguments=SENT, sensitive=()) == said


def test_the_longer_of_two_is_hidden_first() -> None:
    sent = {"short": "abcd", "long": "abcdefgh"}
    said = without_echoes("abcdefgh", arguments=sent, sensitive=("$.short", "$.long"))
    assert said == DOTS
    assert without_echoes("x abcdefgh abcd", arguments=sent, sensitive=("$.short", "$.long")) == (
        f"x {DOTS} {DOTS}"
    )
