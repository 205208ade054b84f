"""What a channel sends: refused, ignored, taken in once, and placed in its case."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.channels import services
from cases.channels.models import ChannelMessage, ChannelThread, InboundChannel
from cases.channels.rules import to_json
from cases.channels.types import Outcome, Scheme, SignatureRefusedError
from cases.journeys import services as journeys
from cases.memory.models import Case, Interaction, Message
from governance.access.models import User
from governance.ledger.models import LedgerEntry
from orchestra.core.actors import system
from orchestra.core.errors import ConflictError, InvalidInputError
from tests.factories.channels import GENERIC, chatwoot, make_channel, signed, zendesk
from tests.factories.races import race

pytestmark = pytest.mark.django_db
Send = Callable[..., Outcome]
MIA = "mia_garcia_4516"


def texts() -> list[str]:
    return list(Message.objects.order_by("at", "pk").values_list("text", flat=True))


def test_a_first_message_opens_a_case_and_the_next_joins_it(
    chat: InboundChannel, send: Send, now: datetime
) -> None:
    assert send(chat, chatwoot()) is Outcome.TAKEN
    assert send(chat, chatwoot("It is order W2378156.")) is Outcome.TAKEN
    assert send(chat, chatwoot("We look.", message_type="outgoing")) is Outcome.TAKEN
    case = Case.objects.get()
    assert (case.queue.key, case.channel, case.verification) == ("care", "chat", "none")
    assert case.external_ref is None
    assert (case.opened_by_kind, case.opened_by_id) == ("system", "channel:web-chat")
    assert list(Message.objects.order_by("pk").values_list("speaker", flat=True)) == [
        "customer",
        "customer",
        "human",
    ]
    assert Interaction.objects.count() == 1
    chat.refresh_from_db()
    assert (chat.taken, chat.ignored, chat.last_taken_at) == (3, 0, now)
    kinds = list(LedgerEntry.objects.order_by("id").values_list("kind", flat=True))
    assert kinds.count("case.opened") == 1
    assert kinds.count("message.added") == 3


def test_the_same_message_again_changes_nothing(chat: InboundChannel, send: Send) -> None:
    payload = chatwoot()
    send(chat, payload)
    entries = LedgerEntry.objects.count()
    assert send(chat, payload) is Outcome.DUPLICATE
    assert (Case.objects.count(), Message.objects.count()) == (1, 1)
    assert LedgerEntry.objects.count() == entries
    chat.refresh_from_db()
    assert (chat.taken, chat.duplicates) == (1, 1)


def test_what_arrives_late_stands_where_it_was_said(
    chat: InboundChannel, send: Send, now: datetime
) -> None:
    send(chat, chatwoot("second", created_at="2026-11-19T19:02:00Z"))
    send(chat, chatwoot("third", created_at="2026-11-19T19:03:00Z"))
    send(chat, chatwoot("first", created_at="2026-11-19T19:01:00Z"))
    send(chat, chatwoot("from a clock that runs ahead", created_at="2027-01-01T00:00:00Z"))
    assert texts() == ["first", "second", "third", "from a clock that runs ahead"]
    assert Message.objects.order_by("at").last().at == now  # type: ignore[union-attr]


def test_whoever_comes_back_by_another_channel_lands_in_the_same_case(
    petra: User, chat: InboundChannel, send: Send, now: datetime
) -> None:
    desk = make_channel(
        petra, now, scheme="standard", state="live", fields=to_json(GENERIC), channel="email"
    )
    send(chat, chatwoot(identifier=MIA))
    case = Case.objects.get()
    journeys.record_verification(
        actor=system("test"),
        now=now,
        case=case,
        level="basic",
        method="asked",  # type: ignore[arg-type]
    )
    data = {
        "id": "m1",
        "thread": "t1",
        "from": "x",
        "customer": MIA,
        "body": "Me again.",
        "at": 1795115040,
        "role": "user",
        "via": "mail",
    }
    assert send(desk, {"type": "message.sent", "data": data}) is Outcome.TAKEN
    case.refresh_from_db()
    assert Case.objects.count() == 1
    channels = Interaction.objects.order_by("pk").values_list("channel", flat=True)
    assert list(channels) == ["chat", "email"]
    # Nobody showed that it is the same person: what was verified has to be verified again.
    assert case.verification == "none"
    assert ChannelThread.objects.filter(case=case).count() == 2
    # The first conversation goes on in its own contact.
    send(chat, chatwoot("Still here.", identifier=MIA))
    assert Message.objects.order_by("-pk")[0].interaction.channel == "chat"


def test_a_contact_only_that_system_knows_is_nobody_elses(
    petra: User, chat: InboundChannel, send: Send, now: datetime
) -> None:
    other = make_channel(petra, now, scheme="zendesk", state="live", key="desk")
    send(chat, chatwoot(contact=900))
    send(other, zendesk())
    refs = Case.objects.order_by("pk").values_list("customer__ref", flat=True)
    assert list(refs) == ["web-chat:900", "desk:900"]
    assert Case.objects.filter(channel="email").count() == 1


def test_a_repeat_of_early_words_is_no_second_message(chat: InboundChannel, send: Send) -> None:
    reply = chatwoot("Good evening.", message_type="outgoing")
    assert send(chat, reply) is Outcome.UNPLACED
    assert send(chat, reply) is Outcome.DUPLICATE
    assert not LedgerEntry.objects.exists()
    send(chat, chatwoot())
    assert send(chat, reply) is Outcome.DUPLICATE
    assert Message.objects.count() == 2


def test_a_customer_who_writes_after_the_end_is_heard(
    chat: InboundChannel, send: Send, now: datetime
) -> None:
    send(chat, chatwoot())
    case = Case.objects.get()
    Case.objects.filter(pk=case.pk).update(
        status="resolved", resolved_at=now - timedelta(minutes=30)
    )
    send(chat, chatwoot("It is not done."))
    case.refresh_from_db()
    assert case.status == "open"
    Case.objects.filter(pk=case.pk).update(status="closed", closed_at=now)
    send(chat, chatwoot("Another thing."))
    newest = Case.objects.order_by("-pk")[0]
    assert newest.pk != case.pk
    assert ChannelThread.objects.get().case == newest


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        (chatwoot(event="conversation_created"), ""),
        (chatwoot(private=True), ""),
        (chatwoot(content=""), "channel.lacks_text"),
    ],
)
def test_what_is_no_message_is_counted_and_all_right(
    chat: InboundChannel, send: Send, payload: dict[str, Any], error: str
) -> None:
    assert send(chat, payload) is Outcome.IGNORED
    chat.refresh_from_db()
    assert (chat.ignored, chat.taken, chat.last_error) == (1, 0, error)
    assert not Case.objects.exists()
    assert not ChannelMessage.objects.exists()


def test_what_is_not_signed_is_refused_and_changes_nothing(
    chat: InboundChannel, send: Send, now: datetime
) -> None:
    old = now - timedelta(minutes=6)
    for sent in (
        lambda: send(chat, chatwoot(), key=b"another"),
        lambda: send(chat, chatwoot(), at=old),
        lambda: services.receive(key="nobody", headers={}, body=b"{}", now=now),
    ):
        with pytest.raises(SignatureRefusedError) as caught:
            sent()
        # All alike: whether there is such a channel is not told.
        assert caught.value.message == "The request is not signed as it must be, or is too old."
    chat.refresh_from_db()
    # The second within a second is logged and not counted.
    assert (chat.refused, chat.last_error) == (1, "channel.signature")
    assert not Case.objects.exists()
    assert not LedgerEntry.objects.exists()


def test_what_no_queue_takes_is_not_swallowed(petra: User, send: Send, now: datetime) -> None:
    channel = make_channel(petra, now, state="live")
    with pytest.raises(InvalidInputError):
        send(channel, chatwoot())
    channel.refresh_from_db()
    assert (channel.taken, channel.last_error) == (0, "channel.not_acceptable")
    assert not ChannelMessage.objects.exists()


def test_signed_rubbish_is_refused_and_noted(chat: InboundChannel, send: Send) -> None:
    for body in (b"{", b"\xff", b'{"a":1,"a":2}'):
        with pytest.raises(InvalidInputError):
            send(chat, body)
    chat.refresh_from_db()
    assert (chat.ignored, chat.last_error) == (3, "channel.not_json")


@pytest.mark.parametrize("state", ["trying", "stopped"])
def test_only_a_live_channel_takes_anything_in(
    chat: InboundChannel, send: Send, state: str
) -> None:
    InboundChannel.objects.filter(pk=chat.pk).update(state=state)
    with pytest.raises(ConflictError):
        send(chat, chatwoot())
    assert not Case.objects.exists()


@pytest.mark.race
@pytest.mark.usefixtures("care")
@pytest.mark.django_db(transaction=True)
def test_many_at_once_open_one_case_and_take_each_in_once(petra: User, now: datetime) -> None:
    channel = make_channel(petra, now, state="live")
    payloads = [chatwoot(f"message {number}") for number in range(4)]

    def sender(payload: dict[str, Any]) -> Callable[[], object]:
        body, headers = signed(Scheme.CHATWOOT, payload, now)
        return lambda: services.receive(key=channel.key, headers=headers, body=body, now=now)

    assert race([sender(each) for each in payloads * 2]) == {"ok": 8}
    assert Case.objects.count() == 1
    assert Message.objects.count() == 4
