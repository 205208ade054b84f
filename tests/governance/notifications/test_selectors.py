"""What a person was told and wants, and who sees what did not arrive."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from governance.access.models import User
from governance.access.selectors import authority_of
from governance.access.types import Role
from governance.notifications import rules, selectors
from governance.notifications.types import Manner, QuietHours, Topic
from orchestra.core.actors import system
from orchestra.core.errors import NotFoundError
from tests.factories.access import make_person
from tests.factories.notifications import choose, make_delivery, make_notice

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)


@pytest.fixture
def maren(db: None) -> User:
    del db
    return make_person("maren", roles=[Role.SUPERVISOR], time_zone="Europe/Berlin")


def test_without_a_choice_the_role_and_the_zone_of_the_pages_hold(maren: User) -> None:
    found = selectors.preferences_of([maren])[maren.pk]
    assert found.manners == rules.default_manners([Role.SUPERVISOR])
    assert (str(found.zone), found.quiet) == ("Europe/Berlin", rules.QUIET)
    assert found.digest_times == rules.DIGEST_TIMES


def test_a_choice_holds_and_what_it_leaves_out_follows_from_the_role(maren: User) -> None:
    quiet = QuietHours(time(22), time(6))
    choose(maren, NOW, Manner.OFF, quiet=quiet, zone="Asia/Tokyo", digest_times=(time(8, 30),))
    row = selectors.find_preference(authority=authority_of(maren.as_actor()))
    assert row is not None
    del row.manners["decide"]["critical"]
    row.manners["decide"]["low"] = "by pigeon"
    row.save()
    found = selectors.preferences_of([maren])[maren.pk]
    assert found.manners[Topic.DECIDE, "critical"] is Manner.AT_ONCE
    assert found.manners[Topic.DECIDE, "low"] is Manner.DIGEST
    assert found.manners[Topic.DECIDE, "high"] is Manner.OFF
    assert (found.quiet, str(found.zone)) == (quiet, "Asia/Tokyo")
    assert found.digest_times == (time(8, 30),)


def test_a_zone_that_is_none_reads_as_utc() -> None:
    assert str(selectors.zone_named("Mars/Olympus")) == "UTC"
    assert str(selectors.zone_named("../etc")) == "UTC"


def test_preferences_of_many_take_one_query(maren: User, django_assert_num_queries: Any) -> None:
    people = [maren, *(make_person(roles=[Role.SPECIALIST]) for _one in range(5))]
    choose(people[1], NOW)
    with django_assert_num_queries(1):
        assert len(selectors.preferences_of(people)) == 6


def test_only_what_is_open_unread_and_wanted_counts(maren: User) -> None:
    make_notice(make_person("dario"), NOW)
    make_notice(maren, NOW, read_at=NOW)
    make_notice(maren, NOW, ended_at=NOW)
    make_notice(maren, NOW, is_silent=True)
    unread = make_notice(maren, NOW)
    authority = authority_of(maren.as_actor())
    make_notice(maren, NOW, subject_id="AP", kind="approval.reminded", ended_at=NOW)
    assert selectors.count_unread(authority=authority) == 1
    assert list(selectors.list_notices(authority=authority, only_unread=True)) == [unread]
    assert selectors.list_notices(authority=authority).count() == 5
    assert selectors.get_notice(authority=authority, notice_id=unread.public_id) == unread


def test_nobody_sees_the_notices_of_another(maren: User) -> None:
    notice = make_notice(maren, NOW)
    for other in (make_person("dario").as_actor(), system("anything")):
        authority = authority_of(other)
        assert selectors.count_unread(authority=authority) == 0
        with pytest.raises(NotFoundError):
            selectors.get_notice(authority=authority, notice_id=notice.public_id)


def test_what_did_not_arrive_is_for_who_manages_access(maren: User) -> None:
    failed = make_delivery(make_notice(maren, NOW), NOW, state="failed", tried_at=NOW)
    petra = authority_of(make_person("petra", roles=[Role.ADMINISTRATOR]).as_actor())
    assert list(selectors.list_failed(authority=petra)) == [failed]
    assert list(selectors.list_failed(authority=authority_of(maren.as_actor()))) == []


def test_mail_fails_until_something_leaves_again(maren: User) -> None:
    petra = authority_of(make_person("petra", roles=[Role.ADMINISTRATOR]).as_actor())
    assert selectors.mail_fails_since(authority=petra) is None
    notice = make_notice(maren, NOW)
    make_delivery(notice, NOW, error="mail.try_later", tried_at=NOW)
    assert selectors.mail_fails_since(authority=petra) is None
    make_delivery(notice, NOW, error="mail.unreachable", tried_at=NOW)
    assert selectors.mail_fails_since(authority=petra) == NOW
    assert selectors.mail_fails_since(authority=authority_of(maren.as_actor())) is None
    assert selectors.count_waiting_mail(now=NOW) == 2
    make_delivery(notice, NOW, state="sent", ended_at=NOW + timedelta(seconds=1))
    assert selectors.mail_fails_since(authority=petra) is None
