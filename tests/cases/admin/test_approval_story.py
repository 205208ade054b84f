"""How a request came here, told shortly from the case's record."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cases.admin.approval_story import tell
from cases.memory.types import TimelineItem

NOW = datetime(2026, 11, 19, 18, 50, tzinfo=UTC)
ASKED = NOW + timedelta(minutes=30)
CALL = "call-9"
RETURN = {"tool": "return_items", "effect": "Take back both.", "outcome": "approve"}


def item(minute: int, kind: str, subject: str = "", **payload: Any) -> TimelineItem:
    return TimelineItem(
        seq=minute + 1,
        at=NOW + timedelta(minutes=minute),
        kind=kind,
        actor_kind="human",
        actor_id="1",
        actor_label="Maren Osei",
        sentence=f"{kind} happened",
        subject_kind="tool_call",
        subject_id=subject,
        payload=payload,
        erased=False,
    )


def read(minute: int, call: str, order: str, kind: str = "succeeded") -> list[TimelineItem]:
    title = "Read an order"
    return [
        item(minute, "tool_call.proposed", call, tool="read", arguments={"order_id": order}),
        item(
            minute,
            f"tool_call.{kind}",
            call,
            title=title,
            reason="Not found" * (kind != "succeeded"),
        ),
    ]


def told(*items: TimelineItem) -> Any:
    return tell(items=items, asked_at=ASKED, call_id=CALL)


def test_reads_in_a_row_are_one_line_with_what_was_read() -> None:
    story = told(*read(1, "a", "#W1"), *read(2, "b", "#W2"), *read(3, "c", "#W3", "refused"))
    assert [(line["text"], line["detail"], line["ok"]) for line in story.come] == [
        ("Read an order", "#W1, #W2", True),
        ("Read an order: refused", "#W3, Not found", False),
    ]


def test_long_words_are_cut_and_a_tools_verification_is_not_told_twice() -> None:
    story = told(
        item(1, "message.added", speaker="customer", text="word " * 100),
        item(2, "verification.recorded", trust="tool_confirmed"),
        item(3, "verification.recorded", trust="claimed"),
        item(4, "approval.requested", approval="AP-1"),
        item(5, "case.opened"),
    )
    texts = [line["text"] for line in story.come]
    assert texts[0].endswith("word …”")
    assert len(texts[0]) < 160
    assert texts[1:] == [
        "verification.recorded happened",
        "Policy: a person decides. Request opened",
    ]
    assert [line["kind_of_actor"] for line in story.come] == ["customer", "human", "system"]


def test_what_happened_since_stands_apart_with_the_customers_last_word() -> None:
    story = told(
        item(31, "approval.claimed", approval="AP-1"),
        item(32, "approval.voted", approval="AP-1", choice="approve"),
        item(33, "message.added", speaker="customer", text="Wait."),
        item(34, "message.added", speaker="ai", text="Of course."),
    )
    assert story.come == []
    assert [line["text"] for line in story.later] == [
        "Maren Osei took AP-1 to decide it",
        "Maren Osei voted to approve AP-1",
        "“Wait.”",
        "“Of course.”",
    ]
    assert story.last_word is not None
    assert story.last_word["text"] == "“Wait.”"


def proposal(minute: int, call: str, outcome: str, item_ids: list[str]) -> TimelineItem:
    arguments = {"order_id": "#W1", "item_ids": item_ids}
    plan = {**RETURN, "outcome": outcome, "effect": f"Take back {item_ids}."}
    return item(minute, "tool_call.proposed", call, arguments=arguments, **plan)


def test_an_earlier_plan_that_did_not_run_is_told() -> None:
    this = proposal(20, CALL, "approve", ["2"])
    denied = told(proposal(5, "a", "deny", ["1"]), this)
    assert len(denied.given_up) == 1
    assert denied.given_up[0].endswith("and policy denied it: Take back ['1'].")
    stopped = told(proposal(5, "a", "approve", ["1"]), this)
    assert "it did not run: Take back ['1']." in stopped.given_up[0]
    same = told(proposal(5, "a", "approve", ["2"]), this)
    assert same.given_up[0].endswith("and did not run.")


def test_a_plan_that_ran_or_concerned_something_else_is_none_given_up() -> None:
    this = proposal(20, CALL, "approve", ["2"])
    ran = item(6, "tool_call.succeeded", "a", title="Return items")
    assert told(proposal(5, "a", "approve", ["1"]), ran, this).given_up == []
    assert told(*read(5, "a", "#W1"), this).given_up == []
    assert told(proposal(21, "a", "approve", ["1"])).given_up == []


def test_an_edit_is_told_once_and_is_no_plan_given_up() -> None:
    before = proposal(1, "b", "approve", ["1", "2"])
    edited = item(2, "tool_call.edited", "b", title="Return items", reason="One is kept.")
    voided = item(2, "approval.voided", "x", approval="AP-1", reason="Edited by Ines Kaplan.")
    after = proposal(3, CALL, "approve", ["1"])
    after = replace(after, payload={**after.payload, "edited_from": "b"})

    story = told(before, edited, voided, after)

    lines = [*story.come, *story.later]
    assert [line["detail"] for line in lines if "edited the action" in line["text"]] == [
        "One is kept."
    ]
    assert len(lines) == 1
    assert story.given_up == []
