"""Handing a request over on its page: the form, what it says once done, and what it refuses."""

from datetime import timedelta

import pytest

from governance.access import services as access
from governance.access.types import Capability
from governance.approvals.models import ApprovalRequest
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from tests.cases.admin.conftest import Browser
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return


def link(found: ApprovalRequest, act: str = "hand-over") -> str:
    return f"/admin/approvals/{found.public_id}/{act}/"


@pytest.fixture
def waiting(retail: World) -> ApprovalRequest:
    waiting_return(retail)
    return ApprovalRequest.objects.get()


def kinds() -> list[str]:
    return list(LedgerEntry.objects.order_by("pk").values_list("kind", flat=True))


def test_a_request_is_handed_over_and_taken_back(
    retail: World, browser: Browser, waiting: ApprovalRequest
) -> None:
    maren, dario = browser("supervisor"), browser("colleague")
    text = maren.get(link(waiting)).content.decode()
    assert f"Hand over {waiting.label}" in text
    assert "Dario Conti" in text
    assert "Joris Blom" in text
    assert "Maren Osei</option>" not in text
    assert "for 30 min" in text
    assert "when it has to be decided" in text
    key = str(retail.people["colleague"].public_id)
    answer = maren.post(link(waiting), {"to": key, "until": "", "reason": "Yours."}, follow=True)
    assert f"{waiting.label} is handed over. Others may still vote." in answer.content.decode()
    waiting.refresh_from_db()
    assert waiting.handed_to == retail.people["colleague"]
    assert waiting.handed_until_at == waiting.deadline_at
    mine = maren.get(link(waiting)).content.decode()
    assert "Handed to Dario Conti, by Maren Osei, until" in mine
    assert "Take it back" in mine
    his = dario.get(link(waiting)).content.decode()
    assert "Handed to you, by Maren Osei, until" in his
    assert "Take it back" not in his
    third = browser("relief").get(link(waiting)).content.decode()
    assert "Handed to Dario Conti" in third
    assert "Take it back" not in third
    done = maren.post(link(waiting, "take-back"), follow=True)
    assert f"You took {waiting.label} back." in done.content.decode()
    waiting.refresh_from_db()
    assert waiting.handed_to is None
    assert [kind for kind in kinds() if "hand" in kind or "taken" in kind] == [
        "approval.handed_over",
        "approval.taken_back",
    ]


def test_what_was_handed_over_is_not_handed_on(
    retail: World, browser: Browser, waiting: ApprovalRequest
) -> None:
    to = {name: str(retail.people[name].public_id) for name in ("colleague", "relief")}
    browser("supervisor").post(link(waiting), {"to": to["colleague"], "reason": "Yours."})
    answer = browser("colleague").post(
        link(waiting), {"to": to["relief"], "reason": "No, yours."}, follow=True
    )
    assert "what was handed over is not handed on" in answer.content.decode()
    waiting.refresh_from_db()
    assert waiting.handed_to == retail.people["colleague"]
    assert kinds().count("act.refused") == 1


def test_what_is_wrong_keeps_what_was_typed(
    retail: World, browser: Browser, waiting: ApprovalRequest
) -> None:
    maren, lena = browser("supervisor"), str(retail.people["agent"].public_id)
    for posted, said in (
        ({"to": "", "reason": "My words"}, "Choose a person."),
        ({"to": lena, "reason": "My words"}, "Lena Fischer may not vote on it"),
        ({"to": lena, "until": "soon", "reason": "My words"}, "Choose until when from the list."),
        ({"to": lena, "until": "2020-01-01T00:00", "reason": "My words"}, "Choose until when"),
    ):
        answer = maren.post(link(waiting), posted)
        assert answer.status_code == 422
        text = answer.content.decode()
        assert said in text
        assert "My words</textarea>" in text
    assert maren.post(link(waiting), {"to": "x", "reason": "y"}).status_code == 404
    waiting.refresh_from_db()
    assert waiting.handed_to is None


def test_who_is_away_is_named_and_cannot_be_chosen(
    retail: World, browser: Browser, waiting: ApprovalRequest
) -> None:
    now = clock.now()
    access.delegate(
        actor=retail.people["colleague"].as_actor(),
        now=now,
        delegate_id=retail.people["relief"].public_id,
        covers=Capability.APPROVAL_VOTE,
        until_at=now + timedelta(hours=1),
        reason="On leave.",
    )
    text = browser("supervisor").get(link(waiting)).content.decode()
    assert "Dario Conti (away until" in text
    assert "Joris Blom stands in" in text


def test_who_may_not_vote_reads_why(
    retail: World, browser: Browser, waiting: ApprovalRequest
) -> None:
    barred = {str(retail.people["supervisor"].public_id): "You edited it last."}
    ApprovalRequest.objects.update(barred=barred)
    maren = browser("supervisor")
    text = maren.get(link(waiting)).content.decode()
    assert "You cannot hand it over." in text
    assert "You edited it last." in text
    key = str(retail.people["colleague"].public_id)
    answer = maren.post(link(waiting), {"to": key, "reason": "Yours."}, follow=True)
    assert "You edited it last." in answer.content.decode()
    waiting.refresh_from_db()
    assert waiting.handed_to is None
    assert kinds().count("act.refused") == 1


def test_where_nobody_else_may_vote_it_says_so(
    retail: World, browser: Browser, waiting: ApprovalRequest
) -> None:
    barred = {
        str(person.public_id): "You edited it last."
        for name, person in retail.people.items()
        if name != "supervisor"
    }
    ApprovalRequest.objects.update(barred=barred)
    text = browser("supervisor").get(link(waiting)).content.decode()
    assert "Nobody else may vote on it." in text


def test_for_others_the_page_is_not_there(browser: Browser, waiting: ApprovalRequest) -> None:
    for login in ("agent", "compliance", "policy", "operator"):
        assert browser(login).get(link(waiting)).status_code == 404
        assert browser(login).post(link(waiting), {"to": "x"}).status_code == 404
        assert browser(login).post(link(waiting, "take-back")).status_code == 404
    assert browser("supervisor").get(link(waiting, "take-back")).status_code == 405
