"""Shapes of what the API takes for cases; ids are public ids, times RFC 3339 UTC."""

from rest_framework import serializers

from cases.handoff.types import Outside, Reason, Warmth
from cases.journeys.types import WaitsFor
from cases.memory.rules import MAX_CITED
from cases.memory.types import Channel, Disposition, Speaker, VerificationLevel
from governance.api.inputs import Input, Rfc3339Field
from orchestra.core.enums import choices

MESSAGE_LIMIT = 20_000

#: Why a case changes hands; see ``handoff.types``.
REASONS = [str(each) for each in Reason]


class CustomerIn(Input):
    """The customer as the caller knows them; binding needs a verifying tool."""

    ref = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    contact_points = serializers.ListField(
        child=serializers.CharField(max_length=200), required=False, default=list, max_length=20
    )


class VerifiedIn(Input):
    """How the caller says the customer was verified; from an AI agent it stays a claim."""

    level = serializers.ChoiceField(choices=choices(VerificationLevel))
    method = serializers.CharField(max_length=100)


class CaseIn(Input):
    """A customer's first word."""

    customer = CustomerIn(required=False)
    channel = serializers.ChoiceField(choices=choices(Channel))
    text = serializers.CharField(max_length=MESSAGE_LIMIT)
    external_ref = serializers.CharField(max_length=200, required=False, allow_blank=False)
    verified = VerifiedIn(required=False)


class MessageIn(Input):
    """An utterance."""

    speaker = serializers.ChoiceField(choices=choices(Speaker))
    text = serializers.CharField(max_length=MESSAGE_LIMIT)
    at = Rfc3339Field(
        required=False, help_text="When it was said, not in the future; now by default."
    )
    interaction = serializers.UUIDField(
        required=False, help_text="The contact it was said in; the latest by default."
    )


class InteractionIn(Input):
    """A new contact on a channel."""

    channel = serializers.ChoiceField(choices=choices(Channel))


class DisclosureIn(Input):
    """That the customer was told that an AI speaks, in the reviewed text in force."""

    language = serializers.CharField(
        max_length=20,
        required=False,
        default="",
        help_text="Which text was shown, such as en; needed where there are several.",
    )
    at = Rfc3339Field(
        required=False, help_text="When it was shown, not in the future; now by default."
    )
    interaction = serializers.UUIDField(
        required=False, help_text="The contact it was shown in; the latest by default."
    )


class EvidenceIn(Input):
    """A reference, with what it proves."""

    kind = serializers.CharField(max_length=100)
    title = serializers.CharField(max_length=300)
    proves = serializers.CharField(max_length=500)
    reference = serializers.CharField(max_length=500, required=False, default="")
    digest = serializers.RegexField(r"^[0-9a-f]{64}$", required=False, default="")


class FileIn(Input):
    """A file, with what it proves; its kind is told from its bytes."""

    file = serializers.FileField(allow_empty_file=True, max_length=1_000)
    kind = serializers.CharField(max_length=100, required=False, default="document")
    title = serializers.CharField(max_length=300)
    proves = serializers.CharField(max_length=500)


class FactIn(Input):
    """What is stated of the matter, with where it comes from."""

    name = serializers.CharField(max_length=60, help_text="Such as order_id.")
    value = serializers.CharField(max_length=500)
    source = serializers.CharField(  # type: ignore[assignment]  # DRF takes declared fields away
        max_length=100,
        required=False,
        default="",
        help_text=(
            "Id of the message, tool call or evidence of this case that shows it; empty for a "
            "person's own word."
        ),
    )


class MergeIn(Input):
    """Another case to take in."""

    case = serializers.UUIDField(help_text="Id of the case that becomes part of this one.")
    reason = serializers.CharField(max_length=500)


class VerificationIn(Input):
    """A verification of the customer."""

    level = serializers.ChoiceField(choices=choices(VerificationLevel))
    method = serializers.CharField(max_length=100)
    customer_ref = serializers.CharField(max_length=200, required=False, default="")
    evidence = serializers.ListField(
        child=serializers.CharField(max_length=100),
        required=False,
        default=list,
        max_length=MAX_CITED,
        help_text="Ids of messages and evidence of this case that show it.",
    )


class JourneyIn(Input):
    """A further journey on the case."""

    cue_sheet = serializers.CharField(max_length=100)


class JourneyHeldIn(Input):
    """Why a journey is paused or goes on."""

    reason = serializers.CharField(max_length=500)


class JourneyPauseIn(JourneyHeldIn):
    """Why a journey is paused, and whom it waits for."""

    waits_for = serializers.ChoiceField(
        choices=choices(WaitsFor),
        required=False,
        help_text="Whose time it is that passes; left out where it waits for nobody else.",
    )


class JourneyCancelIn(Input):
    """Why a journey is cancelled, and whether what it changed is taken back."""

    reason = serializers.CharField(max_length=500)
    take_back = serializers.BooleanField(default=True)


class ReversalFinishIn(Input):
    """What a person did about an effect that no tool takes back."""

    done = serializers.BooleanField()
    reason = serializers.CharField(max_length=500)


