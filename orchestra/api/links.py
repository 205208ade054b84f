"""The OpenAPI document's links: which operations an answer's id leads on to."""

import re
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

#: A parameter of these names is a field of its own in an answer; any other is the answer's id.
OWN_FIELDS = frozenset({"key", "code", "index", "step"})
_PARAMETER = re.compile(r"\{(\w+)\}")


def describe_links(
    result: Json,
    generator: object,
    request: object,
    public: bool,  # noqa: FBT001  the hook's signature
) -> Json:
    """Link what makes or lists things of a kind with every operation on one of them."""
    del generator, request, public
    for path, operations in result["paths"].items():
        onward = list(_onward(result, path))
        for method, place in (("post", ""), ("get", "results/0/")):
            for status, answer in operations.get(method, {}).get("responses", {}).items():
                if onward and status in ("200", "201", "202"):
                    answer["links"] = {
                        target: {
                            "operationId": target,
                            "parameters": {
                                **{name: f"$request.path.{name}" for name in shared},
                                parameter: f"$response.body#/{place}{_field(parameter)}",
                            },
                        }
                        for target, parameter, shared in onward
                    }
    return result


def _onward(document: Json, path: str) -> Iterator[tuple[str, str, list[str]]]:
    """Yield operations on one of a collection, its parameter, and those that both paths name."""
    collection = path.rstrip("/").rpartition("/")[2]
    one_of_it = re.compile(rf"/{re.escape(collection)}/\{{(\w+)\}}/")
    given = set(_PARAMETER.findall(path))
    for other, operations in document["paths"].items():
        found = one_of_it.search(other)
        if found is None:
            continue
        shared = [name for name in _PARAMETER.findall(other) if name in given]
        for operation in operations.values():
            yield operation["operationId"], found.group(1), shared


def _field(parameter: str) -> str:
    return parameter if parameter in OWN_FIELDS else "id"
