"""Which requests may be voted on in one act."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.approvals.batch import LARGEST, BatchItem, check_batch
from governance.policies.types import RiskLevel

ITEM = BatchItem(
    name="AP-1",
    queue_id=7,
    tool="modify_user_address",
    rule="caution@1:low_confidence",
    risk=RiskLevel.MEDIUM,
    votes_needed=1,
    step_up=False,
)


@pytest.mark.parametrize("count", [2, 3, LARGEST])
def test_equal_requests_are_a_batch(count: int) -> None:
    assert check_batch([ITEM] * count) == ()


@pytest.mark.parametrize(
    ("count", "code"),
    [(0, "batch.too_few"), (1, "batch.too_few"), (LARGEST + 1, "batch.too_many")],
)
def test_a_batch_has_its_size(count: int, code: str) -> None:
    [found] = check_batch([ITEM] * count)
    assert (found.index, found.code) == (None, code)


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"risk": RiskLevel.HIGH}, ["batch.too_risky"]),
        ({"risk": RiskLevel.CRITICAL}, ["batch.too_risky"]),
        ({"risk": RiskLevel.LOW}, []),
        ({"step_up": True}, ["batch.step_up"]),
        ({"votes_needed": 2}, ["batch.several_votes"]),
        ({"rule": ""}, ["batch.several_rows"]),
        ({"tool": ""}, ["batch.no_tool", "batch.other_tool"]),
        ({"rule": "caution@1:fraud"}, ["batch.other_row"]),
        # Another version of the same policy may word the same row otherwise.
        ({"rule": "caution@2:low_confidence"}, ["batch.other_row"]),
        ({"tool": "cancel_pending_order"}, ["batch.other_tool"]),
        ({"queue_id": 8}, ["batch.other_queue"]),
    ],
)
def test_the_one_that_is_otherwise_is_named(changes: dict[str, object], codes: list[str]) -> None:
    found = check_batch([ITEM, replace(ITEM, **changes), ITEM])
    assert [(one.index, one.code) for one in found] == [(1, code) for code in codes]
    assert all(one.sentence for one in found)


def test_of_two_that_differ_the_first_is_what_the_other_is_held_against() -> None:
    found = check_batch([ITEM, replace(ITEM, queue_id=8)])
    assert [(one.index, one.code) for one in found] == [(1, "batch.other_queue")]


items = st.builds(
    BatchItem,
    name=st.just("AP-1"),
    queue_id=st.sampled_from([7, 8]),
    tool=st.sampled_from(["a", "b", ""]),
    rule=st.sampled_from(["r@1:x", "r@1:y", ""]),
    risk=st.sampled_from(RiskLevel),
    votes_needed=st.sampled_from([1, 2]),
    step_up=st.booleans(),
)


@given(st.lists(items, max_size=30))
def test_a_batch_holds_only_equals_of_little_risk(chosen: list[BatchItem]) -> None:
    if check_batch(chosen):
        return
    assert 2 <= len(chosen) <= LARGEST
    assert len({(one.queue_id, one.tool, one.rule) for one in chosen}) == 1
    assert chosen[0].tool
    assert chosen[0].rule
    assert {one.risk for one in chosen} <= {RiskLevel.LOW, RiskLevel.MEDIUM}
    assert {(one.votes_needed, one.step_up) for one in chosen} == {(1, False)}
