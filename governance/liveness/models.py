"""The last sign of work that each worker took, and how its breakers stand."""

from django.db import models

from orchestra.core.fields import CodeField


class WorkerSign(models.Model):
    """When a worker last took a message that was sent for nothing else."""

    worker = models.CharField(max_length=200, unique=True)
    queue = models.CharField(max_length=100)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.worker


class BreakerSign(models.Model):
    """How the breaker of one connection stands in one process that carries calls out.

    Written when it changes, so a process that is gone leaves its last one behind.
    """

    connection_key = CodeField()
    process = models.CharField(max_length=200)
    state = models.CharField(max_length=10)
    failures = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection_key", "process"], name="breaker_sign_one"),
        ]

    def __str__(self) -> str:
        return f"{self.connection_key} {self.state}"
