"""What stands against making two cases one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.memory.merging import Side, alike, merge_obstacles, opened_after_merge
from cases.memory.types import CaseStatus, Channel, VerificationLevel

AT = datetime(2026, 11, 19, tzinfo=UTC)
ONE = Side(
    pk=1,
    label="C-1",
    status=CaseStatus.OPEN,
    channel=Channel.CHAT,
    customer=7,
    verification=VerificationLevel.BASIC,
    sheets={"returns": "Return delivered items"},
)
OTHER = replace(ONE, pk=2, label="C-2")


def codes(survivor: Side = ONE, absorbed: Side = OTHER) -> list[str]:
    return [code for code, _says in merge_obstacles(survivor=survivor, absorbed=absorbed)]


def test_two_verified_cases_of_one_customer_may_be_one() -> None:
    assert codes() == []
    assert codes(absorbed=replace(OTHER, channel=Channel.EMAIL)) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"pk": 1}, "merge.itself"),
        ({"customer": None}, "merge.unknown_customer"),
        ({"customer": 8}, "merge.other_customer"),
        (
            {"channel": Channel.EMAIL, "verification": VerificationLevel.CLAIMED},
            "merge.not_verified",
        ),
        ({"is_held": True}, "merge.held"),
        ({"is_erased": True}, "merge.erased"),
        ({"absorbed": ("C-3",)}, "merge.has_absorbed"),
        ({"unsettled": ("Refund",)}, "merge.unsettled"),
        ({"wrote": frozenset({"returns"})}, "merge.conflicting_journeys"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_obstacle_is_named_with_what_to_do(changes: dict[str, object], code: str) -> None:
    found = merge_obstacles(survivor=ONE, absorbed=replace(OTHER, **changes))  # type: ignore[arg-type]
    assert [one for one, _says in found] == [code]
    assert len(found[0][1]) > 30


@pytest.mark.parametrize(
    "changes",
    [
        {"verification": VerificationLevel.NONE},
        {"wrote": frozenset({"exchange"})},
        {"sheets": {"exchange": "Exchange"}, "wrote": frozenset({"exchange"})},
        {"status": CaseStatus.RESOLVED},
    ],
    ids=["same-channel", "wrote-elsewhere", "other-journey", "resolved"],
)
def test_what_does_not_stand_against_it(changes: dict[str, object]) -> None:
    assert codes(absorbed=replace(OTHER, **changes)) == []  # type: ignore[arg-type]


def test_what_the_survivor_did_and_took_in_does_not_stand_against_it() -> None:
    survivor = replace(ONE, absorbed=("C-9",), wrote=frozenset({"returns"}), unsettled=("Refund",))
    assert codes(survivor=survivor) == []


def test_a_hold_on_either_side_counts() -> None:
    assert codes(survivor=replace(ONE, is_held=True)) == ["merge.held"]


@given(st.lists(st.integers(0, 10_000), min_size=1))
def test_the_earliest_opening_is_kept(minutes: list[int]) -> None:
    openings = [AT + timedelta(minutes=one) for one in minutes]
    assert opened_after_merge(openings=openings) == AT + timedelta(minutes=min(minutes))


@pytest.mark.parametrize(
    ("intent", "other", "shared", "why"),
    [
        ("return", "return", [], ("intent",)),
        ("return", "exchange", ["order_id"], ("order_id",)),
        ("", "", [], ()),
        ("return", "exchange", [], ()),
    ],
)
def test_what_looks_alike(intent: str, other: str, shared: list[str], why: tuple[str, ...]) -> None:
    assert alike(intent=intent, other_intent=other, shared=shared) == why
