"""Customers, cases, interactions, messages, verifications and evidence."""

from django.db import models

from cases.memory.facts import FactSource
from cases.memory.types import (
    CaseStatus,
    Channel,
    Disposition,
    IntentHold,
    Speaker,
    Trust,
    VerificationLevel,
    label_of,
)
from governance.access.models import Queue, User
from orchestra.core.actors import ActorKind
from orchestra.core.fields import CodeField, PublicIdField, enum_field
from orchestra.core.history import tracked


class Customer(models.Model):
    """The person served, with the reference other systems know them by."""

    public_id = PublicIdField()
    ref = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=200, blank=True)
    contact_points = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField()
    history = tracked()

    def __str__(self) -> str:
        return self.name or self.ref


class Case(models.Model):
    """One customer's matter, from first word to verified outcome."""

    public_id = PublicIdField()
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="cases"
    )
    claimed_name = models.CharField(max_length=200, blank=True)
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="cases")
    status = enum_field(CaseStatus, default=CaseStatus.OPEN)
    channel = enum_field(Channel)
    subject = models.CharField(max_length=300, blank=True)
    intent = CodeField(blank=True)
    #: What the table in force makes of impact and urgency, 1 (most) to 3; both or neither stand.
    priority = models.PositiveSmallIntegerField(default=3)
    impact = models.PositiveSmallIntegerField(null=True, blank=True)
    urgency = models.PositiveSmallIntegerField(null=True, blank=True)
    risk_flags = models.JSONField(default=list, blank=True)
    verification = enum_field(VerificationLevel, default=VerificationLevel.NONE)
    external_ref = models.CharField(max_length=200, null=True, blank=True, unique=True)
    opened_by_kind = enum_field(ActorKind)
    opened_by_id = models.CharField(max_length=100)
    opened_by_label = models.CharField(max_length=200)
    holder = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="held_cases"
    )
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=300, blank=True)
    outcome_confirmed = models.BooleanField(default=False)
    #: Since when no AI agent may read it or act on it: a critical risk is with people.
    gated_at = models.DateTimeField(null=True, blank=True)
    disposition = enum_field(Disposition, blank=True, default="")
    #: What the need waits for; until then no AI agent changes anything on its strength.
    intent_hold = enum_field(IntentHold, blank=True, default="")
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="absorbed"
    )
    history = tracked()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(impact=None, urgency=None)
                | models.Q(impact__range=(1, 3), urgency__range=(1, 3)),
                name="case_impact_with_urgency",
            ),
        ]
        indexes = [
            models.Index(fields=["queue", "status", "-id"], name="case_queue_status"),
            # The newest first of one queue, of one state, of one person.
            models.Index(fields=["queue", "id"], name="case_queue"),
            models.Index(fields=["status", "id"], name="case_status"),
            models.Index(
                fields=["holder", "id"],
                condition=models.Q(holder__isnull=False),
                name="case_holder",
            ),
            # What one person has in hand, few among all that they ever had.
            models.Index(
                fields=["holder", "id"],
                condition=models.Q(status__in=["open", "handed_off"]),
                name="case_in_hand",
            ),
            models.Index(fields=["opened_at"], name="case_opened"),
            models.Index(fields=["closed_at"], name="case_closed"),
            # What waits for a word on its need, few among all that is open.
            models.Index(
                fields=["id"],
                condition=models.Q(status="open") & ~models.Q(intent_hold=""),
                name="case_held",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name people use, such as C-12."""
        return label_of(self.pk)

    @property
    def who(self) -> str:
        """The name that its customer goes by, as they gave it; empty while nobody knows one."""
        return str(self.customer) if self.customer else self.claimed_name

    @property
    def stream(self) -> str:
        """The ledger stream of this case."""
        return f"case:{self.public_id}"


class Interaction(models.Model):
    """One contact on one channel."""

    public_id = PublicIdField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="interactions")
    channel = enum_field(Channel)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["started_at", "id"], name="interaction_started")]

    def __str__(self) -> str:
        return f"{self.channel} of {self.case_id}"


class Message(models.Model):
    """One utterance in an interaction."""

    public_id = PublicIdField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="messages")
    interaction = models.ForeignKey(Interaction, on_delete=models.PROTECT, related_name="messages")
    speaker = enum_field(Speaker)
    author_kind = enum_field(ActorKind)
    author_id = models.CharField(max_length=100)
    author_label = models.CharField(max_length=200)
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="message_case")]

    def __str__(self) -> str:
        return f"{self.speaker} in {self.case_id}"


class Verification(models.Model):
    """That a customer's identity was claimed or confirmed, how, and by whom."""

    public_id = PublicIdField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="verifications")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True)
    level = enum_field(VerificationLevel)
    method = models.CharField(max_length=100)
    trust = enum_field(Trust)
    by_kind = enum_field(ActorKind)
    by_id = models.CharField(max_length=100)
    by_label = models.CharField(max_length=200)
    tool_call_id_text = models.CharField(max_length=100, blank=True)
    evidence = models.JSONField(default=list, blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.level} by {self.method}"


class Evidence(models.Model):
    """A reference or a file attached to a case, with what it proves."""

    public_id = PublicIdField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="evidence")
    kind = CodeField()
    title = models.CharField(max_length=300)
    proves = models.CharField(max_length=500)
    reference = models.CharField(max_length=500, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    file_name = models.CharField(max_length=200, blank=True, default="")
    media_type = models.CharField(max_length=100, blank=True, default="")
    size = models.PositiveIntegerField(default=0)
    trust = enum_field(Trust)
    by_kind = enum_field(ActorKind)
    by_id = models.CharField(max_length=100)
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "evidence"

    def __str__(self) -> str:
        return self.title

    @property
    def has_file(self) -> bool:
        """Whether its content was sent and is kept here; erasing takes name and content."""
        return bool(self.size and self.file_name)


class CaseMerge(models.Model):
    """That one case was taken into another, and what taking it back restores.

    Attributes are of before: ``survivor_opened_at`` is the survivor's own opening, whatever it
    took in, and ``paused`` names the journeys of the absorbed case that ran.
    """

    public_id = PublicIdField()
    survivor = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="merges")
    absorbed = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="merged")
    reason = models.CharField(max_length=500)
    by_kind = enum_field(ActorKind)
    by_id = models.CharField(max_length=100)
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField()
    survivor_opened_at = models.DateTimeField()
    absorbed_status = enum_field(CaseStatus)
    paused = models.JSONField(default=list, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["absorbed"],
                condition=models.Q(undone_at=None),
                name="case_merged_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(survivor=models.F("absorbed")), name="case_not_into_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.absorbed_id} in {self.survivor_id}"


class CaseFact(models.Model):
    """One thing somebody or something said of the matter; never changed, only followed.

    ``source_kind`` and ``source_id`` say where it comes from: a message, a tool call or a piece
    of evidence of the case, or nothing for a person's own word.
    """

    public_id = PublicIdField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="stated_facts")
    name = CodeField()
    value = models.CharField(max_length=500)
    trust = enum_field(Trust)
    source_kind = enum_field(FactSource)
    source_id = models.CharField(max_length=100, blank=True)
    by_kind = enum_field(ActorKind)
    by_id = models.CharField(max_length=100)
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="case_fact_case")]

    def __str__(self) -> str:
        return f"{self.name} of {self.case_id}"
