"""More that comes in wrong: content types, sizes, cursors, filters, methods, lost tokens."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from cases.memory.models import Case, Message
from governance.access import services as access
from governance.access.models import AgentIdentity, Queue
from orchestra.api.models import IdempotencyRecord
from orchestra.core import clock
from orchestra.management import world
from tests.flows.conftest import Api, World
from tests.flows.helpers import identify, open_case
from tests.flows.test_bad_input import fields, problem, refusals

OPEN = '{"channel": "chat", "text": "hello"}'


def post(world_: World, body: bytes | str, content_type: str) -> Any:
    return world_.api.client.post(
        "/api/v1/cases/",
        body,
        content_type=content_type,
        headers={
            "Authorization": f"Bearer {world_.api.token}",
            "Idempotency-Key": str(uuid.uuid4()),
        },
    )


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded"]
)
def test_a_body_that_is_not_json(retail: World, content_type: str) -> None:
    problem(post(retail, OPEN, content_type), 415, "unsupported_media_type")
    assert Case.objects.count() == 0


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        OPEN.encode() + b" trailing",
        OPEN.encode() + b"\x00",
        b"1" * 5_000,
        b'{"channel": "chat", "text": "x", "more": 1152921504606846977}',
        b'{"channel": "chat", "text": "x", "more": ' + b"[" * 900 + b"]" * 900 + b"}",
    ],
    ids=["arrays", "objects", "trailing text", "trailing byte", "a long number", "no key", "deep"],
)
def test_json_that_is_none(retail: World, body: bytes) -> None:
    answer = post(retail, body, "application/json")
    assert answer.status_code in {400, 422}, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert Case.objects.count() == 0


def test_a_body_over_the_limit_runs_nothing_without_its_key(retail: World) -> None:
    padded = '{"channel": "chat", "text": "hello"' + " " * (2 * 2**20) + "}"
    problem(post(retail, padded, "application/json"), 413, "body_too_large")
    assert Case.objects.count() == 0
    assert IdempotencyRecord.objects.count() == 0


@pytest.mark.parametrize("body", ["[]", "1", '"text"', "null", "true"])
def test_json_that_is_no_object(retail: World, body: str) -> None:
    problem(post(retail, body, "application/json"), 422, "invalid_input")
    assert Case.objects.count() == 0


@pytest.mark.parametrize("value", [None, 7, True, [], {}, ["x"], {"a": 1}])
@pytest.mark.parametrize("field", ["channel", "text", "external_ref", "customer", "verified"])
def test_a_field_of_another_type(retail: World, field: str, value: Any) -> None:
    body = {"channel": "chat", "text": "hello", field: value}
    answer = retail.api.post("cases/", body)
    if answer.status_code == 201:
        # A number is taken as its text, an empty customer as none.
        assert (field, value) in [("text", 7), ("external_ref", 7), ("customer", {})]
        return
    found = fields(problem(answer, 422, "invalid_input"))
    assert all(name.split(".")[0] == field for name in found), found
    assert Case.objects.count() == 0


def test_a_field_that_there_is_none_of_is_named(retail: World) -> None:
    body = {"channel": "pigeon", "customer": {"ref": "a", "vip": True}, "text": "x", "mood": "sad"}
    answer = retail.api.post("cases/", body)
    found = problem(answer, 422, "invalid_input")
    assert fields(found) == {"channel", "customer.vip", "mood"}
    [mood] = [item for item in found["errors"] if item["field"] == "mood"]
    assert (mood["code"], "external_ref" in mood["message"]) == ("unknown", True)
    assert Case.objects.count() == 0


@pytest.mark.parametrize("wait", ["-1", "26", "1e9", "nan", "inf", "x", ""])
def test_a_wait_out_of_range(retail: World, wait: str) -> None:
    assert fields(problem(retail.api.get("steps/", wait=wait), 422, "invalid_input")) == {"wait"}
    # It is refused whether there is anything left to wait for or not.
    over = identify(retail, open_case(retail))["id"]
    answer = retail.api.get(f"tool-calls/{over}/", wait=wait)
    assert fields(problem(answer, 422, "invalid_input")) == {"wait"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cursor", "x"),
        ("cursor", "cD14"),
        ("cursor", "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5"),
        ("page_size", "0"),
        ("page_size", "-1"),
        ("page_size", "201"),
        ("page_size", "many"),
        ("status", "sleeping"),
        ("opened_after", "yesterday"),
    ],
)
def test_a_list_asked_for_wrongly(retail: World, name: str, value: str) -> None:
    open_case(retail)
    answer = retail.api.get("cases/", **{name: value})
    assert fields(problem(answer, 422, answer.json()["code"])) == {name}


def test_pages_follow_each_other_without_loss_or_repeat(retail: World) -> None:
    opened = [open_case(retail, f"Where is my parcel {number}?") for number in range(5)]
    seen, page = [], retail.api.get("cases/", page_size="2").json()
    while True:
        seen += [row["id"] for row in page["results"]]
        if page["next"] is None:
            break
        page = retail.api.client.get(
            page["next"], headers={"Authorization": f"Bearer {retail.api.token}"}
        ).json()
    assert len(set(seen)) == len(seen)
    assert seen == [one for one in reversed(list(dict.fromkeys(opened))) if one in seen]
    assert set(seen) == set(opened)


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_method_that_is_not_there(retail: World, method: str) -> None:
    case = open_case(retail)
    answer = getattr(retail.api.client, method)(
        f"/api/v1/cases/{case}/", headers={"Authorization": f"Bearer {retail.api.token}"}
    )
    problem(answer, 405, "method_not_allowed")
    assert "GET" in answer["Allow"]


def test_an_id_that_is_none(retail: World) -> None:
    for path in ("cases/x/", "approvals/1/", "tool-calls/..%2f/", "handoffs/%00/"):
        answer = retail.api.get(path)
        assert answer.status_code == 404
        assert answer["Content-Type"] == "application/problem+json"


class TestTokens:
    def test_revoked(self, retail: World) -> None:
        agent = AgentIdentity.objects.get(name=world.AGENT_NAME)
        [credential] = agent.credentials.filter(revoked_at=None)
        access.revoke_token(actor=world.BUILDER, now=clock.now(), credential=credential)
        problem(retail.api.post("cases/", {}), 401, "not_authenticated")

    def test_expired(self, retail: World, monkeypatch: pytest.MonkeyPatch) -> None:
        later = clock.now() + timedelta(days=2)
        monkeypatch.setattr(clock, "now", lambda: later)
        answer = retail.api.get("cases/")
        problem(answer, 401, "not_authenticated")
        assert answer["WWW-Authenticate"].startswith("Bearer")

    @pytest.mark.parametrize("header", ["Bearer", "Bearer a b", "bearer \xff", "Bearer orc_"])
    def test_malformed(self, retail: World, header: str) -> None:
        answer = retail.api.client.get("/api/v1/cases/", headers={"Authorization": header})
        problem(answer, 401, "not_authenticated")

    def test_of_an_agent_without_the_queue(self, retail: World) -> None:
        case = open_case(retail)
        other = access.create_agent(
            actor=world.BUILDER,
            now=clock.now(),
            name="Elsewhere",
            owner=retail.people["operator"],
            queues=[Queue.objects.exclude(cases__public_id=case).first()],
            reason="tried",
        )
        stranger = Api(retail.api.client, world.fresh_token(now=clock.now(), agent=other))
        problem(stranger.get(f"cases/{case}/"), 404, "not_found.case")
        assert stranger.get("cases/").json()["results"] == []
        before, said = refusals(), Message.objects.count()
        answer = stranger.post(f"cases/{case}/messages/", {"speaker": "ai", "text": "x"})
        problem(answer, 404, "not_found.case")
        assert (refusals(), Message.objects.count()) == (before + 1, said)
