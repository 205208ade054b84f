"""What may follow what in the life of a governed document."""

from datetime import timedelta

import pytest

from governance.access.types import Role
from governance.reviews import rules
from governance.reviews.rules import document_digest, may_move
from governance.reviews.types import ChangePurpose, RiskLevel
from governance.reviews.types import ChangeState as C
from governance.reviews.types import DocumentState as S
from orchestra.core.errors import ConflictError
from tests.factories.reviews import NOW, make_standing

ALLOWED = {
    (S.DRAFT, S.SUBMITTED),
    (S.SUBMITTED, S.DRAFT),
    (S.SUBMITTED, S.APPROVED),
    (S.APPROVED, S.DRAFT),
    (S.APPROVED, S.PUBLISHED),
    (S.PUBLISHED, S.RETIRED),
}


@pytest.mark.parametrize("present", S)
@pytest.mark.parametrize("wanted", S)
def test_moves(present: S, wanted: S) -> None:
    assert may_move(present=present, wanted=wanted) is ((present, wanted) in ALLOWED)


def test_a_digest_names_kind_and_text() -> None:
    one = document_digest(kind="policy", document={"a": 1, "b": 2})
    assert one == document_digest(kind="policy", document={"b": 2, "a": 1})
    assert one != document_digest(kind="cue_sheet", document={"a": 1, "b": 2})
    assert one != document_digest(kind="policy", document={"a": 1, "b": 3})


FINAL = {C.RETIRED, C.ROLLED_BACK, C.WITHDRAWN, C.REFUSED, C.EXPIRED}


def test_every_state_of_a_change_has_its_moves_and_the_ends_have_none() -> None:
    assert set(rules.CHANGE_MOVES) == set(C)
    assert {state for state, after in rules.CHANGE_MOVES.items() if not after} == FINAL


@pytest.mark.parametrize("present", C)
@pytest.mark.parametrize("wanted", C)
def test_a_move_that_is_not_in_the_table_is_a_conflict(present: C, wanted: C) -> None:
    if wanted in rules.CHANGE_MOVES[present]:
        rules.check_move(label="CR-1", present=present, wanted=wanted)
        return
    with pytest.raises(ConflictError) as caught:
        rules.check_move(label="CR-1", present=present, wanted=wanted)
    assert (caught.value.error_code, caught.value.data) == ("change.state", {"state": present})


def test_only_what_was_approved_comes_into_force() -> None:
    before = {state for state, after in rules.CHANGE_MOVES.items() if C.PUBLISHED in after}
    assert before == {C.APPROVED, C.SCHEDULED}


def test_taking_a_text_away_is_not_what_publishing_it_is() -> None:
    document = {"key": "a"}
    digests = {
        purpose: rules.change_digest(kind="policy", purpose=purpose, document=document)
        for purpose in ChangePurpose
    }
    assert digests[ChangePurpose.EDIT] == document_digest(kind="policy", document=document)
    assert digests[ChangePurpose.ROLLBACK] == digests[ChangePurpose.EDIT]
    assert digests[ChangePurpose.RETIREMENT] != digests[ChangePurpose.EDIT]


def test_the_quorum_grows_with_the_risk() -> None:
    quorum = rules.default_quorum(frozenset({Role.SUPERVISOR}))
    assert [(q.votes, q.distinct_roles, q.step_up) for q in quorum.values()] == [
        (1, False, False),
        (1, False, False),
        (2, False, True),
        (2, True, True),
    ]
    assert list(quorum) == list(RiskLevel)


def test_the_highest_risk_counts_and_none_is_low() -> None:
    assert rules.highest([RiskLevel.HIGH, RiskLevel.MEDIUM]) is RiskLevel.HIGH
    assert rules.highest([]) is RiskLevel.LOW


@pytest.mark.parametrize(
    ("state", "minutes", "expected"),
    [
        (C.SUBMITTED, 0, True),
        (C.APPROVED, -1, True),
        (C.CHANGES_ASKED, -1, True),
        (C.SUBMITTED, 1, False),
        (C.SCHEDULED, -1, False),
        (C.DRAFT, -1, False),
    ],
)
def test_what_lapses(state: C, minutes: int, expected: bool) -> None:
    ends = NOW + timedelta(minutes=minutes)
    assert rules.is_expired(make_standing(state=state, expires_at=ends), NOW) is expected


def test_a_refusal_may_come_until_it_is_published() -> None:
    before = {state for state, after in rules.CHANGE_MOVES.items() if C.REFUSED in after}
    assert before == {C.SUBMITTED, C.CHANGES_ASKED, C.APPROVED, C.SCHEDULED}


@pytest.mark.parametrize(("who", "allowed"), [("a", True), ("b", True), ("c", False)])
def test_a_comment_is_settled_by_its_author_or_the_changes(who: str, allowed: bool) -> None:
    assert rules.may_resolve(actor_id=who, commenter_id="a", author_id="b") is allowed
