"""What differs between two texts of an article, as a person reads it."""

from typing import Any

from governance.knowledge.describing import describe_changes
from governance.reviews.types import Change, Sign
from tests.factories.articles import BODY, make_document


def changes(**after: Any) -> tuple[Change, ...]:
    return describe_changes(make_document(), make_document(**after))


def test_the_same_text_changes_nothing() -> None:
    assert changes() == ()


def test_a_first_version_is_all_new() -> None:
    found = describe_changes(None, make_document())
    assert {one.sign for one in found} == {Sign.ADDED}
    assert Change(Sign.ADDED, "Review by", after="31 May 2027") in found
    assert Change(Sign.ADDED, "What to say, paragraph 1", after=BODY.split("\n\n")[-1]) in found


def test_fields_are_named_with_before_and_after() -> None:
    found = changes(
        title="Returns",
        review_by="2027-06-30",
        audience=["human", "customer"],
        sources=[],
        topics=["return_items", "refunds"],
    )
    assert found == (
        Change(Sign.CHANGED, "Title", "Taking goods back", "Returns"),
        Change(Sign.CHANGED, "Review by", "31 May 2027", "30 Jun 2027"),
        Change(Sign.CHANGED, "Written for", "AI agents, people", "people, customers"),
        Change(Sign.CHANGED, "Topics", "return_items", "return_items, refunds"),
        Change(Sign.REMOVED, "Sources", "Store policy (Section 4)"),
    )


def test_a_paragraph_is_changed_added_or_removed_where_it_stands() -> None:
    changed = BODY.replace("thirty", "sixty")
    assert changes(body=changed) == (
        Change(
            Sign.CHANGED,
            "Paragraph 1",
            "Goods come back within thirty days of delivery.",
            "Goods come back within sixty days of delivery.",
        ),
    )
    assert changes(body=f"{BODY}\n\nThank them.") == (
        Change(Sign.ADDED, "What to say, paragraph 2", after="Thank them."),
    )
    without = BODY.replace("\n\n- the order's number\n- why they come back", "")
    assert changes(body=without) == (
        Change(
            Sign.REMOVED,
            "What to ask for, paragraph 1",
            before="- the order's number\n- why they come back",
        ),
    )
    renamed = BODY.replace("## What to say", "## Words")
    assert changes(body=renamed) == (Change(Sign.CHANGED, "Heading", "## What to say", "## Words"),)
