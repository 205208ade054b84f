"""Send what is due: take it with a lease, send it outside of any transaction, write it down.

A delivery is sent at least once: where a worker ends between sending and writing it down, the
lease runs out and the same bytes leave again under the same id. No order is promised; the
number in the body gives one.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.conf import settings
from django.db.models import Q

from governance.ledger.services import one_act
from governance.webhooks import entries, rules
from governance.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from governance.webhooks.selectors import keys_of
from governance.webhooks.services.endpoints import record
from governance.webhooks.types import Answer, DeliveryState, EndpointState, Outgoing, Verdict
from orchestra.core.actors import system
from orchestra.core.clock import rfc3339
from orchestra.core.crash import crash_point
from orchestra.core.errors import UpstreamError
from orchestra.core.outbound import OutboundAnswer, OutboundRequest, send
from orchestra.core.sealing import SealBrokenError

log = structlog.get_logger(__name__)

SENDER = system("webhooks")
#: Less than a task may take; what is left is found by the next sweep.
LONGEST_RUN: Final = timedelta(seconds=40)
#: Less than a lease, so that nobody sends what another still sends.
TIMEOUT_SECONDS: Final = 10.0
_BREAKER: Final = "upstream.breaker_open"
_BREAKER_WAIT: Final = timedelta(seconds=30)
_NEVER: Final = frozenset({"upstream.url_refused", "upstream.address_refused"})
_CUT_OFF: Final = Answer(0, "webhook.unknown", Verdict.AGAIN)

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class _Taken:
    """A delivery this worker holds, and what leaves; None for what cannot be written."""

    delivery: WebhookDelivery
    outgoing: Outgoing | None


def send_due(*, read_clock: Clock) -> int:
    """Send the deliveries whose time has come, until none is left or it has been long.

    An endpoint that failed in this run waits for the next one, so that a dead address holds up
    nobody else. Must not be called inside a transaction.

    Args:
        read_clock: Tells the time, which passes.

    Returns:
        How many arrived.
    """
    begun, arrived = read_clock(), 0
    failing: set[int] = set()
    while (now := read_clock()) < begun + LONGEST_RUN:
        taken = _take_next(now, failing)
        if taken is None:
            break
        crash_point("after-take-before-webhook")
        started = time.monotonic()
        answer = _attempt(taken, now)
        spent = int((time.monotonic() - started) * 1000)
        crash_point("after-webhook-before-record")
        _write_down(taken.delivery, answer, spent, now, read_clock())
        if answer.verdict is Verdict.DELIVERED:
            arrived += 1
        else:
            failing.add(taken.delivery.endpoint_id)
    return arrived


def body_of(delivery: WebhookDelivery) -> bytes:
    """Return what a delivery says: ids and codes, the same bytes every time."""
    subject = {"kind": delivery.subject_kind, "id": delivery.subject_id}
    return rules.write_body(
        type_=delivery.type,
        at=rfc3339(delivery.at),
        data={
            "event_id": delivery.event_id,
            "sequence": delivery.number,
            "subject": subject if delivery.subject_id else None,
            "case_id": delivery.case_public_id or None,
        },
    )


def message_id_of(delivery: WebhookDelivery) -> str:
    """Return the id of a delivery's message: the same at every attempt and replay."""
    return f"msg_{delivery.public_id.hex}"


def _take_next(now: datetime, failing: set[int]) -> _Taken | None:
    while True:
        with one_act(durable=True):
            delivery = _first_due(now, failing)
            if delivery is None:
                return None
            lease = now + timedelta(seconds=settings.ORCHESTRA["LEASE_SECONDS"])
            was_cut_off = delivery.state == DeliveryState.SENDING
            if was_cut_off and delivery.attempts >= rules.MOST_ATTEMPTS:
                _settle(delivery, _CUT_OFF, now)
                continue
            changes = {
                "state": DeliveryState.SENDING,
                "attempts": delivery.attempts + 1,
                "lease_until_at": lease,
            }
            if not _set(delivery, **changes):
                continue
            return _Taken(delivery, _outgoing(delivery, now))


