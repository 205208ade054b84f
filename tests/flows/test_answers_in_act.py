"""What is done, and the answer kept under its key, stand together or not at all."""

from typing import Any

import pytest

from cases.tools.models import ToolCall
from governance.approvals.models import ApprovalVote
from governance.ledger.models import LedgerEntry
from orchestra.api import idempotency
from orchestra.api.models import IdempotencyRecord
from orchestra.core import crash
from tests.flows.conftest import World
from tests.flows.helpers import agree, identify, open_case, propose_return, waiting_address
from tests.flows.test_people_over_rest import ballot, sign_in


class EndedHereError(Exception):
    """Stands for the end of the process."""


def end(*args: Any, **named: Any) -> None:
    del args, named
    raise EndedHereError


class TestVote:
    def test_a_vote_whose_answer_is_not_kept_did_not_happen(
        self, retail: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        supervisor = sign_in(retail, "supervisor")
        address = f"approvals/{waiting_address(retail)}/"
        body = ballot(supervisor, address.split("/")[1])
        stood = LedgerEntry.objects.count(), IdempotencyRecord.objects.count()
        with monkeypatch.context() as broken:
            broken.setattr(idempotency, "keep", end)
            with pytest.raises(EndedHereError):
                supervisor.post(f"{address}vote/", body, key="once")
        assert not ApprovalVote.objects.exists()
        assert (LedgerEntry.objects.count(), IdempotencyRecord.objects.count()) == stood
        again = supervisor.post(f"{address}vote/", body, key="once")
        assert (again.status_code, again.json()["state"]) == (200, "granted")

    def test_a_refused_vote_is_on_record_and_leaves_its_key_free(self, retail: World) -> None:
        supervisor = sign_in(retail, "supervisor")
        address = f"approvals/{waiting_address(retail)}/"
        body = ballot(supervisor, address.split("/")[1])
        stood = IdempotencyRecord.objects.count()
        stale = supervisor.post(f"{address}vote/", {**body, "digest": "0" * 64}, key="once")
        assert (stale.status_code, stale.json()["code"]) == (409, "approval.stale")
        assert LedgerEntry.objects.filter(kind="act.refused").count() == 1
        assert IdempotencyRecord.objects.count() == stood
        assert supervisor.post(f"{address}vote/", body, key="once").status_code == 200
        replayed = supervisor.post(f"{address}vote/", body, key="once")
        assert replayed["Idempotency-Replayed"] == "true"
        assert ApprovalVote.objects.count() == 1


class TestProposal:
    def test_its_answer_outlives_a_process_that_ends_after_the_commit(
        self, retail: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case = open_case(retail)
        identify(retail, case)
        said = agree(retail, case)
        with monkeypatch.context() as broken:
            broken.setattr(idempotency, "_store", end)
            first = propose_return(retail, case, evidence=said, key="once")
        assert (first.status_code, first.json()["state"]) == (202, "awaiting_approval")
        again = propose_return(retail, case, evidence=said, key="once")
        assert again["Idempotency-Replayed"] == "true"
        assert (again.status_code, again.content) == (202, first.content)
        assert again["Location"] == first["Location"]
        assert again["Content-Type"] == first["Content-Type"]

    def test_a_denied_one_is_kept_in_its_act_too(
        self, retail: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case = open_case(retail)
        identify(retail, case)
        with monkeypatch.context() as broken:
            broken.setattr(idempotency, "_store", end)
            first = propose_return(retail, case, key="once")
        assert (first.status_code, first.json()["state"]) == (201, "denied")
        again = propose_return(retail, case, key="once")
        assert (again.status_code, again.content) == (201, first.content)

    def test_a_read_answers_with_what_it_read(self, retail: World) -> None:
        case = open_case(retail)
        identify(retail, case)
        read = {"tool": "get_order_details", "arguments": {"order_id": "#W2378156"}}
        body = {**read, "confidence": 0.99, "margin": 0.9}
        first = retail.api.post(f"cases/{case}/tool-calls/", body, key="once")
        again = retail.api.post(f"cases/{case}/tool-calls/", body, key="once")
        assert first.json()["state"] == "succeeded", first.content
        assert again["Idempotency-Replayed"] == "true"
        assert again.content == first.content

    def test_an_intent_that_fell_keeps_no_answer(self, retail: World, settings: Any) -> None:
        case = open_case(retail)
        identify(retail, case)
        said = agree(retail, case)
        stood = IdempotencyRecord.objects.count()
        settings.ORCHESTRA = {**settings.ORCHESTRA, "CRASH_POINTS": True}
        crash.plant("before-intent-commit", end)
        assert propose_return(retail, case, evidence=said, key="once").status_code == 500
        assert not ToolCall.objects.filter(tool__effect="write").exists()
        assert IdempotencyRecord.objects.count() == stood
        again = propose_return(retail, case, evidence=said, key="once")
        assert again.status_code == 202
        assert "Idempotency-Replayed" not in again
