"""An OpenAPI description to drafts: where arguments go, what is converted, what is refused."""

import copy
import json
from typing import Any

import pytest
import yaml

from cases.tools.importing.documents import read_document
from cases.tools.importing.openapi import read_openapi
from cases.tools.operations import compose
from cases.tools.parsing import parse_tool
from orchestra.core.errors import InvalidInputError

SHOP: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Shop", "version": "1"},
    "paths": {
        "/orders/{id}": {
            "parameters": [{"$ref": "#/components/parameters/Id"}],
            "get": {
                "operationId": "getOrder",
                "summary": "Read an order",
                "parameters": [
                    {"name": "fields", "in": "query", "schema": {"type": "array", "items": {}}},
                    {"name": "X-Trace", "in": "header", "schema": {"type": "string"}},
                    {"name": "Authorization", "in": "header", "schema": {"type": "string"}},
                    {"name": "session", "in": "cookie", "schema": {"type": "string"}},
                ],
                "responses": {
                    "404": {"description": "none"},
                    "200": {
                        "description": "The order",
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Order"}}
                        },
                    },
                },
            },
            "put": {
                "operationId": "changeOrder",
                "deprecated": True,
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Order"}}
                    },
                },
            },
            "delete": {"operationId": "dropOrder"},
        },
        "/notes": {
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"type": "array", "items": {"type": "string"}}
                        }
                    }
                }
            }
        },
    },
    "components": {
        "parameters": {
            "Id": {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
        },
        "schemas": {
            "Order": {
                "type": "object",
                "required": ["id", "total"],
                "properties": {
                    "id": {"type": "string", "readOnly": True},
                    "total": {
                        "type": "number",
                        "format": "double",
                        "minimum": 0,
                        "exclusiveMinimum": True,
                    },
                    "note": {"type": "string", "nullable": True, "enum": ["a", "b"]},
                    "key": {"type": "string", "writeOnly": True},
                    "x": {"allOf": [{"$ref": "#/components/schemas/Part"}], "nullable": True},
                },
            },
            "Part": {"type": "object", "properties": {"n": {"type": "integer", "example": 3}}},
        },
    },
}


def tools_of(document: Any, **options: Any) -> dict[str, Any]:
    return dict(read_openapi(document=document, connection="shop", **options).tools)


def changed(change: Any) -> dict[str, Any]:
    document = copy.deepcopy(SHOP)
    change(document)
    return document


def findings(document: Any, **options: Any) -> set[tuple[str, str]]:
    with pytest.raises(InvalidInputError) as caught:
        tools_of(document, **options)
    return {(error.field, error.code) for error in caught.value.errors}


def test_every_operation_becomes_a_draft() -> None:
    found = tools_of(SHOP)

    assert {name: (one["effect"], one["risk"]) for name, one in found.items()} == {
        "get_order": ("read", "medium"),
        "change_order": ("write", "high"),
        "drop_order": ("write", "high"),
        "post_notes": ("write", "high"),
    }
    assert {one["upstream"]["source"] for one in found.values()} == {"openapi"}
    assert found["change_order"]["upstream"]["says"] == {"deprecated": True}


def test_where_the_arguments_of_a_read_go() -> None:
    tool = tools_of(SHOP)["get_order"]

    assert tool["operation"] == {
        "method": "GET",
        "path": "/orders/{id}",
        "parameters": {
            "id": {"in": "path", "name": "id"},
            "fields": {"in": "query", "name": "fields"},
            "X-Trace": {"in": "header", "name": "X-Trace"},
        },
    }
    assert tool["arguments"]["required"] == ["id"]
    sent = compose(
        operation=tool["operation"], tool="x", arguments={"id": "#1", "fields": ["a", "b"]}
    )
    assert sent.path == "/orders/%231?fields=a&fields=b"


