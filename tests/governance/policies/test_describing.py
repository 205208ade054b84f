"""What differs between two texts of a policy, in words."""

import pytest

from governance.policies.describing import describe_changes
from governance.reviews.types import Sign
from orchestra.core.errors import InvalidInputError
from tests.factories.policies import make_document
from tests.factories.reviews import make_text

VERIFY = "verify (customer verified basic)"
LIMIT = "When total for one customer in 1 day is more than {most}: approve (1 vote · supervisor)."


def test_the_same_text_has_no_difference() -> None:
    assert describe_changes(make_document(), make_document()) == ()


def test_against_nothing_all_of_it_is_added() -> None:
    found = describe_changes(None, make_text("a", "b"))
    assert {change.sign for change in found} == {Sign.ADDED}
    assert [change.place for change in found] == [
        "Title",
        "Tools",
        "Cue sheets",
        "Queues",
        "Row 1",
        "Row 2",
    ]
    assert found[-1].after == f"When confidence is less than 0.7: {VERIFY}."
    assert (found[-1].reason, found[-1].reason_before) == ("Reason of b.", "")


def test_rows_added_removed_changed_and_moved() -> None:
    before = make_text("a", "b", "c", "d")
    after = make_text("d", "a", "b", "new")
    after["rules"][2]["outcome"] = "deny"
    found = describe_changes(before, after)
    assert [(change.sign, change.place) for change in found] == [
        (Sign.MOVED, "Row 1"),
        (Sign.CHANGED, "Row 3"),
        (Sign.ADDED, "Row 4"),
        (Sign.REMOVED, "Row 3"),
    ]
    moved, changed, _added, removed = found
    assert moved.before == "from place 4"
    assert changed.before == f"When confidence is less than 0.7: {VERIFY}."
    assert changed.after == "When confidence is less than 0.7: deny."
    assert (removed.before, removed.after) == (
        f"When confidence is less than 0.7: {VERIFY}.",
        "",
    )
    assert (removed.reason, removed.reason_before) == ("", "Reason of c.")


def test_a_row_whose_reason_alone_changed_is_told() -> None:
    after = make_text("a", "b")
    after["rules"][1]["reason"] = "A better one."
    (found,) = describe_changes(make_text("a", "b"), after)
    assert (found.sign, found.place) == (Sign.CHANGED, "Row 2")
    assert found.before == found.after
    assert (found.reason_before, found.reason) == ("Reason of b.", "A better one.")


def test_scope_thresholds_and_limits_are_said_too() -> None:
    before = make_document()
    after = make_document(title="Refunds and returns", scope={"tools": ["refund"]}, thresholds={})
    after["limits"] = [{**before["limits"][0], "at_most": 20000}]
    assert [
        (change.sign, change.place, change.before, change.after)
        for change in describe_changes(before, after)
    ] == [
        (Sign.CHANGED, "Title", "Refunds", "Refunds and returns"),
        (Sign.CHANGED, "Queues", "returns", "every one"),
        (Sign.REMOVED, "Amounts that need no vote", "$50.00", ""),
        (
            Sign.CHANGED,
            "Limit 1",
            LIMIT.format(most="$100.00"),
            LIMIT.format(most="$200.00"),
        ),
    ]


def test_a_text_that_is_no_table_cannot_be_described() -> None:
    with pytest.raises(InvalidInputError):
        describe_changes(None, {"key": "a"})


def test_what_the_owner_demands_of_every_version_is_said_too() -> None:
    demanded = {
        "id": "two_votes",
        "title": "No refund over 500 without two votes",
        "when": [{"fact": "amount_minor", "above": 50_000}],
        "then": {"outcome": "approve", "votes": 2},
    }
    before, after = make_document(invariants=[demanded]), make_document()
    (dropped,) = describe_changes(before, after)
    assert (dropped.sign, dropped.place) == (Sign.REMOVED, "Promise 1")
    assert dropped.before == (
        "No refund over 500 without two votes: When amount is more than $500.00: approve "
        "(2 votes). At least this, in every version."
    )
    weaker = {**demanded, "then": {"outcome": "approve", "votes": 1}}
    (changed,) = describe_changes(before, make_document(invariants=[weaker]))
    assert changed.sign is Sign.CHANGED
