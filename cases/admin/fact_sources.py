"""Where a fact of a decision came from, in words, as far as the tool's declaration says."""

from django.utils.translation import gettext as _

from cases.tools.models import ToolCall
from cases.tools.selectors import spec_of_call
from cases.tools.types import Json, ToolSpec

_DECLARED = frozenset({"effect", "risk"})
_CLAIMED = frozenset({"confidence", "margin"})
_ASKER = ("actor_", "local_", "specialist_request")
_CASE = frozenset(
    {
        "channel",
        "cue_sheet",
        "customer_bound",
        "customer_confirmed",
        "earlier_refusals",
        "off_plan",
        "pattern",
        "priority",
        "queue",
        "risk_flags",
        "stage",
        "verification",
    }
)

Source = dict[str, str]


def sources_for(call: ToolCall | None) -> "FactSources":
    """Return what is known of the sources of a call's facts.

    A tool that was declared anew since says nothing about a decision of before.
    """
    if call is None or call.tool.digest != call.tool_digest:
        return FactSources(None)
    return FactSources(spec_of_call(call))


class FactSources:
    """The sources of facts under one declaration of a tool."""

    def __init__(self, spec: ToolSpec | None) -> None:
        self._spec = spec

    def of(self, name: str) -> Source:
        """Return whether a fact is confirmed or claimed, and by what, empty where unknown."""
        if name in _CLAIMED:
            return _source("claimed", _("the proposal"))
        if name.startswith("limit:"):
            return _source("", _("counted here, under a lock"))
        if name.startswith(_ASKER):
            return _source("", _("who asked, and when"))
        plain = {"tool": _("the proposal"), **dict.fromkeys(_DECLARED, _("what the tool declares"))}
        if name in plain or name in _CASE:
            return _source("", plain.get(name, _("the case")))
        return self._declared(name)

    def _declared(self, name: str) -> Source:
        declared = self._spec.facts.get(name) if self._spec else None
        if self._spec is None or declared is None:
            return _source("", "")
        if isinstance(declared, str):
            return self._from_path(declared)
        tools = ", ".join(dict.fromkeys(read.tool for read in self._spec.reads))
        return _source("confirmed", tools) if tools else _source("", _("worked out here"))

    def _from_path(self, path: Json) -> Source:
        reads = {read.name: read.tool for read in self._spec.reads} if self._spec else {}
        root = str(path).removeprefix("$").split(".", 1)[0]
        if root in reads:
            return _source("confirmed", reads[root])
        return _source("", _("the proposal"))


def _source(trust: str, text: str) -> Source:
    return {"trust": trust, "text": text}
