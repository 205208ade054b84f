"""How a webhook is signed, read and tried again; the package of the standard as the oracle."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from governance.webhooks import rules
from governance.webhooks.types import Verdict

NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)


@given(st.text(max_size=60), st.binary(min_size=32, max_size=32))
def test_what_is_signed_is_what_the_standard_says(text: str, key: bytes) -> None:
    body = rules.write_body(type_="case.resolved", at="2026", data={"text": text})
    oracle = Webhook(rules.secret_text(key)).sign("msg_1", NOW, body.decode())
    assert rules.sign(message_id="msg_1", at=NOW, body=body, keys=[key]) == oracle


def test_either_secret_verifies_and_a_changed_byte_or_another_secret_does_not() -> None:
    at = datetime.now(UTC)
    old, new, other = b"o" * 32, b"n" * 32, b"x" * 32
    body = b'{"a":1}'
    headers = rules.headers(message_id="msg_1", at=at, body=body, keys=[new, old])
    for key in (old, new):
        assert Webhook(rules.secret_text(key)).verify(body, headers) == {"a": 1}
    for bad_key, bad_body in ((other, body), (new, b'{"a":2}')):
        with pytest.raises(WebhookVerificationError):
            Webhook(rules.secret_text(bad_key)).verify(bad_body, headers)


@pytest.mark.parametrize(
    ("status", "code", "verdict"),
    [
        (200, "", Verdict.DELIVERED),
        (299, "", Verdict.DELIVERED),
        (301, "webhook.redirected", Verdict.AGAIN),
        (304, "webhook.redirected", Verdict.AGAIN),
        (400, "webhook.refused", Verdict.AGAIN),
        (410, "webhook.gone", Verdict.GONE),
        (429, "webhook.asked_to_wait", Verdict.AGAIN),
        (503, "webhook.asked_to_wait", Verdict.AGAIN),
        (500, "webhook.refused", Verdict.AGAIN),
    ],
)
def test_what_an_answer_means(status: int, code: str, verdict: Verdict) -> None:
    answer = rules.read_answer(status=status, retry_after="", now=NOW)
    assert (answer.status, answer.code, answer.verdict) == (status, code, verdict)
    assert answer.not_before is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("120", NOW + timedelta(seconds=120)),
        ("999999", NOW + timedelta(hours=24)),
        ("Thu, 19 Nov 2026 13:00:00 GMT", NOW + timedelta(hours=1)),
        ("Thu, 19 Nov 2037 13:00:00 GMT", NOW + timedelta(hours=24)),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("٣", None),
        ("9" * 400, None),
    ],
)
def test_how_long_a_receiver_asks_to_be_left_alone(text: str, expected: datetime | None) -> None:
    assert rules.read_answer(status=429, retry_after=text, now=NOW).not_before == expected


def test_it_is_given_up_after_about_a_day_and_no_two_waits_are_alike() -> None:
    for chance, hours in ((0.0, 21.4), (0.5, 23.8), (1.0, 26.2)):
        at = NOW
        for attempts in range(1, rules.MOST_ATTEMPTS):
            again = rules.retry_at(now=at, attempts=attempts, chance=chance)
            assert again is not None
            assert again > at
            at = again
        assert rules.retry_at(now=at, attempts=rules.MOST_ATTEMPTS, chance=chance) is None
        assert round((at - NOW).total_seconds() / 3600, 1) == pytest.approx(hours, abs=0.15)


def test_it_never_comes_before_it_was_asked_to() -> None:
    later = NOW + timedelta(minutes=10)
    assert rules.retry_at(now=NOW, attempts=1, chance=0.5, not_before=later) == later
    sooner = NOW + timedelta(seconds=1)
    wait = rules.retry_at(now=NOW, attempts=1, chance=0.5, not_before=sooner)
    assert wait == NOW + timedelta(seconds=5)
