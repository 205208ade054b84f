"""What an AI agent runs as, said by itself or its owner over REST."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.access import selectors as access
from governance.access import services
from governance.access.models import AgentIdentity
from governance.access.types import Capability
from governance.api.inputs import Input, valid
from governance.api.permissions import actor_of
from orchestra.core import clock
from orchestra.core.actors import Actor
from orchestra.core.errors import FieldError, InvalidInputError


class AgentVersionIn(Input):
    """What an AI agent runs as from now on."""

    version = serializers.CharField(
        max_length=100, help_text="What people know the version by, such as 2026-11-1."
    )
    note = serializers.CharField(
        max_length=300, required=False, allow_blank=True, default="", help_text="What is new."
    )
    agent = serializers.UUIDField(
        required=False,
        help_text="Which agent, for a person who owns it; an agent says its own and leaves it out.",
    )


class AgentVersionOut(serializers.Serializer[object]):
    """A version of an AI agent; it lasts until the next one begins."""

    agent = serializers.UUIDField(source="agent.public_id")
    name = serializers.CharField(source="agent.name")
    version = serializers.CharField(source="label")
    note = serializers.CharField()
    began_at = serializers.DateTimeField()


class AgentVersionView(APIView):
    """The version that an AI agent runs as; whose it is decides who may say it."""

    capability = Capability.CUE_SHEET_READ
    act = "agent.declare_version"

    @extend_schema(
        operation_id="agent_version_declare", request=AgentVersionIn, responses=AgentVersionOut
    )
    def post(self, request: Request) -> Response:
        """Say what the agent runs as from now on; the same again in a row is nothing."""
        body = valid(AgentVersionIn, request)
        actor = actor_of(request)
        found = services.declare_version(
            actor=actor,
            now=clock.now(),
            agent=_agent(actor, body.get("agent")),
            label=body["version"],
            note=body["note"],
        )
        return Response(AgentVersionOut(found).data)


def _agent(actor: Actor, named: object) -> AgentIdentity:
    """Return the agent that is meant.

    Raises:
        InvalidInputError: A person named none.
        NotFoundError: There is no such agent.
    """
    if named is None and not actor.is_agent:
        message = "Name the agent by its id; only an AI agent leaves it out."
        raise InvalidInputError(message, errors=[FieldError("agent", "required", message)])
    return access.get_agent(named if isinstance(named, UUID) else UUID(actor.id))