def test_a_body_is_merged_without_a_clash_and_in_the_later_dialect() -> None:
    tool = tools_of(SHOP)["change_order"]

    assert tool["arguments"] == {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "id": {"type": "string"},
            "total": {"type": "number", "exclusiveMinimum": 0},
            "note": {"type": ["string", "null"], "enum": ["a", "b", None]},
            "key": {"type": "string"},
            "x": {
                "anyOf": [
                    {"allOf": [{"type": "object", "properties": {"n": {"type": "integer"}}}]},
                    {"type": "null"},
                ]
            },
        },
        "required": ["id", "total"],
    }
    clash = changed(
        lambda d: d["components"]["schemas"]["Order"]["properties"]["id"].pop("readOnly")
    )
    both = tools_of(clash)["change_order"]
    assert both["operation"]["parameters"]["id_in_body"] == {"in": "body", "name": "id"}
    assert both["arguments"]["required"] == ["id", "id_in_body", "total"]
    arguments = {"id": "1", "id_in_body": "2", "total": 3}
    sent = compose(operation=both["operation"], tool="x", arguments=arguments)
    assert (sent.path, json.loads(sent.content)) == ("/orders/1", {"id": "2", "total": 3})


def test_the_answer_is_kept_without_what_only_requests_have() -> None:
    output = tools_of(SHOP)["get_order"]["output"]

    assert "id" in output["properties"]
    assert "key" not in output["properties"]


def test_a_body_that_is_no_object_is_one_argument() -> None:
    tool = tools_of(SHOP)["post_notes"]

    assert tool["operation"]["parameters"] == {"body": {"in": "body", "name": ""}}
    assert (
        compose(operation=tool["operation"], tool="x", arguments={"body": ["a"]}).content
        == b'["a"]'
    )


def test_yaml_says_the_same_as_json() -> None:
    text = yaml.safe_dump(SHOP).replace("'200':", "200:").replace("'404':", "404:")

    assert read_document(text.encode()) == read_document(json.dumps(SHOP).encode()) == SHOP


def test_3_1_is_taken_as_it_is() -> None:
    def newer(document: dict[str, Any]) -> None:
        document["openapi"] = "3.1.0"
        document["components"]["schemas"]["Part"] = {
            "type": ["object", "null"],
            "properties": {"n": {"const": 3, "exclusiveMinimum": 1}},
        }

    x = tools_of(changed(newer))["change_order"]["arguments"]["properties"]["x"]
    assert x["anyOf"][0]["allOf"][0]["properties"]["n"] == {"const": 3, "exclusiveMinimum": 1}


def test_the_same_description_has_the_same_digests_and_a_change_another() -> None:
    def pins(document: Any) -> dict[str, str]:
        return {name: one["upstream"]["digest"] for name, one in tools_of(document).items()}

    before = pins(SHOP)
    assert pins(json.loads(json.dumps(SHOP, sort_keys=True))) == before
    after = pins(changed(lambda d: d["components"]["schemas"]["Part"].update(type="string")))
    assert {name for name in before if before[name] != after[name]} == {"get_order", "change_order"}


def test_only_what_is_wanted_and_a_prefix() -> None:
    manifest = read_openapi(
        document=SHOP, connection="shop", prefix="shop_", only=["shop_get_order"]
    )

    assert list(manifest.tools) == ["shop_get_order"]
    assert len(manifest.left_out) == 3
    assert findings(SHOP, only=["nothing"]) == {("nothing", "unknown")}


