"""Channels, the conversations that came in by them, and which messages were taken in."""

from django.db import models

from cases.channels.types import ChannelState, Scheme
from cases.memory.models import Case, Interaction
from cases.memory.types import Channel
from governance.access.models import Queue, User
from orchestra.core.fields import CodeField, PublicIdField, enum_field


class InboundChannel(models.Model):
    """One system that may send us contacts.

    ``tried_revision`` is the revision that a payload was last tried with: only what was tried
    as it stands goes live. The counts are of requests since it was made.
    """

    public_id = PublicIdField()
    key = CodeField(unique=True)
    title = models.CharField(max_length=100)
    scheme = enum_field(Scheme)
    state = enum_field(ChannelState, default=ChannelState.TRYING)
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, null=True, related_name="+")
    channel = enum_field(Channel, default=Channel.CHAT)
    fields = models.JSONField(default=dict)
    signature_header = models.CharField(max_length=100, blank=True)
    timestamp_header = models.CharField(max_length=100, blank=True)
    sealed = models.BinaryField()
    sealed_before = models.BinaryField(null=True)
    before_ends_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=1)
    tried_revision = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    taken = models.BigIntegerField(default=0)
    duplicates = models.BigIntegerField(default=0)
    ignored = models.BigIntegerField(default=0)
    unplaced = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    last_taken_at = models.DateTimeField(null=True)
    last_error = CodeField(blank=True)
    last_error_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.title


class ChannelThread(models.Model):
    """Which case a conversation of another system belongs to; its id is kept as a digest."""

    inbound = models.ForeignKey(InboundChannel, on_delete=models.PROTECT, related_name="threads")
    digest = models.CharField(max_length=64)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    interaction = models.ForeignKey(Interaction, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["inbound", "digest"], name="channel_thread_once"),
        ]

    def __str__(self) -> str:
        return f"a conversation of {self.inbound_id}"


class ChannelMessage(models.Model):
    """That a message of another system was taken in, so that it is not taken in again."""

    inbound = models.ForeignKey(InboundChannel, on_delete=models.PROTECT, related_name="messages")
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["inbound", "digest"], name="channel_message_once"),
        ]

    def __str__(self) -> str:
        return f"a message of {self.inbound_id}"


class ChannelEarly(models.Model):
    """The centre's words of a conversation that has no case yet, sealed, for a day at most."""

    inbound = models.ForeignKey(InboundChannel, on_delete=models.PROTECT, related_name="early")
    thread = models.CharField(max_length=64)
    sealed = models.BinaryField()
    said_at = models.DateTimeField()
    kept_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "channel early"
        indexes = [
            models.Index(fields=["inbound", "thread"], name="channel_early_thread"),
        ]

    def __str__(self) -> str:
        return f"early words of {self.inbound_id}"
