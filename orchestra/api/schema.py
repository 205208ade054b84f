"""The OpenAPI document: how callers prove who they are, and every refusal they may meet."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from orchestra.api.idempotency import UNKEYED

Json = dict[str, Any]

PROBLEM = "application/problem+json"
#: What any operation may answer besides its own, and what each means to its caller.
ALWAYS = {
    "401": "No token or session, or one that is unknown, expired or revoked.",
    "403": "Not permitted here. A refused act is recorded in the ledger.",
    "405": "The address has no such method.",
    "406": "The answer is JSON only.",
}
ON_PATH = {"404": "There is no such thing, or the caller may not see it."}
ON_FILE = {"409": "The file is not put together yet, or was deleted."}
ON_INPUT = {"422": "Not acceptable; every finding is listed with its field."}
ON_POST = {
    "400": "The body is no acceptable JSON, or the Idempotency-Key is missing or malformed.",
    "409": "The state moved on since the caller looked, or the first request still runs.",
    "413": "The body is larger than two mebibytes.",
    "415": "The body is not application/json.",
}
KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {
        "type": "string",
        "maxLength": 255,
        "pattern": '^(?:"[ !#-~]{1,253}"|[!#-~]{1,255})$',
    },
    "description": (
        "New for every act, the same for its repeats; kept seven days. A repeat gets the first "
        "answer again with `Idempotency-Replayed: true`."
    ),
    "example": "0b1f6c1e-refund-W2378156",
}
PROBLEM_SCHEMA: Json = {
    "type": "object",
    "description": "RFC 9457. `code` is stable; `errors` names every field at once.",
    "required": ["type", "title", "status", "code", "detail", "errors"],
    "properties": {
        "type": {"type": "string", "example": "urn:orchestra:problem:invalid_input"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "example": "invalid_input"},
        "detail": {"type": "string", "description": "What is wrong and what to do."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {"type": "string", "example": "arguments.order_id"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
        "data": {"type": "object", "additionalProperties": True},
    },
}


class AgentTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Bearer token of an AI agent."""

    target_class = "orchestra.api.authentication.AgentTokenAuthentication"
    name = "agentToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> Json:
        """Return the scheme."""
        del auto_schema
        return {"type": "http", "scheme": "bearer", "description": "An AI agent's token, orc_…"}


class PersonSessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Session of a signed-in person."""

    target_class = "orchestra.api.authentication.PersonSessionAuthentication"
    name = "personSession"

    def get_security_definition(self, auto_schema: AutoSchema) -> Json:
        """Return the scheme."""
        del auto_schema
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "A signed-in person; every POST also sends X-CSRFToken.",
        }


def describe_refusals(
    result: Json,
    generator: object,
    request: object,
    public: bool,  # noqa: FBT001  the hook's signature
) -> Json:
    """Add to every operation the problems it may answer, and to every POST its key."""
    del generator, request, public
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
    _close_inputs(result)
    _let_anything_be_null(result)
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            for status, meaning in _refusals(path, method, operation).items():
                operation["responses"].setdefault(status, _problem(meaning))
            if method == "post" and path not in UNKEYED:
                operation.setdefault("parameters", []).append(KEY)
    return result


def _close_inputs(document: Json) -> None:
    """Say of everything that is sent that it takes no field of another name."""
    waiting = [
        media["schema"]
        for operations in document["paths"].values()
        for operation in operations.values()
        for media in operation.get("requestBody", {}).get("content", {}).values()
    ]
    seen: set[str] = set()
    while waiting:
        schema = waiting.pop()
        if isinstance(schema, list):
            waiting += schema
            continue
        if not isinstance(schema, dict):
            continue
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        if name and name not in seen:
            seen.add(name)
            waiting.append(document["components"]["schemas"][name])
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
        waiting += schema.get("properties", {}).values()
        waiting += [schema[word] for word in ("items", "oneOf", "anyOf", "allOf") if word in schema]


def _let_anything_be_null(found: Any) -> None:
    """Say "anything" where "anything or null" is said: null would be two of one."""
    if isinstance(found, dict):
        if found.get("oneOf") == [{}, {"type": "null"}]:
            del found["oneOf"]
        for held in found.values():
            _let_anything_be_null(held)
    elif isinstance(found, list):
        for held in found:
            _let_anything_be_null(held)


def _refusals(path: str, method: str, operation: Json) -> dict[str, str]:
    found = dict(ALWAYS)
    if "{" in path or "ledger/checkpoint" in path:
        found |= ON_PATH
    if path.endswith("/file/"):
        found |= ON_FILE
    if method == "post":
        found |= {**ON_POST, **ON_INPUT, **ON_PATH}
    elif any(parameter["in"] == "query" for parameter in operation.get("parameters", ())):
        found |= {**ON_INPUT, **ON_PATH}
    return found


def _problem(meaning: str) -> Json:
    return {
        "description": meaning,
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