def _first_due(now: datetime, failing: set[int]) -> WebhookDelivery | None:
    waiting = Q(state=DeliveryState.WAITING, due_at__lte=now)
    # Whoever took it ended on the way: it may have left, or not.
    left_lying = Q(state=DeliveryState.SENDING, lease_until_at__lte=now)
    rows = WebhookDelivery.objects.filter(
        waiting | left_lying, endpoint__state=EndpointState.ACTIVE
    ).exclude(endpoint__in=failing)
    return rows.select_related("endpoint").order_by("due_at", "pk").first()


def _outgoing(delivery: WebhookDelivery, now: datetime) -> Outgoing | None:
    try:
        keys = keys_of(endpoint=delivery.endpoint, now=now)
    except SealBrokenError:
        return None
    return Outgoing(message_id_of(delivery), delivery.endpoint.url, body_of(delivery), keys)


def _attempt(taken: _Taken, now: datetime) -> Answer:
    outgoing = taken.outgoing
    if outgoing is None:
        return Answer(0, SealBrokenError.code, Verdict.REFUSED)
    request = OutboundRequest(
        connection=f"webhook:{taken.delivery.endpoint.public_id}",
        method="POST",
        url=outgoing.url,
        headers=rules.headers(
            message_id=outgoing.message_id, at=now, body=outgoing.body, keys=outgoing.keys
        ),
        content=outgoing.body,
        timeout_seconds=TIMEOUT_SECONDS,
    )
    try:
        return _read(send(request), now)
    except UpstreamError as error:
        verdict = Verdict.REFUSED if error.error_code in _NEVER else Verdict.AGAIN
        return Answer(0, error.error_code, verdict)


def _read(answer: OutboundAnswer, now: datetime) -> Answer:
    asked = answer.headers.get("retry-after", "")
    return rules.read_answer(status=answer.status, retry_after=asked, now=now)


def _write_down(
    delivery: WebhookDelivery, answer: Answer, spent: int, begun: datetime, now: datetime
) -> None:
    with one_act(durable=True):
        if answer.code == _BREAKER:
            # Nothing was tried, so nothing is counted.
            changes = {"state": DeliveryState.WAITING, "due_at": now + _BREAKER_WAIT}
            _set(delivery, **changes, attempts=delivery.attempts - 1, error=answer.code)
            return
        if _settle(delivery, answer, now):
            WebhookAttempt.objects.create(
                delivery=delivery,
                at=begun,
                status=answer.status,
                error=answer.code,
                milliseconds=spent,
            )


def _settle(delivery: WebhookDelivery, answer: Answer, now: datetime) -> bool:
    """Write what became of a delivery that still stands as it was taken; say whether it did."""
    if answer.verdict is Verdict.DELIVERED:
        return _set(delivery, state=DeliveryState.DELIVERED, error="", ended_at=now)
    again = None
    if answer.verdict is Verdict.AGAIN:
        again = rules.retry_at(
            now=now,
            attempts=delivery.attempts,
            chance=secrets.randbelow(1001) / 1000,
            not_before=answer.not_before,
        )
    if again is not None:
        return _set(delivery, state=DeliveryState.WAITING, error=answer.code, due_at=again)
    if not _set(delivery, state=DeliveryState.FAILED, error=answer.code, ended_at=now):
        return False
    more = {"type": delivery.type, "code": answer.code, "delivery_id": str(delivery.public_id)}
    record(entries.FAILED, delivery.endpoint, SENDER, now, {**more, "attempts": delivery.attempts})
    if answer.verdict is Verdict.GONE:
        _leave(delivery.endpoint, now)
    return True


def _leave(endpoint: WebhookEndpoint, now: datetime) -> None:
    """Send nothing more to who asked for nothing more."""
    active = WebhookEndpoint.objects.filter(pk=endpoint.pk, state=EndpointState.ACTIVE)
    if active.update(state=EndpointState.GONE, stopped_at=now):
        log.warning("webhook.gone", endpoint=str(endpoint.public_id))
        record(entries.GONE, endpoint, SENDER, now)


def _set(delivery: WebhookDelivery, **changes: object) -> bool:
    """Write to a delivery that still stands as it was read; say whether it did."""
    as_read = WebhookDelivery.objects.filter(
        pk=delivery.pk, state=delivery.state, attempts=delivery.attempts
    )
    changes = {"lease_until_at": None, **changes}
    if as_read.update(**changes) != 1:
        return False
    for name, value in changes.items():
        setattr(delivery, name, value)
    return True
