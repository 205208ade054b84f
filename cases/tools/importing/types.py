"""What an import finds, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestra.core.errors import FieldError

Json = Any


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a description of another system comes to.

    Attributes:
        source: ``openapi`` or ``mcp``.
        title: What the system calls itself.
        tools: One document a tool, by its name.
        left_out: What was not asked for, or cannot be a tool and is named with its reason.
    """

    source: str
    title: str
    tools: Mapping[str, Mapping[str, Json]]
    left_out: tuple[FieldError, ...] = ()
