"""Invariants are read with every error at its place, and written back as they were."""

from typing import Any

import pytest

from governance.policies.catalogue import OWN_FACTS, Catalogue
from governance.policies.parsing import parse_policy, table_to_document
from governance.policies.types import Condition, Invariant, Operator, Outcome, PolicyTable
from governance.reviews.rules import document_digest
from orchestra.core.errors import InvalidInputError
from tests.factories.policies import make_document

KNOWN = Catalogue(facts={spec.name: spec for spec in OWN_FACTS}, tools=frozenset({"refund"}))
WANTED: dict[str, Any] = {
    "id": "two_votes",
    "title": "No refund over 500 without two votes",
    "when": [{"fact": "amount_minor", "above": 50000}],
    "then": {"outcome": "approve", "votes": 2, "roles": ["supervisor"], "step_up": True},
}


def parse(*invariants: Any) -> PolicyTable:
    document = make_document(invariants=list(invariants))
    return parse_policy(document=document, version=1, digest="d" * 64, catalogue=KNOWN)


def errors_of(**changes: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInputError) as caught:
        parse({**WANTED, **changes})
    return [(error.field, error.code) for error in caught.value.errors]


def test_every_part_is_read_and_written_back() -> None:
    table = parse(WANTED)
    assert table.invariants == (
        Invariant(
            id="two_votes",
            title="No refund over 500 without two votes",
            when=(Condition("amount_minor", Operator.ABOVE, 50000),),
            outcome=Outcome.APPROVE,
            votes=2,
            roles=("supervisor",),
            step_up=True,
        ),
    )
    assert table_to_document(table)["invariants"] == [WANTED]
    again = parse_policy(document=table_to_document(table), version=1, digest="d" * 64)
    assert again == table


def test_a_document_without_any_is_as_it_was() -> None:
    assert "invariants" not in table_to_document(parse())


def test_they_are_kept_in_the_digest() -> None:
    plain = document_digest(kind="policy", document=make_document())
    wanted = document_digest(kind="policy", document=make_document(invariants=[WANTED]))
    assert plain != wanted


@pytest.mark.parametrize(
    ("then", "outcome"),
    [
        ({"votes": 2}, Outcome.APPROVE),
        ({"outcome": "verify"}, Outcome.VERIFY),
        ({"outcome": "deny"}, Outcome.DENY),
    ],
    ids=["votes_alone", "verify", "deny"],
)
def test_votes_alone_ask_for_an_approval(then: dict[str, Any], outcome: Outcome) -> None:
    (invariant,) = parse({**WANTED, "then": then}).invariants
    assert invariant.outcome is outcome


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"then": None}, [("invariants[0].then", "required")]),
        ({"then": {"outcome": "allow"}}, [("invariants[0].then.outcome", "choice")]),
        ({"then": {"outcome": "deny", "votes": 2}}, [("invariants[0].then.outcome", "unused")]),
        (
            {"then": {"votes": 0}},
            [("invariants[0].then", "required"), ("invariants[0].then.votes", "number")],
        ),
        ({"then": {"roles": ["clown"]}}, [("invariants[0].then.roles[0]", "role")]),
        ({"then": {"votes": 2, "vote": 3}}, [("invariants[0].then.vote", "unknown_field")]),
        ({"when": [{"fact": "amuont", "is": 1}]}, [("invariants[0].when[0].fact", "unknown_fact")]),
        ({"id": "Two Votes"}, [("invariants[0].id", "format")]),
        ({"id": "unsure"}, [("invariants[0].id", "repeated")]),
        ({"outcome": "deny"}, [("invariants[0].outcome", "unknown_field")]),
    ],
    ids=[
        "nothing",
        "allow",
        "votes_of_a_denial",
        "no_votes",
        "role",
        "then",
        "fact",
        "id",
        "twice",
        "field",
    ],
)
def test_errors(changes: dict[str, Any], errors: list[tuple[str, str]]) -> None:
    assert sorted(errors_of(**changes)) == sorted(errors)
