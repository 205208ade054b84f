"""Tool document to ToolSpec, all errors at once; pure."""

import re
from collections.abc import Mapping
from typing import Any

from cases.tools import paths
from cases.tools.importable import read_limits, upstream_errors
from cases.tools.operations import operation_errors
from cases.tools.schemas import schema_errors
from cases.tools.types import CallLimit, Effect, Json, MoneyPath, Read, ToolSpec
from cases.tools.undoing import SOURCES
from governance.policies.catalogue import OWN_FACTS
from governance.policies.types import RiskLevel
from orchestra.core import canonical
from orchestra.core.errors import FieldError, InvalidInputError

DIGEST_DOMAIN = "orchestra.tool.v1"
MAX_ATTEMPTS = 20
MAX_TIMEOUT_SECONDS = 60.0
#: Levels of objects and lists; the deepest schema of arguments that anybody reads has ten.
MAX_DEPTH = 30

_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_REQUIRED = ("name", "connection", "effect", "arguments")
_KEYS = frozenset(
    {
        *_REQUIRED,
        *("title", "description", "operation", "risk", "honours_idempotency_key", "lookup"),
        *("timeout_seconds", "max_attempts", "money", "reads", "facts", "verifies", "hands_off"),
        *("effect_text", "before_after", "grounds", "confirm", "reversed_by", "sensitive"),
        *("reversed_with", "output", "upstream", "limits"),
    }
)
_LEVELS = ("basic", "strong")
#: Facts that Orchestra itself knows; a tool cannot speak for them.
RESERVED_FACTS = frozenset(spec.name for spec in OWN_FACTS) - {"amount_minor", "currency"}


def tool_digest(document: Mapping[str, Json]) -> str:
    """Return the digest by which the ledger and the calls name a tool document."""
    return canonical.digest(DIGEST_DOMAIN, document)


def parse_tool(*, document: Mapping[str, Json]) -> ToolSpec:
    """Return the tool that a document declares.

    Args:
        document: One tool of a pack, as ``interfaces`` describes it.

    Raises:
        InvalidInputError: With one finding for everything that is wrong, by field path.
    """
    _check_shape(document)
    reader = _Reader(document)
    spec = reader.read()
    if reader.errors or spec is None:
        raise InvalidInputError(
            f"the tool has {len(reader.errors)} error(s): "
            + "; ".join(f"{error.field}: {error.message}" for error in reader.errors),
            code="tool.invalid",
            errors=reader.errors,
        )
    return spec


def _check_shape(document: Json) -> None:
    """Refuse what is no mapping of names, or nested deeper than any tool, before it is read."""
    message = ""
    if not isinstance(document, Mapping) or not all(isinstance(key, str) for key in document):
        message = "a tool is an object with text keys"
    elif _is_deep(document):
        message = f"the tool is nested more than {MAX_DEPTH} levels deep"
    if message:
        errors = [FieldError("", "object", message)]
        raise InvalidInputError(message, code="tool.invalid", errors=errors)


def _is_deep(document: Json) -> bool:
    level: list[Json] = [document]
    for _depth in range(MAX_DEPTH):
        level = [
            item
            for value in level
            if isinstance(value, Mapping | list)
            for item in (value.values() if isinstance(value, Mapping) else value)
        ]
    return any(isinstance(value, Mapping | list) for value in level)


