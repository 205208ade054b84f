"""Who may decide, what stands, what is unused, and who could still vote."""

from datetime import UTC, datetime, timedelta

import pytest

from governance.access.types import QueueGrant, Role
from governance.access_reviews import rules
from governance.access_reviews.types import (
    Given,
    GrantKind,
    HeldGrant,
    Holdings,
    ItemFacts,
    ItemFilter,
    ItemState,
    PersonHeld,
    Present,
    Use,
    Used,
)
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError

NOW = datetime(2026, 11, 20, tzinfo=UTC)
MAREN, JONAS, PETRA = "maren", "jonas", "petra"


def role(person: str, code: Role) -> HeldGrant:
    key = f"role:{person}:{code}"
    return HeldGrant(GrantKind.ROLE, key, person, "human", person, code.value, "1")


def queue(person: str, place: str, code: QueueGrant = QueueGrant.VOTE) -> HeldGrant:
    key = f"queue:{person}:{place}:{code}"
    return HeldGrant(
        GrantKind.PERSON_QUEUE, key, person, "human", person, code.value, "1", place, place
    )


def role_queue(code: Role, place: str) -> HeldGrant:
    key = f"role_queue:{code}:{place}"
    return HeldGrant(
        GrantKind.ROLE_QUEUE, key, code.value, "role", code.value, "vote_queue", "1", place, place
    )


def held(*grants: HeldGrant, off: str = "") -> Holdings:
    return Holdings(
        grants=grants,
        people={
            one: PersonHeld(id=one, label=one, active=one != off, is_superuser=False)
            for one in (MAREN, JONAS, PETRA)
        },
        queues={"returns": "Returns", "accounts": "Accounts"},
    )


@pytest.mark.parametrize(
    ("holdings", "voters"),
    [
        (held(), set()),
        (held(role(MAREN, Role.SUPERVISOR)), set()),
        (held(queue(MAREN, "returns")), set()),
        (held(role(MAREN, Role.SUPERVISOR), queue(MAREN, "returns")), {MAREN}),
        (held(role(MAREN, Role.SUPERVISOR), queue(MAREN, "returns"), off=MAREN), set()),
        (held(role(MAREN, Role.HUMAN_AGENT), queue(MAREN, "returns")), set()),
        (held(role(MAREN, Role.SUPERVISOR), queue(MAREN, "accounts")), set()),
        (held(role(MAREN, Role.SUPERVISOR), queue(MAREN, "returns", QueueGrant.WORK)), set()),
        (held(role(MAREN, Role.SUPERVISOR), role_queue(Role.SUPERVISOR, "returns")), {MAREN}),
        (held(role(MAREN, Role.SUPERVISOR), role_queue(Role.SPECIALIST, "returns")), set()),
    ],
)
def test_who_may_vote_on_returns(holdings: Holdings, voters: set[str]) -> None:
    assert rules.voters_by_queue(holdings)["returns"] == voters


def test_what_would_be_left_without_a_grant() -> None:
    both = held(
        role(MAREN, Role.SUPERVISOR),
        queue(MAREN, "returns"),
        queue(MAREN, "accounts"),
        role(JONAS, Role.SPECIALIST),
        queue(JONAS, "returns"),
    )
    assert rules.queues_left_without(both, f"role:{MAREN}:supervisor") == ("Accounts",)
    assert rules.queues_left_without(both, f"role:{JONAS}:specialist") == ()
    assert rules.queues_left_without(both, f"queue:{MAREN}:returns:vote_queue") == ()
    assert rules.queues_touched(both, f"role:{MAREN}:supervisor") == {
        "Returns": frozenset({JONAS}),
        "Accounts": frozenset(),
    }
    assert rules.queues_touched(both, "token:x") == {}


def test_the_last_who_manages_access() -> None:
    one = held(role(PETRA, Role.ADMINISTRATOR), role(MAREN, Role.SUPERVISOR))
    assert rules.is_last_manager(one, f"role:{PETRA}:administrator")
    assert not rules.is_last_manager(one, f"role:{MAREN}:supervisor")
    two = held(role(PETRA, Role.ADMINISTRATOR), role(MAREN, Role.ADMINISTRATOR))
    assert not rules.is_last_manager(two, f"role:{PETRA}:administrator")
    disabled = held(*two.grants, off=MAREN)
    assert rules.is_last_manager(disabled, f"role:{PETRA}:administrator")
    assert not rules.is_last_manager(held(), f"role:{PETRA}:administrator")


