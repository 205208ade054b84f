"""Rolling totals, checked and used inside the transaction that grants them.

The counter row of a limit is locked before its uses are summed, so that two calls at the
same time see each other: five calls of 99 under 100 a day gate from the second on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from itertools import chain
from operator import or_
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from governance.ledger.services import one_act
from governance.policies.compiled import LIMIT_FACT
from governance.policies.models import LimitCounter, LimitUse
from governance.policies.types import FactSet, Limit, LimitKeys
from orchestra.core.prepared import Prepared

Json = Any
Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Claim:
    """What one call would use of one limit.

    Attributes:
        weight: 1 for a count, minor units for an amount, 0 where the call does not count.
    """

    limit: Limit
    place: Place
    weight: int


@dataclass(frozen=True, slots=True)
class Measured:
    """The limits as they stand with this call included.

    Attributes:
        totals: ``limit:<key>`` to the total; 0 where the call does not count against it.
        unknown: ``limit:<key>`` of limits whose total cannot be told.
        claims: What to take if the call may run.
        counters: Place of each claim to its locked counter.
    """

    totals: Mapping[str, int]
    unknown: frozenset[str]
    claims: tuple[Claim, ...] = ()
    counters: Mapping[Place, int] | None = None

    def add_to(self, facts: FactSet) -> FactSet:
        """Return the facts with the totals among them."""
        if not self.totals and not self.unknown:
            return facts
        return FactSet(values={**facts.values, **self.totals}, unknown=facts.unknown | self.unknown)


def measure_limits(
    *,
    limits: Sequence[Limit],
    keys: LimitKeys,
    facts: FactSet,
    subject_id: str,
    now: datetime,
    locks: bool = True,
) -> Measured:
    """Lock the counters of the limits in scope and return their totals, this call included.

    Without the lock nothing may be taken of what was measured: it is for a decision that lets
    nothing run. Calls that wait for a person then wait for no other call.

    Args:
        limits: Limits in scope.
        keys: For whom they count.
        facts: Who acts, and the amount.
        subject_id: The call; its own earlier use does not count again.
        now: End of the rolling window, UTC.
        locks: Whether the counters are locked until the transaction ends.
    """
    claims, totals, unknown = _claims(limits, keys, facts)
    if not claims:
        return Measured(totals=totals, unknown=unknown)
    counters = _lock_counters([claim.place for claim in claims]) if locks else None
    used = (
        _used_unlocked(claims, subject_id, now)
        if counters is None
        else _used(claims, counters, subject_id, now)
    )
    for claim in claims:
        totals[LIMIT_FACT + claim.limit.key] = claim.weight + used.get(claim.place, 0)
    return Measured(totals, unknown, claims, counters)


def own_totals(*, limits: Sequence[Limit], keys: LimitKeys, facts: FactSet) -> Measured:
    """Return the limits as they would stand if nobody but this call had used them."""
    claims, totals, unknown = _claims(limits, keys, facts)
    alone = {LIMIT_FACT + claim.limit.key: claim.weight for claim in claims}
    return Measured({**totals, **alone}, unknown, claims)


def _claims(
    limits: Sequence[Limit], keys: LimitKeys, facts: FactSet
) -> tuple[tuple[Claim, ...], dict[str, int], frozenset[str]]:
    """Return what a call would use, and the totals that are known or unknown without a look."""
    claims: list[Claim] = []
    totals: dict[str, int] = {}
    unknown: set[str] = set()
    for limit in limits:
        place, weight = _place(limit, keys, facts), _weight(limit, facts)
        name = LIMIT_FACT + limit.key
        if weight == 0 or place == _NOBODY:
            totals[name] = 0
        elif weight is None or place is None:
            unknown.add(name)
        else:
            claims.append(Claim(limit=limit, place=place, weight=weight))
    return tuple(claims), totals, frozenset(unknown)


_NOBODY: Place = ("", "")


def _place(limit: Limit, keys: LimitKeys, facts: FactSet) -> Place | None:
    """Return where a limit counts; None where that is unknown, nobody where it does not."""
    holder = {"customer": keys.customer, "agent": keys.agent, "queue": keys.queue}[limit.per]
    if holder:
        return limit.key, f"{limit.per}:{holder}"
    if limit.per == "agent" and facts.values.get("actor_kind") in {"human", "system"}:
        return _NOBODY
    return None


def _weight(limit: Limit, facts: FactSet) -> int | None:
    """Return how much a call counts; None where that is unknown, 0 where it moves nothing."""
    if limit.measure == "count":
        return 1
    if "amount_minor" in facts.unknown or "currency" in facts.unknown:
        return None
    amount, currency = facts.values.get("amount_minor"), facts.values.get("currency")
    if amount is None:
        return 0
    # A sign must not give back what was used, and an amount needs a currency.
    if amount.__class__ is not int or amount < 0 or not isinstance(currency, str):
        return None
    return int(amount) if currency == limit.currency else 0


def _of_places(*texts: str) -> QuerySet[LimitCounter]:
    places = zip(texts[::2], texts[1::2], strict=True)
    return LimitCounter.objects.filter(
        reduce(or_, (Q(limit_key=key, scope_key=scope) for key, scope in places))
    )


_COUNTERS = Prepared(_of_places, locks=True)


def _lock_counters(places: Sequence[Place]) -> dict[Place, int]:
    wanted = set(places)
    found = _by_place(_COUNTERS.rows(*chain.from_iterable(sorted(wanted))))
    missing = wanted - found.keys()
    if missing:
        # Two first uses may race for a counter: one inserts it, the other waits for its lock.
        new = [LimitCounter(limit_key=key, scope_key=scope) for key, scope in sorted(missing)]
        made = LimitCounter.objects.bulk_create(
            new,
            update_conflicts=True,
            unique_fields=["limit_key", "scope_key"],
            update_fields=["scope_key"],
        )
        found |= _by_place(made)
    return found


def _by_place(counters: Iterable[LimitCounter]) -> dict[Place, int]:
    return {(counter.limit_key, counter.scope_key): counter.pk for counter in counters}


def _uses(subject_id: str, *windows: Any) -> "QuerySet[LimitUse, Any]":
    of_each = zip(windows[::2], windows[1::2], strict=True)
    within = reduce(or_, (Q(counter_id=counter, at__gt=since) for counter, since in of_each))
    return (
        LimitUse.objects.filter(within, released_at=None)
        .exclude(subject_id=subject_id)
        .order_by()
        .values_list("counter")
        .annotate(count=Count("pk"), amount=Sum("amount_minor"))
    )


_USES = Prepared(_uses)


def _used(
    claims: Sequence[Claim], counters: Mapping[Place, int], subject_id: str, now: datetime
) -> dict[Place, int]:
    windows = [
        (counters[claim.place], now - timedelta(hours=claim.limit.window_hours)) for claim in claims
    ]
    rows = _USES.rows(subject_id, *chain.from_iterable(windows))
    found = {counter: (count, amount) for counter, count, amount in rows}
    return {
        claim.place: _measured(claim, *found[counters[claim.place]])
        for claim in claims
        if counters[claim.place] in found
    }


def _measured(claim: Claim, count: int, amount: int) -> int:
    return count if claim.limit.measure == "count" else amount


def _uses_of_places(subject_id: str, *windows: Any) -> "QuerySet[LimitUse, Any]":
    of_each = zip(windows[::3], windows[1::3], windows[2::3], strict=True)
    within = reduce(
        or_,
        (
            Q(counter__limit_key=key, counter__scope_key=scope, at__gt=since)
            for key, scope, since in of_each
        ),
    )
    return (
        LimitUse.objects.filter(within, released_at=None)
        .exclude(subject_id=subject_id)
        .order_by()
        .values_list("counter__limit_key", "counter__scope_key")
        .annotate(count=Count("pk"), amount=Sum("amount_minor"))
    )


_USES_OF_PLACES = Prepared(_uses_of_places)


def _used_unlocked(claims: Sequence[Claim], subject_id: str, now: datetime) -> dict[Place, int]:
    windows = [(*claim.place, now - timedelta(hours=claim.limit.window_hours)) for claim in claims]
    rows = _USES_OF_PLACES.rows(subject_id, *chain.from_iterable(windows))
    found = {(key, scope): (count, amount) for key, scope, count, amount in rows}
    return {
        claim.place: _measured(claim, *found[claim.place])
        for claim in claims
        if claim.place in found
    }


def take_limits(*, measured: Measured, subject_id: str, now: datetime) -> None:
    """Use the limits for a call that may run; a call uses each limit once.

    Args:
        measured: What was measured in this same transaction.
        subject_id: The call.
        now: When, UTC.
    """
    if not measured.claims:
        return
    if measured.counters is None:
        raise RuntimeError("limits are taken only where their counters are locked")
    uses = [
        LimitUse(
            counter_id=measured.counters[claim.place],
            subject_id=subject_id,
            amount_minor=claim.weight if claim.limit.measure == "amount_minor" else 0,
            at=now,
        )
        for claim in measured.claims
    ]
    LimitUse.objects.bulk_create(
        uses,
        update_conflicts=True,
        unique_fields=["counter", "subject_id"],
        update_fields=["amount_minor", "at", "released_at"],
    )


@one_act()
def release_limits(*, subject_id: str, now: datetime) -> None:
    """Give back what a call used of its limits, because it had no effect.

    Args:
        subject_id: The call.
        now: When, UTC.
    """
    LimitUse.objects.filter(subject_id=subject_id, released_at=None).update(released_at=now)
