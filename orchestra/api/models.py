"""Answers kept under their Idempotency-Key."""

from django.db import models

from orchestra.core.fields import CodeField


class IdempotencyRecord(models.Model):
    """One keyed request of one caller on one route, and its first answer.

    ``attempt`` is the fencing token: a dead owner's row is taken over with a higher one.
    """

    scope = models.CharField(max_length=64, unique=True)
    fingerprint = models.CharField(max_length=64)
    state = CodeField(default="running")
    attempt = models.PositiveIntegerField(default=1)
    lease_until_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    body = models.BinaryField(null=True)
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.state} {self.scope[:12]}"
