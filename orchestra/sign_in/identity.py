"""Sign-in by the centre's identity provider (OpenID Connect)."""

from django.http import HttpRequest


def shown_providers(request: HttpRequest) -> list[dict[str, str]]:
    """Return the identity providers the sign-in page offers."""
    del request
    return []
