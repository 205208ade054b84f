"""Cue sheets, their versions, journeys and steps."""

from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from cases.handoff.models import Handoff
from cases.journeys.types import DoesKind, JourneyState, Pattern, ReversalState, Stage, StepState
from cases.memory.models import Case
from cases.tools.models import ToolCall
from governance.access.models import Given, Queue, ends_later
from governance.access.types import GOVERN_CUE_SHEET
from governance.reviews.models import DocumentVersion
from governance.skills.models import Skill
from orchestra.core.fields import CodeField, PublicIdField, enum_field
from orchestra.core.history import tracked


class CueSheet(models.Model):
    """The plan for one kind of need, as a series of versions."""

    public_id = PublicIdField()
    key = CodeField(unique=True)
    title = models.CharField(max_length=200)
    history = tracked()

    class Meta:
        ordering = ["title"]
        permissions = [(GOVERN_CUE_SHEET, "May change this cue sheet as their role allows")]

    def __str__(self) -> str:
        return self.title


class CueSheetUserGrant(Given, UserObjectPermissionBase):
    """That a person may change this cue sheet as the role allows."""

    content_object = models.ForeignKey(CueSheet, on_delete=models.CASCADE)
    history = tracked()

    class Meta(UserObjectPermissionBase.Meta):
        constraints = [ends_later("cue_sheet_user_grant")]


class CueSheetGroupGrant(Given, GroupObjectPermissionBase):
    """That everybody with a role may change this cue sheet as the role allows."""

    content_object = models.ForeignKey(CueSheet, on_delete=models.CASCADE)
    history = tracked()

    class Meta(GroupObjectPermissionBase.Meta):
        constraints = [ends_later("cue_sheet_group_grant")]


class CueSheetVersion(DocumentVersion):
    """One version of a cue sheet."""

    cue_sheet = models.ForeignKey(CueSheet, on_delete=models.PROTECT, related_name="versions")
    pattern = enum_field(Pattern)
    history = tracked()

    class Meta:
        ordering = ["cue_sheet", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["cue_sheet", "number"], name="cue_sheet_version_number"
            ),
            models.UniqueConstraint(
                fields=["cue_sheet"],
                condition=models.Q(state="published"),
                name="cue_sheet_one_published",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cue_sheet} {self.number}"


class Journey(models.Model):
    """One running of a cue sheet on one case; pinned to the version it started under.

    ``ends_at`` is when it is ended and taken back, where its cue sheet gives it a time.
    """

    public_id = PublicIdField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="journeys")
    version = models.ForeignKey(CueSheetVersion, on_delete=models.PROTECT, related_name="journeys")
    state = enum_field(JourneyState, default=JourneyState.RUNNING)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["case", "id"], name="journey_case"),
            models.Index(
                fields=["ends_at", "id"],
                condition=models.Q(state="running", ends_at__isnull=False),
                name="journey_time_over",
            ),
            models.Index(fields=["started_at"], name="journey_started"),
            models.Index(fields=["version", "id"], name="journey_version"),
            models.Index(
                fields=["version", "id"],
                condition=models.Q(state="completed"),
                name="journey_completed",
            ),
            models.Index(
                fields=["version", "id"],
                condition=models.Q(state__in=["running", "paused"]),
                name="journey_under_way",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} on {self.case_id}"


