"""How a request came here: the case's record, told shortly. Words only, no rule."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cases.memory.types import TimelineItem
from governance.policies.types import Outcome
from orchestra.core import words

Told = dict[str, Any]

SHOWN = 14
_QUOTED_LENGTH = 150
_SPEAKERS = {"customer": "customer", "ai": "agent", "human": "human"}
#: Entries that say how a request came to be; opening pages, intents and claims of work do not.
_TOLD = (
    "message.",
    "verification.",
    "evidence.",
    "tool_call.attempt_failed",
    "tool_call.confirmed",
    "tool_call.edited",
    "tool_call.failed",
    "tool_call.refused",
    "tool_call.succeeded",
    "tool_call.unknown",
    "approval.requested",
    "approval.claimed",
    "approval.voted",
    "approval.rejected",
    "approval.expired",
    "approval.voided",
    "handoff.",
)
_CALLS = ("tool_call.succeeded", "tool_call.confirmed", "tool_call.refused", "tool_call.failed")
_DONE = frozenset({"tool_call.succeeded", "tool_call.confirmed"})
#: Arguments by which a person recognises what was read.
_NAMING = ("order_id", "product_id", "item_id", "user_id", "expression")


@dataclass(frozen=True, slots=True)
class Story:
    """What happened before a request and since, told for its page.

    Attributes:
        come: What led to it, oldest first.
        later: What happened since.
        given_up: Earlier plans of the same kind that were given up, in words.
        last_word: What the customer said last, after the request; None for nothing.
    """

    come: list[Told] = field(default_factory=list)
    later: list[Told] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    last_word: Told | None = None


def tell(*, items: Sequence[TimelineItem], asked_at: datetime, call_id: str) -> Story:
    """Return the story of a request.

    Args:
        items: The timeline of its case, oldest first.
        asked_at: When it was asked for.
        call_id: Public id of the call it is about.
    """
    proposed = {
        item.subject_id: item.payload for item in items if item.kind == "tool_call.proposed"
    }
    edits = {item.at for item in items if item.kind == "tool_call.edited"}
    kept = [item for item in items if item.kind.startswith(_TOLD) and not _is_implied(item, edits)]
    come = _joined([_told(item, proposed) for item in kept if item.at <= asked_at])
    later = [item for item in kept if item.at > asked_at]
    words_since = [item for item in later if _is_customer(item)]
    return Story(
        come=come[-SHOWN:],
        later=_joined([_told(item, proposed) for item in later]),
        given_up=_given_up(items, proposed, call_id),
        last_word=_told(words_since[-1], proposed) if words_since else None,
    )


def _is_implied(item: TimelineItem, edits: Collection[datetime]) -> bool:
    """A verification by a tool is told by the tool's own line, a void by the edit that voids."""
    if item.kind == "approval.voided":
        return item.at in edits
    return item.kind == "verification.recorded" and item.payload.get("trust") == "tool_confirmed"


def _is_customer(item: TimelineItem) -> bool:
    return item.kind == "message.added" and item.payload.get("speaker") == "customer"


def _told(item: TimelineItem, proposed: Mapping[str, Mapping[str, Any]]) -> Told:
    speaker = str(item.payload.get("speaker", ""))
    if item.kind == "message.added" and speaker:
        kind = _SPEAKERS.get(speaker, "system")
        return {"at": item.at, "kind_of_actor": kind, "text": _quoted(item.payload)}
    if item.kind.startswith(_CALLS):
        return _called(item, proposed.get(item.subject_id, {}))
    if item.kind == "tool_call.edited":
        text = _("%(who)s edited the action") % {"who": item.actor_label}
        detail = str(item.payload.get("reason") or "")
        return {"at": item.at, "kind_of_actor": item.actor_kind, "text": text, "detail": detail}
    if item.kind == "approval.requested":
        text = _("Policy: a person decides. Request opened")
        return {"at": item.at, "kind_of_actor": "system", "text": text}
    text = _of_approval(item) or words.with_clock(item.sentence)
    return {"at": item.at, "kind_of_actor": item.actor_kind, "text": text}


def _quoted(payload: Mapping[str, Any]) -> str:
    text = str(payload.get("text", ""))
    if len(text) > _QUOTED_LENGTH:
        text = f"{text[:_QUOTED_LENGTH].rsplit(' ', 1)[0]} …"
    return f"“{text}”"


def _of_approval(item: TimelineItem) -> str:
    label = item.payload.get("approval", "")
    if item.kind == "approval.claimed":
        return _("%(who)s took %(label)s to decide it") % {
            "who": item.actor_label,
            "label": label,
        }
    if item.kind == "approval.voted":
        return _("%(who)s voted to %(choice)s %(label)s") % {
            "who": item.actor_label,
            "choice": item.payload.get("choice", ""),
            "label": label,
        }
    return ""


def _called(item: TimelineItem, proposed: Mapping[str, Any]) -> Told:
    done = item.kind in _DONE
    title = str(item.payload.get("title") or item.payload.get("tool") or "")
    arguments = proposed.get("arguments")
    named = arguments if isinstance(arguments, Mapping) else {}
    about = next((str(named[key]) for key in _NAMING if named.get(key)), "")
    reason = str(item.payload.get("reason") or "")
    return {
        "at": item.at,
        "kind_of_actor": "system",
        "text": title if done else _("%(title)s: refused") % {"title": title},
        "detail": about if done or not reason else ", ".join(filter(None, (about, reason))),
        "ok": done,
    }


def _joined(told: Sequence[Told]) -> list[Told]:
    """Join lines in a row that say the same of several things."""
    joined: list[Told] = []
    for each in told:
        last = joined[-1] if joined else None
        if last and "ok" in each and (last["text"], last.get("ok")) == (each["text"], each["ok"]):
            details = [last["detail"], each["detail"]]
            last["detail"] = ", ".join(dict.fromkeys(filter(None, details)))
        else:
            joined.append(dict(each))
    return joined


def _given_up(
    items: Sequence[TimelineItem], proposed: Mapping[str, Mapping[str, Any]], call_id: str
) -> list[str]:
    """Return earlier proposals of the same tool on the same order that did not run."""
    this = proposed.get(call_id)
    if this is None:
        return []
    ran = {item.subject_id for item in items if item.kind in _DONE}
    found = []
    for item in items:
        if item.subject_id == call_id:
            break
        plan = item.payload
        if item.kind != "tool_call.proposed" or item.subject_id in ran:
            continue
        if item.subject_id == this.get("edited_from"):
            # Who edited it, and what it was before, stands in a part of its own.
            continue
        if plan.get("tool") == this.get("tool") and _order(plan) == _order(this):
            found.append(_plan_words(item, same=plan.get("arguments") == this.get("arguments")))
    return found


def _order(plan: Mapping[str, Any]) -> Any:
    arguments = plan.get("arguments")
    return arguments.get("order_id") if isinstance(arguments, Mapping) else None


def _plan_words(item: TimelineItem, *, same: bool) -> str:
    at = words.clock_time(item.at)
    if same:
        return _("The same was proposed at %(at)s and did not run.") % {"at": at}
    denied = item.payload.get("outcome") == Outcome.DENY
    text = (
        _("At %(at)s the plan was another one, and policy denied it:")
        if denied
        else _("At %(at)s the plan was another one, and it did not run:")
    )
    return f"{text % {'at': at}} {item.payload.get('effect', '')}"
