"""An OpenAPI 3.0 or 3.1 description to drafts of tools, all errors at once; pure."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from cases.tools.importing.dialect import Converter, UnusableError, resolve
from cases.tools.importing.documents import invalid
from cases.tools.importing.naming import Offered, check_tools, draft_of, tool_name
from cases.tools.importing.types import Manifest
from cases.tools.operations import is_reserved
from orchestra.core.errors import FieldError

Json = Any
Operation = Mapping[str, Json]

SOURCE: Final = "openapi"
MAX_OPERATIONS: Final = 500
_VERSION: Final = re.compile(r"3\.[01]\.\d+(-.*)?")
_METHODS: Final = ("get", "head", "post", "put", "patch", "delete")
_READS: Final = frozenset({"get", "head"})
#: The specification says that a description of these headers is ignored.
_IGNORED: Final = frozenset({"accept", "content-type", "authorization"})
_ORDER: Final = ("path", "query", "header")


def read_openapi(
    *, document: Json, connection: str, prefix: str = "", only: Collection[str] = ()
) -> Manifest:
    """Return the tools that a description offers.

    A GET or HEAD is a read, anything else a write. A write is high risk and a read medium,
    until a person decides; what the upstream says of itself is kept and not relied on.

    Args:
        document: The description as JSON value.
        connection: Key of the connection that the tools use.
        prefix: Put before every name.
        only: Names of the tools that are wanted; empty for all.

    Raises:
        InvalidInputError: It is no such description, or an operation that is wanted cannot be
            a tool; with every finding.
    """
    _check_head(document)
    tools: list[tuple[str, Mapping[str, Json]]] = []
    errors: list[FieldError] = []
    left_out: list[FieldError] = []
    for place, path, method, shared, operation in _operations(document):
        name = tool_name(_called(operation, method, path), prefix)
        if only and name not in only:
            left_out.append(FieldError(place, "not_wanted", name))
            continue
        try:
            reader = _Reader(document, connection, name)
            tools.append((place, reader.read(path, method, shared, operation)))
        except UnusableError as error:
            errors.append(FieldError(place, "unusable", f"{name}: {error}"))
    info = document.get("info")
    title = str(info.get("title", "")) if isinstance(info, Mapping) else ""
    checked = check_tools(tools, errors=errors, only=only)
    return Manifest(SOURCE, title[:200], checked, tuple(left_out))


def _check_head(document: Json) -> None:
    version = document.get("openapi") if isinstance(document, Mapping) else None
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        message = "it is no OpenAPI 3.0 or 3.1 description; convert an older one first"
        raise invalid("openapi", "version", message)
    if not isinstance(document.get("paths"), Mapping):
        raise invalid("paths", "required", "it has no paths")


def _operations(document: Mapping[str, Json]) -> Iterator[tuple[str, str, str, Json, Operation]]:
    count = 0
    for path, item in document["paths"].items():
        try:
            entry = resolve(item, document)
        except UnusableError as error:
            raise invalid(f"paths.{path}", "reference", str(error)) from error
        if not isinstance(entry, Mapping) or path.startswith("x-"):
            continue
        for method in _METHODS:
            operation = entry.get(method)
            if isinstance(operation, Mapping):
                count += 1
                if count > MAX_OPERATIONS:
                    message = f"it has more than {MAX_OPERATIONS} operations"
                    raise invalid("paths", "too_large", message)
                yield f"{method.upper()} {path}", path, method, entry.get("parameters"), operation


def _called(operation: Operation, method: str, path: str) -> str:
    named = operation.get("operationId")
    return named if isinstance(named, str) and named else f"{method} {path}"


class _Reader:
    """Reads one operation."""

    def __init__(self, root: Json, connection: str, name: str) -> None:
        self._root = root
        self._connection = connection
        self._name = name
        self._converter = Converter(root)
        self._properties: dict[str, Json] = {}
        self._places: dict[str, dict[str, str]] = {}
        self._required: list[str] = []

    def read(self, path: str, method: str, shared: Json, operation: Operation) -> dict[str, Json]:
        """Return the tool's document.

        Raises:
            UnusableError: It cannot be a tool.
        """
        for parameter in self._parameters(shared, operation):
            self._take_parameter(parameter)
        if method not in _READS and operation.get("requestBody") is not None:
            self._take_body(resolve(operation["requestBody"], self._root))
        reads = method in _READS
        text = str(operation.get("description") or operation.get("summary") or "")
        return draft_of(
            Offered(
                name=self._name,
                title=str(operation.get("summary") or ""),
                description=text,
                connection=self._connection,
                operation={
                    "method": method.upper(),
                    "path": path,
                    **({"parameters": self._places} if self._places or not reads else {}),
                },
                reads=reads,
                arguments={
                    "type": "object",
                    "additionalProperties": False,
                    "properties": self._properties,
                    **({"required": sorted(self._required)} if self._required else {}),
                },
                output=self._output(operation.get("responses")),
                source=SOURCE,
                called=_called(operation, method, path),
                says=_says(operation),
            )
        )

    def _parameters(self, shared: Json, operation: Operation) -> list[Mapping[str, Json]]:
        """Return the parameters, the operation's own in place of those of the path."""
        found: dict[tuple[str, str], Mapping[str, Json]] = {}
        for listed in (shared, operation.get("parameters")):
            for entry in listed if isinstance(listed, list) else ():
                one = resolve(entry, self._root)
                if not isinstance(one, Mapping) or not isinstance(one.get("name"), str):
                    raise UnusableError("a parameter of it has no name")
                found[str(one.get("in")), one["name"]] = one
        rank = {where: index for index, where in enumerate(_ORDER)}
        return sorted(found.values(), key=lambda one: rank.get(str(one.get("in")), len(rank)))

    def _take_parameter(self, parameter: Mapping[str, Json]) -> None:
        where, called = str(parameter.get("in")), str(parameter["name"])
        required = parameter.get("required") is True or where == "path"
        if where == "header" and called.lower() in _IGNORED:
            return
        if where not in _ORDER or (where == "header" and is_reserved(called)):
            if required:
                raise UnusableError(f"it needs {called!r} in the {where}, which no argument sets")
            return
        schema = self._converter.convert(_schema_of(parameter))
        kind = schema.get("type") if isinstance(schema, Mapping) else None
        if kind == "object" or (kind == "array" and not _repeats(parameter, where)):
            raise UnusableError(f"{called!r} is written in a way that is not understood")
        text = parameter.get("description")
        if isinstance(text, str) and isinstance(schema, Mapping) and "description" not in schema:
            schema = {**schema, "description": text[:1000]}
        self._take(called, where, called, schema, required=required)

    def _take_body(self, body: Json) -> None:
        content = body.get("content") if isinstance(body, Mapping) else None
        media = _json_media(content)
        if media is None:
            raise UnusableError("its body is not JSON")
        required = body.get("required") is True
        schema = self._converter.convert(
            resolve(media.get("schema", {}), self._root), leave="readOnly"
        )
        fields = schema.get("properties") if isinstance(schema, Mapping) else None
        needed = schema.get("required", []) if isinstance(schema, Mapping) else []
        if not isinstance(fields, Mapping) or not _is_plain(schema) or (needed and not required):
            self._take("body", "body", "", schema, required=required)
            return
        for name, part in fields.items():
            self._take(name, "body", name, part, required=name in needed)

    def _take(self, wanted: str, where: str, called: str, schema: Json, *, required: bool) -> None:
        """Add an argument, under a name that no other has."""
        name = re.sub(r"[^A-Za-z0-9_-]+", "_", wanted).strip("_")[:100] or where
        if name in self._properties:
            name = f"{name}_in_{where}"
        while name in self._properties:
            name += "_"
        self._properties[name] = schema
        self._places[name] = {"in": where, "name": called}
        if required:
            self._required.append(name)

    def _output(self, responses: Json) -> Json:
        """Return the schema of the first success that is JSON, None where none is described."""
        for status in sorted(responses) if isinstance(responses, Mapping) else ():
            if not re.fullmatch(r"2(\d\d|XX)", status):
                continue
            response = resolve(responses[status], self._root)
            content = response.get("content") if isinstance(response, Mapping) else None
            media = _json_media(content)
            if media is not None and "schema" in media:
                schema = resolve(media["schema"], self._root)
                return self._converter.convert(schema, leave="writeOnly")
        return None


