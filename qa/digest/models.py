"""Which weeks a person was sent."""

from django.db import models

from governance.access.models import User
from orchestra.core.fields import CodeField, PublicIdField, enum_field
from qa.digest.types import DigestState


class OutcomeDigest(models.Model):
    """The mail of one week to one person: taken with a lease, sent once.

    Where a worker ends between sending and writing it down, the lease runs out and it is sent
    again with the same Message-ID.
    """

    public_id = PublicIdField()
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="outcome_digests")
    week = models.DateField()
    state = enum_field(DigestState, default=DigestState.SENDING)
    attempts = models.PositiveSmallIntegerField(default=1)
    lease_until_at = models.DateTimeField(null=True)
    error = CodeField(blank=True, default="")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "week"], name="outcome_digest_once_a_week"),
        ]

    def __str__(self) -> str:
        return f"{self.week} to {self.person_id}"
