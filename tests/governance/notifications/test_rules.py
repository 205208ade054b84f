"""Who is told when: quiet hours, digests and deadlines, by table and by property."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.access.types import Capability, Role
from governance.notifications import rules
from governance.notifications.types import (
    Channel,
    Manner,
    News,
    Planned,
    Preferences,
    QuietHours,
    SkipReason,
    Topic,
)
from governance.policies.types import RiskLevel

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe"]
NIGHT = QuietHours(time(20), time(7))


def wanting(
    manner: Manner = Manner.AT_ONCE,
    *,
    quiet: QuietHours | None = NIGHT,
    zone: ZoneInfo = BERLIN,
    digests: tuple[time, ...] = (time(9),),
) -> Preferences:
    manners = dict.fromkeys(rules.default_manners([]), manner)
    return Preferences(manners=manners, zone=zone, digest_times=digests, quiet=quiet)


def wall(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """A moment by the clock on a wall in Berlin."""
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


def decide(risk: RiskLevel = RiskLevel.HIGH, deadline: datetime | None = None) -> News:
    return News(topic=Topic.DECIDE, risk=risk, deadline_at=deadline)


@pytest.mark.parametrize("manner", [Manner.OFF, Manner.IN_APP])
def test_nothing_leaves_for_who_looks_in_the_app(manner: Manner) -> None:
    assert rules.plan(news=decide(), preferences=wanting(manner), now=wall(19, 12)) == ()


@pytest.mark.parametrize(
    ("manner", "now", "deadline", "channel", "due"),
    [
        (Manner.AT_ONCE, wall(19, 12), wall(19, 13), Channel.EMAIL, wall(19, 12)),
        # At night it waits for the morning, unless the deadline does not.
        (Manner.AT_ONCE, wall(19, 23), None, Channel.EMAIL, wall(20, 7)),
        (Manner.AT_ONCE, wall(20, 3), wall(20, 12), Channel.EMAIL, wall(20, 7)),
        (Manner.AT_ONCE, wall(19, 23), wall(20, 0), Channel.EMAIL, wall(19, 23)),
        (Manner.AT_ONCE, wall(19, 23), wall(20, 7, 14), Channel.EMAIL, wall(19, 23)),
        (Manner.AT_ONCE, wall(19, 23), wall(20, 7, 15), Channel.EMAIL, wall(20, 7)),
        # A digest leaves at its time, or the news at once where that would be too late.
        (Manner.DIGEST, wall(19, 12), None, Channel.DIGEST, wall(20, 9)),
        (Manner.DIGEST, wall(19, 8), wall(19, 10), Channel.DIGEST, wall(19, 9)),
        (Manner.DIGEST, wall(19, 8), wall(19, 9, 10), Channel.EMAIL, wall(19, 8)),
        (Manner.DIGEST, wall(19, 9), wall(19, 10), Channel.EMAIL, wall(19, 9)),
    ],
)
def test_when_a_message_leaves(
    manner: Manner, now: datetime, deadline: datetime | None, channel: Channel, due: datetime
) -> None:
    found = rules.plan(news=decide(deadline=deadline), preferences=wanting(manner), now=now)
    assert found == (Planned(channel, due),)


def test_quiet_hours_never_silence_a_critical_deadline() -> None:
    news = decide(RiskLevel.CRITICAL, deadline=wall(25, 12))
    found = rules.plan(news=news, preferences=wanting(), now=wall(19, 23))
    assert found == (Planned(Channel.EMAIL, wall(19, 23)),)


def test_nothing_leaves_once_the_deadline_has_passed() -> None:
    late = decide(deadline=wall(19, 12))
    assert rules.plan(news=late, preferences=wanting(), now=wall(19, 12)) == ()


def test_who_stands_in_is_told_as_the_absent_person_wanted() -> None:
    quietly = wanting(Manner.IN_APP)
    (found,) = rules.plan(
        news=decide(), preferences=quietly, now=wall(19, 12), at_least=Manner.AT_ONCE
    )
    assert found.channel is Channel.EMAIL
    loudly = rules.plan(news=decide(), preferences=wanting(), now=wall(19, 12), at_least=Manner.OFF)
    assert loudly == (found,)


@pytest.mark.parametrize(
    ("ends", "now", "due"),
    [
        # 29 March 2026: the clocks go from 02:00 to 03:00, so 02:30 is never shown.
        (time(2, 30), wall(29, 1, 0, month=3), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        (time(7), wall(28, 23, 0, month=3), datetime(2026, 3, 29, 5, tzinfo=UTC)),
        # 25 October 2026: 02:30 is shown twice.
        (time(2, 30), wall(25, 1, 0, month=10), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (
            time(2, 30),
            datetime(2026, 10, 25, 1, 10, tzinfo=UTC),
            datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
        ),
    ],
)
def test_quiet_hours_end_where_the_clocks_change(ends: time, now: datetime, due: datetime) -> None:
    preferences = wanting(quiet=QuietHours(time(20), ends))
    assert rules.is_quiet(preferences, now)
    assert rules.quiet_ends_at(preferences, now) == due


def test_the_same_time_twice_is_no_quiet_hours() -> None:
    assert not rules.is_quiet(wanting(quiet=QuietHours(time(7), time(7))), wall(19, 7))
    with pytest.raises(ValueError, match="no quiet hours"):
        rules.quiet_ends_at(wanting(quiet=None), wall(19, 7))


walls = st.times().map(lambda one: one.replace(second=0, microsecond=0))
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  hypothesis takes naive bounds
preferences_of = st.builds(
    lambda manner, begins, ends, zone, digests: wanting(
        manner, quiet=QuietHours(begins, ends), zone=ZoneInfo(zone), digests=tuple(digests)
    ),
    st.sampled_from(Manner),
    walls,
    walls,
    st.sampled_from(ZONES),
    st.lists(walls, min_size=1, max_size=3),
)
spans = st.none() | st.timedeltas(timedelta(seconds=-1), timedelta(days=4))


@given(preferences_of, moments, spans, st.sampled_from(RiskLevel))
@settings(max_examples=300)
def test_the_promises_hold_for_everybody_at_every_moment(
    preferences: Preferences, now: datetime, span: timedelta | None, risk: RiskLevel
) -> None:
    news = decide(risk, None if span is None else now + span)
    manner = rules.manner_of(preferences, news)
    found = rules.plan(news=news, preferences=preferences, now=now)
    assert len(found) <= 1
    is_over = news.deadline_at is not None and news.deadline_at <= now
    assert (not found) == (is_over or manner in {Manner.OFF, Manner.IN_APP})
    for one in found:
        assert now <= one.due_at <= now + timedelta(days=4)
        # Nothing leaves too late to act on it, unless it could not have left earlier.
        assert (
            news.deadline_at is None
            or one.due_at in {now}
            or (one.due_at <= news.deadline_at - rules.LEAD)
        )
        if one.channel is Channel.DIGEST:
            assert manner is Manner.DIGEST
            assert news.deadline_at is None or one.due_at < news.deadline_at
        if risk is RiskLevel.CRITICAL and news.deadline_at and one.channel is Channel.EMAIL:
            assert one.due_at == now
        if rules.is_quiet(preferences, one.due_at):
            ends = rules.quiet_ends_at(preferences, one.due_at)
            assert news.deadline_at is not None
            assert risk is RiskLevel.CRITICAL or ends > news.deadline_at - rules.LEAD


@given(preferences_of, moments)
@settings(max_examples=200)
def test_quiet_hours_end_within_two_days_and_are_over_then(
    preferences: Preferences, now: datetime
) -> None:
    ends = rules.quiet_ends_at(preferences, now)
    assert now < ends <= now + timedelta(days=2)
    assert not rules.is_quiet(preferences, ends)
    assert rules.next_digest_at(preferences, now) > now


def test_each_role_begins_with_settings_that_fit_it() -> None:
    def of(*roles: Role) -> dict[tuple[Topic, str], Manner]:
        return rules.default_manners(roles)

    assert of(Role.SUPERVISOR)[Topic.DECIDE, "critical"] is Manner.AT_ONCE
    assert of(Role.SUPERVISOR)[Topic.DECIDE, "low"] is Manner.DIGEST
    assert of(Role.HUMAN_AGENT)[Topic.HANDOFF, ""] is Manner.IN_APP
    assert of(Role.SUPERVISOR)[Topic.HANDOFF, ""] is Manner.DIGEST
    assert of(Role.ADMINISTRATOR)[Topic.PROOF, ""] is Manner.AT_ONCE
    assert of()[Topic.PROOF, ""] is Manner.IN_APP
    expected = {(topic, column) for topic in Topic for column in rules.columns_of(topic)}
    assert set(of()) == expected


def test_only_topics_that_can_reach_a_person_are_offered() -> None:
    assert rules.topics_for([]) == (Topic.OUTCOME, Topic.ACCESS)
    assert Topic.DECIDE in rules.topics_for([Capability.APPROVAL_VOTE])


def test_news_without_a_risk_that_could_have_one_counts_as_medium() -> None:
    manners = {**rules.default_manners([]), (Topic.CHANGE, "medium"): Manner.OFF}
    preferences = replace(wanting(), manners=manners)
    assert rules.manner_of(preferences, News(topic=Topic.CHANGE)) is Manner.OFF
    assert rules.manner_of(preferences, News(topic=Topic.ACCESS)) is Manner.AT_ONCE


@pytest.mark.parametrize(
    ("channel", "is_ended", "is_read", "deadline", "why"),
    [
        (Channel.EMAIL, False, True, None, None),
        (Channel.DIGEST, False, True, None, SkipReason.READ),
        (Channel.DIGEST, False, False, None, None),
        (Channel.EMAIL, True, False, None, SkipReason.ENDED),
        (Channel.EMAIL, False, False, wall(19, 12), SkipReason.TOO_LATE),
        (Channel.EMAIL, False, False, wall(19, 12, 1), None),
    ],
)
def test_what_is_not_sent_any_more(
    channel: Channel,
    is_ended: bool,
    is_read: bool,
    deadline: datetime | None,
    why: SkipReason | None,
) -> None:
    found = rules.why_skip(
        channel=channel,
        news=decide(deadline=deadline),
        is_ended=is_ended,
        is_read=is_read,
        now=wall(19, 12),
    )
    assert found is why


def test_it_is_tried_again_ever_later_and_then_no_more() -> None:
    now, second = wall(19, 12), timedelta(seconds=1)
    waits = [
        rules.retry_at(now=now, attempts=count, backoff=30 * second)
        for count in range(1, rules.MOST_ATTEMPTS + 1)
    ]
    assert waits[0] == now + 60 * second
    assert waits[-2] == now + rules.LONGEST_BACKOFF
    assert waits[-1] is None


@pytest.mark.parametrize(
    ("code", "to_person", "is_final", "is_everybody"),
    [(550, True, True, False), (451, True, False, False), (554, False, False, True)],
)
def test_what_a_server_answers(
    code: int, to_person: bool, is_final: bool, is_everybody: bool
) -> None:
    found = rules.failure_of_answer(code, to_person=to_person)
    assert (found.is_final, found.is_everybody) == (is_final, is_everybody)
