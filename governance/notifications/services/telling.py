"""Make the notices of one entry, and plan the messages that carry them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from governance.access.models import User
from governance.notifications import registry, rules
from governance.notifications.models import Notice, NoticeDelivery
from governance.notifications.registry import NoticeRule
from governance.notifications.selectors import news_of, preferences_of
from governance.notifications.services.sending import SEND_TASK
from governance.notifications.types import (
    Channel,
    Ends,
    Happened,
    Manner,
    Planned,
    Preferences,
    Telling,
    Told,
)
from orchestra.core.dispatch import enqueue


def tell(happened: Happened, *, now: datetime) -> None:
    """Make what one entry means to people, inside the running act.

    Args:
        happened: The entry.
        now: The moment.
    """
    rule = registry.rules.get(happened.kind)
    _end_earlier(happened, rule, now)
    telling = rule.tell(happened, now) if rule.tell else None
    if telling is None or not telling.people:
        return
    people = _people(telling)
    wanted = preferences_of(people.values())
    told = [one for one in _not_told_yet(happened, telling) if one.person_id in people]
    notices = Notice.objects.bulk_create(
        _notice(happened, rule, telling, one, people[one.person_id]) for one in told
    )
    messages = []
    for notice, one in zip(notices, told, strict=True):
        own = wanted[notice.person_id]
        at_least = _at_least(one, notice, people, wanted)
        planned = _plan(telling, notice, own, at_least, now)
        notice.is_silent = _is_silent(notice, own, at_least) and not planned
        messages += [
            NoticeDelivery(notice=notice, channel=each.channel, due_at=each.due_at)
            for each in planned
        ]
    silent = [notice.pk for notice in notices if notice.is_silent]
    if silent:
        Notice.objects.filter(pk__in=silent).update(is_silent=True)
    NoticeDelivery.objects.bulk_create(messages)
    if any(each.due_at <= now for each in messages):
        enqueue(SEND_TASK)


def _end_earlier(happened: Happened, rule: NoticeRule, now: datetime) -> None:
    if rule.ends is Ends.NOTHING:
        return
    asking = [kind for kind in registry.rules if registry.rules.get(kind).asks]
    earlier = Notice.objects.filter(
        subject_id=happened.subject_id, ended_at=None, kind__in=asking, index__lt=happened.index
    )
    if rule.ends is Ends.FOR_ACTOR:
        actor = _uuid(happened.actor_id)
        earlier = earlier.filter(person__public_id=actor) if actor else earlier.none()
    earlier.update(ended_at=now)


def _people(telling: Telling) -> dict[str, User]:
    named = {one.person_id for one in telling.people}
    named |= {absent for one in telling.people for absent in one.instead_of}
    ids = [found for found in map(_uuid, sorted(named)) if found is not None]
    people = User.objects.filter(public_id__in=ids, is_active=True)
    return {str(person.public_id): person for person in people}


def _not_told_yet(happened: Happened, telling: Telling) -> Iterable[Told]:
    if not telling.is_once:
        return telling.people
    ids = [found for found in (_uuid(one.person_id) for one in telling.people) if found]
    unread = Notice.objects.filter(
        kind=happened.kind, read_at=None, ended_at=None, person__public_id__in=ids
    )
    has_it = {str(one) for one in unread.values_list("person__public_id", flat=True)}
    return [one for one in telling.people if one.person_id not in has_it]


def _notice(
    happened: Happened, rule: NoticeRule, telling: Telling, told: Told, person: User
) -> Notice:
    return Notice(
        person=person,
        index=happened.index,
        event_id=happened.event_id,
        kind=happened.kind,
        topic=rule.topic,
        why=told.why,
        instead_of=list(told.instead_of),
        subject_kind=happened.subject_kind,
        subject_id=happened.subject_id,
        label=telling.label,
        page=telling.page,
        page_id=telling.page_id,
        queue_id=telling.queue_id,
        risk=telling.risk or "",
        deadline_at=telling.deadline_at,
        at=happened.at,
    )


def _at_least(
    told: Told, notice: Notice, people: Mapping[str, User], wanted: Mapping[int, Preferences]
) -> Manner:
    """Return the loudest way that the absent people, in whose place one acts, had chosen."""
    loudest = Manner.OFF
    for absent in told.instead_of:
        if absent in people:
            manner = rules.manner_of(wanted[people[absent].pk], news_of(notice))
            loudest = rules.stronger(loudest, manner)
    return loudest


def _plan(
    telling: Telling, notice: Notice, own: Preferences, at_least: Manner, now: datetime
) -> tuple[Planned, ...]:
    if telling.is_test:
        return (Planned(Channel.EMAIL, now),)
    return rules.plan(news=news_of(notice), preferences=own, now=now, at_least=at_least)


def _is_silent(notice: Notice, own: Preferences, at_least: Manner) -> bool:
    return rules.stronger(rules.manner_of(own, news_of(notice)), at_least) is Manner.OFF


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
