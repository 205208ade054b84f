"""Personal data planted in a case: who sees it on which page, and that seeing it is recorded."""

from collections.abc import Mapping
from typing import Any

import pytest

from cases.memory.models import Case
from cases.tools.models import ToolCall
from governance.access.models import Queue
from governance.approvals.models import ApprovalRequest
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from governance.ledger.services import sequence
from orchestra.core import clock
from tests.flows.authority_scene import GONE, make_scene
from tests.flows.authority_table import TABLE
from tests.flows.authority_visitor import CONVERTER, Visitor
from tests.flows.conftest import World
from tests.flows.helpers import agree, identify, open_case, propose_return, say

CANARIES = {
    "e-mail": "canary.bird@example.org",
    "phone": "+44 20 7946 0958",
    "card": "4539578763621486",
    "IBAN": "GB29NWBK60161331926819",
    "national number": "219-09-4990",
    "network address": "203.0.113.77",
}
SONG = ", ".join(CANARIES.values())


@pytest.fixture
def planted(retail: World) -> dict[str, Any]:
    """Return what routes name, for a case that holds the canaries wherever text goes."""
    case_id = open_case(retail, f"Return my items. {SONG}", external_ref="canary")
    Case.objects.filter(public_id=case_id).update(claimed_name="Wren canary.bird@example.org")
    identify(retail, case_id)
    say(retail, case_id, "customer", f"You can have {SONG}.")
    answer = propose_return(
        retail,
        case_id,
        evidence=[*agree(retail, case_id), say(retail, case_id, "customer", f"Yes. {SONG}")],
        rationale=f"The customer gave {SONG}",
        customer_paragraph=f"We write to {SONG}",
    )
    assert answer.status_code == 202, answer.content
    call = ToolCall.objects.get(public_id=answer.json()["id"])
    shown = retail.api.post(
        f"cases/{case_id}/evidence/",
        {"kind": "letter", "title": f"Letter of {SONG}", "proves": SONG, "reference": SONG},
    )
    assert shown.status_code == 201, shown.content
    offered = retail.api.post(
        f"cases/{case_id}/handoffs/",
        {
            "to": {"queue": call.case.queue.key},
            "reason_code": "customer_request",
            "note": f"Says {SONG}",
        },
    )
    assert offered.status_code == 201, offered.content
    approval = ApprovalRequest.objects.get(case_public_id=case_id)
    sequence(now=clock.now())
    return {
        "queue": call.case.queue.key,
        "case_id": case_id,
        "call_id": str(call.public_id),
        "request_id": str(approval.public_id),
        "approval_id": str(approval.public_id),
        "handoff_id": str(offered.json()["id"]),
        "decision_id": str(call.decision.public_id),
    }


def heard(answer: Any) -> list[str]:
    """Return the canaries that an answer holds."""
    if answer.status_code != 200:
        return []
    body = b"".join(answer) if answer.streaming else answer.content
    text = body.decode("utf-8", errors="replace")
    return [name for name, canary in CANARIES.items() if canary in text]


def paths(named: Mapping[str, Any], prefix: str) -> list[str]:
    """Return every page that is read, with what it names filled in."""
    return [
        "/" + CONVERTER.sub(lambda found: str(named.get(found.group(1), GONE)), route)
        for route, row in TABLE.items()
        if row.get and route.startswith(prefix)
    ]


def test_no_page_shows_personal_data_unasked(retail: World, planted: dict[str, Any]) -> None:
    named = {**make_scene(retail).own, **planted}
    case = Case.objects.get(public_id=planted["case_id"])
    asked = [
        *paths(named, "admin/"),
        f"/admin/cases/?q={case.label}",
        f"/admin/ledger/?stream={case.stream}",
        *(
            f"/admin/ledger/?entry={pk}"
            for pk in LedgerEntry.objects.filter(stream=case.stream).values_list("pk", flat=True)
        ),
    ]
    # A form holds what it edits: a mask would be saved with it. Opening it is recorded.
    form = f"/admin/approvals/{planted['request_id']}/edit/"
    for letter in "VCLM":
        visitor = Visitor(letter, Queue.objects.get(key=named["queue"]))
        answers = [(path, visitor.client.get(path)) for path in asked]
        seen = {path: found for path, answer in answers if (found := heard(answer))}
        assert (form in seen) is (letter in "VC")
        seen.pop(form, None)
        assert sum(answer.status_code == 200 for _path, answer in answers) > 20
        assert seen == {}, "\n".join(f"{letter} {path}: {found}" for path, found in seen.items())


def test_rest_masks_for_whoever_does_not_work_cases(retail: World, planted: dict[str, Any]) -> None:
    named = {**make_scene(retail).own, **planted}
    queue = Queue.objects.get(key=named["queue"])
    asked = paths(named, "api/")
    for letter in "LMYP":
        visitor = Visitor(letter, queue)
        answers = [(path, visitor.client.get(path)) for path in asked]
        seen = {path: found for path, answer in answers if (found := heard(answer))}
        assert sum(answer.status_code == 200 for _path, answer in answers) > 5
        assert seen == {}, "\n".join(f"{letter} {path}: {found}" for path, found in seen.items())
    # Whoever works the case, an AI agent too, works with what was said.
    for letter in "VA":
        visitor = Visitor(letter, queue)
        seen = {
            path: found
            for path in asked
            if (found := heard(visitor.client.get(path, headers=visitor.headers)))
        }
        assert list(CANARIES) in seen.values(), f"{letter}: {seen}"


def last_read(case: Case) -> Mapping[str, Any]:
    """Return the payload of the last reading of a case."""
    entry = LedgerEntry.objects.filter(stream=case.stream, kind="case.read").latest("pk")
    return payload_of(entry=entry) or {}


def test_whose_work_needs_it_opens_it_on_the_record(planted: dict[str, Any]) -> None:
    case = Case.objects.get(public_id=planted["case_id"])
    queue = Queue.objects.get(key=planted["queue"])
    supervisor, lead = Visitor("V", queue), Visitor("L", queue)
    opened = f"/admin/cases/{case.public_id}/"
    for path in [opened, f"/admin/approvals/{planted['request_id']}/"]:
        assert heard(lead.client.get(path, {"unmasked": "1"})) == []
        supervisor.client.get(opened)
        assert last_read(case)["unmasked"] is False
        assert heard(supervisor.client.get(path, {"unmasked": "1"})) == list(CANARIES)
        assert last_read(case)["unmasked"] is True


def test_a_form_that_holds_personal_data_is_opened_on_the_record(planted: dict[str, Any]) -> None:
    case = Case.objects.get(public_id=planted["case_id"])
    visitor = Visitor("V", Queue.objects.get(key=planted["queue"]))
    answer = visitor.client.get(f"/admin/approvals/{planted['request_id']}/edit/")
    assert heard(answer) == list(CANARIES)
    assert last_read(case)["unmasked"] is True
