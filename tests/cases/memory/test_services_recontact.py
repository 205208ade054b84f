"""Who comes back, and who only says thanks: what opens a resolved case again, and what does not."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from cases.journeys import services as journeys
from cases.memory import services
from cases.memory.models import Case, Message
from cases.memory.types import CaseStatus, Speaker
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from orchestra.core.errors import ConflictError
from tests.factories.cases import (
    contact,
    kinds_of,
    last_payload,
    make_case,
    make_customer,
    make_message,
)

THANKS = "Thank you very much!"
MAILBOX = "Automatic reply: I am out of the office until Monday."
AGAIN = "The lamp is broken again."


@pytest.fixture
def resolved(centre: Any, now: datetime) -> Case:
    draft = contact(text="I want to return my lamp.", external_ref="chat-1", queue=centre.queue.key)
    case = services.open_case(actor=centre.agent.as_actor(), now=now, draft=draft)
    journeys.resolve(
        actor=centre.person.as_actor(), now=now, case=case, outcome="Returned", confirmed=True
    )
    case.refresh_from_db()
    return case


def payloads(kind: str, stream: str) -> list[dict[str, Any]]:
    rows = LedgerEntry.objects.filter(stream=stream, kind=kind).order_by("seq")
    return [dict(payload_of(entry=row) or {}) for row in rows]


def write(centre: Any, now: datetime, text: str) -> services.Contact:
    draft = contact(text=text, external_ref="chat-1", queue=centre.queue.key)
    return services.receive_contact(actor=centre.agent.as_actor(), now=now, draft=draft)


def say(centre: Any, now: datetime, case: Case, text: str, speaker: Speaker) -> None:
    journeys.add_message(
        actor=centre.person.as_actor(), now=now, case=case, speaker=speaker, text=text
    )


@pytest.mark.parametrize("text", [THANKS, MAILBOX])
def test_thanks_and_mailboxes_are_kept_and_open_nothing(
    centre: Any, now: datetime, resolved: Case, text: str
) -> None:
    found = write(centre, now, text)
    say(centre, now, resolved, text, Speaker.CUSTOMER)
    resolved.refresh_from_db()
    assert (found.case.pk, found.rejoined, resolved.status) == (resolved.pk, True, "resolved")
    assert (resolved.outcome, resolved.resolved_at) == ("Returned", now)
    assert Message.objects.filter(case=resolved, text=text).count() == 2
    assert "case.reopened" not in kinds_of(resolved.stream)
    [started] = payloads("interaction.started", resolved.stream)
    assert started["asks_for_nothing"] is True


@pytest.mark.parametrize("text", [AGAIN, f"{THANKS} But {AGAIN}", "Thanks. When is it paid back?"])
def test_a_customer_who_asks_again_opens_it_as_a_contact_and_in_the_same_one(
    centre: Any, now: datetime, resolved: Case, text: str
) -> None:
    write(centre, now, text)
    resolved.refresh_from_db()
    assert resolved.status == CaseStatus.OPEN
    journeys.resolve(
        actor=centre.person.as_actor(), now=now, case=resolved, outcome="Sent", confirmed=False
    )
    say(centre, now, resolved, text, Speaker.CUSTOMER)
    resolved.refresh_from_db()
    assert (resolved.status, resolved.outcome, resolved.resolved_at) == ("open", "", None)
    reopened = payloads("case.reopened", resolved.stream)
    assert [one["by_customer"] for one in reopened] == [True, True]
    # Two episodes, each with an end of its own.
    assert kinds_of(resolved.stream).count("case.resolved") == 2


@pytest.mark.parametrize("text", ["Yes.", "OK, fine", "Hello"])
def test_an_answer_within_the_contact_opens_nothing(
    centre: Any, now: datetime, resolved: Case, text: str
) -> None:
    say(centre, now, resolved, text, Speaker.CUSTOMER)
    say(centre, now, resolved, AGAIN, Speaker.HUMAN)
    resolved.refresh_from_db()
    assert resolved.status == CaseStatus.RESOLVED


def test_a_person_who_opens_it_is_no_recontact(centre: Any, now: datetime, resolved: Case) -> None:
    journeys.reopen(
        actor=centre.person.as_actor(), now=now, case=resolved, reason="The note was wrong."
    )
    assert last_payload(resolved.stream)["by_customer"] is False
    resolved.refresh_from_db()
    assert resolved.status == CaseStatus.OPEN


def test_a_closed_case_is_not_opened_by_words(centre: Any, now: datetime, resolved: Case) -> None:
    Case.objects.filter(pk=resolved.pk).update(status=CaseStatus.CLOSED)
    before = kinds_of(resolved.stream)
    with pytest.raises(ConflictError, match="reopen it first"):
        write(centre, now, AGAIN)
    with pytest.raises(ConflictError):
        say(centre, now, resolved, THANKS, Speaker.CUSTOMER)
    assert kinds_of(resolved.stream) == before


def test_words_under_the_reference_of_an_absorbed_case_go_by_the_survivor(
    centre: Any, now: datetime, resolved: Case
) -> None:
    mia = make_customer("mia")
    Case.objects.filter(pk=resolved.pk).update(customer=mia, verification="basic", status="open")
    survivor = make_case(centre.queue, customer=mia, verification="basic")
    make_message(survivor, "Where is it?")
    resolved.refresh_from_db()
    actor = centre.person.as_actor()
    journeys.merge_cases(
        actor=actor, now=now, survivor=survivor, absorbed=resolved, reason="The same."
    )
    journeys.resolve(actor=actor, now=now, case=survivor, outcome="Sent", confirmed=True)
    draft = replace(
        contact(text=THANKS, external_ref="chat-1", queue=centre.queue.key), customer_ref=mia.ref
    )
    services.receive_contact(actor=centre.agent.as_actor(), now=now, draft=draft)
    survivor.refresh_from_db()
    assert survivor.status == CaseStatus.RESOLVED
    services.receive_contact(
        actor=centre.agent.as_actor(), now=now, draft=replace(draft, text=AGAIN)
    )
    survivor.refresh_from_db()
    assert survivor.status == CaseStatus.OPEN
    assert Case.objects.count() == 2
