"""The parts that all pages share: badges, actors, states, deadlines, amounts, digests.

State is never colour alone: every badge has a shape and a word. The tables below say which
word and which sign a code has; templates only place them.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from orchestra.core import words
from orchestra.core.redaction import mask_text

register = template.Library()

Sign = tuple[str, Promise]
Reader = tuple[str, ...]

_RISKS: dict[str, Promise] = {
    "low": gettext_lazy("Low"),
    "medium": gettext_lazy("Medium"),
    "high": gettext_lazy("High"),
    "critical": gettext_lazy("Critical"),
}
_ACTORS: dict[str, Sign] = {
    "agent": ("is-ai", gettext_lazy("AI")),
    "ai": ("is-ai", gettext_lazy("AI")),
    "human": ("is-human", gettext_lazy("person")),
    "system": ("is-sys", gettext_lazy("system")),
    "customer": ("is-cust", gettext_lazy("customer")),
}
_STATES: dict[str, Sign] = {
    # tool calls
    "proposed": ("is-run", gettext_lazy("proposed")),
    "awaiting_verification": ("is-wait", gettext_lazy("waits for verification")),
    "awaiting_approval": ("is-wait", gettext_lazy("waits for approval")),
    "executing": ("is-run", gettext_lazy("running")),
    "succeeded": ("is-ok", gettext_lazy("succeeded")),
    "failed": ("is-bad", gettext_lazy("failed")),
    "unknown": ("is-unknown", gettext_lazy("outcome unknown")),
    "denied": ("is-bad", gettext_lazy("denied")),
    "compensated": ("is-ok", gettext_lazy("reversed")),
    # approvals
    "granted": ("is-run", gettext_lazy("approved")),
    "rejected": ("is-bad", gettext_lazy("rejected")),
    "expired": ("is-off", gettext_lazy("expired")),
    "voided": ("is-off", gettext_lazy("voided")),
    "used": ("is-ok", gettext_lazy("approved and run")),
    # cases, journeys, steps, handoffs
    "open": ("is-run", gettext_lazy("open")),
    "resolved": ("is-ok", gettext_lazy("resolved")),
    "closed": ("is-off", gettext_lazy("closed")),
    "merged": ("is-off", gettext_lazy("merged into another")),
    "running": ("is-run", gettext_lazy("running")),
    "paused": ("is-wait", gettext_lazy("paused")),
    "completed": ("is-ok", gettext_lazy("completed")),
    "cancelled": ("is-off", gettext_lazy("cancelled")),
    "pending": ("is-off", gettext_lazy("not yet")),
    "ready": ("is-run", gettext_lazy("ready")),
    "waiting": ("is-wait", gettext_lazy("waiting")),
    "done": ("is-ok", gettext_lazy("done")),
    "skipped": ("is-off", gettext_lazy("skipped")),
    "refused": ("is-bad", gettext_lazy("refused")),
    "handed_off": ("is-wait", gettext_lazy("handed to a person")),
    "offered": ("is-wait", gettext_lazy("waits for someone")),
    "accepted": ("is-run", gettext_lazy("taken")),
    "returned": ("is-off", gettext_lazy("given back")),
    # attempts
    "answered": ("is-ok", gettext_lazy("answered")),
    "error": ("is-bad", gettext_lazy("no answer")),
    "stale": ("is-off", gettext_lazy("too late to count")),
    # documents
    "draft": ("is-off", gettext_lazy("draft")),
    "submitted": ("is-wait", gettext_lazy("in review")),
    "approved": ("is-run", gettext_lazy("approved, not in force")),
    "published": ("is-ok", gettext_lazy("in force")),
    "retired": ("is-off", gettext_lazy("retired")),
    "changes_asked": ("is-bad", gettext_lazy("changes asked")),
    "scheduled": ("is-run", gettext_lazy("planned")),
    "rolled_back": ("is-off", gettext_lazy("rolled back")),
    "withdrawn": ("is-off", gettext_lazy("withdrawn")),
    # verification of the customer
    "none": ("is-unknown", gettext_lazy("not verified")),
    "claimed": ("is-unknown", gettext_lazy("claimed only")),
    "basic": ("is-ok", gettext_lazy("verified")),
    "strong": ("is-ok", gettext_lazy("verified strongly")),
    # credentials and people
    "active": ("is-ok", gettext_lazy("active")),
    "revoked": ("is-off", gettext_lazy("revoked")),
    "disabled": ("is-off", gettext_lazy("disabled")),
}
_APPROVAL_STATES: dict[str, Sign] = {
    **_STATES,
    "pending": ("is-wait", pgettext_lazy("approval", "waiting")),
}
_STEP_MARKS = {
    "done": "is-done",
    "skipped": "is-off",
    "ready": "is-now",
    "running": "is-now",
    "waiting": "is-wait",
    "refused": "is-bad",
    "failed": "is-bad",
    "handed_off": "is-wait",
    "cancelled": "is-off",
    "pending": "is-todo",
}
_PATTERNS: dict[str, Promise] = {
    "ai_first": gettext_lazy("AI first, human confirmed"),
    "human_first": gettext_lazy("human first, AI accelerates"),
    "parallel": gettext_lazy("parallel, shared memory"),
}
_ROLES: dict[str, Promise] = {
    "ai": gettext_lazy("AI"),
    "ai_agent": gettext_lazy("AI agent"),
    "human_agent": gettext_lazy("Human agent"),
    "specialist": gettext_lazy("Specialist"),
    "supervisor": gettext_lazy("Supervisor"),
    "compliance_officer": gettext_lazy("Compliance officer"),
    "policy_owner": gettext_lazy("Policy owner"),
    "qa_analyst": gettext_lazy("QA analyst"),
    "qa_lead": gettext_lazy("QA lead"),
    "administrator": gettext_lazy("Administrator"),
}


@register.simple_tag
def still(name: str) -> str:
    """Place a part that reads the same on every page, drawn once in each language."""
    return _drawn(name, reader_of_parts())


@register.simple_tag
def risk(level: str) -> str:
    """Show a risk level as word, shape and colour."""
    return _risk(level, reader_of_parts())


@lru_cache(maxsize=64)
def _risk(level: str, reader: Reader) -> str:
    word = _RISKS.get(level, level or _("not declared"))
    return _drawn("parts/risk_badge.html", reader, level=level, word=str(word))


@register.simple_tag
def outcome(code: str) -> str:
    """Show the outcome of a decision."""
    return _drawn("parts/outcome.html", reader_of_parts(), code=code)


@register.simple_tag
def state(code: str, note: str = "") -> str:
    """Show where something stands, with an optional note after the word."""
    return _signed("", code, note)


@register.simple_tag
def approval_state(code: str, note: str = "") -> str:
    """Show where an approval stands."""
    return _signed("approval", code, note)


def _signed(of: str, code: str, note: str) -> str:
    if note:
        return render_to_string("parts/state.html", {**_sign(of, code), "note": str(note)})
    return _state(of, code, reader_of_parts())


@lru_cache(maxsize=512)
def _state(of: str, code: str, reader: Reader) -> str:
    return _drawn("parts/state.html", reader, **_sign(of, code), note="")


def _sign(of: str, code: str) -> dict[str, str]:
    table = _APPROVAL_STATES if of else _STATES
    sign, word = table.get(code, ("is-off", words.plain(code)))
    return {"sign": str(sign), "word": str(word)}


def reader_of_parts() -> Reader:
    """Return what drawn parts depend on beside their values."""
    return (str(get_language()), get_script_prefix(), str(settings.STATIC_URL))


@lru_cache(maxsize=1024)
def _drawn(name: str, reader: Reader, **shown: str) -> str:
    """Draw a part, once for all pages; nothing of a person or a customer is shown in one."""
    del reader
    return render_to_string(name, shown)


@register.inclusion_tag("parts/actor.html")
def actor(kind: str, label: str, *, me: bool = False) -> dict[str, Any]:
    """Show who acts: glyph, name, and the kind as a word."""
    sign, word = _ACTORS.get(kind, ("is-sys", words.plain(kind)))
    return {"sign": sign, "word": word, "label": _("You") if me else label}


@register.inclusion_tag("parts/due.html")
def due(at: datetime | None, now: datetime, prefix: str = "") -> dict[str, Any]:
    """Show a deadline as time left, with the clock time beside it."""
    if at is None:
        return {"at": None}
    return {
        "at": words.moment(at),
        "prefix": prefix,
        "text": words.due(at=at, now=now),
        "urgency": words.urgency(at=at, now=now),
        "other_day": at.date() != now.date(),
    }


@register.inclusion_tag("parts/digest.html")
def digest(value: str) -> dict[str, Any]:
    """Show a digest short; the whole is on hover and copied on click."""
    return {"value": value, "short": words.short_digest(value)}


@register.inclusion_tag("parts/confirmed.html")
def trust(text: str, level: str) -> dict[str, Any]:
    """Show a statement as confirmed, claimed or unknown."""
    known = {"tool_confirmed": "confirmed", "human_confirmed": "confirmed"}
    return {"text": text, "sign": known.get(level, level)}


@register.simple_tag
def money(minor: int | None, currency: str = "") -> str:
    """Return an amount as people write it, or ``none``."""
    return _("none") if minor is None else words.money(minor=minor, currency=currency)


@register.simple_tag
def ago(at: datetime, now: datetime) -> str:
    """Return how long ago a moment was."""
    return words.ago(at=at, now=now)


@register.simple_tag
def waits(since: datetime, now: datetime) -> str:
    """Return how long something waits."""
    return words.length(now - since)


@register.filter
def plain(code: object) -> str:
    """Return a code as words."""
    return words.plain(str(code))


@register.filter
def short(digest: str) -> str:
    """Return a digest's first eight and last four digits."""
    return words.short_digest(digest)