class StepRun(models.Model):
    """One cue as it runs; ``tools`` are those any one of which fulfils it.

    A person who does it has every one of ``skills``; a supervisor stands in. Its owner is
    reminded between ``due_at`` and ``escalates_at``; ``missed_at`` is when it was
    first found past its deadline, and stays however it ends.
    """

    public_id = PublicIdField()
    journey = models.ForeignKey(Journey, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    key = CodeField()
    title = models.CharField(max_length=200)
    stage = enum_field(Stage)
    owner = CodeField()
    does = enum_field(DoesKind, default=DoesKind.TOOL)
    tools = models.JSONField(default=list, blank=True)
    optional = models.BooleanField(default=False)
    state = enum_field(StepState, default=StepState.PENDING)
    tries = models.PositiveSmallIntegerField(default=0)
    ready_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    escalates_at = models.DateTimeField(null=True)
    missed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(max_length=500, blank=True)
    tool_call = models.ForeignKey(
        ToolCall, on_delete=models.PROTECT, null=True, related_name="steps"
    )
    handoff = models.ForeignKey(Handoff, on_delete=models.PROTECT, null=True, related_name="+")
    skills = models.ManyToManyField(Skill, related_name="+")

    class Meta:
        ordering = ["journey", "position"]
        constraints = [
            models.UniqueConstraint(fields=["journey", "key"], name="step_once_in_journey"),
        ]
        indexes = [
            models.Index(
                fields=["owner", "id"],
                condition=models.Q(state="ready"),
                name="step_ready",
            ),
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(state__in=["ready", "running", "waiting"], due_at__isnull=False),
                name="step_due",
            ),
            # What the sweep looks for: a deadline nobody has noted, a call that has ended.
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(
                    state__in=["ready", "running", "waiting"],
                    due_at__isnull=False,
                    missed_at__isnull=True,
                ),
                name="step_unmissed",
            ),
            models.Index(fields=["id"], condition=models.Q(state="running"), name="step_running"),
            # The journeys at one cue, those late there, and those that were. One index of all
            # would say to the planner that each is as many as all are.
            models.Index(
                fields=["key", "journey"],
                condition=models.Q(state__in=["ready", "running", "waiting"]),
                name="step_standing",
            ),
            models.Index(
                fields=["key", "due_at"],
                include=["journey"],
                condition=models.Q(state__in=["ready", "running", "waiting"], due_at__isnull=False),
                name="step_overdue",
            ),
            models.Index(
                fields=["key", "journey"],
                condition=models.Q(missed_at__isnull=False),
                name="step_behind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.journey_id}"


class Reversal(models.Model):
    """One effect of a cancelled journey that is to be taken back; each effect once.

    ``position`` counts from the last effect to the first, which is the order they go in.
    """

    public_id = PublicIdField()
    journey = models.ForeignKey(Journey, on_delete=models.PROTECT, related_name="reversals")
    call = models.OneToOneField(ToolCall, on_delete=models.PROTECT, related_name="reversal")
    position = models.PositiveSmallIntegerField()
    tool = CodeField(blank=True)
    state = enum_field(ReversalState, default=ReversalState.PENDING)
    reason = models.CharField(max_length=500, blank=True)
    tool_call = models.OneToOneField(
        ToolCall, on_delete=models.PROTECT, null=True, related_name="reverses"
    )
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["journey", "position"]

    def __str__(self) -> str:
        return f"{self.call_id} of {self.journey_id}"


class JourneySum(models.Model):
    """How many journeys of one version that began on one day of UTC are so; by cue as well.

    Without a ``key`` journeys are counted: ``reached`` is all of them, ``overdue`` those late at
    any cue, and ``minutes`` tells how many of the complete ones took so many. With one, ``failed``
    counts the steps that ended so. ``queue`` is where the cases stand. Made again at will from
    the journeys themselves, whenever the ledger tells of one that began that day.
    """

    day = models.DateField()
    version = models.ForeignKey(CueSheetVersion, on_delete=models.CASCADE, related_name="+")
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="+", db_index=False)
    state = enum_field(JourneyState)
    key = CodeField(blank=True)
    reached = models.PositiveIntegerField(default=0)
    now = models.PositiveIntegerField(default=0)
    missed = models.PositiveIntegerField(default=0)
    overdue = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    minutes = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["day", "key"], name="journey_sum_day")]

    def __str__(self) -> str:
        return f"{self.key or 'journeys'} of {self.day}"


class JourneyReader(models.Model):
    """How far the ledger was read for the sums of journeys: one row, locked to read on."""

    next_index = models.BigIntegerField(default=0)
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"journeys summed up to {self.next_index}"
