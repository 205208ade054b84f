"""The protocol every adapter fulfils, under the name by which adapters are looked for."""

from cases.tools.ports import Endpoint, ToolAdapter

__all__ = ["Endpoint", "ToolAdapter"]
