"""Whether a request comes from who it says: signature and time over the raw body; pure.

Sources: Standard Webhooks 1.0.0; the documentation of Chatwoot's and Zendesk's webhooks.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from cases.channels.types import Proof, Scheme
from governance.webhooks.rules import SECRET_PREFIX
from orchestra.core.clock import parse_rfc3339

#: How old a request may be, and how far its sender's clock may run ahead.
TOLERANCE: Final = timedelta(minutes=5)
_MOST_SIGNATURES: Final = 8
_MOST_DIGITS: Final = 12


def why_refused(proof: Proof, *, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """Return why a request is not let in, as a code; empty where it is.

    Args:
        proof: What it is verified by.
        headers: Of the request, names in lower case.
        body: The bytes as they arrived.
        now: The moment, UTC.
    """
    sent = _READERS[proof.scheme](proof, headers, body)
    if sent is None:
        return "channel.unsigned"
    at, signed, signatures = sent
    # The signature first: whoever holds no key learns nothing of our clock.
    expected = [hmac.new(key, signed, hashlib.sha256).digest() for key in proof.keys]
    matches = [hmac.compare_digest(one, other) for one in expected for other in signatures]
    if not any(matches):
        return "channel.signature"
    if at is None or abs(now - at) > TOLERANCE:
        return "channel.time"
    return ""


def key_of(scheme: Scheme, secret: str) -> bytes:
    """Return the raw key of a secret as its sender shows it.

    Raises:
        ValueError: It is no secret of that scheme.
    """
    text = secret.strip()
    if not text:
        raise ValueError("there is no secret")
    if scheme is not Scheme.STANDARD:
        return text.encode()
    if not text.startswith(SECRET_PREFIX):
        raise ValueError("a secret of Standard Webhooks begins with whsec_")
    try:
        return base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("what follows whsec_ is no base64") from error


_Sent = tuple[datetime | None, bytes, list[bytes]]
_Reader = Callable[[Proof, Mapping[str, str], bytes], _Sent | None]


def _standard(_proof: Proof, headers: Mapping[str, str], body: bytes) -> _Sent | None:
    name, time = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "").split()[:_MOST_SIGNATURES]
    found = _decoded(one.removeprefix("v1,") for one in given if one.startswith("v1,"))
    if not (name and time and found):
        return None
    return _unix(time), f"{name}.{time}.".encode() + body, found


def _chatwoot(_proof: Proof, headers: Mapping[str, str], body: bytes) -> _Sent | None:
    time = headers.get("x-chatwoot-timestamp", "")
    found = _from_hex(headers.get("x-chatwoot-signature", ""))
    if not (time and found):
        return None
    return _unix(time), f"{time}.".encode() + body, found


def _zendesk(_proof: Proof, headers: Mapping[str, str], body: bytes) -> _Sent | None:
    time = headers.get("x-zendesk-webhook-signature-timestamp", "")
    found = _decoded([headers.get("x-zendesk-webhook-signature", "")])
    if not (time and found):
        return None
    return _moment(time), time.encode() + body, found


def _header(proof: Proof, headers: Mapping[str, str], body: bytes) -> _Sent | None:
    time = headers.get(proof.timestamp_header.lower(), "")
    text = headers.get(proof.signature_header.lower(), "")
    found = _from_hex(text) or _decoded([text.removeprefix("sha256=")])
    if not (time and found):
        return None
    return _unix(time), f"{time}.".encode() + body, found


_READERS: Final[Mapping[Scheme, _Reader]] = {
    Scheme.STANDARD: _standard,
    Scheme.HEADER: _header,
    Scheme.CHATWOOT: _chatwoot,
    Scheme.ZENDESK: _zendesk,
}


def _decoded(texts: Iterable[str]) -> list[bytes]:
    found = []
    for text in texts:
        try:
            found.append(base64.b64decode(text, validate=True))
        except (binascii.Error, ValueError):
            continue
    return [one for one in found if len(one) == hashlib.sha256().digest_size]


def _from_hex(text: str) -> list[bytes]:
    try:
        found = bytes.fromhex(text.removeprefix("sha256="))
    except ValueError:
        return []
    return [found] if len(found) == hashlib.sha256().digest_size else []


def _unix(text: str) -> datetime | None:
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        return None
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _moment(text: str) -> datetime | None:
    try:
        return parse_rfc3339(text)
    except ValueError:
        return None
