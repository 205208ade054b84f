"""API credential or session to a principal that knows its actor."""

from dataclasses import dataclass, replace

from django.http import HttpRequest
from rest_framework.authentication import (
    BaseAuthentication,
    SessionAuthentication,
    get_authorization_header,
)
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from governance.access.bearers import find_bearer
from governance.access.models import AgentIdentity, ApiCredential, User
from governance.access.services import mark_used
from governance.access.types import Authority
from orchestra.core import clock
from orchestra.core.actors import Actor


@dataclass(frozen=True, slots=True)
class AgentPrincipal:
    """An AI agent that presented a valid token.

    Attributes:
        authority: What it holds by that token, read together with it for this one request.
    """

    agent: AgentIdentity
    credential: ApiCredential
    authority: Authority
    is_authenticated: bool = True

    def as_actor(self) -> Actor:
        """Return the agent as an actor that holds no more than its token carries."""
        return replace(self.agent.as_actor(), via=str(self.credential.public_id))


class AgentTokenAuthentication(BaseAuthentication):
    """Bearer token of an AI agent."""

    def authenticate(self, request: Request) -> tuple[AgentPrincipal, str] | None:
        """Return the agent of the bearer token, or None where there is none.

        Raises:
            AuthenticationFailed: The token is unknown, expired or revoked.
        """
        known = _known_principal(request._request)  # noqa: SLF001  DRF keeps Django's request there
        if known is not None:
            return known, "bearer"
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        found, now = None, clock.now()
        if len(parts) == 2:  # noqa: PLR2004  the scheme and the token
            found = find_bearer(token=parts[1].decode("ascii", "replace"), now=now)
        if found is None:
            raise AuthenticationFailed(
                "The token is unknown, expired or revoked; ask its owner for a new one."
            )
        credential, authority = found
        mark_used(credential=credential, now=now)
        principal = AgentPrincipal(credential.agent, credential, authority)
        remember_principal(request._request, principal)  # noqa: SLF001  see above
        return principal, "bearer"

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401."""
        del request
        return 'Bearer realm="orchestra"'


class PersonSessionAuthentication(SessionAuthentication):
    """Session of a signed-in person, with CSRF."""


def remember_principal(request: HttpRequest, principal: AgentPrincipal) -> None:
    """Keep the agent on the request, so that one request looks its token up once."""
    request.__dict__["orchestra_principal"] = principal


def _known_principal(request: HttpRequest) -> AgentPrincipal | None:
    return request.__dict__.get("orchestra_principal")


def actor_of(request: Request) -> Actor:
    """Return who calls.

    Raises:
        AuthenticationFailed: Nobody signed in.
    """
    user = request.user
    if isinstance(user, AgentPrincipal | User):
        return user.as_actor()
    raise AuthenticationFailed("Sign in, or send a bearer token.")
