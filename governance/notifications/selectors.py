"""What a person was told and wants, what did not arrive, and whether mail leaves at all."""

import zoneinfo
from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import F, Max, Q, QuerySet
from django.utils.translation import gettext as _

from governance.access.models import User
from governance.access.rules import may
from governance.access.types import Authority, Capability, Role
from governance.notifications import rules
from governance.notifications.models import Notice, NoticeDelivery, NoticePreference
from governance.notifications.types import (
    DeliveryState,
    Manner,
    News,
    Preferences,
    QuietHours,
    Topic,
)
from governance.policies.types import RiskLevel
from orchestra.core.errors import NotFoundError

#: What a server answers, or does not, when it would refuse anybody.
EVERYBODY: Final = ("mail.unreachable", "mail.refused_by_server")
_ROLES: Final = frozenset(Role)
_UNREAD: Final = Q(read_at=None, ended_at=None, is_silent=False)


def list_forgettable() -> QuerySet[Notice]:
    """Return the notices whose messages are not under way; they are no evidence, the ledger is."""
    going = (DeliveryState.WAITING, DeliveryState.SENDING)
    return Notice.objects.exclude(deliveries__state__in=going)


def preferences_of(people: Iterable[User]) -> Mapping[int, Preferences]:
    """Return how each of several people wants to be told, by primary key, in one query."""
    by_pk = {person.pk: person for person in people}
    held: dict[int, set[Role]] = {}
    rows = User.objects.filter(pk__in=by_pk).annotate(role=F("groups__name"))
    chosen: dict[int, NoticePreference] = {}
    for row in rows.select_related("notice_preference"):
        role: Any = row.role
        found = held.setdefault(row.pk, set())
        if role in _ROLES:
            found.add(Role(role))
        if hasattr(row, "notice_preference"):
            chosen[row.pk] = row.notice_preference
    return {
        pk: read_preferences(person, chosen.get(pk), held.get(pk, set()))
        for pk, person in by_pk.items()
    }


def read_preferences(
    person: User, row: NoticePreference | None, roles: Iterable[Role]
) -> Preferences:
    """Return what a stored row says, completed by what follows from the roles."""
    manners = rules.default_manners(roles)
    if row is None:
        return Preferences(
            manners=manners,
            zone=zone_named(person.time_zone),
            digest_times=rules.DIGEST_TIMES,
            quiet=rules.QUIET,
        )
    for topic, column in manners:
        wanted = row.manners.get(str(topic), {}).get(column)
        if wanted in set(Manner):
            manners[topic, column] = Manner(wanted)
    quiet = None
    if row.quiet_begins is not None and row.quiet_ends is not None:
        quiet = QuietHours(row.quiet_begins, row.quiet_ends)
    times = tuple(time.fromisoformat(one) for one in row.digest_times)
    return Preferences(
        manners=manners,
        zone=zone_named(row.zone or person.time_zone),
        digest_times=times or rules.DIGEST_TIMES,
        quiet=quiet,
    )


def zone_named(name: str) -> zoneinfo.ZoneInfo:
    """Return a time zone; UTC where there is none of that name."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return zoneinfo.ZoneInfo("UTC")


def find_preference(*, authority: Authority) -> NoticePreference | None:
    """Return what a person chose, or None where they chose nothing yet."""
    return NoticePreference.objects.filter(person_id=_person(authority)).first()


def news_of(notice: Notice) -> News:
    """Return a notice as the rules of delivery see it."""
    return News(
        topic=Topic(notice.topic),
        risk=RiskLevel(notice.risk) if notice.risk else None,
        deadline_at=notice.deadline_at,
    )


def list_notices(*, authority: Authority, only_unread: bool = False) -> QuerySet[Notice]:
    """Return a person's own notices, newest first, with their messages, in two queries."""
    notices = Notice.objects.filter(person_id=_person(authority)).order_by("-id")
    if only_unread:
        notices = notices.filter(_UNREAD)
    return notices.select_related("queue").prefetch_related("deliveries")


def count_unread(*, authority: Authority) -> int:
    """Return of how many subjects there is news that a person has not read and that stands."""
    unread = Notice.objects.filter(_UNREAD, person_id=_person(authority)).order_by()
    return unread.values("subject_kind", "subject_id").distinct().count()


def get_notice(*, authority: Authority, notice_id: UUID) -> Notice:
    """Return one of a person's own notices.

    Raises:
        NotFoundError: There is none, or it is somebody else's.
    """
    found = Notice.objects.filter(person_id=_person(authority), public_id=notice_id).first()
    if found is None:
        raise NotFoundError(_("There is no such notice."), code="notice.not_found")
    return found


def list_since(*, authority: Authority, at: datetime, most: int) -> list[Notice]:
    """Return what a person was told since a moment, newest first."""
    notices = Notice.objects.filter(person_id=_person(authority), at__gte=at)
    return list(notices.order_by("-id")[:most])


def list_failed(*, authority: Authority) -> QuerySet[NoticeDelivery]:
    """Return the messages that did not arrive, for who manages access; latest first."""
    failed = NoticeDelivery.objects.filter(state=DeliveryState.FAILED).order_by("-tried_at", "-pk")
    if not may(authority, Capability.ACCESS_MANAGE):
        return failed.none()
    return failed.select_related("notice__person", "notice__queue")


def mail_fails_since(*, authority: Authority) -> datetime | None:
    """Return when the mail server last refused everybody, None once anything left after that.

    Only who manages access is told; to others it is None.
    """
    if not may(authority, Capability.ACCESS_MANAGE):
        return None
    refused = NoticeDelivery.objects.filter(error__in=EVERYBODY)
    waiting = refused.filter(state__in=[DeliveryState.WAITING, DeliveryState.SENDING])
    failed = refused.filter(state=DeliveryState.FAILED)
    moments = [rows.aggregate(at=Max("tried_at"))["at"] for rows in (waiting, failed)]
    latest: datetime | None = max((one for one in moments if one is not None), default=None)
    if latest is None:
        return None
    sent = NoticeDelivery.objects.filter(state=DeliveryState.SENT, ended_at__gte=latest)
    return None if sent.exists() else latest


def count_waiting_mail(*, now: datetime) -> int:
    """Return how many messages are due and have not left."""
    waiting = NoticeDelivery.objects.filter(state=DeliveryState.WAITING)
    return waiting.filter(due_at__lte=now + timedelta(minutes=1)).count()


def _person(authority: Authority) -> int:
    # Nobody but people is told anything; no row has the number of nobody.
    actor = authority.actor
    return actor.pk if actor.is_human and actor.pk is not None else -1
