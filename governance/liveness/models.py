"""The last sign of work that each worker took."""

from django.db import models


class WorkerSign(models.Model):
    """When a worker last took a message that was sent for nothing else."""

    worker = models.CharField(max_length=200, unique=True)
    queue = models.CharField(max_length=100)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.worker