class StepCompleteIn(Input):
    """That a step which is no tool call is done."""

    evidence = serializers.ListField(
        child=serializers.CharField(max_length=100), required=False, default=list, max_length=50
    )
    note = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class NeedConfirmedIn(Input):
    """That the customer, asked by an AI agent, said what the case is about."""

    intent = serializers.CharField(max_length=100, help_text="The key of the need.")
    evidence = serializers.ListField(
        child=serializers.CharField(max_length=100),
        min_length=1,
        max_length=MAX_CITED,
        help_text="Ids of your question and of the customer's answer on this case.",
    )


class ToolCallIn(Input):
    """A proposed use of a tool."""

    tool = serializers.CharField(max_length=100)
    arguments = serializers.JSONField()
    step = serializers.CharField(max_length=100, required=False)
    confidence = serializers.FloatField(min_value=0, max_value=1, required=False, allow_null=True)
    margin = serializers.FloatField(min_value=0, max_value=1, required=False, allow_null=True)
    rationale = serializers.CharField(
        max_length=5_000, required=False, allow_blank=True, default=""
    )
    evidence = serializers.ListField(
        child=serializers.CharField(max_length=100),
        required=False,
        default=list,
        max_length=50,
        help_text=(
            "Ids of messages and evidence of this case that show it, and of versions of articles "
            "that were read for it."
        ),
    )
    customer_paragraph = serializers.CharField(
        max_length=5_000, required=False, allow_blank=True, default=""
    )


class EditIn(Input):
    """What a call that waits should say instead; evidence and paragraph stay where not given."""

    arguments = serializers.JSONField(help_text="All of them, as they should be.")
    digest = serializers.RegexField(
        r"^[0-9a-f]{64}$", help_text="Digest of the action that was read and is changed."
    )
    reason = serializers.CharField(max_length=500)
    evidence = serializers.ListField(
        child=serializers.CharField(max_length=100),
        required=False,
        max_length=50,
        help_text="Ids of what shows that the customer agrees to it as it is now.",
    )
    customer_paragraph = serializers.CharField(max_length=5_000, required=False, allow_blank=True)


class HandoffIn(Input):
    """A handoff to a queue or a role."""

    class Target(Input):
        queue = serializers.CharField(max_length=100, required=False, default="")
        role = serializers.CharField(max_length=100, required=False, default="")
        person = serializers.CharField(
            max_length=100,
            required=False,
            default="",
            help_text="The public id of the one person asked for; empty for whoever is free.",
        )
        skills = serializers.ListField(
            child=serializers.CharField(max_length=100),
            required=False,
            max_length=20,
            help_text="Skills of the list that whoever takes it needs, besides those that the "
            "cue sheet, the queue and the risk ask for.",
        )

    to = Target()
    reason_code = serializers.ChoiceField(choices=REASONS)
    warmth = serializers.ChoiceField(
        choices=[str(each) for each in Warmth], required=False, default=str(Warmth.COLD)
    )
    note = serializers.CharField(max_length=5_000, required=False, allow_blank=True, default="")
    suggested_next_step = serializers.CharField(
        max_length=2_000, required=False, allow_blank=True, default=""
    )
    customer_paragraph = serializers.CharField(
        max_length=5_000, required=False, allow_blank=True, default=""
    )


class ReferralIn(Input):
    """Who outside of the house has the matter now, and what the customer was told."""

    to = serializers.CharField(
        max_length=200, help_text="In words, such as a carrier, a manufacturer or an authority."
    )
    reason_code = serializers.ChoiceField(choices=[str(each) for each in Outside])
    told = serializers.CharField(max_length=2_000, help_text="What the customer was told.")


class ConsultIn(Input):
    """A question to a colleague; whoever has the case keeps it."""

    class Asked(Input):
        person = serializers.CharField(
            max_length=100, required=False, default="", help_text="Public id of one person."
        )
        queue = serializers.CharField(
            max_length=100, required=False, default="", help_text="Instead: whoever works it."
        )

    to = Asked()
    question = serializers.CharField(max_length=2_000)


class ConsultAnswerIn(Input):
    """What whoever was asked says."""

    answer = serializers.CharField(max_length=2_000)


class HandoffAcceptIn(Input):
    """What was missing in the bundle, if anything."""

    missing = serializers.ListField(
        child=serializers.CharField(max_length=100), required=False, default=list, max_length=7
    )


class HandoffRefuseIn(Input):
    """Why a person does not take a case."""

    reason = serializers.CharField(max_length=500)


class HandoffJudgeIn(HandoffAcceptIn):
    """Whether the bundle was enough, and which parts it lacked."""

    sufficient = serializers.BooleanField()


class HandoffReturnIn(HandoffAcceptIn):
    """Why a case goes back to its sender, and what its bundle lacked."""

    reason = serializers.CharField(max_length=500)


class ResolveIn(Input):
    """The outcome of the case."""

    outcome = serializers.CharField(max_length=300)
    confirmed = serializers.BooleanField(default=False)
    disposition = serializers.ChoiceField(
        choices=choices(Disposition),
        required=False,
        help_text="What became of the matter, in a word that is counted.",
    )


class ReasonIn(Input):
    """A reason in plain words."""

    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
