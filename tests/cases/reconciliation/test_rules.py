"""What is a difference, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.reconciliation.rules import (
    CAUSES,
    check_asked,
    check_causes,
    check_effect,
    needs_of_approval,
    needs_of_call,
)
from cases.reconciliation.types import Asked, Effect, Gap, Seen

CALL = Effect(
    "tool_call",
    "t-1",
    "c-1",
    needs={"tool_call.proposed": 1, "execution.claimed": 2, "tool_call.succeeded": 1},
    exact=frozenset({"execution.claimed"}),
)
STORY = (
    "decision.recorded",
    "tool_call.proposed",
    "execution.claimed",
    "execution.claimed",
    "tool_call.confirmed",
    "tool_call.succeeded",
)


def seen(*kinds: str) -> list[Seen]:
    return [Seen(place, kind) for place, kind in enumerate(kinds, start=1)]


def causes(*kinds: str) -> list[str]:
    return [found.wanted for found in check_causes(kind="x", id="1", case_id="", seen=seen(*kinds))]


@pytest.mark.parametrize(
    ("state", "more", "needs"),
    [
        ("ready", {}, {"tool_call.proposed": 1, "decision.recorded": 1}),
        (
            "succeeded",
            {"attempts": 2, "confirmed": True},
            {
                "tool_call.proposed": 1,
                "execution.claimed": 2,
                "decision.recorded": 1,
                "tool_call.succeeded": 1,
                "tool_call.confirmed": 1,
            },
        ),
        (
            "failed",
            {"attempts": 1, "refused": True, "confirmed": False},
            {
                "tool_call.proposed": 1,
                "execution.claimed": 1,
                "decision.recorded": 1,
                "tool_call.refused": 1,
            },
        ),
        (
            "voided",
            {},
            {"tool_call.proposed": 1, "decision.recorded": 1, "tool_call.voided": 1},
        ),
    ],
)
def test_what_a_call_needs(state: str, more: dict[str, object], needs: dict[str, int]) -> None:
    given_ = {"refused": False, "attempts": 0, "decisions": 3, "confirmed": None, **more}
    assert needs_of_call(state=state, **given_) == needs  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "votes", "needs"),
    [
        ("pending", 0, {"approval.requested": 1}),
        ("pending", 1, {"approval.requested": 1, "approval.voted": 1}),
        ("granted", 2, {"approval.requested": 1, "approval.voted": 2, "approval.granted": 1}),
        (
            "used",
            1,
            {
                "approval.requested": 1,
                "approval.voted": 1,
                "approval.granted": 1,
                "approval.used": 1,
            },
        ),
        ("expired", 0, {"approval.requested": 1, "approval.expired": 1}),
    ],
)
def test_what_an_approval_needs(state: str, votes: int, needs: dict[str, int]) -> None:
    assert needs_of_approval(state=state, votes=votes) == needs


def test_an_effect_that_is_told_in_full_is_no_difference() -> None:
    assert check_effect(CALL, seen(*STORY)) == []


@pytest.mark.parametrize(
    "lacks", ["tool_call.proposed", "execution.claimed", "tool_call.succeeded"]
)
def test_each_entry_that_lacks_is_named(lacks: str) -> None:
    told = list(STORY)
    told.remove(lacks)
    (found,) = check_effect(CALL, seen(*told))
    assert (found.gap, found.id, found.wanted, found.case_id) == (
        Gap.ENTRY_MISSING,
        "t-1",
        lacks,
        "c-1",
    )


def test_an_effect_told_too_often_is_named() -> None:
    (found,) = check_effect(CALL, seen(*STORY, "execution.claimed"))
    assert (found.gap, found.wanted) == (Gap.ENTRY_TOO_MANY, "execution.claimed")


def test_what_stands_without_its_cause_is_named_once() -> None:
    assert causes(*STORY) == []
    assert causes("execution.claimed", "execution.claimed", *STORY) == ["execution.claimed"]
    assert causes("approval.voted", "approval.granted") == ["approval.voted"]
    assert causes("tool_call.succeeded") == ["tool_call.succeeded"]


@given(st.permutations(STORY))
def test_only_the_order_of_causes_counts(order: list[str]) -> None:
    found = causes(*order)
    assert set(found) == {
        kind
        for kind in order
        if kind in CAUSES and not CAUSES[kind] & set(order[: order.index(kind)])
    }


@pytest.mark.parametrize(
    ("may", "must", "stands", "gap"),
    [
        (True, True, True, None),
        (True, False, False, None),
        (False, False, False, None),
        (True, True, False, Gap.NOT_IN_SYSTEM),
        (False, False, True, Gap.ONLY_IN_SYSTEM),
    ],
)
def test_what_a_system_of_record_says(may: bool, must: bool, stands: bool, gap: Gap | None) -> None:
    found = check_asked(Asked("t-1", "c-1", "failed", may, must, stands))
    assert (found.gap if found else None) == gap
