"""The centre's identity provider (OpenID Connect), by the environment only."""

import os
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from orchestra.settings.secrets import from_environment

#: What the sign-in library and our addresses call the one provider.
PROVIDER_ID = "centre"


@dataclass(frozen=True, slots=True)
class Identity:
    """What settings say of signing in by the centre's identity provider.

    Attributes:
        providers: For the sign-in library; empty where none is set.
        origins: The only scheme, host and port that signing in talks to, or leads to.
        told: What our own code reads.
    """

    providers: dict[str, Any]
    origins: tuple[str, ...]
    told: dict[str, Any]


def read_identity(*, is_local: bool) -> Identity:
    """Return the identity provider that the environment names.

    Args:
        is_local: Whether it may be reached without TLS, as on one's own machine.

    Raises:
        ImproperlyConfigured: Half of it is set, or passwords are off and nothing else is on.
    """
    issuer = os.environ.get("ORCHESTRA_OIDC_ISSUER", "").rstrip("/")
    passwords = os.environ.get("ORCHESTRA_PASSWORD_SIGN_IN", "1") == "1"
    if not issuer and not passwords:
        raise ImproperlyConfigured("set ORCHESTRA_OIDC_ISSUER, or leave passwords on")
    origins = tuple(_origins(issuer, is_local=is_local)) if issuer else ()
    return Identity(
        providers=_providers(issuer) if issuer else {},
        origins=origins,
        told={
            "PASSWORD_SIGN_IN": passwords,
            "BREAK_GLASS": frozenset(_listed("ORCHESTRA_BREAK_GLASS")),
            "IDENTITY_ORIGINS": origins,
            "IDENTITY_NEW_PEOPLE": os.environ.get("ORCHESTRA_OIDC_NEW_PEOPLE", "0") == "1",
        },
    )


def provider_settings(*, issuer: str, client_id: str, secret: str, name: str) -> dict[str, Any]:
    """Return one provider as the sign-in library takes it."""
    app = {
        "provider_id": PROVIDER_ID,
        "name": name,
        "client_id": client_id,
        "secret": secret,
        "settings": {"server_url": issuer, "oauth_pkce_enabled": True},
    }
    return {"openid_connect": {"APPS": [app]}}


def _providers(issuer: str) -> dict[str, Any]:
    client_id = os.environ.get("ORCHESTRA_OIDC_CLIENT_ID", "")
    if not client_id:
        raise ImproperlyConfigured("set ORCHESTRA_OIDC_CLIENT_ID beside ORCHESTRA_OIDC_ISSUER")
    return provider_settings(
        issuer=issuer,
        client_id=client_id,
        secret=from_environment("ORCHESTRA_OIDC_CLIENT_SECRET"),
        name=os.environ.get("ORCHESTRA_OIDC_NAME", "your centre's account"),
    )


def _origins(issuer: str, *, is_local: bool) -> list[str]:
    found = []
    for address in (issuer, *_listed("ORCHESTRA_OIDC_ORIGINS")):
        parts = urlsplit(address)
        if not parts.netloc or parts.scheme not in ({"https", "http"} if is_local else {"https"}):
            raise ImproperlyConfigured(
                "ORCHESTRA_OIDC_ISSUER and ORCHESTRA_OIDC_ORIGINS begin with https://"
            )
        found.append(f"{parts.scheme}://{parts.netloc}")
    return found


def _listed(name: str) -> list[str]:
    return [one.strip() for one in os.environ.get(name, "").split(",") if one.strip()]
