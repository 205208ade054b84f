"""How mail leaves: read from one address, such as ``smtp+tls://user:password@host:587``."""

from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_SMTP = "django.core.mail.backends.smtp.EmailBackend"
_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
#: Seconds to wait for a server: a message is tried again, a worker is needed elsewhere.
TIMEOUT = 10


def from_address(text: str) -> dict[str, Any]:
    """Return Django's settings of mail.

    Args:
        text: ``smtp://`` in the clear, ``smtp+tls://`` with STARTTLS, ``smtps://`` with TLS from
            the start; user and password percent-encoded.

    Raises:
        ImproperlyConfigured: It is none of these.
    """
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme not in _PORTS:
        # The address may hold a password: it is not repeated.
        raise ImproperlyConfigured(
            "set ORCHESTRA_MAIL_URL to smtp+tls://user:password@host:587, smtps://… or smtp://…"
        )
    return {
        "EMAIL_BACKEND": _SMTP,
        "EMAIL_HOST": host,
        "EMAIL_PORT": port or _PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": TIMEOUT,
    }
