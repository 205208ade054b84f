"""How the ledger page is narrowed: what its address may say, and how that reads in words."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from governance.ledger import selectors
from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.models import LedgerEntry
from orchestra.core import words
from orchestra.core.actors import ActorKind
from orchestra.core.clock import parse_rfc3339
from orchestra.core.together import Reading, all_of, read

#: What the page's address may say, in the order it is read back.
PARAMETERS = (
    "group",
    "actor_kind",
    "actor",
    "stream",
    "subject",
    "customer",
    "tool",
    "risk",
    "policy",
    "outcome",
    "text",
    "day",
    "from",
    "to",
    "since",
    "until",
    "least",
    "before",
    "after",
    "entry",
    "unmasked",
)
_NARROWING = PARAMETERS[:17]
#: What is longer is cut; a text that was cut is refused as too long.
_LONGEST = 201
#: Filter, and the beginnings of the kinds it holds.
GROUPS: dict[str, tuple[str, ...]] = {
    "proposals": ("tool_call.proposed",),
    "decisions": ("decision.", "replay."),
    "votes": ("approval.", "vigilance."),
    "executions": ("execution.", "tool_call."),
    "journeys": ("journey.", "step.", "reversal.", "handoff.", "path.", "assist."),
    "cases": (
        "case.",
        "message.",
        "customer.",
        "verification.",
        "evidence.",
        "fact.",
        "interaction.",
        "disclosure.",
        "article.used",
    ),
    "changes": ("change.", "rehearsal.", "shadow."),
    "quality": (
        "population.",
        "sample.",
        "check.",
        "finding.",
        "quality_review.",
        "quality_dispute.",
        "coaching.",
        "calibration.",
        "quality_gold.",
        "outcome_alert.",
    ),
    "documents": (
        "policy.",
        "article.published",
        "article.retired",
        "cue_sheet.",
        "classifier.",
        "tool.",
        "connection.",
        "scorecard.",
        "sampling_plan.",
        "priority_table.",
        "history.",
        "metric_definition.",
        "outcome_target.",
        "business_calendar.",
        "pack.",
    ),
    "access": (
        "role.",
        "queue.",
        "grant.",
        "document.",
        "token.",
        "agent.",
        "user.",
        "person.",
        "session.",
        "second_factor.",
        "delegation.",
        "access_review.",
        "stop.",
        "skill.",
    ),
    "notices": ("notification.", "webhook.", "channel."),
    "reads": (
        "case.read",
        "ledger.read",
        "approval.opened",
        "approval.evidence_seen",
        "access.exported",
        "evidence.",
    ),
    "refused": ("act.refused",),
    "ledger": (
        "checkpoint.",
        "ledger.",
        "subject.",
        "key.",
        "stream.",
        "legal_hold.",
        "erasure.",
        "retention.",
        "subject_export.",
    ),
}


def read_wanted(query: QueryDict) -> dict[str, str]:
    """Return what the address of the page asks for, every parameter by name."""
    return {name: query.get(name, "").strip()[:_LONGEST] for name in PARAMETERS}


def is_narrowed(wanted: dict[str, str]) -> bool:
    """Return whether some entries are left out."""
    return any(wanted[name] for name in _NARROWING)


def link_to(wanted: dict[str, str], **more: object) -> str:
    """Return the address of the page as it is narrowed now, with some parameters changed."""
    query = QueryDict(mutable=True)
    for name, value in {**wanted, **more}.items():
        if value:
            query[name] = str(value)
    return reverse("admin:ledger") + (f"?{query.urlencode()}" if query else "")


def kept(wanted: dict[str, str]) -> dict[str, str]:
    """Return what a form on the page passes on, since it has no input for it."""
    names = ("group", "actor_kind", "stream", "subject", "customer", "since", "until")
    return {name: wanted[name] for name in names if wanted[name]}


def day_of(wanted: dict[str, str], now: datetime) -> date:
    """Return the day the page's chart shows: the one asked for, or today for the reader."""
    return date_in(wanted["day"]) or timezone.localdate(now)


def bounds_of(day: date) -> tuple[datetime, datetime]:
    """Return when a day begins and ends for the reader, in UTC: the span has its true length."""
    return moment_of(day, time()), moment_of(day + timedelta(days=1), time())