@pytest.mark.parametrize(
    ("title", "days", "reviewers", "ineligible", "codes"),
    [
        ("Q4", 1, 1, [], []),
        (" ", 1, 1, [], ["required"]),
        ("x" * 201, 1, 1, [], ["range"]),
        ("Q4", 0, 1, [], ["range"]),
        ("Q4", 1, 0, [], ["required"]),
        ("Q4", 1, 1, ["Hugo"], ["not_eligible"]),
        ("", -1, 0, [], ["required", "range", "required"]),
    ],
)
def test_what_keeps_a_review_from_starting(
    title: str, days: int, reviewers: int, ineligible: list[str], codes: list[str]
) -> None:
    errors = rules.check_start(
        title=title,
        due_at=NOW + timedelta(days=days),
        now=NOW,
        reviewers=reviewers,
        ineligible=ineligible,
    )
    assert [error.code for error in errors] == codes


@pytest.mark.parametrize(
    ("actor", "code"),
    [("ilse", None), ("rafael", "access_review.not_reviewer"), ("maren", "access_review.own")],
)
def test_who_may_decide(actor: str, code: str | None) -> None:
    def ask() -> None:
        rules.check_reviewer(actor_id=actor, reviewer_ids={"ilse", "maren"}, subject_ids={"maren"})

    if code is None:
        ask()
        return
    with pytest.raises(NotPermittedError) as refused:
        ask()
    assert refused.value.error_code == code


@pytest.mark.parametrize(
    ("state", "wanted", "seen", "present", "code"),
    [
        (ItemState.OPEN, ItemState.CONFIRMED, "", role(MAREN, Role.SUPERVISOR), None),
        (ItemState.CONFIRMED, ItemState.REVOKED, "", role(MAREN, Role.SUPERVISOR), None),
        (ItemState.REVOKED, ItemState.CONFIRMED, "", None, "access_review.decided"),
        (
            ItemState.CONFIRMED,
            ItemState.CONFIRMED,
            "",
            role(MAREN, Role.SUPERVISOR),
            "access_review.decided",
        ),
        (ItemState.OPEN, ItemState.REVOKED, "", None, "access_review.gone"),
        (
            ItemState.OPEN,
            ItemState.REVOKED,
            "9|",
            role(MAREN, Role.SUPERVISOR),
            "access_review.changed",
        ),
        (ItemState.OPEN, ItemState.REVOKED, "1|", role(MAREN, Role.SUPERVISOR), None),
    ],
)
def test_what_may_be_decided(
    state: ItemState, wanted: ItemState, seen: str, present: HeldGrant | None, code: str | None
) -> None:
    def ask() -> None:
        rules.check_decision(state=state, wanted=wanted, frozen="1|", seen=seen, present=present)

    if code is None:
        ask()
        return
    with pytest.raises(ConflictError) as refused:
        ask()
    assert refused.value.error_code == code


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_a_revocation_needs_a_reason(reason: str) -> None:
    with pytest.raises(InvalidInputError):
        rules.check_reason(reason)
    rules.check_reason("On leave.")


def test_how_a_grant_stands_beside_the_list() -> None:
    grant = role(MAREN, Role.SUPERVISOR)
    assert rules.stands(frozen="1|", present=grant) is Present.SAME
    assert rules.stands(frozen="2|", present=grant) is Present.CHANGED
    assert rules.stands(frozen="1|", present=None) is Present.GONE


@pytest.mark.parametrize(
    ("given_days", "used_days", "how", "unused"),
    [
        (100, None, Use.ACT, True),
        (100, 61, Use.VOTE, True),
        (100, 60, Use.VOTE, False),
        (10, None, Use.VOTE, False),
        (None, None, Use.ACT, True),
        (None, None, Use.NOT_RECORDED, False),
    ],
)
def test_what_is_unused(
    given_days: int | None, used_days: int | None, how: Use, unused: bool
) -> None:
    def before(days: int | None) -> datetime | None:
        return None if days is None else NOW - timedelta(days=days)

    assert (
        rules.is_unused(
            given=Given(at=before(given_days)), used=Used(how=how, at=before(used_days)), at=NOW
        )
        is unused
    )


@pytest.mark.parametrize(
    ("only", "facts", "shown"),
    [
        (ItemFilter.ALL, (ItemState.REVOKED, False, False, False, False), True),
        (ItemFilter.LEFT, (ItemState.OPEN, False, False, False, False), True),
        (ItemFilter.LEFT, (ItemState.CONFIRMED, True, True, True, True), False),
        (ItemFilter.CONFLICTS, (ItemState.OPEN, True, False, False, False), True),
        (ItemFilter.UNUSED, (ItemState.OPEN, False, True, False, False), True),
        (ItemFilter.AGENTS, (ItemState.OPEN, False, False, True, False), True),
        (ItemFilter.CHANGED, (ItemState.OPEN, False, False, False, True), True),
        (ItemFilter.CHANGED, (ItemState.OPEN, True, True, True, False), False),
    ],
)
def test_the_filters(
    only: ItemFilter, facts: tuple[ItemState, bool, bool, bool, bool], shown: bool
) -> None:
    assert rules.matches(only, ItemFacts(*facts)) is shown
