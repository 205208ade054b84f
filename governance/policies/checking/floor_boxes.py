"""What each risk level asks for at least, said as boxes of the fact space; pure.

Said once more, from PRODUCT, "Risk levels: a floor that no policy can lower", and not read
from ``floors``: a proof that leans on these boxes is confirmed by the decision function.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from governance.policies.checking.rows import Row, active_limits
from governance.policies.checking.space import Space
from governance.policies.seen import ABSENT, UNKNOWN
from governance.policies.types import (
    Condition,
    Obligations,
    Operator,
    Outcome,
    PolicyTable,
    RiskLevel,
)

Json = Any
Holds = Callable[[Json], bool]

_ONE_VOTE: Final = Obligations(votes=1)
_BASIC: Final = Obligations(verification="basic")
_VERIFIED: Final = ("basic", "strong")
_LEVELS: Final = tuple(level.value for level in RiskLevel)

#: Facts the floor looks at, cut where it looks.
FLOOR_CUTS: Final = (
    Condition("risk", Operator.IN, _LEVELS),
    Condition("verification", Operator.IN, _VERIFIED),
    Condition("amount_minor", Operator.BELOW, 0),
    Condition("currency", Operator.IS, "USD"),
    Condition("actor_kind", Operator.IN, ("agent", "human", "system")),
    Condition("effect", Operator.IN, ("read", "write")),
    Condition("off_plan", Operator.IS, value=True),
    Condition("specialist_request", Operator.IS, value=True),
)


def money_cuts(tables: Sequence[PolicyTable]) -> Iterator[Condition]:
    """Yield where thresholds and limits cut amounts and currencies."""
    for table in tables:
        for currency, amount in table.thresholds.items():
            yield Condition("currency", Operator.IS, currency)
            yield Condition("amount_minor", Operator.ABOVE, amount)
        for limit in table.limits:
            if limit.currency:
                yield Condition("currency", Operator.IS, limit.currency)


def discharge_box(space: Space) -> dict[str, int]:
    """Return where a specialist of the queue proposes, who discharges ``specialist``."""
    return _box(
        space, actor_kind=lambda kind: kind == "human", specialist_request=lambda own: own is True
    )


def floor_boxes(space: Space, inside: Sequence[PolicyTable]) -> list[Row]:
    """Return the parts of the floor with the boxes on which they hold.

    Args:
        space: Cut by ``FLOOR_CUTS`` and ``money_cuts`` at least.
        inside: The tables in scope of one place; at least one.
    """
    return [
        _part(space, "undeclared_risk", Outcome.DENY, risk=lambda risk: risk not in _LEVELS),
        _part(
            space,
            "off_plan",
            Outcome.APPROVE,
            actor_kind=lambda kind: kind not in {"human", "system"},
            effect=lambda effect: effect != "read",
            off_plan=lambda off: off is True or off is UNKNOWN,
        ),
        *_medium(space, inside),
        *_high(space, inside),
        *_critical(space),
    ]


def _medium(space: Space, inside: Sequence[PolicyTable]) -> Iterator[Row]:
    medium = _is(RiskLevel.MEDIUM)
    yield _part(
        space,
        "medium.unverified",
        Outcome.VERIFY,
        risk=medium,
        verification=lambda level: level not in _VERIFIED,
    )
    limits = active_limits(inside)
    if not any(limit.measure == "count" for limit in limits):
        counted = {limit.currency for limit in limits}
        yield _part(
            space,
            "medium.no_limit",
            Outcome.DENY,
            risk=medium,
            currency=lambda currency: currency not in counted,
        )


def _high(space: Space, inside: Sequence[PolicyTable]) -> Iterator[Row]:
    high = _is(RiskLevel.HIGH)
    thresholds: dict[str, int] = {}
    for table in inside:
        for currency, amount in table.thresholds.items():
            thresholds[currency] = min(amount, thresholds.get(currency, amount))
    yield _part(
        space,
        "high.no_amount",
        Outcome.APPROVE,
        risk=high,
        amount_minor=lambda amount: amount in {UNKNOWN, ABSENT} or amount < 0,
    )
    yield _part(
        space,
        "high.no_amount",
        Outcome.APPROVE,
        risk=high,
        currency=lambda currency: currency in {UNKNOWN, ABSENT},
    )
    yield _part(
        space,
        "high.no_threshold",
        Outcome.APPROVE,
        risk=high,
        currency=lambda currency: currency not in thresholds,
    )
    for currency, most in sorted(thresholds.items()):
        yield _part(
            space,
            "high.above_threshold",
            Outcome.APPROVE,
            risk=high,
            currency=_is(currency),
            amount_minor=_above(most),
        )


def _critical(space: Space) -> Iterator[Row]:
    critical = _is(RiskLevel.CRITICAL)
    # It also holds where a specialist proposes, but an approval discharges it there.
    yield _part(space, "critical", Outcome.SPECIALIST, risk=critical)


def _is(wanted: str) -> Holds:
    return lambda value: value == wanted


def _above(most: int) -> Holds:
    return lambda amount: amount not in {UNKNOWN, ABSENT} and amount > most


_ASKED: Final = {Outcome.APPROVE: _ONE_VOTE, Outcome.VERIFY: _BASIC}


def _part(space: Space, name: str, outcome: Outcome, **facts: Holds) -> Row:
    return Row(
        policy="floor",
        id=name,
        title=name,
        path="",
        place=0,
        when=(),
        outcome=outcome,
        obligations=_ASKED.get(outcome, Obligations()),
        box=_box(space, **facts),
    )


def _box(space: Space, **facts: Holds) -> dict[str, int]:
    return {fact: space.axes[fact].where(holds) for fact, holds in facts.items()}
