"""The supervisor's start page: what waits, queues, exceptions, and how one's votes went."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.admin import queue_loads
from cases.journeys.models import StepRun
from cases.memory.models import Case, Customer
from cases.tools.models import ToolCall
from governance.approvals import inbox
from governance.approvals import services as approvals
from governance.approvals.models import ApprovalRequest
from orchestra import dashboard
from orchestra.core import clock
from orchestra.core.actors import system
from orchestra.management.world import PASSWORD
from tests.cases.admin.conftest import Browser
from tests.flows.conftest import World
from tests.flows.helpers import identify, open_case, waiting_address, waiting_return

START = "/admin/"
#: Session, person, rights, what waits for a review; then what parts read first, the votes on what
#: waits, and what parts read by what they found first.
MOST_QUERIES = 7


def _text(client: Client) -> str:
    answer = client.get(START)
    assert answer.status_code == 200
    return answer.content.decode()


def _noted(client: Client, value: str, note: str) -> bool:
    gap = r"\s*"
    pattern = f'<div class="value">{gap}{value}{gap}</div>{gap}<div class="note">{gap}{note}'
    return re.search(pattern, _text(client)) is not None


def _vote(client: Client, choice: str, reason: str = "") -> None:
    found = ApprovalRequest.objects.get()
    page = f"/admin/approvals/{found.public_id}/"
    client.get(page)
    client.post(
        f"{page}vote/",
        {
            "choice": choice,
            "reason": reason,
            "reason_code": "other",
            "action_digest": found.action_digest,
            "view_digest": found.view_digest,
        },
    )
    client.post(f"{page}step-up/", {"password": PASSWORD})


def test_what_waits_is_first_with_its_money_and_its_queue(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    text = _text(browser("supervisor"))
    assert "1 approval waits, its deadline in 59 min" in text
    assert "All your queues are on time." in text
    assert "$1,285.12" in text
    assert "None. Every call ended as planned." in text
    assert "0.0%" in text
    assert "Your approvals, last 7 days" in text
    assert "no vote from its page yet" in text
    assert "My cases" not in text
    assert "Latest decisions" not in text


def test_the_first_that_run_out_are_named_in_the_title(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    ApprovalRequest.objects.update(deadline_at=clock.now() + timedelta(minutes=4, seconds=30))
    assert "1 approval runs out before " in _text(browser("supervisor"))


def test_votes_are_summed_up_for_oneself_alone(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    client = browser("supervisor")
    _vote(client, "reject", "Ask which one.")
    text = _text(client)
    assert "1 decided" in text
    assert "1 of 1; 95% interval 20.7 to 100.0" in text
    assert "1 of 1</div>" in text
    assert "0 decided" in _text(browser("colleague"))


def test_what_expired_unopened_is_counted_and_what_was_opened_is_not(
    retail: World, browser: Browser
) -> None:
    waiting_return(retail)
    client = browser("supervisor")
    approvals.expire_due(now=clock.now() + timedelta(hours=2), batch=10)
    ApprovalRequest.objects.update(decided_at=clock.now())
    assert _noted(client, "1", "in your queues")

    ApprovalRequest.objects.update(state="pending")
    client.get(f"/admin/approvals/{ApprovalRequest.objects.get().public_id}/")
    ApprovalRequest.objects.update(state="expired")
    assert _noted(client, "0", "in your queues")


def test_exceptions_say_what_was_not_done_and_lead_to_the_act(
    retail: World, browser: Browser
) -> None:
    waiting_return(retail)
    found = ApprovalRequest.objects.get()
    approvals.void_request(
        actor=system("test"), now=clock.now(), request_pk=found.pk, reason="Version 6 took effect."
    )
    client = browser("supervisor")
    text = _text(client)
    assert "1 approval voided" in text
    assert "Version 6 took effect." in text
    assert f"Nothing ran: {found.label}." in text

    ToolCall.objects.filter(public_id=found.subject_id).update(state="unknown")
    text = _text(client)
    assert "outcome unknown" in text
    assert "Reconcile in C-" in text


def test_a_step_outside_the_cue_sheet_holds_the_agent(retail: World, browser: Browser) -> None:
    case = open_case(retail)
    identify(retail, case)
    answer = retail.api.post(
        f"cases/{case}/tool-calls/",
        {
            "tool": "cancel_pending_order",
            "arguments": {"order_id": "#W9810810", "reason": "no longer needed"},
            "confidence": 0.99,
            "margin": 0.9,
        },
    )
    assert answer.status_code in (201, 202), answer.content
    text = _text(browser("supervisor"))
    assert "agent held" in text
    assert "Store assistant proposed a step outside its cue sheet:" in text
    assert "Stopped before it ran." in text


def test_late_and_failed_steps_show_on_their_queue(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    StepRun.objects.filter(state="waiting").update(due_at=clock.now() - timedelta(minutes=1))
    late = StepRun.objects.filter(state="waiting").count()
    assert late == 1
    text = _text(browser("supervisor"))
    assert "Returns has 1 thing past its deadline." in text
    assert "1 late" in text

    StepRun.objects.filter(ready_at__isnull=False).update(state="failed")
    assert "100.0%" in _text(browser("supervisor"))


def test_a_long_inbox_is_counted_no_further_than_it_is_shown(
    retail: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        waiting_address(retail, number)
    client = browser("supervisor")
    assert "3 approvals wait, the first deadline in" in _text(client)
    monkeypatch.setattr(inbox, "COUNTED", 2)
    text = _text(client)
    assert "2+ approvals wait, the first deadline in" in text
    assert "first 3 of 2+" in text


def test_the_queries_of_the_start_page_do_not_grow_with_its_rows(
    retail: World, browser: Browser
) -> None:
    waiting_return(retail)
    client = browser("supervisor")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            _text(client)
        return len(captured)

    first = queries()
    found = ApprovalRequest.objects.get()
    for number in range(5):
        found.pk, found._state.adding = None, True
        found.public_id = f"00000000-0000-7000-8000-00000000000{number}"
        found.nonce = f"nonce-{number}"
        found.save()
    assert queries() == first
    assert first <= MOST_QUERIES


@pytest.mark.parametrize("login", ["supervisor", "agent", "compliance", "policy", "operator"])
def test_the_parts_of_a_start_page_are_asked_together(
    retail: World, browser: Browser, login: str
) -> None:
    waiting_return(retail)
    client = browser(login)
    _text(client)
    with CaptureQueriesContext(connection) as captured:
        _text(client)
    assert len(captured) <= MOST_QUERIES


def _offered(world: World) -> Case:
    case = open_case(world)
    identify(world, case)
    body = {"to": {"queue": "returns"}, "reason_code": "customer_request"}
    answer = world.api.post(f"cases/{case}/handoffs/", {**body, "customer_paragraph": "Yes."})
    assert answer.status_code == 201, answer.content
    return Case.objects.get(public_id=case)


def test_handoffs_are_counted_beyond_those_that_are_shown(
    retail: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboard, "SHOWN", 1)
    for _each in range(2):
        _offered(retail)
    answer = browser("supervisor").get(START)
    assert (len(answer.context["handoffs"]), answer.context["handoff_count"]) == (1, 2)


def test_a_name_that_is_an_address_is_masked(retail: World, browser: Browser) -> None:
    case, client = _offered(retail), browser("supervisor")
    Customer.objects.filter(pk=case.customer_id).update(name="mia.garcia@example.com")
    for page in (START, "/admin/handoffs/", "/admin/cases/", f"/admin/cases/{case.public_id}/"):
        text = client.get(page).content.decode()
        assert "mia.garcia@example.com" not in text, page
    opened = client.get(f"/admin/cases/{case.public_id}/?unmasked=1").content.decode()
    assert "mia.garcia@example.com" in opened


def test_a_queue_is_not_called_on_time_where_not_all_that_is_late_was_looked_at(
    retail: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting_return(retail)
    monkeypatch.setattr(queue_loads, "_LATE_STEPS", 0)
    text = _text(browser("supervisor"))
    assert (">on time<" in text, ">not counted<" in text) == (False, True)
