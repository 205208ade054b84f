"""The page of retention: the schedule in words, a count, a period that changes."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from governance.access.models import User
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.privacy.services import Cover, ask_hold
from governance.privacy.types import HoldScope
from governance.retention import services
from governance.retention.models import RetentionPeriod, RetentionRun
from governance.retention.services.running import KEEPER
from orchestra.core import clock
from tests.factories.access import make_person
from tests.governance.admin.test_changes import sign_in
from tests.governance.retention.scene import make_kept

PATH = "/admin/retention/"
CLASS = f"{PATH}classes/case_words/"
PASSWORD = "a long enough secret"


@pytest.fixture
def ilse(db: None) -> User:
    del db
    person = make_person("ilse", roles=[Role.COMPLIANCE_OFFICER], first_name="Ilse")
    person.set_password(PASSWORD)
    person.save()
    return person


def text_of(answer: Any) -> str:
    """Return the words of a page as they are read."""
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.content.decode())).split())


def change(client: Client, **fields: str) -> Any:
    given = {"days": "900", "seen": "730", "reason": "Agreed with the board", **fields}
    return client.post(CLASS, given)


def test_the_schedule_says_what_is_kept_how_long_and_why(ilse: User) -> None:
    text = text_of(sign_in(ilse).get(PATH))
    assert "What the audit history of a case says in words" in text
    assert "An audit history is kept for at least twelve months." in text
    assert "2,555 days" in text
    assert "No run has ended yet." in text
    assert "There is no legal hold." in text
    assert "case_history" not in text


def test_who_may_not_change_sees_the_schedule_alone(ilse: User) -> None:
    del ilse
    lead = sign_in(make_person("lena", roles=[Role.QA_LEAD]))
    text = text_of(lead.get(PATH))
    assert "Schedule" in text
    assert "Count what would go now" not in text
    assert CLASS not in lead.get(PATH).content.decode()
    assert lead.get(CLASS).status_code == 404
    assert lead.post(CLASS, {"days": "900"}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_count_is_asked_for_and_told(transactional_db: None) -> None:
    del transactional_db
    person = make_person("ilse", roles=[Role.COMPLIANCE_OFFICER])
    kept, client = make_kept(), sign_in(person)
    hold = ask_hold(
        actor=person.as_actor(),
        now=clock.now(),
        cover=Cover(HoldScope.CASE, kept.old.label),
        reason="Claim",
        reference="4 O 12/26",
    )
    client.post(f"{PATH}dry-run/")
    assert "Counting: 0 of" in text_of(client.get(f"{PATH}progress/"))
    answer = client.post(f"{PATH}dry-run/", follow=True)
    assert "A run is under way." in text_of(answer)
    (run,) = RetentionRun.objects.all()
    services.run_retention(run_pk=run.pk)
    text = text_of(client.get(PATH))
    assert "3 records would go" in text
    assert f"{hold.number} {kept.old.label}" in text
    assert "keeps 5 records whose period is over" in text
    services.run_whole(actor=KEEPER, now=clock.now())
    assert "3 records were removed" in text_of(client.get(PATH))


def test_a_period_is_changed_once_the_person_proved_who_they_are(ilse: User) -> None:
    client = sign_in(ilse)
    answer = change(client)
    assert answer["Location"] == f"{CLASS}step-up/"
    assert RetentionPeriod.objects.count() == 0
    wrong = client.post(f"{CLASS}step-up/", {"password": "guess"})
    assert "Nothing was changed." in text_of(wrong)
    done = client.post(f"{CLASS}step-up/", {"password": PASSWORD}, follow=True)
    assert "Changed. The next run goes by it." in text_of(done)
    assert "set by Ilse" in text_of(done)
    row = RetentionPeriod.objects.get()
    assert (row.code, row.days, row.reason) == ("case_words", 900, "Agreed with the board")
    assert "Agreed with the board" in text_of(client.get(CLASS))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"days": "12"}, "Give whole days, from 30 to 36500."),
        ({"days": "-900"}, "Give whole days, from 30 to 36500."),
        ({"days": "999999"}, "Give whole days, from 30 to 36500."),
        ({"days": ""}, "Give whole days, from 30 to 36500."),
        ({"reason": " "}, "Say why; the reason goes on record."),
        ({"seen": "365"}, "The period was changed to 730 days since you looked."),
    ],
)
def test_what_is_refused_keeps_what_was_typed(
    ilse: User, fields: dict[str, str], said: str
) -> None:
    client = sign_in(ilse)
    change(client, reason="")
    client.post(f"{CLASS}step-up/", {"password": PASSWORD})
    answer = change(client, **fields)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert RetentionPeriod.objects.count() == 0
    assert not LedgerEntry.objects.filter(kind="retention.changed").exists()
    typed = answer.content.decode()
    assert f'value="{fields.get("days", "900")}"' in typed
    assert fields.get("reason", "Agreed with the board").strip() in typed


def test_what_is_no_class_is_not_found(ilse: User) -> None:
    client = sign_in(ilse)
    assert client.get(f"{PATH}classes/everything/").status_code == 404
    assert client.post(f"{PATH}classes/everything/", {"days": "1"}).status_code == 404
    assert client.get(f"{PATH}classes/everything/step-up/").status_code == 404


@pytest.mark.parametrize("runs", [0, 12])
def test_the_page_asks_the_same_however_many_runs_there_were(
    ilse: User, runs: int, django_assert_max_num_queries: object
) -> None:
    for _number in range(runs):
        RetentionRun.objects.create(
            is_dry=False,
            state="done",
            by_kind="system",
            by_id="retention",
            by_label="retention",
            classes=[],
            created_at=clock.now(),
            ended_at=clock.now(),
        )
    client = sign_in(ilse)
    client.get(PATH)
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        client.get(PATH)