def _order(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"]["Order"]
    return found


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (
            lambda d: _order(d)["properties"].update(next={"$ref": "#/components/schemas/Order"}),
            {"GET /orders/{id}", "PUT /orders/{id}"},
        ),
        (
            lambda d: _order(d)["properties"].update(x={"$ref": "http://evil.example/x.json"}),
            {"GET /orders/{id}", "PUT /orders/{id}"},
        ),
        (
            lambda d: _order(d)["properties"].update(x={"$ref": "file:///etc/passwd"}),
            {"GET /orders/{id}", "PUT /orders/{id}"},
        ),
        (
            lambda d: _order(d)["properties"].update(x={"$ref": "#/components/schemas/None"}),
            {"GET /orders/{id}", "PUT /orders/{id}"},
        ),
        (
            lambda d: d["components"]["schemas"].update(
                Order={"$ref": "#/components/schemas/Order"}
            ),
            {"GET /orders/{id}", "PUT /orders/{id}"},
        ),
        (
            lambda d: d["paths"]["/orders/{id}"]["delete"].update(
                requestBody={"content": {"multipart/form-data": {}}}
            ),
            {"DELETE /orders/{id}"},
        ),
        (
            lambda d: d["paths"]["/orders/{id}"]["delete"].update(
                parameters=[{"name": "s", "in": "cookie", "required": True, "schema": {}}]
            ),
            {"DELETE /orders/{id}"},
        ),
        (
            lambda d: d["paths"]["/orders/{id}"]["delete"].update(
                parameters=[{"name": "Host", "in": "header", "required": True, "schema": {}}]
            ),
            {"DELETE /orders/{id}"},
        ),
        (
            lambda d: d["paths"]["/orders/{id}"]["delete"].update(
                parameters=[
                    {
                        "name": "f",
                        "in": "query",
                        "style": "deepObject",
                        "schema": {"type": "object"},
                    }
                ]
            ),
            {"DELETE /orders/{id}"},
        ),
    ],
    ids=[
        *("recursive", "remote", "file", "dangling", "itself", "no json", "cookie", "host header"),
        "deep object",
    ],
)
def test_what_cannot_be_a_tool_is_named_and_nothing_is_imported(
    change: Any, where: set[str]
) -> None:
    assert findings(changed(change)) == {(place, "unusable") for place in where}
    # What is wrong elsewhere does not stand in the way of what is wanted.
    assert list(tools_of(changed(change), only=["post_notes"])) == ["post_notes"]


def test_everything_wrong_is_said_at_once() -> None:
    def spoil(document: dict[str, Any]) -> None:
        document["paths"]["/a/../b"] = {"post": {"operationId": "up"}}
        document["paths"]["/c"] = {"post": {"operationId": "get order"}}
        document["paths"]["/d/{e}"] = {"get": {"operationId": "unfilled"}}
        document["paths"]["/f"] = {
            "get": {"parameters": [{"name": "p", "in": "query", "schema": {"pattern": "("}}]}
        }

    found = findings(changed(spoil))

    assert ("GET /orders/{id}", "duplicate") in found
    assert ("POST /c", "duplicate") in found
    assert ("POST /a/../b: operation.path", "path") in found
    assert ("GET /d/{e}: operation.path", "path") in found


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"swagger": "2.0", "paths": {}}, ("openapi", "version")),
        ({"openapi": "4.0.0", "paths": {}}, ("openapi", "version")),
        ({"openapi": "3.0.0"}, ("paths", "required")),
        ({"openapi": "3.0.0", "paths": {}}, ("", "empty")),
        ([], ("openapi", "version")),
        ("text", ("openapi", "version")),
        (
            {
                "openapi": "3.0.0",
                "paths": {f"/p{n}": {"get": {}, "post": {}} for n in range(300)},
            },
            ("paths", "too_large"),
        ),
    ],
)
def test_what_is_no_description(document: Any, expected: tuple[str, str]) -> None:
    assert findings(document) == {expected}


def test_a_schema_that_grows_with_every_reference_is_cut() -> None:
    def grow(document: dict[str, Any]) -> None:
        schemas = document["components"]["schemas"]
        schemas["Part"] = {"type": "string"}
        for n in range(12):
            inner = {
                "$ref": "#/components/schemas/Part" if n == 0 else f"#/components/schemas/G{n - 1}"
            }
            schemas[f"G{n}"] = {
                "type": "object",
                "properties": {f"p{i}": inner for i in range(10)},
            }
        _order(document)["properties"]["x"] = {"$ref": "#/components/schemas/G11"}

    assert findings(changed(grow)) == {
        ("GET /orders/{id}", "unusable"),
        ("PUT /orders/{id}", "unusable"),
    }


def test_what_is_imported_is_a_tool() -> None:
    for document in tools_of(SHOP).values():
        parse_tool(document=document)
