"""What people are told, the messages that carry it, and how each person wants to be told."""

from django.db import models

from governance.access.models import Queue, User
from governance.notifications.types import Channel, DeliveryState, SkipReason, Topic, Why
from governance.policies.types import RiskLevel
from orchestra.core.fields import CodeField, PublicIdField, enum_field


class LedgerReader(models.Model):
    """How far one reader of the ledger has come: the row that is locked to read on."""

    name = models.CharField(max_length=60, unique=True)
    next_index = models.BigIntegerField()
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.next_index}"


class Notice(models.Model):
    """One piece of news for one person, made from one entry of the ledger.

    It names its subject by a public id and a label such as AP-12, and holds no text of the case
    and no personal data. ``instead_of`` names, by public id, whom the person stands in for.
    ``is_silent`` is news the person asked not to be told of: kept, never counted. ``ended_at``
    is when there was nothing left to do about it.
    """

    public_id = PublicIdField()
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notices")
    index = models.BigIntegerField()
    event_id = models.CharField(max_length=36)
    kind = CodeField()
    topic = enum_field(Topic)
    why = enum_field(Why)
    instead_of = models.JSONField(default=list)
    subject_kind = CodeField(blank=True)
    subject_id = models.CharField(max_length=100, blank=True)
    label = models.CharField(max_length=100)
    page = models.CharField(max_length=60)
    page_id = models.CharField(max_length=100, blank=True)
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, null=True, related_name="+")
    risk = enum_field(RiskLevel, blank=True)
    deadline_at = models.DateTimeField(null=True)
    is_silent = models.BooleanField(default=False)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["index", "person"], name="notice_once_a_person"),
        ]
        indexes = [
            models.Index(fields=["person", "-id"], name="notice_of_person"),
            models.Index(
                fields=["person", "-id"],
                condition=models.Q(read_at=None, ended_at=None, is_silent=False),
                name="notice_unread",
            ),
            models.Index(
                fields=["subject_id"], condition=models.Q(ended_at=None), name="notice_open_subject"
            ),
            models.Index(fields=["at"], name="notice_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.label}"


class NoticeDelivery(models.Model):
    """One message about a notice; the row is the truth, and a sweep sends what is due.

    Whoever sends takes it with a lease and writes back only at the attempt that was taken.
    """

    public_id = PublicIdField()
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    channel = enum_field(Channel)
    state = enum_field(DeliveryState, default=DeliveryState.WAITING)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until_at = models.DateTimeField(null=True)
    error = CodeField(blank=True)
    skipped_why = enum_field(SkipReason, blank=True, default="")
    tried_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "notice deliveries"
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(state__in=["waiting", "sending"]),
                name="notice_delivery_due",
            ),
            models.Index(
                fields=["-tried_at"],
                condition=models.Q(state="failed"),
                name="notice_delivery_failed",
            ),
            models.Index(
                fields=["-ended_at"], condition=models.Q(state="sent"), name="notice_delivery_sent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} of {self.notice_id}, {self.state}"


class NoticePreference(models.Model):
    """What a person chose; what is not chosen follows from their role.

    ``manners`` holds ``{topic: {risk: manner}}``, ``digest_times`` times as ``HH:MM``. An empty
    zone is the zone the person reads pages in; equal times are no quiet hours.
    """

    person = models.OneToOneField(
        User, on_delete=models.PROTECT, related_name="notice_preference", primary_key=True
    )
    manners = models.JSONField(default=dict)
    digest_times = models.JSONField(default=list)
    quiet_begins = models.TimeField(null=True)
    quiet_ends = models.TimeField(null=True)
    zone = models.CharField(max_length=60, blank=True)
    revision = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"how {self.person_id} is told"
