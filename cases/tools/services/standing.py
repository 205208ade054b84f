"""Whether the tool of a call still is what the call was decided on, and if not, why not."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from cases.tools.describing import describe_changes
from cases.tools.models import ToolCall, ToolVersion
from governance.reviews.types import Change, DocumentState
from orchestra.core.errors import InvalidInputError

_SHOWN_CHANGES = 4
#: Longer texts are named, not quoted.
_SHORT = 60


def tool_differences(call: ToolCall) -> Sequence[str]:
    """Return why the tool of a call is not the one it was decided on; nothing where it is.

    Args:
        call: With its tool.
    """
    if call.tool.retired_at is not None:
        return (_("The tool was taken out of force since this was decided."),)
    if call.tool.digest != call.tool_digest:
        return (_changed(call),)
    return ()


def _changed(call: ToolCall) -> str:
    versions = list(ToolVersion.objects.filter(tool=call.tool).order_by("-number"))
    before = next((one for one in versions if one.digest == call.tool_digest), None)
    after = next((one for one in versions if one.state == DocumentState.PUBLISHED), None)
    if before is None or after is None:
        return _("The tool was changed since this was decided.")
    given = {"number": after.number, "changes": _said(before, after)}
    said = _("The tool was changed since this was decided: version %(number)d is in force")
    if given["changes"]:
        said += " (%(changes)s)"
    return f"{said}." % given


def _said(before: ToolVersion, after: ToolVersion) -> str:
    try:
        changes = describe_changes(before.document, after.document)
    except InvalidInputError:
        return ""
    said = [_one(change) for change in changes[:_SHOWN_CHANGES]]
    return "; ".join([*said, *(["…"] if len(changes) > _SHOWN_CHANGES else [])])


def _one(change: Change) -> str:
    place = change.place[:1].lower() + change.place[1:]
    short = len(change.before) + len(change.after) <= _SHORT
    if short and change.before and change.after:
        return _("%(place)s from %(before)s to %(after)s") % {
            "place": place,
            "before": change.before,
            "after": change.after,
        }
    return place
