"""The OpenAPI document holds every address, every refusal, and was made without a warning."""

import io
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from cases.api.inputs import (
    CaseIn,
    DisclosureIn,
    EditIn,
    Input,
    MessageIn,
    ToolCallIn,
    VerificationIn,
)

#: Whoever sends here signs what is sent, and numbers it.
SIGNED = "/api/v1/channels/{channel_key}/"
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    from drf_spectacular.generators import SchemaGenerator  # noqa: PLC0415  needs settings

    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return found


def _addresses(resolver: URLResolver, before: str = "") -> set[str]:
    found: set[str] = set()
    for entry in resolver.url_patterns:
        path = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            found |= _addresses(entry, path)
        elif isinstance(entry, URLPattern):
            found.add("/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path))
    return found


def test_it_is_valid_and_nothing_is_guessed() -> None:
    call_command(
        "spectacular", "--validate", "--fail-on-warn", stdout=io.StringIO(), stderr=io.StringIO()
    )


def test_every_address_is_in_it(document: dict[str, Any]) -> None:
    served = {path for path in _addresses(get_resolver()) if path.startswith("/api/v1/")}
    assert len(served) > 30
    assert set(document["paths"]) == served


def test_every_operation_names_its_refusals(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert method in METHODS
            answers = operation["responses"]
            assert {"401", "403"} <= set(answers), (method, path)
            refusals = {status: answers[status] for status in answers if status >= "400"}
            for status, answer in refusals.items():
                assert list(answer["content"]) == ["application/problem+json"], (path, status)
            assert any(status < "300" for status in answers), (method, path)
            assert ({"agentToken": []} in operation.get("security", ())) is (path != SIGNED)


def test_every_post_but_the_proof_takes_a_key(document: dict[str, Any]) -> None:
    unkeyed = [
        path
        for path, operations in document["paths"].items()
        if "post" in operations
        and not any(
            parameter["name"] == "Idempotency-Key" and parameter["required"]
            for parameter in operations["post"].get("parameters", ())
        )
    ]
    assert unkeyed == [SIGNED, "/api/v1/step-up/"]


@pytest.mark.parametrize(
    ("path", "method", "shape"),
    [
        ("/api/v1/cases/", "post", CaseIn),
        ("/api/v1/cases/{case_id}/messages/", "post", MessageIn),
        ("/api/v1/cases/{case_id}/disclosures/", "post", DisclosureIn),
        ("/api/v1/cases/{case_id}/tool-calls/", "post", ToolCallIn),
        ("/api/v1/cases/{case_id}/verification/", "post", VerificationIn),
        ("/api/v1/tool-calls/{call_id}/edit/", "post", EditIn),
    ],
    ids=["open", "say", "tell", "propose", "verify", "edit"],
)
def test_the_first_calls_have_examples_that_are_acceptable(
    document: dict[str, Any], path: str, method: str, shape: type[Input]
) -> None:
    body = document["paths"][path][method]["requestBody"]["content"]["application/json"]
    assert body["examples"]
    for example in body["examples"].values():
        given = shape(data=example["value"])
        assert given.is_valid(), given.errors


def test_waiting_has_an_example_of_the_whole_answer(document: dict[str, Any]) -> None:
    answer = document["paths"]["/api/v1/tool-calls/{call_id}/"]["get"]["responses"]["200"]
    call = document["components"]["schemas"]["ToolCallOut"]
    examples = answer["content"]["application/json"]["examples"].values()
    assert [example["value"]["state"] for example in examples] == ["awaiting_approval", "rejected"]
    for example in examples:
        assert set(example["value"]) == set(call["properties"])


def test_it_is_served_to_everybody(client: Client) -> None:
    answer = client.get("/api/schema/")
    assert answer.status_code == 200
    assert b"openapi: 3.1" in answer.content


def test_what_is_made_or_listed_leads_to_what_can_be_done_with_it(document: dict[str, Any]) -> None:
    paths = document["paths"]
    names = {
        operation["operationId"]
        for operations in paths.values()
        for operation in operations.values()
    }
    opened = paths["/api/v1/cases/"]["post"]["responses"]["201"]["links"]
    assert {link["operationId"] for link in opened.values()} <= names
    read = paths["/api/v1/cases/{case_id}/"]["get"]["operationId"]
    assert opened[read]["parameters"] == {"case_id": "$response.body#/id"}
    listed = paths["/api/v1/cases/"]["get"]["responses"]["200"]["links"]
    assert listed[read]["parameters"] == {"case_id": "$response.body#/results/0/id"}
    begun = paths["/api/v1/policies/{key}/backtests/"]["post"]["responses"]
    followed = paths["/api/v1/policies/{key}/backtests/{backtest_id}/"]["get"]["operationId"]
    (answer,) = [answer for answer in begun.values() if "links" in answer]
    assert answer["links"][followed]["parameters"] == {
        "key": "$request.path.key",
        "backtest_id": "$response.body#/id",
    }


def test_what_is_sent_takes_no_field_of_another_name(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["CaseInRequest"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["CaseOut"]