class _Reader:
    """Reads one document and keeps what is wrong with it."""

    def __init__(self, document: Mapping[str, Json]) -> None:
        self._document = document
        self.errors: list[FieldError] = []

    def read(self) -> ToolSpec | None:
        """Return the tool, or None where a finding stands in the way."""
        self._check_keys()
        reads = self._reads()
        values: dict[str, Any] = {
            "name": self._name("name"),
            "title": self._text("title") or self._title(),
            "description": self._text("description"),
            "connection": self._name("connection"),
            "operation": self._operation(),
            "effect": self._effect(),
            "risk": self._risk(),
            "arguments": self._schema(),
            "honours_idempotency_key": self._flag("honours_idempotency_key"),
            "lookup": self._flag("lookup"),
            "timeout_seconds": self._number("timeout_seconds", 10.0, MAX_TIMEOUT_SECONDS),
            "max_attempts": int(self._number("max_attempts", 5, MAX_ATTEMPTS, whole=True)),
            "money": self._money(reads),
            "reads": reads,
            "facts": self._facts(reads),
            "verifies": self._verifies(),
            "hands_off": self._hands_off(),
            "effect_text": self._text("effect_text"),
            "before_after": self._text("before_after"),
            "grounds": self._text("grounds"),
            "confirm": self._confirm(reads),
            "reversed_by": self._text("reversed_by"),
            "reversed_with": self._reversed_with(),
            "sensitive": self._sensitive(),
            "output": self._output(),
            "upstream": self._upstream(),
            "limits": self._limits(),
        }
        return None if self.errors else ToolSpec(**values)

    def _refuse(self, field: str, code: str, message: str) -> None:
        self.errors.append(FieldError(field, code, message))

    def _check_keys(self) -> None:
        for key in sorted(set(self._document) - _KEYS):
            self._refuse(key, "unknown", "is no part of a tool; remove it or correct its spelling")
        for key in _REQUIRED:
            if key not in self._document:
                self._refuse(key, "required", "is missing; every tool declares it")

    def _title(self) -> str:
        name = self._document.get("name")
        return name.replace("_", " ").capitalize() if isinstance(name, str) else ""

    def _name(self, key: str) -> str:
        value = self._document.get(key)
        if value is None:
            return ""
        if not isinstance(value, str) or not _NAME.fullmatch(value):
            self._refuse(key, "name", "must be lower-case letters, digits and _, 1 to 100 long")
            return ""
        return value

    def _text(self, key: str) -> str:
        value = self._document.get(key, "")
        if not isinstance(value, str):
            self._refuse(key, "text", "must be text")
            return ""
        return value.strip()

    def _flag(self, key: str) -> bool:
        value = self._document.get(key, False)
        if not isinstance(value, bool):
            self._refuse(key, "flag", "must be true or false")
            return False
        return value

    def _number(self, key: str, default: float, most: float, *, whole: bool = False) -> float:
        value = self._document.get(key, default)
        fits = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
        if not fits or not 0 < value <= most:
            self._refuse(key, "range", f"must be a number above 0 and at most {most:g}")
            return default
        return float(value)

    def _mapping(self, key: str) -> dict[str, Json]:
        return self._checked_mapping(self._document.get(key, {}), key)

    def _checked_mapping(self, value: Json, field: str) -> dict[str, Json]:
        if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
            self._refuse(field, "object", "must be an object with text keys")
            return {}
        return dict(value)

    def _list(self, key: str) -> list[Json]:
        value = self._document.get(key, [])
        if not isinstance(value, list):
            self._refuse(key, "list", "must be a list")
            return []
        return value

    def _effect(self) -> Effect:
        value = self._document.get("effect", Effect.READ)
        try:
            return Effect(value)
        except ValueError:
            self._refuse("effect", "choice", "must be read or write")
            return Effect.READ

    def _risk(self) -> str:
        value = self._document.get("risk", "")
        if value != "" and value not in list(RiskLevel):
            self._refuse("risk", "choice", "must be low, medium, high or critical")
            return ""
        return str(value)

    def _schema(self) -> dict[str, Json]:
        schema = self._mapping("arguments")
        if not schema:
            return schema
        self.errors.extend(schema_errors(schema, "arguments"))
        return schema

    def _operation(self) -> dict[str, Json]:
        operation = self._mapping("operation")
        arguments = self._document.get("arguments")
        if isinstance(arguments, Mapping):
            self.errors.extend(operation_errors(operation, arguments))
        return operation

    def _output(self) -> dict[str, Json] | None:
        if self._document.get("output") is None:
            return None
        schema = self._mapping("output")
        self.errors.extend(schema_errors(schema, "output", of_arguments=False))
        return schema

    def _upstream(self) -> dict[str, Json] | None:
        if self._document.get("upstream") is None:
            return None
        body = self._mapping("upstream")
        self.errors.extend(upstream_errors(body))
        return body

    def _limits(self) -> tuple[CallLimit, ...]:
        found, errors = read_limits(self._list("limits"))
        self.errors.extend(errors)
        return found

    def _path(self, value: Json, field: str, names: frozenset[str]) -> str:
        """Return a path if it is one and goes into something declared before."""
        if not isinstance(value, str) or not paths.is_well_formed(value):
            self._refuse(field, "path", "must be a path such as $.order_id or $order.status")
            return ""
        name = paths.source_name(value)
        if name and name not in names:
            known = ", ".join(sorted(names)) or "none"
            message = (
                f"goes into {name!r}, which is not read before ({known}); reads go by name, a to z"
            )
            self._refuse(field, "path", message)
        return value

    def _template(self, value: Json, field: str, names: frozenset[str]) -> None:
        if paths.is_path(value):
            self._path(value, field, names)
        elif isinstance(value, Mapping):
            for key, item in value.items():
                self._template(item, f"{field}.{key}", names)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                self._template(item, f"{field}[{index}]", names)

    def _reads(self) -> tuple[Read, ...]:
        found: list[Read] = []
        for name, body in self._mapping("reads").items():
            field = f"reads.{name}"
            if not _NAME.fullmatch(name) or name == paths.EACH:
                self._refuse(field, "name", "must be a lower-case name other than each")
            entry = self._checked_mapping(body, field)
            for key in sorted(set(entry) - {"tool", "arguments", "for_each"}):
                self._refuse(f"{field}.{key}", "unknown", "is no part of a read")
            before = frozenset(read.name for read in found)
            found.append(self._one_read(name, entry, before))
        return tuple(found)

    def _one_read(self, name: str, entry: dict[str, Json], before: frozenset[str]) -> Read:
        field = f"reads.{name}"
        tool = entry.get("tool")
        if not isinstance(tool, str) or not _NAME.fullmatch(tool):
            self._refuse(f"{field}.tool", "name", "must name a read tool")
            tool = ""
        each = entry.get("for_each", "")
        if not isinstance(each, str):
            self._refuse(f"{field}.for_each", "path", "must be a path or a function's name")
            each = ""
        elif paths.is_path(each):
            self._path(each, f"{field}.for_each", before)
        arguments = self._checked_mapping(entry.get("arguments", {}), f"{field}.arguments")
        names = before | {paths.EACH} if each else before
        self._template(arguments, f"{field}.arguments", names)
        return Read(name=name, tool=tool, arguments=arguments, for_each=each)

    def _facts(self, reads: tuple[Read, ...]) -> dict[str, Json]:
        names = frozenset(read.name for read in reads)
        facts = self._mapping("facts")
        for name, source in facts.items():
            field = f"facts.{name}"
            if not _NAME.fullmatch(name):
                self._refuse(field, "name", "must be a lower-case name")
            if name in RESERVED_FACTS:
                self._refuse(field, "reserved", "is known by Orchestra itself; choose another name")
            if isinstance(source, Mapping):
                if set(source) != {"function"} or not isinstance(source["function"], str):
                    self._refuse(field, "function", "must be a path or {function: name}")
            else:
                self._path(source, field, names)
        return facts

    def _money(self, reads: tuple[Read, ...]) -> tuple[MoneyPath, ...]:
        names = frozenset(read.name for read in reads)
        found: list[MoneyPath] = []
        for index, entry in enumerate(self._list("money")):
            field = f"money[{index}]"
            body = self._checked_mapping(entry, field)
            path = self._path(body.get("path"), f"{field}.path", names)
            unit, currency = body.get("unit"), body.get("currency")
            if unit not in ("major", "minor"):
                self._refuse(f"{field}.unit", "choice", "must be major or minor")
            if paths.is_path(currency):
                self._path(currency, f"{field}.currency", names)
            elif not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
                self._refuse(
                    f"{field}.currency", "currency", "must be a code such as USD or a path"
                )
            found.append(MoneyPath(path=path, unit=str(unit), currency=str(currency)))
        return tuple(found)

    def _verifies(self) -> dict[str, Json] | None:
        if self._document.get("verifies") is None:
            return None
        body = self._mapping("verifies")
        if body.get("level") not in _LEVELS:
            self._refuse("verifies.level", "choice", "must be basic or strong")
        if not isinstance(body.get("method"), str) or not body["method"]:
            self._refuse("verifies.method", "text", "must say how the customer was recognised")
        self._path(body.get("customer"), "verifies.customer", frozenset())
        return body

    def _hands_off(self) -> dict[str, Json] | None:
        if self._document.get("hands_off") is None:
            return None
        body = self._mapping("hands_off")
        if not isinstance(body.get("reason_code"), str) or not body["reason_code"]:
            self._refuse("hands_off.reason_code", "text", "must be a reason code")
        if not isinstance(body.get("queue", ""), str):
            self._refuse("hands_off.queue", "text", "must be a queue's key")
        return body

    def _confirm(self, reads: tuple[Read, ...]) -> dict[str, Json] | None:
        if self._document.get("confirm") is None:
            return None
        body = self._mapping("confirm")
        if not isinstance(body.get("tool"), str) or not _NAME.fullmatch(body["tool"]):
            self._refuse("confirm.tool", "name", "must name a read tool")
        # Where no arguments are given, the read of the same tool says how it is asked.
        same = next((read for read in reads if read.tool == body.get("tool")), None)
        arguments = self._checked_mapping(
            body.get("arguments", dict(same.arguments) if same else {}), "confirm.arguments"
        )
        self._template(arguments, "confirm.arguments", frozenset({"answer"}))
        expect = self._checked_mapping(body.get("expect", {}), "confirm.expect")
        if not expect:
            self._refuse("confirm.expect", "required", "must say which value shows the effect")
        for path in expect:
            self._path(path, f"confirm.expect.{path}", frozenset())
        return {**body, "arguments": arguments}

    def _reversed_with(self) -> dict[str, Json]:
        body = self._mapping("reversed_with")
        if body and not self._document.get("reversed_by"):
            self._refuse("reversed_with", "not_applicable", "names no tool; say reversed_by too")
        self._template(body, "reversed_with", SOURCES)
        return body

    def _sensitive(self) -> tuple[str, ...]:
        found = tuple(
            self._path(path, f"sensitive[{index}]", frozenset())
            for index, path in enumerate(self._list("sensitive"))
        )
        facts, text = self._document.get("facts"), self._document.get("effect_text")
        for path in filter(None, found):
            name = path.removeprefix("$.").partition(".")[0].partition("[")[0]
            if isinstance(text, str) and f"{{{name}}}" in text:
                self._refuse("effect_text", "sensitive", f"would show {name}, which is sensitive")
            for fact, source in facts.items() if isinstance(facts, Mapping) else ():
                if isinstance(source, str) and f"{source}.".startswith((f"{path}.", f"{path}[")):
                    message = f"would show {name} to whoever reads a decision, and is sensitive"
                    self._refuse(f"facts.{fact}", "sensitive", message)
        return found
