"""The edit page: what would change, nothing lost, and the new request another person decides."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.tools.models import ToolCall
from governance.approvals import services as approvals
from governance.approvals.models import ApprovalRequest
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from tests.cases.admin.conftest import Browser
from tests.flows.conftest import World
from tests.flows.helpers import RETURN, waiting_return

#: The edit page, and the page of a request that was edited into another one.
FORM_QUERIES = 8
TWO_ITEMS = "\n".join(RETURN["item_ids"][:2])


@pytest.fixture
def asked(retail: World) -> ApprovalRequest:
    waiting_return(retail)
    return ApprovalRequest.objects.get()


def _page(found: ApprovalRequest, tail: str = "edit/") -> str:
    return f"/admin/approvals/{found.public_id}/{tail}"


def _form(found: ApprovalRequest, act: str = "save", **changes: Any) -> dict[str, Any]:
    call = ToolCall.objects.get(public_id=found.subject_id)
    return {
        "act": act,
        "action_digest": found.action_digest,
        "arg.order_id": RETURN["order_id"],
        "arg.item_ids": TWO_ITEMS,
        "arg.payment_method_id": RETURN["payment_method_id"],
        "evidence": list(call.evidence),
        "customer_paragraph": call.customer_paragraph,
        "reason": "The customer keeps the watch.",
        **changes,
    }


def _child() -> ToolCall:
    return ToolCall.objects.get(edited_from__isnull=False)


def test_the_form_shows_what_is_asked_for_and_what_an_edit_means(
    asked: ApprovalRequest, browser: Browser
) -> None:
    text = browser("supervisor").get(_page(asked)).content.decode()

    for part in (
        "Take back",
        'name="arg.item_ids"',
        RETURN["payment_method_id"],
        "You will not be able to vote on it",
        "There is no undo",
        "Who can vote on it then",
        "Dario Conti",
        "Yes, please.",
        "I have requested the return.",
    ):
        assert part in text, part
    assert "autofocus" not in text


def test_a_preview_says_what_would_change_and_writes_nothing(
    asked: ApprovalRequest, browser: Browser
) -> None:
    before = LedgerEntry.objects.count()

    answer = browser("supervisor").post(_page(asked), _form(asked, "preview", reason=""))

    text = answer.content.decode()
    assert answer.status_code == 200
    assert "What your edit would do" in text
    assert "<del>" in text
    assert "<ins>" in text
    assert (ToolCall.objects.filter(edited_from=None).count(), LedgerEntry.objects.count()) == (
        ToolCall.objects.count(),
        before,
    )


def test_an_edit_leads_to_the_new_request_which_its_editor_reads_only(
    asked: ApprovalRequest, browser: Browser
) -> None:
    client = browser("supervisor")

    answer = client.post(_page(asked), _form(asked), follow=True)

    child = _child()
    request = ApprovalRequest.objects.get(public_id=child.approval_id_text)
    assert answer.redirect_chain[-1][0] == _page(request, "")
    text = answer.content.decode()
    for part in (
        f"{asked.label} is void.",
        "edited this at",
        "The customer keeps the watch.",
        "You edited it last.",
        f"as it was, {asked.label}",
        "Whether the customer agrees to it as it was edited",
    ):
        assert part in text, part
    assert 'value="approve"' not in text
    assert child.arguments["item_ids"] == RETURN["item_ids"][:2]
    assert 'value="approve"' in browser("colleague").get(_page(request, "")).content.decode()


def test_a_late_vote_reads_who_edited_it_and_what_changed(
    asked: ApprovalRequest, browser: Browser
) -> None:
    colleague = browser("colleague")
    colleague.get(_page(asked, ""))
    browser("supervisor").post(_page(asked), _form(asked))
    new = ApprovalRequest.objects.get(public_id=_child().approval_id_text)

    answer = colleague.post(
        _page(asked, "vote/"),
        {
            "choice": "approve",
            "reason": "Three items, seen.",
            "action_digest": asked.action_digest,
            "view_digest": asked.view_digest,
        },
        follow=True,
    )

    text = answer.content.decode()
    for part in (
        "Nothing was approved. Maren Osei edited this action at",
        "before your vote at",
        "That digest is void",
        "Three items, seen.",
        "What changed",
        "Reason for the edit",
        f"Read the new request {new.label}",
        f"{new.label} needs 1 vote",
        "other than Maren Osei, who edited it last. You may vote on it.",
        "strike-old",
        'data-key="Enter"',
    ):
        assert part in text, part
    assert new.state == "pending"


def test_an_edit_that_policy_denies_is_told_on_both_pages(
    asked: ApprovalRequest, browser: Browser
) -> None:
    client = browser("supervisor")
    other = {"arg.payment_method_id": "gift_card_0000000", "arg.item_ids": TWO_ITEMS}

    answer = client.post(_page(asked), _form(asked, **other), follow=True)

    assert _child().state == "denied"
    assert answer.redirect_chain[-1][0] == f"/admin/cases/{asked.case_public_id}/#calls"
    assert "Your edit was decided without a vote: Policy denied it." in answer.content.decode()
    text = browser("colleague").get(_page(asked, "")).content.decode()
    assert "What it became: Policy denied it. Nothing ran." in text
    assert "It was taken back" not in text


def test_a_page_that_was_edited_says_so_to_whoever_did_not_vote(
    asked: ApprovalRequest, browser: Browser
) -> None:
    browser("supervisor").post(_page(asked), _form(asked))
    text = browser("colleague").get(_page(asked, "")).content.decode()
    assert "Edited by Maren Osei at" in text
    assert "Their reason: “The customer keeps the watch”." in text
    assert "Store assistant was told." in text


def test_what_does_not_fit_stands_at_its_field_and_nothing_typed_is_lost(
    asked: ApprovalRequest, browser: Browser
) -> None:
    answer = browser("supervisor").post(
        _page(asked),
        _form(asked, **{"arg.order_id": "", "arg.item_ids": TWO_ITEMS, "reason": ""}),
    )

    text = answer.content.decode()
    assert answer.status_code == 400
    assert 'class="err"' in text
    assert RETURN["item_ids"][1] in text
    assert "Say why you change it" in text
    asked.refresh_from_db()
    assert asked.state == "pending"


def test_an_edit_that_changes_nothing_is_told(asked: ApprovalRequest, browser: Browser) -> None:
    whole = {"arg.item_ids": "\n".join(RETURN["item_ids"])}
    answer = browser("supervisor").post(_page(asked), _form(asked, **whole))
    assert answer.status_code == 400
    assert "Nothing differs from what is asked for." in answer.content.decode()
    assert not ToolCall.objects.filter(edited_from__isnull=False).exists()


def test_of_two_edits_the_second_keeps_its_text_and_is_recorded(
    asked: ApprovalRequest, browser: Browser
) -> None:
    browser("supervisor").post(_page(asked), _form(asked))
    one = {"arg.item_ids": RETURN["item_ids"][2], "reason": "Only the watch."}

    answer = browser("colleague").post(_page(asked), _form(asked, **one))

    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Nothing was changed by you. Maren Osei edited this at" in text
    assert "Only the watch." in text
    assert RETURN["item_ids"][2] in text
    refused = LedgerEntry.objects.get(kind="act.refused")
    assert refused.stream == asked.stream
    assert ToolCall.objects.filter(edited_from__isnull=False).count() == 1


def test_the_same_form_sent_twice_is_one_edit(asked: ApprovalRequest, browser: Browser) -> None:
    client = browser("supervisor")
    first = client.post(_page(asked), _form(asked))
    again = client.post(_page(asked), _form(asked))
    assert (first.status_code, again.status_code) == (302, 302)
    assert first["Location"] == again["Location"]
    assert ToolCall.objects.filter(edited_from__isnull=False).count() == 1


def test_what_is_decided_leads_back_to_its_page(asked: ApprovalRequest, browser: Browser) -> None:
    approvals.expire_due(now=clock.now() + timedelta(hours=2), batch=10)
    answer = browser("supervisor").get(_page(asked))
    assert answer["Location"] == _page(asked, "")


def test_who_may_not_see_it_finds_nothing_and_a_reader_no_link(
    asked: ApprovalRequest, browser: Browser
) -> None:
    assert browser("policy").get(_page(asked)).status_code == 404
    assert browser("policy").post(_page(asked), _form(asked)).status_code == 404
    auditor = browser("compliance")
    assert 'data-key="e"' not in auditor.get(_page(asked, "")).content.decode()
    assert auditor.post(_page(asked), _form(asked)).status_code == 404
    assert not ToolCall.objects.filter(edited_from__isnull=False).exists()


def test_the_owner_may_edit_and_sees_the_way(asked: ApprovalRequest, browser: Browser) -> None:
    text = browser("supervisor").get(_page(asked, "")).content.decode()
    assert 'data-key="e"' in text
    assert _page(asked) in text


def _queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return sum("SAVEPOINT" not in query["sql"] for query in captured)


def test_the_form_costs_the_same_however_much_waits(retail: World, browser: Browser) -> None:
    _, call = waiting_return(retail)
    asked = ApprovalRequest.objects.get(public_id=call["approval"]["id"])
    client = browser("supervisor")
    client.get(_page(asked))
    before = _queries(client, _page(asked))
    for _ in range(3):
        waiting_return(retail)
    assert (before, _queries(client, _page(asked))) == (FORM_QUERIES, FORM_QUERIES)


def test_an_edit_is_counted_where_it_is_looked_at_how_approvals_go(
    asked: ApprovalRequest, browser: Browser
) -> None:
    quality = "/admin/approvals/quality/"
    before = browser("supervisor").get(quality).content.decode()
    assert "Changed by an edit" in before
    browser("supervisor").post(_page(asked), _form(asked))
    assert _child().edited_from is not None

    for whose, login in (("queues", "supervisor"), ("mine", "supervisor"), ("queues", "relief")):
        client = browser(login)
        assert "1 of 1" in client.get(f"{quality}?whose={whose}").content.decode()
        rows = client.get(f"{quality}rows/?whose={whose}&measure=edits").content.decode()
        assert "1 changed by an edit" in rows
        assert f"/admin/approvals/{asked.public_id}/" in rows
    nobody = browser("colleague").get(f"{quality}rows/?whose=mine&measure=edits")
    assert "0 changed by an edit" in nobody.content.decode()
