"""YAML with the place of every value, and nothing that JSON could not say; pure."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from orchestra.core.canonical import MAX_SAFE_INTEGER
from orchestra.core.errors import FieldError
from orchestra.core.said import said as _

Json = Any

#: An alias is cheap to write and dear to follow, so what a file expands to is bounded.
MAX_VALUES = 100_000
MAX_BYTES = 1 << 20
#: A decision table is five deep; what is deeper is made to break a reader.
MAX_DEPTH = 50

#: The same loader, ten times as fast where libyaml is there.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_PART = re.compile(r"\.[^.\[]+$|\[\d+\]$|^[^.\[]+$")
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)", re.ASCII)
_INT = "tag:yaml.org,2002:int"
_SCALARS = {
    _INT,
    "tag:yaml.org,2002:str",
    "tag:yaml.org,2002:float",
    "tag:yaml.org,2002:bool",
    "tag:yaml.org,2002:null",
}


@dataclass(slots=True)
class Located:
    """One file's value and where each part of it stands.

    Attributes:
        name: The file's path, such as the one inside a pack; empty for a text alone.
        value: The value as JSON would have it; None where the file cannot be read.
        lines: Path of a value, such as ``[2].rules[0].outcome``, to its line from 1.
        columns: Path of a value to its column from 1.
        findings: What keeps the file from being read as JSON.
    """

    name: str
    value: Json = None
    lines: dict[str, int] = field(default_factory=dict)
    columns: dict[str, int] = field(default_factory=dict)
    findings: list[FieldError] = field(default_factory=list)

    def position(self, path: str) -> tuple[int, int]:
        """Return line and column of a path, or of the nearest one that stands there."""
        near = path
        while near and near not in self.lines:
            near = _PART.sub("", near, count=1) if _PART.search(near) else ""
        return self.lines.get(near, 1), self.columns.get(near, 1)

    def place(self, path: str) -> str:
        """Return ``file:line: path`` for a path, or for the nearest one that stands there."""
        line, _column = self.position(path)
        return f"{self.name}:{line}: {path}" if path else f"{self.name}:{line}"

    def finding(self, path: str, code: str, message: str) -> FieldError:
        """Return a finding about a path, with file and line."""
        return FieldError(self.place(path), code, message)

    def note(self, path: str, mark: Any) -> None:
        """Keep where a path stands; the first place counts."""
        if mark is not None and path not in self.lines:
            self.lines[path], self.columns[path] = mark.line + 1, mark.column + 1


def read_located(*, name: str, text: str, strict: bool = False) -> Located:
    """Read one YAML file.

    Args:
        name: The file's path, for findings.
        text: What stands in it.
        strict: Whether anchors, aliases, tags and numbers that YAML reads in its own way
            (``012``, ``1:30``, ``1_000``) are refused as well.

    Returns:
        The value with its places; findings where it cannot be read or is no JSON.
    """
    found = Located(name)
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        found.findings.append(FieldError(f"{name}:1", "too_large", _("the file is above 1 MiB")))
        return found
    try:
        if strict and _has_hidden(text, found):
            return found
        node = yaml.compose(text, Loader=_LOADER)
    except (yaml.YAMLError, RecursionError, UnicodeEncodeError) as error:
        found.note("", getattr(error, "problem_mark", None))
        why = getattr(error, "problem", None) or getattr(error, "reason", None)
        message = _("this is no YAML: %(why)s", why=why or _("it cannot be read"))
        found.findings.append(found.finding("", "yaml", message))
        return found
    if node is not None:
        found.value = _Reader(found, strict=strict).read(node, "")
    return found


def write_yaml(value: Json, *, flow_leaves: bool = False) -> str:
    """Return a JSON value as YAML, always in the same form and without anchors.

    Args:
        value: The value; the order of its keys is kept.
        flow_leaves: Whether a list or mapping without another in it stands on one line.
    """
    return str(
        yaml.dump(
            value,
            Dumper=_Dumper,
            sort_keys=False,
            allow_unicode=True,
            width=100,
            indent=2,
            default_flow_style=None if flow_leaves else False,
        )
    )


class _Dumper(_DUMPER):
    """Writes no anchors: a reader should see what stands there."""

    def ignore_aliases(self, data: Json) -> bool:  # noqa: ARG002  the library's signature
        return True


def _has_hidden(text: str, found: Located) -> bool:
    """Note what would mean more than it says: anchors, aliases, tags, endless nesting."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        hidden = _hidden(event)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            hidden = ("too_deep", _("values are nested deeper than %(most)d", most=MAX_DEPTH))
        if hidden:
            found.note("", event.start_mark)
            found.findings.append(found.finding("", *hidden))
            return True
    return False


