"""Transfer rate, transfers for 100 contacts and escalation rate of a period, over columns; pure."""

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qa.measurement.columns.clocks import Clock
from qa.measurement.columns.codes import TRANSFERS, code_of, moment
from qa.measurement.columns.cutting import Found, Marks, sift, within
from qa.measurement.columns.types import Facts, Handovers, pick
from qa.measurement.formulas.shares import Share
from qa.measurement.measured import Measured, Period, percent
from qa.measurement.metrics.common import Figure, as_figure
from qa.measurement.metrics.transfers import HEADLINE, NOT_HANDLED
from qa.measurement.types import Metric, MetricSpec, Transfer

_RETURN: Final = code_of(Transfer.RETURN, TRANSFERS)
_MINUTES: Final = 5


def transfers(spec: MetricSpec, facts: Facts, period: Period, clock: Clock) -> Found:
    """Return how often the contacts of a period change hands, in which of the eight ways."""
    del clock
    contacts = pick(facts.contacts, within(facts.contacts.at, period))
    kept, left = sift(contacts.left_out, spec)
    idle = int(np.count_nonzero(kept & ~contacts.handled))
    if idle:
        left[NOT_HANDLED] = idle
    own = pick(contacts, kept & contacts.handled)
    moves, whose = _of_contacts(facts.handovers, own.contact, moment(period.now))
    kinds = _kinds(moves, spec)
    counted = spec.settings.transfers or HEADLINE
    hit = _any_of(kinds, whose, counted, len(own.case))
    planned = _any_of(kinds, whose, (*counted, Transfer.PLANNED_STEP), len(own.case))
    given_up = _any_of(kinds, whose, (Transfer.ESCALATION,), len(own.case))
    by_type = np.bincount(kinds, minlength=len(TRANSFERS) + 1)
    number = sum(int(by_type[code_of(kind, TRANSFERS)]) for kind in set(counted))
    count = len(own.case)
    told = dict(sorted(left.items()))
    escalates = spec.formula is Metric.ESCALATION_RATE
    if escalates:
        figure = as_figure(
            Share(int(np.count_nonzero(given_up & own.by_ai)), int(np.count_nonzero(own.by_ai))),
            told,
        )
    elif spec.formula is Metric.TRANSFERS_PER_100:
        value = 100 * number / count if count else None
        figure = Figure(value, None, count, hits=number, left_out=told)
    else:
        figure = as_figure(Share(int(np.count_nonzero(hit)), count), told)
    beside: dict[str, float | None] = {
        "attempts": int(by_type[0]),
        "with_planned": percent(Share(int(np.count_nonzero(planned)), count).value),
    }
    figure = Figure(
        figure.value, figure.interval, figure.n, figure.hits, figure.left_out, 0, beside
    )
    shown = own.by_ai if escalates else np.ones(count, dtype=np.bool_)
    return Measured(
        figure,
        counts={
            "by_type": {str(kind): float(by_type[code_of(kind, TRANSFERS)]) for kind in Transfer},
            "reasons": _reasons(facts, moves.reason[kinds == code_of(HEADLINE[1], TRANSFERS)]),
        },
    ), Marks(own.case[shown], own.of[shown], (given_up if escalates else hit)[shown])


def _of_contacts(
    handovers: Handovers, contacts: NDArray[np.int64], now: int
) -> tuple[Handovers, NDArray[np.intp]]:
    """Return the changes of owner in some contacts, each once, and the place of its contact."""
    if not len(contacts):
        return pick(handovers, np.zeros(len(handovers.case), dtype=np.bool_)), _none()
    order = np.argsort(contacts, kind="stable")
    place = np.minimum(np.searchsorted(contacts[order], handovers.contact), len(contacts) - 1)
    inside = (contacts[order[place]] == handovers.contact) & (handovers.at <= now)
    moves, whose = pick(handovers, inside), order[place[inside]]
    _keys, first = np.unique(moves.handover, return_index=True)
    return pick(moves, first), whose[first]


def _none() -> NDArray[np.intp]:
    return np.zeros(0, dtype=np.intp)


def _kinds(moves: Handovers, spec: MetricSpec) -> NDArray[np.int16]:
    """Return of which kind each is: a return where it went back within the minutes."""
    limit = 60 * (spec.settings.return_minutes or _MINUTES)
    bounced = moves.back_seconds <= limit
    return np.where(bounced, np.int16(_RETURN), moves.transfer)


def _any_of(
    kinds: NDArray[np.int16], whose: NDArray[np.intp], wanted: Iterable[Transfer], count: int
) -> NDArray[np.bool_]:
    found = np.zeros(count, dtype=np.bool_)
    codes = [code_of(kind, TRANSFERS) for kind in set(wanted)]
    found[whose[np.isin(kinds, codes)]] = True
    return found


def _reasons(facts: Facts, keys: NDArray[np.int64]) -> dict[str, float]:
    found, counts = np.unique(keys, return_counts=True)
    told = {facts.words[int(key)]: float(count) for key, count in zip(found, counts, strict=True)}
    return dict(sorted(told.items()))
