"""Endpoints, their secrets, and every delivery with its attempts."""

from django.db import models

from governance.access.models import User
from governance.webhooks.types import DeliveryState, EndpointState
from orchestra.core.fields import CodeField, PublicIdField, enum_field


class WebhookEndpoint(models.Model):
    """One address of another system, and which events it is sent.

    ``last_number`` is the number of its newest delivery: events leave in no promised order, and
    by the number their receiver puts them into one.
    """

    public_id = PublicIdField()
    title = models.CharField(max_length=100)
    url = models.CharField(max_length=500)
    event_types = models.JSONField(default=list)
    state = enum_field(EndpointState, default=EndpointState.ACTIVE)
    last_number = models.BigIntegerField(default=0)
    revision = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.title


class WebhookSecret(models.Model):
    """One signing key, sealed; an old one signs on beside its successor until it ends."""

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="secrets")
    sealed = models.BinaryField()
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"a secret of {self.endpoint_id}"


class WebhookDelivery(models.Model):
    """One event on its way to one endpoint; the row is the truth, and a sweep sends what is due.

    It holds ids and codes, so that its body is made again byte for byte. ``index`` is the place
    of its entry in the ledger, None for a test.
    """

    public_id = PublicIdField()
    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.PROTECT, related_name="deliveries"
    )
    number = models.BigIntegerField()
    index = models.BigIntegerField(null=True)
    event_id = models.CharField(max_length=36)
    type = CodeField()
    subject_kind = CodeField(blank=True)
    subject_id = models.CharField(max_length=100, blank=True)
    case_public_id = models.CharField(max_length=36, blank=True)
    at = models.DateTimeField()
    state = enum_field(DeliveryState, default=DeliveryState.WAITING)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until_at = models.DateTimeField(null=True)
    error = CodeField(blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "index"], name="webhook_once_an_entry"),
            models.UniqueConstraint(fields=["endpoint", "number"], name="webhook_number"),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(state__in=["waiting", "sending"]),
                name="webhook_delivery_due",
            ),
            models.Index(fields=["endpoint", "state", "-id"], name="webhook_delivery_state"),
        ]

    def __str__(self) -> str:
        return f"{self.type} to {self.endpoint_id}, {self.state}"


class WebhookAttempt(models.Model):
    """One attempt at a delivery, and what came of it."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="tried")
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(default=0)
    error = CodeField(blank=True)
    milliseconds = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["delivery", "id"], name="webhook_attempt")]

    def __str__(self) -> str:
        return f"an attempt at {self.delivery_id}"
