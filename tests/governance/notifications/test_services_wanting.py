"""Saying how one wants to be told: whole, once, and only for oneself."""

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

import pytest

from governance.access.models import User
from governance.ledger.models import LedgerEntry
from governance.notifications import services
from governance.notifications.models import NoticePreference
from governance.notifications.services.wanting import Wanted
from governance.notifications.types import Manner, QuietHours, Topic
from orchestra.core.actors import system
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from tests.factories.access import make_person

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)
WANTED = Wanted(
    manners={(Topic.DECIDE, "high"): Manner.DIGEST},
    digest_times=(time(14), time(9)),
    quiet=QuietHours(time(21), time(6)),
    zone="Europe/Berlin",
    revision=0,
)


@pytest.fixture
def maren(db: None) -> User:
    del db
    return make_person("maren")


def save(person: User, **changes: Any) -> NoticePreference:
    wanted = replace(WANTED, **changes)
    return services.save_preferences(actor=person.as_actor(), now=NOW, wanted=wanted)


def test_a_choice_is_kept_and_recorded_once(maren: User) -> None:
    row = save(maren)
    assert row.manners == {"decide": {"high": "digest"}}
    assert (row.digest_times, row.revision) == (["09:00", "14:00"], 1)
    assert (row.quiet_begins, row.quiet_ends, row.zone) == (time(21), time(6), "Europe/Berlin")
    entry = LedgerEntry.objects.get(kind="notification.settings_saved")
    assert entry.subject_id == str(maren.public_id)


def test_two_who_save_at_once_do_not_undo_each_other(maren: User) -> None:
    save(maren)
    with pytest.raises(ConflictError):
        save(maren, zone="")
    assert save(maren, revision=1, zone="").revision == 2
    with pytest.raises(ConflictError):
        save(maren, revision=1)
    assert NoticePreference.objects.get().zone == ""
    assert LedgerEntry.objects.filter(kind="notification.settings_saved").count() == 2


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_saved(maren: User) -> None:
    with pytest.raises(InvalidInputError) as caught:
        save(maren, digest_times=(), zone="Mars", manners={(Topic.ACCESS, "high"): Manner.OFF})
    assert [one.field for one in caught.value.errors] == ["digest_times", "zone", "manners"]
    with pytest.raises(InvalidInputError):
        save(maren, digest_times=tuple(time(hour) for hour in range(7)))
    assert not NoticePreference.objects.exists()
    assert not LedgerEntry.objects.exists()


def test_only_people_choose(maren: User) -> None:
    with pytest.raises(NotPermittedError):
        services.save_preferences(actor=system("x"), now=NOW, wanted=WANTED)
    with pytest.raises(NotPermittedError):
        services.send_test(actor=system("x"), now=NOW)
    services.send_test(actor=maren.as_actor(), now=NOW)
    assert LedgerEntry.objects.get().kind == "notification.tested"
