"""One change as its page tells it: how it ends, who may not vote, comments, earlier texts."""

from datetime import timedelta

import pytest

from governance.access import services
from governance.access.types import Role
from governance.reviews.models import ChangeRequest
from orchestra.core import clock
from tests.factories.access import make_person
from tests.factories.reviews import People, approve, make_text, open_change, put_in_force
from tests.governance.admin.test_changes import (
    as_yaml,
    do,
    link,
    people,
    sign_in,
    submitted,
    text_of,
    vote,
)

__all__ = ["people"]

pytestmark = pytest.mark.django_db


def test_refusing_ends_it_and_its_author_reads_why(people: People) -> None:
    change = submitted(people.author)
    assert "Say why it is refused" in vote(people.lead, change, "refuse")
    told = vote(people.lead, change, "refuse", reason="Nights would go unseen.")
    assert "Refused for good." in told
    change.refresh_from_db()
    assert change.state == "refused"
    page = text_of(sign_in(people.author), link(change))
    assert "rafael refused it for good" in page
    assert "“Nights would go unseen.” Version 1 stays in force." in page
    assert "What you can do" not in page
    assert "There is nothing to vote on: it was refused." in page
    listed = text_of(sign_in(people.author), "/admin/change-requests/?show=refused")
    assert change.label in listed
    assert change.label in text_of(sign_in(people.author), "/admin/change-requests/?show=written")
    assert change.label not in text_of(
        sign_in(people.officer), "/admin/change-requests/?show=written"
    )


def test_a_void_vote_says_since_when_and_why(people: People) -> None:
    put_in_force(make_text(tool="refund"))
    change = submitted(people.author, make_text("new", tool="refund"))
    approve(change, people.lead, now=clock.now())
    page = text_of(sign_in(people.officer), link(change))
    assert "1 of 2" in page
    assert "Second vote" in page
    assert "then it lapses" in page
    text = as_yaml("other").replace("read_order", "refund")
    sign_in(people.author).post(link(change, "save"), {"digest": change.digest, "text": text})
    page = text_of(sign_in(people.lead), link(change))
    assert "void since the text changed, " in page
    assert "0 of 2" in page


def test_what_lapsed_says_what_was_missing_and_what_stays(people: People) -> None:
    put_in_force(make_text(tool="refund"))
    change = submitted(people.author, make_text("new", tool="refund"))
    approve(change, people.lead, now=clock.now())
    ChangeRequest.objects.update(state="expired")
    page = text_of(sign_in(people.author), link(change))
    assert "No second vote by " in page
    assert "Version 2 stays in force." in page


def test_whoever_stands_in_for_the_author_is_told_so(people: People) -> None:
    change = submitted(people.author)
    services.delegate(
        actor=people.author.as_actor(),
        now=clock.now(),
        delegate_id=people.owner.public_id,
        covers=Role.POLICY_OWNER,
        until_at=clock.now() + timedelta(days=1),
        reason="On leave.",
    )
    page = text_of(sign_in(people.owner), link(change))
    assert "tomas wrote this and let you act in their place; you may not vote on it." in page
    assert "Approve version 2" not in page
    assert "you may not vote on it" in vote(people.owner, change, "approve")
    change.refresh_from_db()
    assert change.state == "submitted"


def test_the_same_difference_is_read_as_values(people: People) -> None:
    before = make_text("unsure")
    change = submitted(people.author, {**before, "title": "Looking up"})
    page = text_of(sign_in(people.officer), f"{link(change)}?view=facts")
    assert "<del>Look-ups</del>" in page
    assert "<ins>Looking up</ins>" in page
    # What no sentence says is told to stand among the values.
    hidden = make_text("unsure")
    hidden["rules"][0]["title"] = "Another title of the row"
    other = submitted(people.author, hidden)
    page = text_of(sign_in(people.officer), link(other))
    assert "It reads the same in words, yet values differ; read it as facts." in page


def test_a_comment_on_a_row_is_counted_there_and_resolved(people: People) -> None:
    change = submitted(people.author)
    supervisor = sign_in(people.supervisor)
    offered = text_of(supervisor, f"{link(change)}?about=Row%202")
    assert 'name="place" value="Row 2"' in offered
    do(people.supervisor, change, "comment", text="Who looks at 03:00?", place="Row 2")
    page = text_of(sign_in(people.author), link(change))
    assert "1 comment" in page
    assert "on Row 2" in page
    assert "text 1" in page
    assert "1 not resolved" in page
    assert "Resolve the comment by sam" not in text_of(sign_in(people.officer), link(change))
    assert "Only whoever made the comment" in do(people.officer, change, "resolve", number="1")
    assert "The comment is resolved." in do(people.author, change, "resolve", number="1")
    assert "resolved by tomas" in text_of(supervisor, link(change))
    for number in ("2", "x", ""):
        answer = supervisor.post(link(change, "act"), {"act": "resolve", "number": number})
        assert answer.status_code == 404


def test_a_planned_change_says_its_time_and_can_be_unplanned(people: People) -> None:
    change = approve(submitted(people.author), people.officer, now=clock.now())
    do(people.owner, change, "schedule", publish_at="2099-01-05T09:00")
    page = text_of(sign_in(people.owner), link(change))
    assert "In force from Mon 5 Jan, 09:00" in page
    assert "Take the planned time back" in page
    assert "Take the planned time back" not in text_of(sign_in(people.lead), link(change))
    assert "The planned time is taken back." in do(people.owner, change, "unschedule")
    assert "No time is planned." in do(people.owner, change, "unschedule")
    change.refresh_from_db()
    assert (change.state, change.publish_at) == ("approved", None)


def test_an_earlier_text_is_compared_with_the_present_one(people: People) -> None:
    change = open_change(people.author, make_text("unsure", "first"))
    author = sign_in(people.author)
    author.post(link(change, "save"), {"digest": change.digest, "text": as_yaml("second")})
    page = text_of(author, link(change))
    assert "Text 2" in page
    assert f"{link(change)}texts/1/" in page
    earlier = text_of(author, f"{link(change)}texts/1/")
    assert "from text 1 to text 2" in earlier
    assert "Comment on it" not in earlier
    assert "second" in text_of(author, f"{link(change)}texts/1/?view=facts")
    for number in (0, 2, 9):
        assert author.get(f"{link(change)}texts/{number}/").status_code == 404
    stranger = sign_in(make_person(roles=[Role.HUMAN_AGENT]))
    assert stranger.get(f"{link(change)}texts/1/").status_code == 404


def test_a_row_that_goes_is_named_by_its_version_and_a_reason_alone_by_itself(
    people: People,
) -> None:
    put_in_force(make_text("a", "b", "c"))
    after = make_text("a", "c")
    after["rules"][1]["reason"] = "A better one."
    change = submitted(people.author, after)
    page = text_of(sign_in(people.officer), link(change))
    assert "Row 2 of version 2" in page
    assert "<del>Reason of c.</del>" in page
    assert "<ins>A better one.</ins>" in page
    assert page.count('<div class="was">') == 1
    assert "until" in text_of(sign_in(people.officer), "/admin/change-requests/?show=all")
    do(people.author, change, "withdraw")
    assert "until" not in text_of(sign_in(people.officer), "/admin/change-requests/?show=all")
