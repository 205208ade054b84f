"""From the entry to the receiver: once, signed, tried again, given up, sent again by hand."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from governance.access.models import User
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.webhooks import rules, services
from governance.webhooks.models import WebhookAttempt, WebhookDelivery
from orchestra.core import clock
from orchestra.core.actors import system
from orchestra.core.breaker import Breaker
from orchestra.core.errors import ConflictError, InvalidInputError
from tests.factories.notifications import read_on, still
from tests.factories.webhooks import Receiver, make_endpoint, make_webhook_delivery

CASE = "0190aaaa-0000-7000-8000-000000000001"
pytestmark = pytest.mark.django_db(transaction=True)


@one_act()
def resolve(at: datetime, kind: str = "case.resolved") -> None:
    append_entry(
        actor=system("test"),
        now=at,
        draft=EntryDraft(
            stream=f"case:{CASE}",
            kind=kind,
            payload={"label": "C-1", "outcome": "Told Yusuf Rossi that it is done"},
            subject_kind="case",
            subject_id=CASE,
        ),
    )


def send(at: datetime) -> int:
    return services.send_due(read_clock=still(at))


def states() -> list[str]:
    return list(WebhookDelivery.objects.order_by("number").values_list("state", flat=True))


def test_an_event_arrives_once_signed_and_without_personal_data(
    petra: User, lake: Receiver
) -> None:
    now = clock.now()
    make_endpoint(petra, now, url=lake.url)
    resolve(now)
    resolve(now, "case.closed")
    read_on(now)
    read_on(now)
    assert send(now) == 1
    (taken,) = lake.taken
    entry = LedgerEntry.objects.get(kind="case.resolved")
    assert taken.verified == {
        "type": "case.resolved",
        "timestamp": clock.rfc3339(now),
        "data": {
            "event_id": WebhookDelivery.objects.get().event_id,
            "sequence": 1,
            "subject": {"kind": "case", "id": CASE},
            "case_id": CASE,
        },
    }
    assert WebhookDelivery.objects.get().index == entry.leaf_index
    assert b"Yusuf" not in taken.body
    assert states() == ["delivered"]
    attempt = WebhookAttempt.objects.get()
    assert (attempt.status, attempt.error) == (204, "")
    assert send(now + timedelta(days=2)) == 0
    assert len(lake.taken) == 1


def test_a_receiver_in_the_middle_of_a_rotation_verifies_with_either(
    petra: User, lake: Receiver
) -> None:
    now = clock.now()
    endpoint = make_endpoint(petra, now, url=lake.url)
    made = services.rotate_secret(
        actor=petra.as_actor(), now=now, endpoint_id=endpoint.public_id, overlap_hours=1
    )
    make_webhook_delivery(endpoint, now)
    assert send(now) == 1
    (taken,) = lake.taken
    assert taken.verified is not None
    assert lake.verify(taken.body, taken.headers, made.secret) is not None
    assert len(taken.headers["webhook-signature"].split()) == 2


def test_it_is_tried_again_under_one_id_with_the_same_bytes_until_it_is_given_up(
    petra: User, lake: Receiver
) -> None:
    now = clock.now()
    make_webhook_delivery(make_endpoint(petra, now, url=lake.url), now)
    lake.answer(*[500] * rules.MOST_ATTEMPTS)
    at = now
    for _turn in range(rules.MOST_ATTEMPTS - 1):
        assert send(at) == 0
        delivery = WebhookDelivery.objects.get()
        assert delivery.state == "waiting"
        assert send(delivery.due_at - timedelta(seconds=1)) == 0
        at = delivery.due_at
        # Its time-out runs by the real clock, which stands still here.
        Breaker.forget_all()
    assert timedelta(hours=21) < at - now < timedelta(hours=27)
    assert send(at) == 0
    assert states() == ["failed"]
    assert len(lake.taken) == rules.MOST_ATTEMPTS == WebhookAttempt.objects.count()
    assert len(set(lake.ids)) == 1
    assert len({one.body for one in lake.taken}) == 1
    payload = payload_of(entry=LedgerEntry.objects.get(kind="webhook.failed"))
    assert payload is not None
    assert (payload["code"], payload["attempts"]) == ("webhook.refused", rules.MOST_ATTEMPTS)


def test_a_redirect_is_a_failure_and_is_not_followed(petra: User, lake: Receiver) -> None:
    now = clock.now()
    make_webhook_delivery(make_endpoint(petra, now, url=lake.url), now)
    lake.answer(302, headers={"Location": lake.url + "/elsewhere"})
    assert send(now) == 0
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.error) == ("waiting", "webhook.redirected")
    assert [one.path for one in lake.taken] == ["/hooks"]


def test_who_asks_to_wait_is_left_alone_that_long(petra: User, lake: Receiver) -> None:
    now = clock.now()
    make_webhook_delivery(make_endpoint(petra, now, url=lake.url), now)
    lake.answer(429, headers={"Retry-After": "1800"})
    send(now)
    assert WebhookDelivery.objects.get().due_at == now + timedelta(seconds=1800)
    assert send(now + timedelta(seconds=1799)) == 0
    assert send(now + timedelta(seconds=1800)) == 1
    assert len(lake.taken) == 2


def test_who_is_gone_is_sent_nothing_more_until_somebody_starts_it(
    petra: User, lake: Receiver
) -> None:
    now = clock.now()
    endpoint = make_endpoint(petra, now, url=lake.url)
    make_webhook_delivery(endpoint, now)
    make_webhook_delivery(endpoint, now)
    lake.answer(410)
    assert send(now) == 0
    endpoint.refresh_from_db()
    assert endpoint.state == "gone"
    assert states() == ["failed", "waiting"]
    assert LedgerEntry.objects.filter(kind="webhook.gone").count() == 1
    assert send(now + timedelta(days=1)) == 0
    assert len(lake.taken) == 1
    services.start_endpoint(actor=petra.as_actor(), now=now, endpoint_id=endpoint.public_id)
    assert send(now) == 1
    assert states() == ["failed", "delivered"]


def test_one_that_is_dead_holds_up_nobody_else(petra: User, lake: Receiver) -> None:
    now = clock.now()
    dead = make_endpoint(petra, now, url="http://127.0.0.1:9999/hooks")
    well = make_endpoint(petra, now, url=lake.url)
    for _number in range(3):
        make_webhook_delivery(dead, now)
        make_webhook_delivery(well, now)
    assert send(now) == 3
    # The dead address was asked once in this run, not once an event.
    assert WebhookAttempt.objects.filter(delivery__endpoint=dead).count() == 1


def test_an_open_breaker_costs_no_attempt(petra: User, now: datetime) -> None:
    endpoint = make_endpoint(petra, now, url="http://127.0.0.1:9999/hooks")
    make_webhook_delivery(endpoint, now)
    at = now
    for _turn in range(5):
        send(at)
        at = WebhookDelivery.objects.get().due_at
    assert WebhookDelivery.objects.get().attempts == 5
    send(at)
    delivery = WebhookDelivery.objects.get()
    assert (delivery.attempts, delivery.state, delivery.error) == (
        5,
        "waiting",
        "upstream.breaker_open",
    )
    assert WebhookAttempt.objects.count() == 5


def test_a_private_address_is_refused_when_it_is_sent_to(
    petra: User, lake: Receiver, settings: Any
) -> None:
    settings.ORCHESTRA = {**settings.ORCHESTRA, "PRIVATE_NETWORKS": ()}
    now = clock.now()
    # The name is allowed when it is saved; where it leads is known only when it is sent to.
    make_webhook_delivery(
        make_endpoint(petra, now, url=lake.url.replace("127.0.0.1", "localhost")), now
    )
    assert send(now) == 0
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.error) == ("failed", "upstream.address_refused")
    assert lake.taken == []


def test_a_secret_that_cannot_be_opened_sends_nothing(
    petra: User, lake: Receiver, settings: Any
) -> None:
    now = clock.now()
    make_webhook_delivery(make_endpoint(petra, now, url=lake.url), now)
    settings.SECRET_KEY = "another"
    assert send(now) == 0
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.error) == ("failed", "sealed.unreadable")
    assert lake.taken == []


def test_what_was_given_up_is_sent_again_under_its_id(petra: User, lake: Receiver) -> None:
    now = clock.now()
    failed = make_webhook_delivery(
        make_endpoint(petra, now, url=lake.url), now, state="failed", attempts=10, ended_at=now
    )
    replay = {"actor": petra.as_actor(), "now": now, "delivery_id": failed.public_id}
    services.replay(**replay)
    with pytest.raises(ConflictError):
        services.replay(**replay)
    assert send(now) == 1
    assert lake.ids == [f"msg_{failed.public_id.hex}"]
    services.replay(**replay)
    assert send(now) == 1
    assert len(set(lake.ids)) == 1
    assert LedgerEntry.objects.filter(kind="webhook.replayed").count() == 2


def test_a_span_brings_what_failed_and_what_was_missed_and_no_more(
    petra: User, lake: Receiver
) -> None:
    now = clock.now()
    endpoint = make_endpoint(petra, now, url=lake.url)
    one = {"actor": petra.as_actor(), "endpoint_id": endpoint.public_id}
    resolve(now)
    read_on(now)
    lake.answer(410)
    assert send(now) == 0
    resolve(now + timedelta(minutes=1))
    read_on(now + timedelta(minutes=1))
    assert states() == ["failed"]
    since, until = now - timedelta(minutes=5), now + timedelta(minutes=5)
    with pytest.raises(ConflictError):
        services.replay_span(**one, now=now, since=since, until=until)
    services.start_endpoint(**one, now=now)
    resolve(now + timedelta(minutes=2))
    read_on(now + timedelta(minutes=2))
    assert send(now + timedelta(minutes=2)) == 1
    assert services.replay_span(**one, now=now, since=since, until=until) == 2
    assert send(now + timedelta(minutes=2)) == 2
    assert states() == ["delivered"] * 3
    assert services.replay_span(**one, now=now, since=since, until=until) == 0
    for bad in ((until, since), (now - timedelta(days=40), now)):
        with pytest.raises(InvalidInputError):
            services.replay_span(**one, now=now, since=bad[0], until=bad[1])


def test_numbers_have_no_gap_and_a_test_takes_one(petra: User, lake: Receiver) -> None:
    now = clock.now()
    endpoint = make_endpoint(petra, now, url=lake.url)
    resolve(now)
    read_on(now)
    services.send_test(actor=petra.as_actor(), now=now, endpoint_id=endpoint.public_id)
    resolve(now)
    read_on(now)
    assert send(now) == 3
    said = sorted((json.loads(one.body) for one in lake.taken), key=lambda b: b["data"]["sequence"])
    assert [body["data"]["sequence"] for body in said] == [1, 2, 3]
    assert [body["type"] for body in said] == ["case.resolved", "webhook.test", "case.resolved"]


def test_what_happened_before_an_endpoint_was_made_is_not_sent(petra: User, now: datetime) -> None:
    make_endpoint(petra, now + timedelta(seconds=1))
    resolve(now)
    read_on(now)
    assert states() == []
