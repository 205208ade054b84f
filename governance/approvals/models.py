"""Requests for a person's approval, and the votes on them."""

from django.db import models

from governance.access.models import Queue, User
from governance.approvals.types import (
    VIGILANCE,
    ApprovalState,
    RejectReason,
    VigilanceResult,
    VoteChoice,
)
from governance.policies.types import RiskLevel
from orchestra.core.actors import ActorKind
from orchestra.core.fields import CodeField, PublicIdField, enum_field


class ApprovalRequest(models.Model):
    """A request for votes on exactly one action, once.

    ``view`` is the canonical bytes of what the approver is shown; ``view_digest`` binds it.
    The subject is named as text, since approvals lie below the cases they serve.
    ``next_turn_at`` is when the sweep has something to do before the deadline. ``roles`` grows
    when the request is escalated; ``escalated_roles`` says by which. ``headline``, ``journey`` and
    ``money_direction`` repeat of the view what a row of the inbox shows, so that a list need not
    read views; None where a request is older than they are. ``tool`` and ``rule`` are
    what requests of one batch have in common, ``likeness`` what it has in common with its like;
    empty where it was not told.
    """

    public_id = PublicIdField()
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="approvals")
    subject_kind = CodeField()
    subject_id = models.CharField(max_length=100)
    case_public_id = models.CharField(max_length=100)
    case_label = models.CharField(max_length=60)
    stream = models.CharField(max_length=120)
    title = models.CharField(max_length=500)
    detail = models.CharField(max_length=500, blank=True)
    risk = enum_field(RiskLevel)
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    requester_kind = enum_field(ActorKind)
    requester_id = models.CharField(max_length=100)
    requester_label = models.CharField(max_length=200)
    barred = models.JSONField(default=dict)
    action_digest = models.CharField(max_length=64)
    view = models.BinaryField()
    view_digest = models.CharField(max_length=64)
    nonce = models.CharField(max_length=64, unique=True)
    votes_needed = models.PositiveSmallIntegerField()
    roles = models.JSONField(default=list)
    distinct_roles = models.BooleanField(default=False)
    step_up = models.BooleanField(default=False)
    state = enum_field(ApprovalState, default=ApprovalState.PENDING)
    ended_reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    execute_by_at = models.DateTimeField(null=True)
    claimed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="claimed_approvals"
    )
    claimed_until_at = models.DateTimeField(null=True)
    handed_to = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        related_name="approvals_handed_to",
        db_index=False,
    )
    handed_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        related_name="approvals_handed_over",
        db_index=False,
    )
    handed_until_at = models.DateTimeField(null=True)
    next_turn_at = models.DateTimeField(null=True)
    reminded = models.PositiveSmallIntegerField(default=0)
    escalated = models.PositiveSmallIntegerField(default=0)
    escalated_roles = models.JSONField(default=list)
    lacks_voters = models.BooleanField(default=False)
    tool = models.CharField(max_length=200, blank=True)
    rule = models.CharField(max_length=300, blank=True)
    likeness = models.CharField(max_length=64, blank=True, default="")
    headline = models.CharField(max_length=500, null=True)  # noqa: DJ001  None: not told
    journey = models.CharField(max_length=200, blank=True, default="")
    money_direction = models.CharField(max_length=20, null=True)  # noqa: DJ001  None: not told
    risk_rank = models.GeneratedField(
        expression=models.Case(
            *(models.When(risk=level.value, then=rank) for rank, level in enumerate(RiskLevel)),
            default=len(RiskLevel),
        ),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )

    class Meta:
        constraints = [
            # A test of attention can be voted on; it can never be granted, and so never used.
            models.CheckConstraint(
                condition=~models.Q(
                    subject_kind=VIGILANCE,
                    state__in=[ApprovalState.GRANTED.value, ApprovalState.USED.value],
                ),
                name="approval_test_never_granted",
            ),
        ]
        indexes = [
            models.Index(
                fields=["deadline_at", "id"],
                condition=models.Q(state="pending"),
                name="approval_pending_deadline",
            ),
            models.Index(
                fields=["execute_by_at"],
                condition=models.Q(state="granted"),
                name="approval_granted_deadline",
            ),
            models.Index(fields=["subject_id"], name="approval_subject"),
            models.Index(fields=["case_public_id"], name="approval_case"),
            models.Index(
                fields=["next_turn_at", "id"],
                condition=models.Q(state="pending"),
                name="approval_pending_turn",
            ),
            models.Index(
                fields=["handed_to"],
                condition=models.Q(state="pending"),
                name="approval_pending_handed",
            ),
            models.Index(
                fields=["-risk_rank", "deadline_at", "id"],
                condition=models.Q(state="pending"),
                name="approval_pending_risk",
            ),
            # Counted per queue off the index alone, tests of attention left out.
            models.Index(
                fields=["queue", "deadline_at", "id"],
                include=["subject_kind"],
                condition=models.Q(state="pending"),
                name="approval_pending_in_queue",
            ),
            models.Index(
                fields=["claimed_by"],
                condition=models.Q(state="pending"),
                name="approval_pending_claimed",
            ),
            # Since when the oldest waits, per queue.
            models.Index(
                fields=["queue", "created_at"],
                condition=models.Q(state="pending"),
                name="approval_pending_oldest",
            ),
            # Of what waits for two people, few among much else.
            models.Index(
                fields=["deadline_at", "id"],
                condition=models.Q(state="pending")
                & (models.Q(risk="critical") | models.Q(votes_needed__gte=2)),
                name="approval_pending_double",
            ),
            # What was decided lately, per queue: how long people waited, by hour.
            models.Index(
                fields=["queue", "decided_at"],
                condition=models.Q(decided_at__isnull=False),
                name="approval_queue_decided",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name people use, such as AP-12."""
        return f"AP-{self.pk}"


class ApprovalVote(models.Model):
    """One person's vote on one request, with the digests it answers.

    It stands for ever; once discounted, because its voter may no longer vote there, it does
    not count, and their voting again is as impossible as before.
    """

    request = models.ForeignKey(ApprovalRequest, on_delete=models.PROTECT, related_name="votes")
    voter = models.ForeignKey(User, on_delete=models.PROTECT, related_name="approval_votes")
    choice = enum_field(VoteChoice)
    roles = models.JSONField(default=list)
    reason = models.TextField(blank=True)
    reason_code = enum_field(RejectReason, blank=True, default="")
    action_digest = models.CharField(max_length=64)
    view_digest = models.CharField(max_length=64)
    step_up_at = models.DateTimeField(null=True)
    at = models.DateTimeField()
    discounted_at = models.DateTimeField(null=True)
    discounted_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "voter"], name="approval_vote_once"),
        ]
        # The newest votes of a span, for how approvals are decided.
        indexes = [models.Index(fields=["at", "id"], name="approval_vote_at")]

    def __str__(self) -> str:
        return f"{self.choice} on {self.request_id}"

    @property
    def counts(self) -> bool:
        """Whether it still counts."""
        return self.discounted_at is None


class InboxView(models.Model):
    """A filter of the inbox that one person named and kept for themselves.

    ``criteria`` is what the inbox's address says after the question mark.
    """

    public_id = PublicIdField()
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="inbox_views")
    name = models.CharField(max_length=60)
    criteria = models.CharField(max_length=1000)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="inbox_view_once"),
        ]

    def __str__(self) -> str:
        return self.name


class VigilanceSwitch(models.Model):
    """How often a queue's approvers are tested; counts only once two people agreed to it.

    ``seed`` draws after which requests a test comes; ``cursor`` is the last request drawn for.
    """

    queue = models.OneToOneField(Queue, on_delete=models.PROTECT, related_name="vigilance")
    per_thousand = models.PositiveSmallIntegerField()
    seed = models.CharField(max_length=64)
    cursor = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=500)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    agreed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    agreed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(agreed_by=models.F("asked_by")), name="vigilance_two_people"
            ),
            models.CheckConstraint(
                condition=models.Q(per_thousand__gte=1, per_thousand__lte=50),
                name="vigilance_rate_in_bounds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.per_thousand} of 1000 on {self.queue_id}"


class VigilanceTest(models.Model):
    """One seeded test request: what it was made of, and how it was judged.

    ``commitment`` stands in the ledger before the request is placed; ``salt`` opens it after.
    """

    public_id = PublicIdField()
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="+")
    request = models.OneToOneField(
        ApprovalRequest, on_delete=models.PROTECT, null=True, related_name="vigilance"
    )
    model = models.ForeignKey(ApprovalRequest, on_delete=models.PROTECT, related_name="+")
    template = CodeField()
    drawn_after = models.CharField(max_length=100)
    seed = models.CharField(max_length=64)
    salt = models.CharField(max_length=64)
    commitment = models.CharField(max_length=64)
    sign = models.CharField(max_length=500)
    planted_at = models.DateTimeField()
    place_at = models.DateTimeField()
    result = enum_field(VigilanceResult, default=VigilanceResult.OPEN)
    judged_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    judged_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["place_at"],
                condition=models.Q(request__isnull=True, result="open"),
                name="vigilance_to_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} on {self.queue_id}"
