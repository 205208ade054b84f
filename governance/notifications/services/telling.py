"""Make the notices of entries, and plan the messages that carry them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from governance.access.models import User
from governance.notifications import registry, rules
from governance.notifications.kept import once
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
from orchestra.core.prepared import Prepared, fill


@dataclass(slots=True)
class Outbox:
    """What the entries of a window come to, to be written at once.

    Attributes:
        notices: News, in the order of the entries.
        messages: Those that carry it.
        ends: Entries that end earlier news of their subject.
    """

    notices: list[Notice] = field(default_factory=list)
    messages: list[NoticeDelivery] = field(default_factory=list)
    ends: list[Happened] = field(default_factory=list)

    def write(self, now: datetime) -> None:
        """Write all of it, inside the running act, and begin again empty."""
        Notice.objects.bulk_create(self.notices)
        NoticeDelivery.objects.bulk_create(self.messages)
        if self.ends:
            _end_earlier(self.ends, now)
        if any(each.due_at <= now for each in self.messages):
            enqueue(SEND_TASK)
        self.notices, self.messages, self.ends = [], [], []


def tell(happened: Happened, *, now: datetime, outbox: Outbox) -> None:
    """Make what one entry means to people.

    Nothing is put into the outbox of an entry that raises.

    Args:
        happened: The entry.
        now: The moment.
        outbox: Takes what is to be written, of this entry and those before it.
    """
    rule = registry.rules.get(happened.kind)
    telling = rule.tell(happened, now) if rule.tell else None
    made = _make(happened, rule, telling, now, outbox) if telling and telling.people else []
    if rule.ends is not Ends.NOTHING:
        outbox.ends.append(happened)
    for notice, messages in made:
        outbox.notices.append(notice)
        outbox.messages += messages


def _make(
    happened: Happened, rule: NoticeRule, telling: Telling, now: datetime, outbox: Outbox
) -> list[tuple[Notice, list[NoticeDelivery]]]:
    people = _people(telling)
    keys = sorted(person.pk for person in people.values())
    wanted = once(("preferences", *keys), lambda: preferences_of(people.values()))
    if telling.is_once:
        # Whether it was told already is asked of what stands.
        outbox.write(now)
    made = []
    for one in _not_told_yet(happened, telling):
        if one.person_id not in people:
            continue
        notice = _notice(happened, rule, telling, one, people[one.person_id])
        own = wanted[notice.person_id]
        at_least = _at_least(one, notice, people, wanted)
        planned = _plan(telling, notice, own, at_least, now)
        notice.is_silent = _is_silent(notice, own, at_least) and not planned
        messages = [
            NoticeDelivery(notice=notice, channel=each.channel, due_at=each.due_at)
            for each in planned
        ]
        made.append((notice, messages))
    return made


def _end_earlier(ends: Sequence[Happened], now: datetime) -> None:
    """End what was told before some entries of the same subjects, and asks for something."""
    asking = sorted(kind for kind in registry.rules if registry.rules.get(kind).asks)
    subjects = sorted({one.subject_id for one in ends})
    open_now = _OPEN.rows(fill(subjects), fill(asking)) if asking else []
    by_subject: dict[str, list[Happened]] = defaultdict(list)
    for one in ends:
        by_subject[one.subject_id].append(one)
    over = [
        key
        for key, subject, index, person in open_now
        if any(index < one.index and _ends_for(one, person) for one in by_subject[subject])
    ]
    if over:
        Notice.objects.filter(pk__in=over, ended_at=None).update(ended_at=now)


def _ends_for(happened: Happened, person: UUID) -> bool:
    if registry.rules.get(happened.kind).ends is Ends.FOR_ALL:
        return True
    return _uuid(happened.actor_id) == person


def _people(telling: Telling) -> dict[str, User]:
    named = {one.person_id for one in telling.people}
    named |= {absent for one in telling.people for absent in one.instead_of}
    ids = [found for found in map(_uuid, sorted(named)) if found is not None]
    people = once(("people", *ids), lambda: _ACTIVE.rows(fill(ids)) if ids else [])
    return {str(person.public_id): person for person in people if person.is_active}


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


_ACTIVE: Final = Prepared(lambda ids: User.objects.filter(public_id__in=ids).order_by("pk"))
_OPEN: Final = Prepared(
    lambda subjects, kinds: Notice.objects.filter(
        subject_id__in=subjects, ended_at=None, kind__in=kinds
    ).values_list("pk", "subject_id", "index", "person__public_id")
)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
