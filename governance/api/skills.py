"""Skills over REST: the list, who has what, and noting that somebody has or lacks one."""

from typing import Final
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.access.types import Capability
from governance.api.inputs import Input, valid
from governance.api.pages import PAGE_PARAMETERS, answer_page, page_of
from governance.api.permissions import actor_of
from governance.skills import selectors, services
from governance.skills.services import REASON_LENGTH
from governance.skills.types import SkillKind
from orchestra.core import clock

_KINDS: Final = [(str(kind), str(kind)) for kind in SkillKind]


class SkillReasonIn(Input):
    """Why it is noted."""

    reason = serializers.CharField(max_length=REASON_LENGTH)


class SkillGiveIn(SkillReasonIn):
    """Who has the skill, and why it is noted."""

    person = serializers.UUIDField(help_text="The person's id.")


class SkillOut(serializers.Serializer[object]):
    """One skill of the list; ``from_risk`` is the lowest risk that asks for a level."""

    key = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=_KINDS)
    from_risk = serializers.CharField()


class SkillHolderOut(serializers.Serializer[object]):
    """Somebody who has a skill, and since when that is noted."""

    person = serializers.UUIDField(source="user.public_id")
    name = serializers.CharField(source="user.label")
    since = serializers.DateTimeField(source="since_at")
    given_by = serializers.CharField()
    reason = serializers.CharField()


class SkillNotedOut(serializers.Serializer[object]):
    """Whether anything changed: it may have stood so already."""

    changed = serializers.BooleanField()


class SkillsBase(APIView):
    """Base of every view on skills: who reads the access of people reads theirs."""

    capability = Capability.ACCESS_MANAGE
    read_capability = Capability.ACCESS_READ


class SkillsView(SkillsBase):
    """The list."""

    @extend_schema(
        operation_id="skills_list", parameters=PAGE_PARAMETERS, responses=page_of(SkillOut)
    )
    def get(self, request: Request) -> Response:
        """List the skills in use."""
        return answer_page(self, request, selectors.list_skills(), SkillOut)


class SkillView(SkillsBase):
    """One skill."""

    @extend_schema(operation_id="skills_read", responses=SkillOut)
    def get(self, request: Request, skill_key: str) -> Response:
        """Read one skill of the list."""
        del request
        return Response(SkillOut(selectors.read_skill(key=skill_key)).data)


class SkillHoldersView(SkillsBase):
    """Who has a skill."""

    act = "skill.give"

    @extend_schema(
        operation_id="skills_holders",
        parameters=PAGE_PARAMETERS,
        responses=page_of(SkillHolderOut),
    )
    def get(self, request: Request, skill_key: str) -> Response:
        """List the people who have a skill."""
        rows = selectors.list_holders(skill=selectors.read_skill(key=skill_key))
        return answer_page(self, request, rows, SkillHolderOut)

    @extend_schema(operation_id="skills_give", request=SkillGiveIn, responses=SkillNotedOut)
    def post(self, request: Request, skill_key: str) -> Response:
        """Note that a person has a skill; nobody notes their own."""
        body = valid(SkillGiveIn, request)
        changed = services.give_skill(
            actor=actor_of(request),
            now=clock.now(),
            user=selectors.get_holder(person_id=body["person"]),
            skill=selectors.read_skill(key=skill_key),
            reason=body["reason"],
        )
        return Response(SkillNotedOut({"changed": changed}).data)


class SkillHolderTakeView(SkillsBase):
    """The end of having a skill."""

    act = "skill.take"

    @extend_schema(operation_id="skills_take", request=SkillReasonIn, responses=SkillNotedOut)
    def post(self, request: Request, skill_key: str, person_id: UUID) -> Response:
        """Note that a person has a skill no more; what they have taken stays theirs."""
        body = valid(SkillReasonIn, request)
        changed = services.take_skill(
            actor=actor_of(request),
            now=clock.now(),
            user=selectors.get_holder(person_id=person_id),
            skill=selectors.read_skill(key=skill_key),
            reason=body["reason"],
        )
        return Response(SkillNotedOut({"changed": changed}).data)
