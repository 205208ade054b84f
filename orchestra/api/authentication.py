"""API credential or session to an actor."""

from rest_framework.authentication import BaseAuthentication, SessionAuthentication


class AgentTokenAuthentication(BaseAuthentication):
    """Bearer token of an AI agent."""


class PersonSessionAuthentication(SessionAuthentication):
    """Session of a signed-in person, with CSRF."""
