"""A draft beside the version in force, as the page of its change shows it."""

from datetime import timedelta

import pytest

from governance.policies.models import Rehearsal
from governance.policies.services import follow_shadows
from governance.reviews.models import ChangeRequest
from orchestra.core import clock
from tests.factories.rehearsals import record_lookups
from tests.factories.reviews import People, open_change
from tests.governance.admin.test_changes import (
    link,
    people,  # noqa: F401  the fixture is used by name
    sign_in,
    text_of,
)
from tests.governance.policies.test_services_rehearsing_changes import STRICTER

pytestmark = pytest.mark.django_db


@pytest.fixture
def change(people: People) -> ChangeRequest:  # noqa: F811  the fixture
    return open_change(people.author, STRICTER)


def start(change: ChangeRequest, people: People) -> Rehearsal:  # noqa: F811
    sign_in(people.author).post(link(change, "shadow/start"), {"days": "14"})
    shadow = change.rehearsals.get(live=True)
    record_lookups(at=clock.now() + timedelta(seconds=1))
    follow_shadows(read_clock=lambda: clock.now() + timedelta(hours=1))
    shadow.refresh_from_db()
    return shadow


def test_it_is_started_watched_and_stopped(change: ChangeRequest, people: People) -> None:  # noqa: F811
    author, officer = sign_in(people.author), sign_in(people.officer)
    assert "Let this text run beside it for" in text_of(author, link(change))
    # Whoever may not draft sees nothing of what never ran.
    assert "Beside the version in force" not in text_of(officer, link(change))
    assert officer.get(link(change, "shadow")).status_code == 404
    shadow = start(change, people)
    assert shadow.until_at - shadow.since_at == timedelta(days=14)
    text = text_of(officer, link(change))
    for part in (
        "Running beside version 1: 6 decisions, 3 would differ",
        link(change, "shadow") + "?cell=verify%3Edeny#behind",
        "It decides nothing, and nobody waits for it.",
    ):
        assert part in text, part
    assert "Stop it" not in text
    behind = text_of(officer, link(change, "shadow") + "?cell=verify%3Edeny")
    assert "Cases behind “verify → deny”" in behind
    assert behind.count("/admin/decisions/") >= 3
    assert "Stop it" in text_of(author, link(change))
    author.post(link(change, "shadow/stop"))
    ended = text_of(officer, link(change))
    assert "6 decisions, 3 would differ" in ended
    assert "It was stopped." in ended
    assert "It was stopped." in text_of(officer, link(change, "shadow"))


def test_who_may_not_start_one_is_told(change: ChangeRequest, people: People) -> None:  # noqa: F811
    answer = sign_in(people.officer).post(link(change, "shadow/start"), {"days": "7"}, follow=True)
    assert answer.status_code == 200
    assert change.rehearsals.count() == 0
    start(change, people)
    sign_in(people.officer).post(link(change, "shadow/stop"))
    assert change.rehearsals.get().state == "running"
