"""Who may let whom act in their place: pure, by tables."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from governance.access import delegation as rule
from governance.access.types import Authority, Capability, Delegation, Role
from tests.factories.access import person_authority

NOW = datetime(2026, 11, 20, 14, 32, tzinfo=UTC)
DAY = timedelta(days=1)
GIVER = "00000000-0000-7000-8000-000000000001"
OTHER = "00000000-0000-7000-8000-000000000002"
THIRD = "00000000-0000-7000-8000-000000000003"


def given(**changes: object) -> Delegation:
    made = Delegation(
        giver_id=GIVER,
        giver_label="Tomas Reyes",
        delegate_id=OTHER,
        covers=Role.POLICY_OWNER,
        begins_at=NOW,
        until_at=NOW + 7 * DAY,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def owner(person_id: str = GIVER, *roles: Role, active: bool = True) -> Authority:
    return person_authority(*(roles or (Role.POLICY_OWNER,)), person_id=person_id, active=active)


@pytest.mark.parametrize(
    ("text", "covers"),
    [
        ("policy_owner", Role.POLICY_OWNER),
        ("change.review", Capability.CHANGE_REVIEW),
        ("access.manage", None),
        ("", None),
        ("king", None),
    ],
)
def test_what_a_code_covers(text: str, covers: Role | Capability | None) -> None:
    assert rule.read_covers(text) == covers


def test_a_role_hands_over_what_may_be_handed_over_only() -> None:
    assert rule.capabilities_in(Role.POLICY_OWNER) == {
        Capability.CHANGE_REVIEW,
        Capability.CHANGE_PUBLISH,
        Capability.POLICY_EDIT,
        Capability.CUE_SHEET_EDIT,
    }
    assert Capability.ACCESS_MANAGE not in rule.capabilities_in(Role.ADMINISTRATOR)
    assert rule.capabilities_in(Capability.APPROVAL_VOTE) == {Capability.APPROVAL_VOTE}


@pytest.mark.parametrize(
    ("at", "ended_at", "holds"),
    [
        (NOW - DAY, None, False),
        (NOW, None, True),
        (NOW + 7 * DAY, None, False),
        (NOW + 2 * DAY, NOW + DAY, False),
        (NOW + DAY, NOW + 9 * DAY, True),
    ],
)
def test_when_it_holds(at: datetime, ended_at: datetime | None, holds: bool) -> None:
    assert rule.is_in_force(given(ended_at=ended_at), at) is holds


@pytest.mark.parametrize(
    ("moment", "changes", "stands"),
    [
        (NOW - DAY, {}, True),
        (NOW + 6 * DAY, {}, True),
        (NOW + 7 * DAY, {}, False),
        (NOW + 2 * DAY, {"ended_at": NOW + DAY}, False),
        (NOW - DAY, {"ended_at": NOW + DAY}, True),
        # Ended before it began: it never held.
        (NOW - DAY, {"ended_at": NOW - timedelta(hours=1)}, False),
    ],
)
def test_whether_it_stands_after_a_moment(
    moment: datetime, changes: dict[str, object], stands: bool
) -> None:
    assert rule.stands_after(given(**changes), moment) is stands


def test_it_goes_no_further_than_one_step() -> None:
    chain = [given(), given(giver_id=OTHER, delegate_id=THIRD)]
    found = rule.delegates_for(chain, capability=Capability.CHANGE_REVIEW, at=NOW)
    assert found == {GIVER: {OTHER}, OTHER: {THIRD}}
    assert rule.delegates_for(chain, capability=Capability.APPROVAL_VOTE, at=NOW) == {}
    assert rule.delegates_for(chain, capability=Capability.CHANGE_REVIEW, at=NOW - DAY) == {}


def codes(
    *,
    giver: Authority | None = None,
    delegate: Authority | None = None,
    reason: str = "On leave.",
    **changes: object,
) -> Sequence[tuple[str, str]]:
    found = rule.check_delegation(
        giver=giver or owner(),
        delegate=delegate or owner(OTHER),
        wanted=given(**changes),
        reason=reason,
        now=NOW,
    )
    return [(error.field, error.code) for error in found]


def test_a_person_hands_over_what_both_may_do() -> None:
    assert codes() == []
    assert codes(covers=Capability.CHANGE_REVIEW, delegate=owner(OTHER, Role.QA_LEAD)) == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"covers": Capability.APPROVAL_VOTE}, [("covers", "not_yours")]),
        ({"covers": Role.SUPERVISOR}, [("covers", "not_yours")]),
        ({"delegate": owner()}, [("delegate", "self")]),
        ({"delegate": owner(OTHER, active=False)}, [("delegate", "disabled")]),
        ({"delegate": owner(OTHER, Role.HUMAN_AGENT)}, [("delegate", "not_eligible")]),
        # Another role of the delegate's does not stand for the one handed over.
        ({"delegate": owner(OTHER, Role.QA_LEAD)}, [("delegate", "not_eligible")]),
        ({"giver": owner(active=False)}, [("covers", "not_yours")]),
        ({"until_at": NOW}, [("until_at", "range")]),
        ({"begins_at": NOW - 9 * DAY, "until_at": NOW - DAY}, [("until_at", "range")]),
        ({"until_at": NOW + 91 * DAY}, [("until_at", "range")]),
        ({"reason": " "}, [("reason", "required")]),
        (
            {"covers": Role.SUPERVISOR, "until_at": NOW, "reason": ""},
            [("covers", "not_yours"), ("until_at", "range"), ("reason", "required")],
        ),
    ],
)
def test_what_keeps_a_person_from_handing_over(
    changes: dict[str, object], found: list[tuple[str, str]]
) -> None:
    assert codes(**changes) == found  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "overlaps"),
    [
        ({}, True),
        ({"begins_at": NOW + 7 * DAY, "until_at": NOW + 8 * DAY}, False),
        ({"begins_at": NOW + 6 * DAY, "until_at": NOW + 8 * DAY}, True),
        ({"covers": Capability.CHANGE_REVIEW}, False),
        ({"delegate_id": THIRD}, False),
    ],
)
def test_the_same_is_not_given_twice_at_one_time(
    changes: dict[str, object], overlaps: bool
) -> None:
    assert rule.has_overlap([given()], given(**changes)) is overlaps
    assert not rule.has_overlap([given(ended_at=NOW)], given(**changes))
