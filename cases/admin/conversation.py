"""What was said in a case, with what was done marked between, as its pages show it."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from cases.admin.masking import masked
from cases.memory.models import Case, Message
from cases.memory.types import DisclosureShown

_SPEAKERS = {"customer": "customer", "ai": "agent", "human": "human"}


def describe_conversation(
    case: Case,
    said: Sequence[Message],
    calls: Sequence[dict[str, Any]],
    disclosed: Sequence[DisclosureShown],
    *,
    unmasked: bool,
) -> list[dict[str, Any]]:
    """Return what was said, with what was done marked between.

    Args:
        case: The case.
        said: Its utterances in their order.
        calls: Its tool calls as ``calls.describe_calls`` tells them.
        disclosed: When the customer was told that an AI speaks.
        unmasked: Whether personal data is shown as recorded.
    """
    customer = case.who or _("Customer")
    lines = [
        {
            "id": message.public_id,
            "at": message.at,
            "speaker": _SPEAKERS[message.speaker],
            "sign": {"customer": "is-cust", "ai": "is-ai", "human": "is-human"}[message.speaker],
            "label": message.author_label if message.speaker != "customer" else customer,
            "text": message.text,
        }
        for message in said
    ]
    marks = [
        {"at": call["created_at"], "mark": True, "state": call["state"], "text": call["title"]}
        for call in calls
        if call["writes"]
    ]
    marks += [{"at": one.shown_at, "mark": True, "text": _disclosed(one)} for one in disclosed]
    told = sorted([*lines, *marks], key=lambda item: item["at"])
    return masked(told, unmasked=unmasked)


def _disclosed(shown: DisclosureShown) -> str:
    if shown.is_erased:
        return _("The customer was told that an AI speaks; which text was erased.")
    return _("The customer was told that an AI speaks, in version %(number)d of the text.") % {
        "number": shown.number
    }
