"""How often a customer comes back about what was said to be done; pure.

``RR_w = episodes with a qualifying recontact in (t, t + w] / episodes whose window is over``,
and with young episodes ``1 - S(w)`` of Kaplan and Meier, censored at the time of the report.
First contact resolution counts issues, not episodes, and is no complement of it.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from qa.estimates.types import Interval
from qa.measurement.formulas.shares import Share
from qa.measurement.formulas.survival import (
    Ending,
    Point,
    Timed,
    kaplan_meier,
    seen_for,
    share_at,
)
from qa.measurement.metrics.common import Figure, as_figure, sift
from qa.measurement.rows import Contact, Episode, Issue, Matter
from qa.measurement.types import LeftOut

DAY_SECONDS: Final = 86_400.0

NOT_BY_CUSTOMER: Final = "not_by_customer"
UNKNOWN_SENDER: Final = "unknown_sender"
NEXT_ISSUE: Final = "next_issue"


@dataclass(frozen=True, slots=True)
class Returned:
    """A contact that came back after an episode.

    Attributes:
        chaser: It came before the time for which we had promised a call.
    """

    episode: Episode
    contact: Contact
    chaser: bool = False

    @property
    def days(self) -> float:
        """How long after the resolution."""
        return _days(self.episode, self.contact.at)


@dataclass(frozen=True, slots=True)
class Matching:
    """Which contacts came back after which episodes, and what did not count.

    Attributes:
        first: The first return after each episode, by case and number.
        not_counted: Reason to how many contacts.
        matched: Contacts whose customer is known for sure.
        looked_at: Contacts of customers after any resolution was possible.
    """

    first: Mapping[tuple[str, int], Returned]
    not_counted: Mapping[str, int]
    matched: int
    looked_at: int

    @property
    def matched_share(self) -> float | None:
        """Share of contacts with a known customer, 0 to 1; None of none."""
        return self.matched / self.looked_at if self.looked_at else None


@dataclass(frozen=True, slots=True)
class WindowValue:
    """The rate at one window.

    Attributes:
        value: None where nobody was seen so long.
        seen: Episodes still in sight and without a return at the window's end.
        full: Of those whose whole window is over, how many came back.
    """

    days: int
    value: float | None
    interval: Interval | None
    seen: int
    full: Share


@dataclass(frozen=True, slots=True)
class Recontact:
    """The whole metric: the headline, its curve and the usual windows."""

    figure: Figure
    curve: tuple[Point, ...]
    windows: tuple[WindowValue, ...]
    assumed: Figure


def match_returns(episodes: Iterable[Episode], contacts: Iterable[Contact]) -> Matching:
    """Assign every contact that qualifies to the latest episode resolved before it.

    It qualifies where the customer began it, is known for sure, and means the same issue. What
    a person and an AI do in one contact is one contact: it began before the resolution.
    """
    by_issue = _by_issue(episodes)
    starts = {issue: [_resolved(one) for one in found] for issue, found in by_issue.items()}
    first_seen: dict[str, datetime] = {}
    for issue, resolved in starts.items():
        known = first_seen.get(issue.customer, resolved[0])
        first_seen[issue.customer] = min(known, resolved[0])
    first: dict[tuple[str, int], Returned] = {}
    reasons: Counter[str] = Counter()
    looked_at = matched = 0
    for contact in sorted(contacts, key=lambda one: (one.at, one.id)):
        looked_at += contact.by_customer
        matched += contact.by_customer and contact.issue is not None
        reason = why_no_return(contact)
        if reason or contact.issue is None:
            reasons[reason or UNKNOWN_SENDER] += 1
            continue
        place = bisect_left(starts.get(contact.issue, []), contact.at)
        if not place:
            since = first_seen.get(contact.issue.customer)
            if since is not None and since < contact.at:
                reasons[NEXT_ISSUE] += 1
            continue
        episode = by_issue[contact.issue][place - 1]
        chaser = contact.promised_at is not None and contact.at < contact.promised_at
        first.setdefault((episode.case, episode.number), Returned(episode, contact, chaser))
    return Matching(first, dict(reasons), matched, looked_at)


def recontact_rate(
    episodes: Sequence[Episode],
    contacts: Iterable[Contact],
    *,
    now: datetime,
    window_days: int = 7,
    curve_days: Sequence[int] = (1, 3, 7, 14, 30),
    reasons: Iterable[LeftOut] = tuple(LeftOut),
    matching: Matching | None = None,
) -> Recontact:
    """Return the rate of the episodes given, resolved ones among them.

    Args:
        episodes: Of the cohort; those still open or withdrawn are no resolutions.
        contacts: All of the customers, of any time.
        now: Up to when was looked, UTC.
        window_days: The headline's window.
        curve_days: Windows beside it.
        reasons: What the definition leaves out.
        matching: Where it was made already over more episodes than the cohort.
    """
    found = matching or match_returns(episodes, contacts)
    kept, left = sift(episodes, reasons)
    over = [
        one
        for one in kept
        if one.resolved_at is not None and one.resolved_at <= now and not one.withdrawn
    ]
    confirmed = [one for one in over if not one.assumed]
    times = [_timed(one, found, now) for one in confirmed]
    curve = kaplan_meier(times)
    windows = tuple(
        _at_window(times, curve, days, _full(confirmed, found, days, now)) for days in curve_days
    )
    headline = _at_window(times, curve, window_days, _full(confirmed, found, window_days, now))
    left.update(found.not_counted)
    figure = Figure(
        value=headline.value,
        interval=headline.interval,
        n=len(confirmed),
        hits=sum(_within(one, found, window_days, now) for one in confirmed),
        left_out=dict(sorted(left.items())),
        open=sum(_days(one, now) < window_days for one in confirmed),
        beside={
            "full_windows": headline.full.total,
            "matched_share": found.matched_share,
            "assumed": len(over) - len(confirmed),
            "chasers": sum(
                one.chaser for one in _returns(confirmed, found) if one.contact.at <= now
            ),
        },
    )
    assumed = [one for one in over if one.assumed]
    returned = sum(_within(one, found, window_days, now) for one in assumed)
    return Recontact(figure, curve, windows, as_figure(Share(returned, len(assumed)), {}))


def first_contact_resolution(
    episodes: Iterable[Episode],
    contacts: Iterable[Contact],
    *,
    now: datetime,
    window_days: int = 7,
    without_transfer: bool = True,
    reasons: Iterable[LeftOut] = tuple(LeftOut),
    matching: Matching | None = None,
) -> Figure:
    """Return how many issues ended in the contact they began in, and stayed ended.

    One row for each issue, which is the first episode of a case. An issue that is younger than
    the window, or whose window is not over, is not counted either way yet and told as open: it
    could still fail, and counting failures alone would make the rate too low.
    """
    episodes = list(episodes)
    found = matching or match_returns(episodes, contacts)
    kept, left = sift(episodes, reasons)
    hits = total = young = 0
    for one in kept:
        if one.number != 1:
            continue
        ended = _ended_in_first_contact(one, without_transfer=without_transfer)
        back = ended and _within(one, found, window_days, now)
        is_young = now - one.opened_at < timedelta(days=window_days)
        if is_young or (ended and not back and _days(one, now) < window_days):
            young += 1
            continue
        total += 1
        hits += ended and not back
    return as_figure(Share(hits, total), left, open_count=young)


def channel_switches(
    episodes: Iterable[Episode], matching: Matching
) -> Mapping[tuple[str, str], int]:
    """Return how many came back, by the channel that resolved and the one of the return."""
    return Counter(
        (one.episode.of.channel, one.contact.of.channel)
        for one in _returns(list(episodes), matching)
    )


def _by_issue(episodes: Iterable[Episode]) -> dict[Issue, list[Episode]]:
    found: dict[Issue, list[Episode]] = defaultdict(list)
    for episode in episodes:
        if episode.resolved_at is not None and not episode.withdrawn and episode.issue:
            found[episode.issue].append(episode)
    for own in found.values():
        own.sort(key=_resolved)
    return found


def why_no_return(contact: Contact) -> str:
    """Return why a contact is no return, whatever went before it; empty where it may be one."""
    if contact.left_out is not None:
        return str(contact.left_out)
    early = contact.promised_at is not None and contact.at < contact.promised_at
    if contact.matter is Matter.PROMISED_CALL and not (contact.by_customer and early):
        return str(Matter.PROMISED_CALL)
    if not contact.by_customer:
        return NOT_BY_CUSTOMER
    if contact.matter in (Matter.THANKS, Matter.SURVEY, Matter.AUTO_REPLY):
        return str(contact.matter)
    return ""


def _ended_in_first_contact(episode: Episode, *, without_transfer: bool) -> bool:
    if episode.resolved_at is None or episode.withdrawn or len(episode.contacts) > 1:
        return False
    return not (without_transfer and episode.transferred)


def _timed(episode: Episode, found: Matching, now: datetime) -> Timed:
    returned = found.first.get((episode.case, episode.number))
    if returned is not None and returned.contact.at <= now:
        return Timed(returned.days)
    return Timed(_days(episode, now), Ending.OPEN)


def _at_window(
    times: Sequence[Timed], curve: Sequence[Point], days: int, full: Share
) -> WindowValue:
    seen = seen_for(times, days)
    point = share_at(curve, days)
    if not seen:
        return WindowValue(days, None, None, 0, full)
    if point is None:
        none = Share(0, len(times))
        return WindowValue(days, 0.0, none.interval(), seen, full)
    interval = Interval(1 - point.interval.high, 1 - point.interval.low)
    return WindowValue(days, 1 - point.share, interval, seen, full)


def _full(episodes: Sequence[Episode], found: Matching, days: int, now: datetime) -> Share:
    """Return the rate of the episodes whose whole window is over, as it is without the young."""
    over = [one for one in episodes if _days(one, now) >= days]
    return Share(sum(_within(one, found, days, now) for one in over), len(over))


def _within(episode: Episode, found: Matching, days: int, now: datetime) -> bool:
    returned = found.first.get((episode.case, episode.number))
    return returned is not None and returned.contact.at <= now and returned.days <= days


def _returns(episodes: Sequence[Episode], found: Matching) -> list[Returned]:
    keys = ((one.case, one.number) for one in episodes)
    return [found.first[key] for key in keys if key in found.first]


def _resolved(episode: Episode) -> datetime:
    return episode.resolved_at or episode.opened_at


def _days(episode: Episode, at: datetime) -> float:
    return max(timedelta(0), at - _resolved(episode)).total_seconds() / DAY_SECONDS
