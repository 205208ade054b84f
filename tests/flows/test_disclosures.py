"""Customers are told that an AI speaks: shown by agents, carried by words, told in a report."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.memory.disclosure_report import DISCLOSURE
from cases.memory.disclosures import PAGE, list_conversations
from cases.memory.models import Case, Interaction
from cases.memory.types import Channel, Speaker
from governance.controls.types import Asked
from governance.ledger.erasable import Reach
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from governance.ledger.services import erase_payloads
from orchestra.core import clock
from orchestra.core.actors import system
from tests.factories.articles import put_in_force
from tests.factories.cases import make_case, make_message
from tests.flows.conftest import World
from tests.flows.helpers import open_case, say

TEXT = "You are talking to an AI."


def texts(retail: World, case: str) -> list[dict[str, Any]]:
    answer = retail.api.get(f"cases/{case}/disclosures/")
    assert answer.status_code == 200, answer.content
    return list(answer.json()["texts"])


def tell(retail: World, case: str, **body: Any) -> Any:
    return retail.api.post(f"cases/{case}/disclosures/", body)


def shown() -> list[LedgerEntry]:
    return list(LedgerEntry.objects.filter(kind="disclosure.shown").order_by("id"))


def found(retail: World) -> dict[str, tuple[int, int, tuple[str, ...]]]:
    del retail
    now = clock.now()
    lines = DISCLOSURE.gaps(since=now - timedelta(days=1), until=now + timedelta(days=1))
    return {line.code: (line.complete, line.total, line.missing) for line in lines}


def label(case: str) -> str:
    return Case.objects.get(public_id=case).label


class TestShowing:
    def test_words_that_carry_the_text_are_its_record_once_a_contact(self, retail: World) -> None:
        case = open_case(retail)
        (text,) = texts(retail, case)
        assert text["article"] == "ai_disclosure"
        message = say(retail, case, "ai", f"Hello!  {text['text']}\nHow can I help?")
        say(retail, case, "ai", text["text"])
        (entry,) = shown()
        payload = payload_of(entry=entry) or {}
        assert entry.subject_kind == "interaction"
        assert payload["message"] == message
        assert payload["text_digest"] == text["text_digest"]
        assert payload["channel"] == "chat"
        assert found(retail)["in_time"] == (1, 1, ())

    def test_what_the_channel_showed_is_posted(self, retail: World) -> None:
        case = open_case(retail)
        answer = tell(retail, case, at="2026-01-05T10:00:00+01:00")
        assert answer.status_code == 201, answer.content
        assert answer.json()["shown_at"].startswith("2026-01-05T09:00:00")
        listed = retail.api.get(f"cases/{case}/disclosures/").json()["shown"]
        assert [one["article"] for one in listed] == ["ai_disclosure"]
        say(retail, case, "ai", "Hello.")
        assert found(retail)["told"] == (1, 1, ())

    def test_a_customers_words_are_no_disclosure(self, retail: World) -> None:
        case = open_case(retail)
        say(retail, case, "customer", texts(retail, case)[0]["text"])
        assert shown() == []

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"language": "de"}, "language"),
            ({"at": "2099-01-01T00:00:00Z"}, "at"),
            ({"interaction": "018f0000-0000-7000-8000-000000000000"}, "interaction"),
        ],
    )
    def test_what_was_not_shown_is_not_recorded(
        self, retail: World, body: dict[str, str], field: str
    ) -> None:
        answer = tell(retail, open_case(retail), **body)
        assert answer.status_code == 422
        assert [one["field"] for one in answer.json()["errors"]] == [field]
        assert shown() == []

    def test_several_languages_ask_for_one(self, retail: World) -> None:
        put_in_force(
            "ki_hinweis", topics=["ai_disclosure"], audience=["customer"], language="de", body=TEXT
        )
        case = open_case(retail)
        assert tell(retail, case).status_code == 422
        assert tell(retail, case, language="de").json()["article"] == "ki_hinweis"

    def test_a_text_may_be_for_one_channel(self, retail: World) -> None:
        put_in_force(
            "on_the_phone", topics=["ai_disclosure", "voice"], audience=["customer"], body=TEXT
        )
        case = open_case(retail)
        assert [one["article"] for one in texts(retail, case)] == ["ai_disclosure"]
        retail.api.post(f"cases/{case}/interactions/", {"channel": "voice"})
        assert {one["article"] for one in texts(retail, case)} == {"ai_disclosure", "on_the_phone"}


class TestTheReport:
    def test_late_and_missing_are_named_with_their_case(self, retail: World) -> None:
        never, late = open_case(retail), open_case(retail)
        say(retail, never, "ai", "Hello.")
        say(retail, late, "ai", "Hello.")
        say(retail, late, "ai", texts(retail, late)[0]["text"])
        assert found(retail)["told"] == (1, 2, (label(never),))
        assert found(retail)["in_time"] == (0, 1, (label(late),))
        now = clock.now()
        tables = DISCLOSURE.tables(Asked(now - timedelta(days=1), now + timedelta(days=1)))
        assert [row[-1] for row in tables[0].rows] == ["not on record", "late"]

    def test_a_contact_without_an_ai_is_not_asked_after(self, retail: World) -> None:
        open_case(retail)
        assert found(retail)["told"] == (0, 0, ())

    def test_what_was_erased_is_no_gap(self, retail: World) -> None:
        case = open_case(retail)
        say(retail, case, "ai", texts(retail, case)[0]["text"])
        with transaction.atomic():
            erase_payloads(
                actor=system("test"),
                now=clock.now(),
                reach=Reach(streams=[f"case:{case}"]),
                told={"reason": "Asked for.", "reference": "DSR-1"},
                subject=("customer", "c-1"),
            )
        now = clock.now()
        lines = {
            one.code: one
            for one in DISCLOSURE.gaps(since=now - timedelta(days=1), until=now + timedelta(days=1))
        }
        assert (lines["told"].complete, lines["told"].total) == (1, 1)
        assert (lines["text"].total, lines["text"].erased) == (0, 1)


@pytest.mark.django_db
def test_many_contacts_take_two_queries_a_page_and_those_without_an_ai_none() -> None:
    case = make_case()
    said = make_message(case, speaker=Speaker.AI)
    first = Interaction.objects.get(case=case)

    def add(count: int) -> list[Interaction]:
        return Interaction.objects.bulk_create(
            Interaction(case=case, channel=Channel.CHAT, started_at=first.started_at)
            for _number in range(count)
        )

    def told(queries: int) -> list[str]:
        since = first.started_at - timedelta(days=1)
        with CaptureQueriesContext(connection) as captured:
            found = list(list_conversations(since=since, until=since + timedelta(days=2)))
        assert len(captured) == queries
        return [one.label for one in found]

    silent = add(PAGE)
    # One page, and the entries of the one in which an AI spoke.
    assert told(2) == [case.label]
    for contact in [*silent, *add(PAGE)]:
        said.pk, said.interaction, said._state.adding = None, contact, True
        said.public_id = uuid4()
        said.save()
    assert told(6) == [case.label] * (2 * PAGE + 1)