def _hidden(event: Any) -> tuple[str, str] | None:
    if isinstance(event, yaml.AliasEvent):
        return "alias", _(
            "an alias (*%(name)s) is not allowed; write the value out", name=event.anchor
        )
    if getattr(event, "anchor", None):
        return "anchor", _(
            "an anchor (&%(name)s) is not allowed; write each value out", name=event.anchor
        )
    if getattr(event, "tag", None):
        return "tag", _(
            "a tag (%(name)s) is not allowed; write text, a number, true or false", name=event.tag
        )
    return None


class _Reader:
    """Walks a node tree once, with a bound on what aliases may expand to."""

    def __init__(self, found: Located, *, strict: bool) -> None:
        self._found = found
        self._strict = strict
        self._left = MAX_VALUES
        self._open: set[int] = set()
        self._scalars = yaml.SafeLoader("")

    def read(self, node: yaml.Node, path: str) -> Json:
        self._found.note(path, node.start_mark)
        self._left -= 1
        if self._left == 0:
            self._wrong(path, "too_large", _("the file expands to too many values"))
        if self._left <= 0:
            return None
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        if id(node) in self._open:
            self._wrong(path, "alias", _("the value contains itself"))
            return None
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.read(one, f"{path}[{i}]") for i, one in enumerate(node.value)]
            return dict(self._pairs(node, path))
        finally:
            self._open.discard(id(node))

    def _pairs(self, node: yaml.Node, path: str) -> Iterator[tuple[str, Json]]:
        seen: set[str] = set()
        for key_node, value_node in node.value:
            if key_node.tag != "tag:yaml.org,2002:str":
                at = f"{path}.?"
                self._found.lines.pop(at, None)
                self._found.note(at, key_node.start_mark)
                self._wrong(at, "key", _("a key must be text; put it in quotes"))
                continue
            key = str(key_node.value)
            at = f"{path}.{key}" if path else key
            if key in seen:
                self._found.lines.pop(at, None)
            self._found.note(at, key_node.start_mark)
            if key in seen:
                self._wrong(at, "duplicate", _("the key %(key)r stands twice", key=key))
            seen.add(key)
            yield key, self.read(value_node, at)

    def _scalar(self, node: yaml.ScalarNode, path: str) -> Json:
        if node.tag not in _SCALARS:
            message = _("write text, a number, true, false or null; quote a date")
            self._wrong(path, "value", message)
            return None
        if self._strict and node.tag == _INT and not _WHOLE.fullmatch(node.value):
            message = _(
                "%(text)s could be read in two ways; write a plain number, or quote it",
                text=node.value,
            )
            self._wrong(path, "number", message)
            return None
        try:
            value = self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            self._wrong(path, "value", _("the value cannot be read: %(why)s", why=str(error)))
            return None
        return self._exact(value, path)

    def _exact(self, value: Json, path: str) -> Json:
        """Return the value where JSON can hold it."""
        if value.__class__ is float and not math.isfinite(value):
            self._wrong(path, "number", _("a number must be finite; NaN and infinity are none"))
            return None
        if value.__class__ is int and abs(value) > MAX_SAFE_INTEGER:
            self._wrong(path, "number", _("the number is too large to be held exactly"))
            return None
        return value

    def _wrong(self, path: str, code: str, message: str) -> None:
        self._found.findings.append(self._found.finding(path, code, message))
