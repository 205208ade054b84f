"""The centre's words before the customer's: kept sealed, placed in order, gone after a day."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.channels import services
from cases.channels.models import ChannelEarly, InboundChannel
from cases.channels.services import early
from cases.channels.types import Outcome
from cases.memory.models import Case, Message
from cases.memory.selectors import list_messages
from cases.tasks import forget_early_words
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from orchestra.core.clock import rfc3339
from tests.factories.channels import chatwoot

pytestmark = pytest.mark.django_db
Send = Callable[..., Outcome]


def outgoing(text: str, at: datetime) -> Any:
    return chatwoot(text, message_type="outgoing", created_at=rfc3339(at))


def said(case: Case) -> list[str]:
    return [message.text for message in list_messages(case=case)]


def test_early_words_wait_and_stand_in_order_once_the_customer_writes(
    chat: InboundChannel, send: Send, now: datetime
) -> None:
    minutes = [now - timedelta(minutes=each) for each in (9, 8, 7)]
    assert send(chat, outgoing("Are you still there?", minutes[2])) is Outcome.UNPLACED
    assert send(chat, outgoing("Good evening.", minutes[0])) is Outcome.UNPLACED
    assert not Case.objects.exists()
    send(chat, chatwoot("My lamp is broken.", created_at=rfc3339(minutes[1])))
    case = Case.objects.get()
    assert said(case) == ["Good evening.", "My lamp is broken.", "Are you still there?"]
    speakers = Message.objects.order_by("at").values_list("speaker", flat=True)
    assert list(speakers) == ["human", "customer", "human"]
    assert not ChannelEarly.objects.exists()
    kinds = list(LedgerEntry.objects.order_by("id").values_list("kind", flat=True))
    assert kinds.count("message.added") == 3
    assert kinds.index("case.opened") < kinds.index("message.added")


def test_what_waits_is_sealed(chat: InboundChannel, send: Send, now: datetime) -> None:
    send(chat, outgoing("Good evening, Mia.", now))
    row = ChannelEarly.objects.get()
    assert b"Mia" not in bytes(row.sealed)
    assert row.said_at == now


def test_another_conversation_gets_none_of_it(
    chat: InboundChannel, send: Send, now: datetime
) -> None:
    send(chat, outgoing("Good evening.", now))
    send(chat, chatwoot("Hello.", contact=900, conversation=77))
    assert said(Case.objects.get()) == ["Hello."]
    assert ChannelEarly.objects.count() == 1


def test_after_a_day_it_is_neither_placed_nor_kept(
    chat: InboundChannel, send: Send, now: datetime
) -> None:
    send(chat, outgoing("Good evening.", now))
    ChannelEarly.objects.update(kept_at=now - early.KEPT)
    send(chat, chatwoot("Hello."))
    assert said(Case.objects.get()) == ["Hello."]
    assert not ChannelEarly.objects.exists()


def test_the_worker_forgets_what_nobody_followed(
    chat: InboundChannel, send: Send, now: datetime
) -> None:
    send(chat, outgoing("Good evening.", now))
    assert services.forget_early(now=now + early.KEPT - timedelta(seconds=1)) == 0
    ChannelEarly.objects.update(kept_at=clock.now() - early.KEPT)
    forget_early_words()
    assert not ChannelEarly.objects.exists()


def test_no_more_than_a_greeting_is_kept_and_the_rest_may_be_sent_again(
    chat: InboundChannel, send: Send, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(early, "MOST", 1)
    send(chat, outgoing("Good evening.", now))
    more = outgoing("Hello?", now)
    assert send(chat, more) is Outcome.UNPLACED
    assert ChannelEarly.objects.count() == 1
    send(chat, chatwoot("Hello."))
    assert send(chat, more) is Outcome.TAKEN
