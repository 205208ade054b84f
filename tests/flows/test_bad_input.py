"""What comes in wrong changes nothing, names the field, and refused acts are on record."""

import uuid
from typing import Any

import pytest

from cases.memory.models import Case, Message
from cases.tools.models import ToolCall
from governance.ledger.models import LedgerEntry
from tests.flows.conftest import Api, World
from tests.flows.helpers import agree, identify, open_case, propose_return


def refusals() -> int:
    return LedgerEntry.objects.filter(kind="act.refused").count()


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = dict(answer.json())
    assert body["code"] == code, body
    assert body["detail"]
    return body


def fields(body: dict[str, Any]) -> set[str]:
    return {item["field"] for item in body["errors"]}


def test_without_a_token(retail: World) -> None:
    anonymous = Api(retail.api.client, "")
    answer = anonymous.post("cases/", {"channel": "chat", "text": "hello"})
    problem(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert Case.objects.count() == 0


def test_with_an_unknown_token(retail: World) -> None:
    stranger = Api(retail.api.client, "orc_abcdefgh_" + "x" * 43)
    problem(stranger.get("cases/"), 401, "not_authenticated")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"channel": "chat", "channel": "voice", "text": "x"}', "twice"),
        (b'{"channel": "chat", "text": NaN}', "NaN"),
        (b'{"channel": "chat", "text": 1e999}', "too large"),
        (b'{"channel": "chat", "text": "a\\u0000b"}', "U+0000"),
        (b'{"channel": "chat", "text": "\\ud800"}', "surrogate"),
        (b'{"channel": ', "no JSON"),
        (b"\xff\xfe", "UTF-8"),
    ],
)
def test_json_that_means_two_things(retail: World, body: bytes, words: str) -> None:
    found = problem(retail.api.post("cases/", raw=body), 400, "bad_request")
    assert words in found["detail"]
    assert Case.objects.count() == 0


def test_a_message_of_a_mebibyte(retail: World) -> None:
    case = open_case(retail)
    before = Message.objects.count()
    answer = retail.api.post(
        f"cases/{case}/messages/", {"speaker": "customer", "text": "x" * 2**20}
    )
    assert "text" in fields(problem(answer, 422, "invalid_input"))
    assert Message.objects.count() == before


def test_every_field_is_named_at_once(retail: World) -> None:
    answer = retail.api.post("cases/", {"channel": "pigeon"})
    assert fields(problem(answer, 422, "invalid_input")) == {"channel", "text"}


def test_an_unknown_tool(retail: World) -> None:
    case = open_case(retail)
    answer = retail.api.post(
        f"cases/{case}/tool-calls/", {"tool": "launch_rocket", "arguments": {}}
    )
    assert answer.status_code in {404, 422}
    assert "launch_rocket" in answer.json()["detail"]
    assert ToolCall.objects.count() == 0


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({}, "order_id"),
        ({"order_id": 7}, "arguments.order_id"),
        ({"order_id": "#W1", "extra": 1}, "extra"),
    ],
)
def test_arguments_that_break_the_schema(
    retail: World, arguments: dict[str, Any], field: str
) -> None:
    case = open_case(retail)
    answer = retail.api.post(
        f"cases/{case}/tool-calls/", {"tool": "get_order_details", "arguments": arguments}
    )
    body = problem(answer, 422, answer.json()["code"])
    assert any(field in name for name in fields(body)), body
    assert ToolCall.objects.count() == 0


def test_a_case_that_is_not_there(retail: World) -> None:
    before = refusals()
    answer = retail.api.post(
        f"cases/{uuid.uuid4()}/messages/", {"speaker": "customer", "text": "x"}
    )
    problem(answer, 404, "not_found.case")
    assert refusals() == before + 1


def test_a_denied_proposal_says_why_and_runs_nothing(retail: World) -> None:
    case = open_case(retail)
    identify(retail, case)
    answer = propose_return(retail, case)
    assert answer.status_code == 201
    call = answer.json()
    assert call["state"] == "denied"
    assert any("yes" in reason for reason in call["decision"]["reasons"])
    assert retail.store.total_effects() == 0


def test_before_the_customer_is_known_nothing_is_written(retail: World) -> None:
    case = open_case(retail)
    answer = propose_return(retail, case, evidence=agree(retail, case))
    assert answer.json()["decision"]["outcome"] in {"verify", "deny"}
    assert retail.store.total_effects() == 0


class TestIdempotency:
    def test_a_key_is_needed(self, retail: World) -> None:
        answer = retail.api.client.post(
            "/api/v1/cases/",
            '{"channel": "chat", "text": "x"}',
            content_type="application/json",
            headers={"Authorization": f"Bearer {retail.api.token}"},
        )
        problem(answer, 400, "idempotency.key_missing")
        assert Case.objects.count() == 0

    @pytest.mark.parametrize("key", ["a" * 256, '"unclosed', "two words", ""])
    def test_a_malformed_key(self, retail: World, key: str) -> None:
        answer = retail.api.client.post(
            "/api/v1/cases/",
            '{"channel": "chat", "text": "x"}',
            content_type="application/json",
            headers={"Authorization": f"Bearer {retail.api.token}", "Idempotency-Key": key},
        )
        assert answer.status_code == 400
        assert Case.objects.count() == 0

    def test_the_same_again_is_the_same_answer(self, retail: World) -> None:
        body = {"channel": "chat", "text": "Where is my order?"}
        first = retail.api.post("cases/", body, key="one")
        again = retail.api.post("cases/", dict(reversed(body.items())), key='"one"')
        assert (again.status_code, again.json()) == (201, first.json())
        assert again["Idempotency-Replayed"] == "true"
        assert Case.objects.count() == 1

    def test_the_key_for_something_else(self, retail: World) -> None:
        retail.api.post("cases/", {"channel": "chat", "text": "one"}, key="k")
        answer = retail.api.post("cases/", {"channel": "chat", "text": "two"}, key="k")
        problem(answer, 422, "idempotency.key_reused")
        assert Case.objects.count() == 1

    def test_what_was_turned_away_leaves_the_key_free(self, retail: World) -> None:
        assert retail.api.post("cases/", {"channel": "chat"}, key="k").status_code == 422
        answer = retail.api.post("cases/", {"channel": "chat", "text": "one"}, key="k")
        assert answer.status_code == 201

    def test_a_repeated_proposal_is_one_call(self, retail: World) -> None:
        case = open_case(retail)
        identify(retail, case)
        yes = agree(retail, case)
        first = propose_return(retail, case, evidence=yes, key="p")
        again = propose_return(retail, case, evidence=yes, key="p")
        attached = propose_return(retail, case, evidence=yes)
        assert first.json()["id"] == again.json()["id"] == attached.json()["id"]
        assert ToolCall.objects.filter(tool__name="return_delivered_order_items").count() == 1
