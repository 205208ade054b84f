"""What intake made of the customer's words."""

from django.db import models

from cases.memory.models import Case, Message
from orchestra.core.fields import CodeField, PublicIdField
from orchestra.core.history import tracked


class Intent(models.Model):
    """One kind of need, with example utterances; leads to a cue sheet."""

    key = CodeField(unique=True)
    title = models.CharField(max_length=200)
    cue_sheet = CodeField(blank=True)
    queue = CodeField(blank=True)
    examples = models.JSONField(default=list)
    history = tracked()

    def __str__(self) -> str:
        return self.title


class ClassificationRecord(models.Model):
    """One classification of a case, with the words it leaned on."""

    public_id = PublicIdField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="classifications")
    message = models.ForeignKey(Message, on_delete=models.PROTECT, null=True)
    classifier = CodeField()
    intent = CodeField(blank=True)
    confidence = models.FloatField()
    margin = models.FloatField()
    priority = models.PositiveSmallIntegerField()
    risk_flags = models.JSONField(default=list)
    entities = models.JSONField(default=list)
    leaned_on = models.JSONField(default=list)
    further = models.JSONField(default=list)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.intent or 'unknown'} for {self.case_id}"
