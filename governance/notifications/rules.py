"""When and by which way a person is told; pure.

Quiet hours are by the clock on the person's wall, across midnight and across a change of the
clocks. They never silence a critical deadline, nor one that would pass before they end; a
digest never leaves after the deadline it speaks of.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from types import MappingProxyType
from typing import Final

from governance.access.types import Capability, Role
from governance.notifications.types import (
    NO_RISK,
    Channel,
    Failure,
    Manner,
    News,
    Planned,
    Preferences,
    QuietHours,
    SkipReason,
    Topic,
)
from governance.policies.types import RiskLevel

#: What is to be done needs some time: a message that leaves later than this is too late.
LEAD: Final = timedelta(minutes=15)
DIGEST_TIMES: Final = (time(9, 0),)
QUIET: Final = QuietHours(time(20, 0), time(7, 0))
MOST_ATTEMPTS: Final = 8
LONGEST_BACKOFF: Final = timedelta(minutes=15)

#: Topics whose news has a risk; the others have one choice for all.
BY_RISK: Final = frozenset({Topic.DECIDE, Topic.OUTCOME, Topic.CHANGE})
_ORDER: Final = tuple(Manner)
_BY_RISK: Mapping[Topic, tuple[Manner, Manner, Manner, Manner]] = MappingProxyType(
    {
        Topic.DECIDE: (Manner.DIGEST, Manner.DIGEST, Manner.AT_ONCE, Manner.AT_ONCE),
        Topic.OUTCOME: (Manner.IN_APP, Manner.IN_APP, Manner.DIGEST, Manner.AT_ONCE),
        Topic.CHANGE: (Manner.DIGEST, Manner.DIGEST, Manner.AT_ONCE, Manner.AT_ONCE),
    }
)
#: Who works on cases sits at the pages all day; others are called by mail.
_AT_THE_DESK: Final = frozenset({Role.HUMAN_AGENT, Role.SPECIALIST})
_ANSWER_FOR_PROOF: Final = frozenset({Role.ADMINISTRATOR, Role.COMPLIANCE_OFFICER})


def columns_of(topic: Topic) -> tuple[str, ...]:
    """Return the risks a person may choose by for a topic; one empty where it has none."""
    return tuple(RiskLevel) if topic in BY_RISK else (NO_RISK,)


def default_manners(roles: Iterable[Role]) -> dict[tuple[Topic, str], Manner]:
    """Return how people of some roles are told until they choose."""
    held = frozenset(roles)
    found = {
        (topic, str(risk)): manner
        for topic, manners in _BY_RISK.items()
        for risk, manner in zip(RiskLevel, manners, strict=True)
    }
    at_desk = bool(held & _AT_THE_DESK)
    proves = bool(held & _ANSWER_FOR_PROOF)
    return {
        **found,
        (Topic.HANDOFF, NO_RISK): Manner.IN_APP if at_desk else Manner.DIGEST,
        (Topic.ACCESS, NO_RISK): Manner.AT_ONCE,
        (Topic.PROOF, NO_RISK): Manner.AT_ONCE if proves else Manner.IN_APP,
    }


def topics_for(capabilities: Iterable[Capability]) -> tuple[Topic, ...]:
    """Return the topics that a person with some capabilities can ever be told about."""
    held = frozenset(capabilities)
    needs = {
        Topic.DECIDE: Capability.APPROVAL_VOTE,
        Topic.CHANGE: Capability.CHANGE_READ,
        Topic.HANDOFF: Capability.HANDOFF_ACCEPT,
        Topic.PROOF: Capability.DECISION_REPLAY,
    }
    return tuple(topic for topic in Topic if topic not in needs or needs[topic] in held)


def manner_of(preferences: Preferences, news: News) -> Manner:
    """Return how a person wants to be told of some news."""
    column = str(news.risk or RiskLevel.MEDIUM) if news.topic in BY_RISK else NO_RISK
    return preferences.manners[news.topic, column]


def stronger(one: Manner, other: Manner) -> Manner:
    """Return the manner of two that disturbs more."""
    return max(one, other, key=_ORDER.index)


def plan(
    *,
    news: News,
    preferences: Preferences,
    now: datetime,
    at_least: Manner = Manner.OFF,
) -> tuple[Planned, ...]:
    """Return the messages that are to leave; the notice in the app is kept whatever they are.

    Args:
        news: What happened.
        preferences: How the person wants to be told.
        now: The moment, UTC.
        at_least: How an absent person, in whose place this one acts, wanted to be told.
    """
    manner = stronger(manner_of(preferences, news), at_least)
    if manner in {Manner.OFF, Manner.IN_APP} or _is_past(news, now):
        return ()
    if manner is Manner.DIGEST:
        wanted = next_digest_at(preferences, now)
        if _is_in_time(news, wanted):
            return (Planned(Channel.DIGEST, after_quiet(news, preferences, wanted)),)
    return (Planned(Channel.EMAIL, after_quiet(news, preferences, now)),)


def after_quiet(news: News, preferences: Preferences, wanted: datetime) -> datetime:
    """Return when a message that is wanted at a moment may leave: then, or once it is not quiet."""
    quiet = preferences.quiet
    if quiet is None or not is_quiet(preferences, wanted) or _is_never_silenced(news):
        return wanted
    ends = quiet_ends_at(preferences, wanted)
    return ends if _is_in_time(news, ends) else wanted


def _is_never_silenced(news: News) -> bool:
    return news.risk is RiskLevel.CRITICAL and news.deadline_at is not None


def _is_in_time(news: News, at: datetime) -> bool:
    return news.deadline_at is None or at <= news.deadline_at - LEAD


def _is_past(news: News, now: datetime) -> bool:
    return news.deadline_at is not None and news.deadline_at <= now


def is_quiet(preferences: Preferences, at: datetime) -> bool:
    """Return whether a moment lies in a person's quiet hours."""
    quiet = preferences.quiet
    if quiet is None or quiet.begins == quiet.ends:
        return False
    wall = at.astimezone(preferences.zone).time()
    if quiet.begins < quiet.ends:
        return quiet.begins <= wall < quiet.ends
    return wall >= quiet.begins or wall < quiet.ends


