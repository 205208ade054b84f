"""Which contacts came back after which resolutions, over whole columns; pure.

The rule is that of ``metrics.recontact.match_returns``: a contact that qualifies belongs to the
latest episode of its issue that was resolved before it, and to no other.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa.measurement.columns.codes import NEVER, NO_RETURN
from qa.measurement.columns.types import Contacts, Episodes
from qa.measurement.metrics.recontact import NEXT_ISSUE, UNKNOWN_SENDER

Moments = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Returns:
    """The first return after each episode, and what was none.

    Attributes:
        at: For each episode; ``NEVER`` where nobody came back.
        chaser: For each episode, whether its return came before a promised call.
        not_counted: Reason to how many contacts.
        matched: Contacts of customers who are known for sure.
        looked_at: Contacts that customers began.
    """

    at: Moments
    chaser: NDArray[np.bool_]
    not_counted: Mapping[str, int]
    matched: int
    looked_at: int


def match(episodes: Episodes, contacts: Contacts) -> Returns:
    """Return the first return after each episode of a table."""
    ended = np.flatnonzero(
        (episodes.resolved_at != NEVER) & ~episodes.withdrawn & (episodes.issue != 0)
    )
    may = np.flatnonzero((contacts.no_return == 0) & (contacts.issue != 0))
    resolved, spoken = episodes.resolved_at[ended], contacts.at[may]
    issues, rank = np.unique(
        np.concatenate([episodes.issue[ended], contacts.issue[may]]), return_inverse=True
    )
    times, tick = np.unique(np.concatenate([resolved, spoken]), return_inverse=True)
    # Issue and time as one number, in the order of both.
    place = rank.astype(np.int64) * (len(times) + 1) + tick
    own, other = place[: len(ended)], place[len(ended) :]
    order = np.argsort(own, kind="stable")
    before = np.searchsorted(own[order], other, side="left")
    start = np.searchsorted(own[order], rank[len(ended) :] * (len(times) + 1), side="left")
    found = before > start
    at = np.full(len(episodes.case), NEVER, dtype=np.int64)
    chaser = np.zeros(len(at), dtype=np.bool_)
    whose = ended[order[before[found] - 1]]
    np.minimum.at(at, whose, spoken[found])
    first = at[whose] == spoken[found]
    chaser[whose[first]] = contacts.chaser[may[found]][first]
    reasons = _reasons(contacts)
    reasons[NEXT_ISSUE] = _next_issues(episodes, contacts, ended, may[~found])
    del issues
    return Returns(
        at,
        chaser,
        {name: count for name, count in reasons.items() if count},
        int(np.count_nonzero(contacts.by_customer & (contacts.issue != 0))),
        int(np.count_nonzero(contacts.by_customer)),
    )


def _reasons(contacts: Contacts) -> dict[str, int]:
    counts = np.bincount(contacts.no_return, minlength=len(NO_RETURN) + 1)
    found = {name: int(counts[code + 1]) for code, name in enumerate(NO_RETURN)}
    found[UNKNOWN_SENDER] = int(np.count_nonzero((contacts.no_return == 0) & (contacts.issue == 0)))
    return found


def _next_issues(
    episodes: Episodes,
    contacts: Contacts,
    ended: NDArray[np.intp],
    others: NDArray[np.intp],
) -> int:
    """Return how many contacts were about another issue of a customer who had one resolved."""
    customers, rank = np.unique(episodes.customer[ended], return_inverse=True)
    if not len(customers):
        return 0
    earliest = np.full(len(customers), NEVER, dtype=np.int64)
    np.minimum.at(earliest, rank, episodes.resolved_at[ended])
    place = np.minimum(np.searchsorted(customers, contacts.customer[others]), len(customers) - 1)
    known = customers[place] == contacts.customer[others]
    return int(np.count_nonzero(known & (earliest[place] < contacts.at[others])))
