"""Whether a request comes from who it says, for every scheme."""

from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from cases.channels import proving
from cases.channels.types import Proof, Scheme
from tests.factories.channels import KEY, signed

NOW = datetime(2026, 11, 19, 19, 5, tzinfo=UTC)
PAYLOAD = {"text": "Wo ist meine Lampe? ☀"}


def proof(scheme: Scheme, *keys: bytes) -> Proof:
    return Proof(scheme, keys or (KEY,), signature_header="X-Sig", timestamp_header="X-Time")


def why(
    scheme: Scheme,
    headers: dict[str, str],
    body: bytes,
    *keys: bytes,
    now: datetime = NOW,
) -> str:
    return proving.why_refused(proof(scheme, *keys), headers=headers, body=body, now=now)


@pytest.mark.parametrize("scheme", Scheme)
def test_what_is_signed_in_time_is_let_in_and_nothing_else(scheme: Scheme) -> None:
    body, headers = signed(scheme, PAYLOAD, NOW)
    assert why(scheme, headers, body) == ""
    assert why(scheme, headers, body, b"another", KEY) == ""
    assert why(scheme, headers, body, b"another") == "channel.signature"
    assert why(scheme, headers, body + b" ") == "channel.signature"
    for name in headers:
        without = {key: value for key, value in headers.items() if key != name}
        assert why(scheme, without, body) == "channel.unsigned"
        assert why(scheme, {**headers, name: "nonsense"}, body) != ""


@pytest.mark.parametrize("scheme", Scheme)
@pytest.mark.parametrize("minutes", [-6, 6])
def test_what_is_too_old_or_from_the_future_is_refused(scheme: Scheme, minutes: int) -> None:
    body, headers = signed(scheme, PAYLOAD, NOW)
    assert why(scheme, headers, body, now=NOW + timedelta(minutes=minutes)) == "channel.time"
    close = NOW + timedelta(minutes=4 if minutes > 0 else -4)
    assert why(scheme, headers, body, now=close) == ""
    # A changed time no longer fits its signature.
    body, later = signed(scheme, PAYLOAD, NOW + timedelta(minutes=6))
    mixed = {name: later[name] if "time" in name else value for name, value in headers.items()}
    if scheme is not Scheme.ZENDESK:
        assert why(scheme, mixed, body, now=NOW + timedelta(minutes=6)) == "channel.signature"


def test_what_the_standards_own_package_signs_is_let_in() -> None:
    secret = "whsec_" + "a2tr" * 8
    headers = {
        "webhook-id": "msg_9",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": "v1,AAAA " + Webhook(secret).sign("msg_9", NOW, "{}"),
    }
    key = proving.key_of(Scheme.STANDARD, secret)
    assert why(Scheme.STANDARD, headers, b"{}", key) == ""


@pytest.mark.parametrize(
    ("scheme", "secret"),
    [
        (Scheme.STANDARD, "a2tr"),
        (Scheme.STANDARD, "whsec_%%%"),
        (Scheme.CHATWOOT, "  "),
        (Scheme.ZENDESK, ""),
    ],
)
def test_what_is_no_secret_of_a_scheme(scheme: Scheme, secret: str) -> None:
    with pytest.raises(ValueError, match=r"secret|base64"):
        proving.key_of(scheme, secret)