def _schema_of(parameter: Mapping[str, Json]) -> Json:
    if "schema" in parameter:
        return parameter["schema"]
    raise UnusableError(f"{parameter['name']!r} has no schema")


def _repeats(parameter: Mapping[str, Json], where: str) -> bool:
    """Return whether a list is sent as one value after the other, as in ``?a=1&a=2``."""
    style = parameter.get("style", "form")
    return where == "query" and style == "form" and parameter.get("explode", True) is not False


def _json_media(content: Json) -> Mapping[str, Json] | None:
    for kind, media in content.items() if isinstance(content, Mapping) else ():
        plain = str(kind).partition(";")[0].strip().lower()
        if isinstance(media, Mapping) and (plain == "application/json" or plain.endswith("+json")):
            return media
    return None


def _is_plain(schema: Mapping[str, Json]) -> bool:
    """Return whether an object is no more than its properties."""
    rest = set(schema) - {"type", "properties", "required", "title", "description"}
    return schema.get("type", "object") == "object" and (
        not rest or (rest == {"additionalProperties"} and schema["additionalProperties"] is False)
    )


def _says(operation: Operation) -> dict[str, Json]:
    found: dict[str, Json] = {}
    if operation.get("deprecated") is True:
        found["deprecated"] = True
    tags = operation.get("tags")
    if isinstance(tags, list) and tags:
        found["tags"] = [str(tag)[:100] for tag in tags[:10]]
    return found
