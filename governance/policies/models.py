"""Policies, their versions, limit uses and decision records."""

from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from governance.access.models import Given, ends_later
from governance.access.types import GOVERN_POLICY
from governance.policies.types import Outcome, RehearsalState, ShadowEnd
from governance.reviews.models import ChangeRequest, DocumentVersion
from orchestra.core.actors import ActorKind
from orchestra.core.fields import CodeField, PublicIdField, enum_field
from orchestra.core.history import tracked


class Policy(models.Model):
    """What is allowed, as a series of reviewed decision tables."""

    public_id = PublicIdField()
    key = CodeField(unique=True)
    title = models.CharField(max_length=200)
    history = tracked()

    class Meta:
        ordering = ["title"]
        verbose_name_plural = "policies"
        permissions = [(GOVERN_POLICY, "May change this policy as their role allows")]

    def __str__(self) -> str:
        return self.title


class PolicyUserGrant(Given, UserObjectPermissionBase):
    """That a person may change this policy as the role allows."""

    content_object = models.ForeignKey(Policy, on_delete=models.CASCADE)
    history = tracked()

    class Meta(UserObjectPermissionBase.Meta):
        constraints = [ends_later("policy_user_grant")]


class PolicyGroupGrant(Given, GroupObjectPermissionBase):
    """That everybody with a role may change this policy as the role allows."""

    content_object = models.ForeignKey(Policy, on_delete=models.CASCADE)
    history = tracked()

    class Meta(GroupObjectPermissionBase.Meta):
        constraints = [ends_later("policy_group_grant")]


class PolicyVersion(DocumentVersion):
    """One version of a policy's decision table."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    history = tracked()

    class Meta:
        ordering = ["policy", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="policy_version_number"),
            models.UniqueConstraint(
                fields=["policy"],
                condition=models.Q(state="published"),
                name="policy_one_published",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy} {self.number}"


class LimitCounter(models.Model):
    """The row locked while a limit is checked and used."""

    limit_key = CodeField()
    scope_key = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["limit_key", "scope_key"], name="limit_counter_once"),
        ]

    def __str__(self) -> str:
        return f"{self.limit_key} for {self.scope_key}"


class LimitUse(models.Model):
    """One granted use of a limit by one tool call."""

    counter = models.ForeignKey(LimitCounter, on_delete=models.PROTECT, related_name="uses")
    subject_id = models.CharField(max_length=100)
    amount_minor = models.BigIntegerField(default=0)
    at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["counter", "subject_id"], name="limit_use_once"),
        ]
        indexes = [models.Index(fields=["counter", "at"], name="limit_use_window")]

    def __str__(self) -> str:
        return f"{self.counter_id}: {self.subject_id}"


class DecisionRecord(models.Model):
    """One decision with all that replay needs; ``body`` is the record."""

    public_id = PublicIdField()
    subject_kind = CodeField()
    subject_id = models.CharField(max_length=100)
    stream = models.CharField(max_length=120, default="", blank=True)
    outcome = enum_field(Outcome)
    at = models.DateTimeField()
    body = models.BinaryField()
    digest = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["subject_id"], name="decision_subject"),
            models.Index(fields=["stream"], name="decision_stream"),
            models.Index(fields=["at"], name="decision_at"),
            # The newest of an outcome, which is hardly ever another than allow.
            models.Index(
                fields=["outcome", "id"],
                condition=~models.Q(outcome="allow"),
                name="decision_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} on {self.subject_kind} {self.subject_id}"


class Rehearsal(models.Model):
    """One run of a draft over the recorded decisions of a span.

    ``base`` names the versions in force when it began, ``tally`` is what was added up so far,
    ``cursor`` the last record that is in it. The result is written once and has a digest.
    ``change`` is the change request whose draft it is, which its end is bound to; ``removes``
    tells that the draft is to have no such policy at all.

    A ``live`` one is a shadow: it goes over decisions as they are made, up to ``read_at`` so
    far, until ``until_at`` or something else ends it.
    """

    public_id = PublicIdField()
    change = models.ForeignKey(
        ChangeRequest, on_delete=models.PROTECT, null=True, related_name="rehearsals"
    )
    removes = models.BooleanField(default=False)
    live = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True)
    ended_by = enum_field(ShadowEnd, blank=True)
    policy_key = CodeField()
    document = models.JSONField()
    document_digest = models.CharField(max_length=64)
    base = models.JSONField(default=dict)
    since_at = models.DateTimeField()
    until_at = models.DateTimeField()
    filters = models.JSONField(default=dict)
    state = enum_field(RehearsalState, default=RehearsalState.QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    lease_until_at = models.DateTimeField(null=True)
    cursor = models.BigIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    tally = models.JSONField(default=dict)
    result = models.JSONField(null=True)
    result_digest = models.CharField(max_length=64, blank=True)
    problem = models.CharField(max_length=500, blank=True)
    by_kind = enum_field(ActorKind)
    by_id = models.CharField(max_length=100)
    by_label = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["lease_until_at"],
                condition=models.Q(state__in=["queued", "running"]),
                name="rehearsal_open",
            ),
            models.Index(fields=["policy_key", "-id"], name="rehearsal_policy"),
            models.Index(fields=["document_digest", "-id"], name="rehearsal_document"),
        ]

    def __str__(self) -> str:
        return f"{self.policy_key} {self.public_id}"


class RehearsedDecision(models.Model):
    """One recorded decision that would have come out otherwise, or that could not be decided."""

    rehearsal = models.ForeignKey(Rehearsal, on_delete=models.PROTECT, related_name="cases")
    record = models.ForeignKey(DecisionRecord, on_delete=models.PROTECT, related_name="+")
    cell = models.CharField(max_length=40)
    gained = models.JSONField(default=list)
    lost = models.JSONField(default=list)
    votes_before = models.PositiveSmallIntegerField(default=0)
    votes_after = models.PositiveSmallIntegerField(default=0)
    lacks = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rehearsal", "record"], name="rehearsed_once"),
        ]
        indexes = [models.Index(fields=["rehearsal", "cell", "-record"], name="rehearsed_cell")]

    def __str__(self) -> str:
        return f"{self.cell}: {self.record_id}"