@register.filter
def role(code: str) -> str:
    """Return a role's name."""
    return str(_ROLES.get(code, words.plain(code)))


@register.filter
def pattern(code: str) -> str:
    """Return a pattern's name."""
    return str(_PATTERNS.get(code, words.plain(code)))


@register.filter
def sign(kind: str) -> str:
    """Return the class of an actor's kind."""
    return _ACTORS.get(kind, ("is-sys", ""))[0]


@register.filter
def kind_word(kind: str) -> str:
    """Return an actor's kind as a word."""
    return str(_ACTORS.get(kind, ("", words.plain(kind)))[1])


@register.filter
def step_mark(code: str) -> str:
    """Return the class of a step's mark."""
    return _STEP_MARKS.get(code, "is-todo")


@register.filter
def value(item: object) -> str:
    """Return a JSON value as a person reads it."""
    return words.value(item)


@register.filter
def leaves(item: object) -> list[tuple[str, object]]:
    """Return a JSON value as pairs of a name in words and what stands there."""
    return list(words.leaves(item))


@register.filter
def number(count: int) -> str:
    """Return a count with its thousands apart."""
    return f"{count:,}"


@register.filter
def initials(label: str) -> str:
    """Return the two letters of an avatar."""
    parts = label.split()
    return "".join(
        part[0] for part in (parts[:1] + parts[-1:] if len(parts) > 1 else parts)
    ).upper()


@register.filter
def masked(text: object, unmasked: object = "") -> str:
    """Return a text with its personal data masked, unless it was opened on the record."""
    return str(text) if unmasked else mask_text(str(text))
