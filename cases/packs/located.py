"""YAML with the line of every value, and nothing that JSON could not say; pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from orchestra.core.errors import FieldError

Json = Any

#: An alias is cheap to write and dear to follow, so what a file expands to is bounded.
MAX_VALUES = 100_000
MAX_BYTES = 1 << 20

#: The same loader, ten times as fast where libyaml is there.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PART = re.compile(r"\.[^.\[]+$|\[\d+\]$|^[^.\[]+$")
_SCALARS = {
    "tag:yaml.org,2002:str",
    "tag:yaml.org,2002:int",
    "tag:yaml.org,2002:float",
    "tag:yaml.org,2002:bool",
    "tag:yaml.org,2002:null",
}


@dataclass(slots=True)
class Located:
    """One file's value and where each part of it stands.

    Attributes:
        name: The file's path inside the pack.
        value: The value as JSON would have it; None where the file cannot be read.
        lines: Path of a value, such as ``[2].rules[0].outcome``, to its line from 1.
        findings: What keeps the file from being read as JSON.
    """

    name: str
    value: Json = None
    lines: dict[str, int] = field(default_factory=dict)
    findings: list[FieldError] = field(default_factory=list)

    def place(self, path: str) -> str:
        """Return ``file:line: path`` for a path, or for the nearest one that stands there."""
        near = path
        while near and near not in self.lines:
            near = _PART.sub("", near, count=1) if _PART.search(near) else ""
        line = self.lines.get(near, 1)
        return f"{self.name}:{line}: {path}" if path else f"{self.name}:{line}"

    def finding(self, path: str, code: str, message: str) -> FieldError:
        """Return a finding about a path, with file and line."""
        return FieldError(self.place(path), code, message)


def read_located(*, name: str, text: str) -> Located:
    """Read one YAML file.

    Args:
        name: The file's path inside the pack, for findings.
        text: What stands in it.

    Returns:
        The value with its lines; findings where it cannot be read or is no JSON.
    """
    found = Located(name)
    if len(text.encode()) > MAX_BYTES:
        found.findings.append(FieldError(f"{name}:1", "too_large", "the file is above 1 MiB"))
        return found
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        said = getattr(error, "problem", None) or "it cannot be read"
        found.findings.append(FieldError(f"{name}:{line}", "yaml", f"this is no YAML: {said}"))
        return found
    if node is not None:
        reader = _Reader(found)
        found.value = reader.read(node, "")
    return found


class _Reader:
    """Walks a node tree once, with a bound on what aliases may expand to."""

    def __init__(self, found: Located) -> None:
        self._found = found
        self._left = MAX_VALUES
        self._open: set[int] = set()
        self._scalars = yaml.SafeLoader("")

    def read(self, node: yaml.Node, path: str) -> Json:
        self._found.lines.setdefault(path, node.start_mark.line + 1)
        self._left -= 1
        if self._left == 0:
            self._wrong(path, "too_large", "the file expands to too many values")
        if self._left <= 0:
            return None
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        if id(node) in self._open:
            self._wrong(path, "alias", "the value contains itself")
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
                self._found.lines[f"{path}.?"] = key_node.start_mark.line + 1
                self._wrong(f"{path}.?", "key", "a key must be text; put it in quotes")
                continue
            key = str(key_node.value)
            at = f"{path}.{key}" if path else key
            self._found.lines.setdefault(at, key_node.start_mark.line + 1)
            if key in seen:
                self._wrong(at, "duplicate", f"the key {key!r} stands twice")
            seen.add(key)
            yield key, self.read(value_node, at)

    def _scalar(self, node: yaml.ScalarNode, path: str) -> Json:
        if node.tag not in _SCALARS:
            self._wrong(path, "value", "write text, a number, true, false or null; quote a date")
            return None
        try:
            return self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            self._wrong(path, "value", f"the value cannot be read: {error}")
            return None

    def _wrong(self, path: str, code: str, message: str) -> None:
        self._found.findings.append(self._found.finding(path, code, message))
