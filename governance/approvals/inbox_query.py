"""What somebody looks for in the inbox, as an address says it, and a place in its order."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qsl, urlencode

from governance.approvals.types import InboxFilter
from governance.policies.types import RiskLevel

#: A criterion longer than this is no criterion.
LONGEST = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TEXTS = ("queue", "tool", "journey", "requester", "text")
_MICRO = timedelta(microseconds=1)
_LARGEST = 2**62
_LAST_MICRO = 253_402_300_799_000_000
_CURRENCY_LETTERS, _PLACE_PARTS = 3, 3


@dataclass(frozen=True, slots=True)
class InboxQuery:
    """One view of the inbox: which requests, in which order.

    Attributes:
        only: The filter that everybody has.
        queue: Key of a queue; empty for all.
        risk: One level of risk; None for all.
        tool: Part of the name of the tool that would run.
        journey: Part of the title of the journey.
        over: Only what moves more money than this, in major units of ``currency``; empty for all.
        currency: Three letters; counts with ``over``.
        requester: Part of the name of who asks.
        text: Part of what would happen, of its second line, or of the case's or request's name.
        is_by_risk: The higher risk first, then the deadline; else the deadline first.
    """

    only: InboxFilter = InboxFilter.ALL
    queue: str = ""
    risk: RiskLevel | None = None
    tool: str = ""
    journey: str = ""
    over: str = ""
    currency: str = ""
    requester: str = ""
    text: str = ""
    is_by_risk: bool = False

    @property
    def is_narrowed(self) -> bool:
        """Whether a criterion of the person's own counts."""
        return any((self.queue, self.risk, self.over, *(getattr(self, one) for one in _TEXTS)))


@dataclass(frozen=True, slots=True)
class Place:
    """Where one request stands in the order: all that the order looks at."""

    deadline_at: datetime
    risk_rank: int
    pk: int


def parse_query(params: Mapping[str, str]) -> InboxQuery:
    """Return what an address asks for; what it says wrongly is as if it were not said."""
    texts = {name: params.get(name, "").strip()[:LONGEST] for name in _TEXTS}
    over = params.get("over", "").strip()
    amount = over if _amount(over) is not None else ""
    currency = params.get("currency", "").strip().upper()
    is_known = len(currency) == _CURRENCY_LETTERS and currency.isascii() and currency.isalpha()
    return InboxQuery(
        only=_member(InboxFilter, params.get("only", "")) or InboxFilter.ALL,
        risk=_member(RiskLevel, params.get("risk", "")),
        over=amount if is_known else "",
        currency=currency if amount and is_known else "",
        is_by_risk=params.get("order") == "risk",
        **texts,
    )


def parse_criteria(text: str) -> InboxQuery:
    """Return what the part of an address after the question mark asks for."""
    return parse_query(dict(parse_qsl(text)))


def format_query(query: InboxQuery) -> str:
    """Return the part of an address that asks for a view; empty for the plain inbox."""
    said = {
        "only": "" if query.only is InboxFilter.ALL else str(query.only),
        "risk": str(query.risk or ""),
        "over": query.over,
        "currency": query.currency,
        **{name: getattr(query, name) for name in _TEXTS},
        "order": "risk" if query.is_by_risk else "",
    }
    return urlencode({name: value for name, value in said.items() if value})


def without_filter(query: InboxQuery, only: InboxFilter) -> InboxQuery:
    """Return a filter that everybody has, in the order of a view, its own criteria dropped."""
    return replace(InboxQuery(only=only), is_by_risk=query.is_by_risk)


def over_minor(query: InboxQuery, digits: int) -> int | None:
    """Return the amount of a view in minor units, rounded down; None where it names none.

    Args:
        query: The view.
        digits: Decimal digits of its currency.
    """
    amount = _amount(query.over)
    return None if amount is None else int(amount.scaleb(digits))


def parse_place(text: str) -> Place | None:
    """Return the place that a link names, None where it names none."""
    parts = text.split(".")
    if len(parts) != _PLACE_PARTS or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    micro, rank, pk = (int(part) for part in parts)
    if micro > _LAST_MICRO or rank > len(RiskLevel) or pk > _LARGEST:
        return None
    return Place(deadline_at=_EPOCH + micro * _MICRO, risk_rank=rank, pk=pk)


def format_place(place: Place) -> str:
    """Return a place as a link names it."""
    micro = (place.deadline_at - _EPOCH) // _MICRO
    return f"{micro}.{place.risk_rank}.{place.pk}"


def told_by(view: Mapping[str, Any]) -> dict[str, str]:
    """Return what a row of the inbox repeats of a request's view, by column.

    Args:
        view: What the approver is shown.
    """
    effect, money = view.get("effect"), view.get("money")
    return {
        "headline": _text(effect, "title")[:500],
        "money_direction": _text(money, "direction")[:20],
    }


def _text(part: Any, name: str) -> str:
    return str(part.get(name) or "") if isinstance(part, Mapping) else ""


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    # Beyond this no column holds the amount in minor units.
    return amount if amount.is_finite() and 0 <= amount < 10**12 else None


def _member(kind: Any, text: str) -> Any:
    return kind(text) if text in set(kind) else None