def quiet_ends_at(preferences: Preferences, at: datetime) -> datetime:
    """Return the next moment that is not quiet at which the wall clock shows the end.

    An end that the clocks leave out counts once they have gone on; one they show twice counts
    the first time that is still to come.

    Raises:
        ValueError: There are no quiet hours.
    """
    if preferences.quiet is None:
        raise ValueError("there are no quiet hours that could end")
    moments = _on_the_wall(preferences, preferences.quiet.ends, at, folds=(0, 1))
    return min(one for one in moments if one > at and not is_quiet(preferences, one))


def next_digest_at(preferences: Preferences, now: datetime) -> datetime:
    """Return when the next digest leaves, after a moment."""
    moments = (
        moment
        for wall in preferences.digest_times
        for moment in _on_the_wall(preferences, wall, now, folds=(0,))
    )
    return min(one for one in moments if one > now)


def _on_the_wall(
    preferences: Preferences, wall: time, near: datetime, *, folds: tuple[int, ...]
) -> list[datetime]:
    today = near.astimezone(preferences.zone).date()
    return [
        datetime.combine(
            today + timedelta(days=days), wall.replace(fold=fold), preferences.zone
        ).astimezone(UTC)
        for days in range(3)
        for fold in folds
    ]


def why_skip(
    *, channel: Channel, news: News, is_ended: bool, is_read: bool, now: datetime
) -> SkipReason | None:
    """Return why a message that is due is not sent any more, None where it is."""
    if is_ended:
        return SkipReason.ENDED
    if _is_past(news, now):
        return SkipReason.TOO_LATE
    # A digest gathers what was not seen; what was asked for at once is sent in any case.
    if is_read and channel is Channel.DIGEST:
        return SkipReason.READ
    return None


def retry_at(*, now: datetime, attempts: int, backoff: timedelta) -> datetime | None:
    """Return when to try again after a number of attempts; None once it has been enough."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return now + min(backoff * 2.0**attempts, LONGEST_BACKOFF)


def failure_of_answer(code: int, *, to_person: bool) -> Failure:
    """Return what an answer of a mail server means.

    Args:
        code: SMTP reply code.
        to_person: Whether it was given to one recipient or one message, not to us at all.

    Source: RFC 5321, 4.2.1: 4yz may be tried again, 5yz not.
    """
    is_final = 500 <= code < 600  # noqa: PLR2004  the range of the RFC
    if not to_person:
        # A server that does not want us is set up wrongly: somebody will mend it.
        return Failure("mail.refused_by_server", is_everybody=True)
    return Failure("mail.refused" if is_final else "mail.try_later", is_final=is_final)