def describe_kinds(wanted: dict[str, str]) -> list[dict[str, Any]]:
    """Return the filters by kind as chips."""
    titles = {
        "": _("Everything"),
        "proposals": _("Proposals"),
        "decisions": _("Decisions"),
        "votes": _("Approvals"),
        "executions": _("Executions"),
        "journeys": _("Journeys"),
        "cases": _("Cases"),
        "changes": _("Change requests"),
        "quality": _("Quality"),
        "documents": _("What is in force"),
        "access": _("Access"),
        "notices": _("Notices"),
        "reads": _("Reads"),
        "refused": _("Refused acts"),
        "ledger": _("The ledger itself"),
    }
    return _chips(wanted, "group", titles)


def describe_actors(wanted: dict[str, str]) -> list[dict[str, Any]]:
    """Return the filters by actor as chips."""
    titles = {
        "": _("Anyone"),
        ActorKind.AGENT.value: _("AI"),
        ActorKind.HUMAN.value: _("People"),
        ActorKind.SYSTEM.value: _("System"),
    }
    return _chips(wanted, "actor_kind", titles)


def describe_chosen(wanted: dict[str, str]) -> Reading[list[dict[str, str]]]:
    """Come to what else narrows the page, each with the address that takes it away: one trip."""
    named = yield from all_of(
        {
            name: reading_words(wanted[name])
            for name, reading_words in (("stream", _stream_words), ("customer", _customer_words))
            if wanted[name]
        }
    )
    chosen = [(title, {name: ""}) for name, title in named.items()]
    if wanted["subject"]:
        chosen.append((_("one thing"), {"subject": ""}))
    day = date_in(wanted["day"])
    if day:
        span = " to ".join(part for part in (wanted["from"], wanted["to"]) if part)
        chosen.append((f"{day:%d %b %Y} {span}".strip(), {"day": "", "from": "", "to": ""}))
    elif wanted["since"] or wanted["until"]:
        chosen.append((_span_words(wanted), {"since": "", "until": ""}))
    if wanted["text"]:
        chosen.append((f"“{wanted['text']}”", {"text": ""}))
    return [
        {"title": title, "link": link_to(wanted, **without, before="", after="", entry="")}
        for title, without in chosen
    ]


def _chips(wanted: dict[str, str], name: str, titles: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "title": title,
            "on": wanted[name] == code,
            "link": link_to(wanted, **{name: code}, before="", after="", entry=""),
        }
        for code, title in titles.items()
    ]


def _stream_words(stream: str) -> Reading[str]:
    """Come to a stream as people call it: a case by its label."""
    if stream == SYSTEM_STREAM:
        return _("acts of the system itself")
    payload = yield from _reading_payload(selectors.list_stream(stream=stream))
    label = payload.get("case")
    return (
        _("case %(label)s") % {"label": label} if label else words.plain(stream.partition(":")[0])
    )


def _customer_words(customer: str) -> Reading[str]:
    """Come to a customer by the name that a case was bound with, while it is not erased."""
    bound = selectors.list_entries().filter(subject_id=customer, kind="customer.bound")
    payload = yield from _reading_payload(bound)
    name = payload.get("customer")
    return _("customer %(name)s") % {"name": name} if name else _("one customer")


def _reading_payload(entries: QuerySet[LedgerEntry]) -> Reading[dict[str, Any]]:
    """Come to what the first of some entries says; nothing where there is none or it is erased."""
    found = yield from read(entries[:1])
    return next((selectors.payload_of(entry=entry) or {} for entry in found), {})


def _span_words(wanted: dict[str, str]) -> str:
    ends = []
    for name in ("since", "until"):
        try:
            moment = timezone.localtime(parse_rfc3339(wanted[name]))
        except ValueError:
            ends.append("…")
        else:
            ends.append(f"{moment:%d %b %Y, %H:%M}")
    return " to ".join(ends)


def moment_of(day: date, at: time) -> datetime:
    """Return a time of a day of the reader's, in UTC."""
    zone = timezone.get_current_timezone()
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def date_in(text: str) -> date | None:
    """Return the date that a text is, or None."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def amount_in(text: str) -> Decimal | None:
    """Return the amount that a text is, in major units, or None."""
    try:
        amount = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < Decimal(10) ** 12 else None
