"""How the ledger page is narrowed: by kind, actor, case, day and span, verdict and amount."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_time
from django.utils.translation import gettext as _

from governance.approvals.models import ApprovalRequest
from governance.ledger import selectors
from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.models import LedgerEntry
from governance.ledger.registry import kinds
from governance.policies.models import DecisionRecord
from governance.policies.types import Outcome
from orchestra.core import words
from orchestra.core.actors import ActorKind

#: What the page's address may say, in the order it is read back.
PARAMETERS = (
    "group",
    "actor_kind",
    "actor",
    "stream",
    "subject",
    "day",
    "from",
    "to",
    "outcome",
    "least",
    "before",
    "entry",
    "unmasked",
)
_NARROWING = PARAMETERS[:10]
#: Filter, and the beginnings of the kinds it holds.
GROUPS: dict[str, tuple[str, ...]] = {
    "proposals": ("tool_call.proposed",),
    "decisions": ("decision.", "replay."),
    "votes": ("approval.", "vigilance."),
    "executions": ("execution.", "tool_call."),
    "journeys": ("journey.", "step.", "handoff."),
    "cases": (
        "case.",
        "message.",
        "customer.",
        "verification.",
        "evidence.",
        "interaction.",
        "disclosure.",
        "article.used",
    ),
    "changes": ("change.", "rehearsal.", "shadow."),
    "documents": (
        "policy.",
        "article.published",
        "article.retired",
        "cue_sheet.",
        "tool.",
        "scorecard.",
        "sampling_plan.",
        "metric_definition.",
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
    ),
    "notices": ("notification.",),
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
    return {name: query.get(name, "")[:200] for name in PARAMETERS}


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
    names = ("group", "actor_kind", "actor", "stream", "subject")
    return {name: wanted[name] for name in names if wanted[name]}


def narrow(rows: QuerySet[LedgerEntry], wanted: dict[str, str]) -> QuerySet[LedgerEntry]:
    """Return the entries that match everything asked for; what makes no sense is left aside."""
    if wanted["group"] in GROUPS:
        rows = rows.filter(kind__in=_kinds_of(GROUPS[wanted["group"]]))
    elif wanted["group"]:
        rows = rows.filter(kind=wanted["group"])
    if wanted["actor_kind"] in set(ActorKind):
        rows = rows.filter(actor_kind=wanted["actor_kind"])
    for name, column in (("actor", "actor_id"), ("stream", "stream"), ("subject", "subject_id")):
        if wanted[name]:
            rows = rows.filter(**{column: wanted[name]})
    rows = _of_calls(_in_span(rows, wanted), wanted)
    if wanted["before"].isdigit():
        rows = rows.filter(pk__lt=int(wanted["before"]))
    return rows


def day_of(wanted: dict[str, str], now: datetime) -> date:
    """Return the day the page's chart shows: the one asked for, or today for the reader."""
    return _date(wanted["day"]) or timezone.localdate(now)


def bounds_of(day: date) -> tuple[datetime, datetime]:
    """Return when a day begins and ends for the reader, in UTC: the span has its true length."""
    return _moment(day, time()), _moment(day + timedelta(days=1), time())


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


def describe_chosen(wanted: dict[str, str]) -> list[dict[str, str]]:
    """Return what else narrows the page, each with the address that takes it away."""
    chosen = []
    if wanted["stream"]:
        chosen.append((_stream_words(wanted["stream"]), {"stream": ""}))
    if wanted["actor"]:
        chosen.append((_("one actor"), {"actor": ""}))
    if wanted["subject"]:
        chosen.append((_("one thing"), {"subject": ""}))
    day = _date(wanted["day"])
    if day:
        span = " to ".join(part for part in (wanted["from"], wanted["to"]) if part)
        chosen.append((f"{day:%d %b %Y} {span}".strip(), {"day": "", "from": "", "to": ""}))
    return [
        {"title": title, "link": link_to(wanted, **without, before="", entry="")}
        for title, without in chosen
    ]


def _chips(wanted: dict[str, str], name: str, titles: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "title": title,
            "on": wanted[name] == code,
            "link": link_to(wanted, **{name: code}, before="", entry=""),
        }
        for code, title in titles.items()
    ]


def _stream_words(stream: str) -> str:
    """Return a stream as people call it: a case by its label."""
    if stream == SYSTEM_STREAM:
        return _("acts of the system itself")
    first = selectors.list_stream(stream=stream).first()
    payload = selectors.payload_of(entry=first) if first else None
    label = (payload or {}).get("case")
    return (
        _("case %(label)s") % {"label": label} if label else words.plain(stream.partition(":")[0])
    )


def _in_span(rows: QuerySet[LedgerEntry], wanted: dict[str, str]) -> QuerySet[LedgerEntry]:
    day = _date(wanted["day"])
    if day is None:
        return rows
    start, end = bounds_of(day)
    first, last = _time(wanted["from"]), _time(wanted["to"])
    if first:
        start = _moment(day, first)
    if last:
        end = _moment(day, last)
    return rows.filter(at__gte=start, at__lt=end)


def _of_calls(rows: QuerySet[LedgerEntry], wanted: dict[str, str]) -> QuerySet[LedgerEntry]:
    """Return the entries about actions with a verdict, or above an amount."""
    if wanted["outcome"] in set(Outcome):
        decided = DecisionRecord.objects.filter(outcome=wanted["outcome"])
        rows = rows.filter(subject_id__in=decided.values("subject_id"))
    least = _amount(wanted["least"])
    if least is not None:
        asked = list(
            ApprovalRequest.objects.filter(_at_least(least)).values_list("public_id", "subject_id")
        )
        ids = {str(own) for own, _subject in asked} | {subject for _own, subject in asked}
        rows = rows.filter(subject_id__in=ids)
    return rows


def _at_least(amount: Decimal) -> Q:
    currencies = ApprovalRequest.objects.exclude(currency="").values_list("currency", flat=True)
    found = Q(pk__in=[])
    for currency in currencies.distinct():
        minor = int(amount.scaleb(words.digits_of(currency)))
        found |= Q(currency=currency, amount_minor__gte=minor)
    return found


def _kinds_of(beginnings: tuple[str, ...]) -> list[str]:
    return [code for code in kinds if code.startswith(beginnings)]


def _moment(day: date, at: time) -> datetime:
    zone = timezone.get_current_timezone()
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def _date(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _time(text: str) -> time | None:
    try:
        return parse_time(text)
    except ValueError:
        return None


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < Decimal(10) ** 12 else None
