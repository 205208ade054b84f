"""The headers by which a connection is known; a secret is read when it is sent, and kept nowhere.

An OAuth 2 token is kept in the memory of this process until shortly before it expires.
"""

import base64
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from cases.tools.connecting import Auth, AuthKind, ConnectionSpec
from orchestra.core import canonical, outbound
from orchestra.core.errors import InvalidInputError, UpstreamError
from orchestra.core.reachable import check_url, host_of

#: A token is renewed so long before it expires.
EARLY_SECONDS: Final = 30.0
#: How long a token is kept that does not say for how long it holds.
UNSAID_SECONDS: Final = 300.0
_LONGEST_SECONDS: Final = 24 * 3600.0
_MAX_SECRET: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    until: float


_tokens: dict[tuple[str, Auth], _Token] = {}
_lock = threading.Lock()


def headers_of(spec: ConnectionSpec) -> dict[str, str]:
    """Return the headers that say who asks.

    Raises:
        UpstreamError: The secret is not to be had, or no token was given; nothing was sent.
    """
    auth = spec.auth
    if auth.kind is AuthKind.NONE:
        return {}
    if auth.kind is AuthKind.OAUTH2:
        return {"Authorization": f"Bearer {_token(spec)}"}
    secret = read_secret(auth.secret, of=spec.key)
    if auth.kind is AuthKind.BASIC:
        pair = base64.b64encode(f"{auth.username}:{secret}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}
    if auth.kind is AuthKind.HEADER:
        return {auth.header: secret}
    return {"Authorization": f"Bearer {secret}"}


def forget_token(spec: ConnectionSpec) -> bool:
    """Forget the token of a connection, so that the next request asks for a new one.

    Returns:
        Whether there was one.
    """
    with _lock:
        return _tokens.pop((spec.key, spec.auth), None) is not None


def forget_all() -> None:
    """Forget every token of this process."""
    with _lock:
        _tokens.clear()


def resolves(reference: str) -> bool:
    """Return whether what a reference names is there and not empty."""
    try:
        return bool(read_secret(reference, of=""))
    except UpstreamError:
        return False


def read_secret(reference: str, *, of: str) -> str:
    """Return the secret that ``env:NAME`` or ``file:/path`` refers to.

    Args:
        reference: As declared.
        of: Key of the connection, for the message.

    Raises:
        UpstreamError: It is not there, or is no single line of text.
    """
    kind, _, name = reference.partition(":")
    secret = os.environ.get(name, "") if kind == "env" else ""
    try:
        if kind == "file" and Path(name).is_file():
            secret = Path(name).read_text(encoding="utf-8")[:_MAX_SECRET].strip()
    except (OSError, UnicodeDecodeError):
        secret = ""
    if not secret or not secret.isprintable():
        raise UpstreamError(
            f"The secret of {of} is not to be had; set what {kind}: names.",
            may_retry=True,
            code="upstream.secret_missing",
        )
    return secret


def _token(spec: ConnectionSpec) -> str:
    key = (spec.key, spec.auth)
    with _lock:
        found = _tokens.get(key)
    if found is not None and time.monotonic() < found.until:
        return found.text
    token = _ask(spec)
    with _lock:
        _tokens[key] = token
    return token.text


def _ask(spec: ConnectionSpec) -> _Token:
    """Exchange client credentials for a token.

    Source: RFC 6749, sections 2.3.1 and 4.4.
    """
    auth = spec.auth
    secret = read_secret(auth.secret, of=spec.key)
    pair = f"{quote(auth.client_id, safe='')}:{quote(secret, safe='')}".encode()
    form = {"grant_type": "client_credentials", **({"scope": auth.scope} if auth.scope else {})}
    try:
        answer = outbound.send(
            outbound.OutboundRequest(
                connection=f"{spec.key}: token",
                method="POST",
                url=auth.token_url,
                headers={
                    "Accept": "application/json",
                    "Authorization": f"Basic {base64.b64encode(pair).decode()}",
                    "Content-Type": "application/x-www-form-urlencoded",
                },
                content=urlencode(form).encode(),
                timeout_seconds=min(10.0, spec.total_seconds),
                connect_seconds=spec.connect_seconds,
                max_bytes=64 * 1024,
                allowed_hosts=frozenset({host_of(check_url(auth.token_url))}),
                private_networks=spec.private_networks,
            )
        )
    except UpstreamError as error:
        raise _no_token(spec, "did not answer") from error
    value = _value(answer.body) if answer.status == 200 else None  # noqa: PLR2004  the one status
    text = value.get("access_token") if isinstance(value, dict) else None
    kind = str(value.get("token_type", "bearer")) if isinstance(value, dict) else ""
    if not isinstance(text, str) or not text.isprintable() or not text or kind.lower() != "bearer":
        raise _no_token(spec, f"answered {answer.status} without a bearer token")
    return _Token(text, time.monotonic() + _seconds(value))


def _value(body: bytes) -> Any:
    try:
        return canonical.loads_strict(body)
    except InvalidInputError:
        return None


def _seconds(value: Any) -> float:
    said = value.get("expires_in")
    if isinstance(said, bool) or not isinstance(said, (int, float)):
        return UNSAID_SECONDS
    return max(0.0, min(float(said), _LONGEST_SECONDS) - EARLY_SECONDS)


def _no_token(spec: ConnectionSpec, why: str) -> UpstreamError:
    # Whatever the token's server said stays out: it may hold what was sent to it.
    return UpstreamError(
        f"No token for {spec.key}: the server that gives it {why}. Nothing was sent to {spec.key}.",
        may_retry=True,
        code="upstream.no_token",
    )
