"""What live assist suggested, and what became of it."""

from django.db import models

from cases.assist.types import Rests, SuggestionKind, SuggestionState
from cases.memory.models import Case, Message
from orchestra.core.fields import CodeField, PublicIdField, enum_field


class SuggestionRecord(models.Model):
    """One suggestion to one message of a customer.

    ``drafted_by`` names the model that wrote a draft; a draft of the cue sheet has none, and
    says in ``note`` why the model's is not there, where one was asked.
    """

    public_id = PublicIdField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="suggestions")
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="+")
    kind = enum_field(SuggestionKind)
    source_key = CodeField()
    source_label = models.CharField(max_length=300)
    source_number = models.PositiveIntegerField(null=True)
    text = models.TextField(blank=True)
    heard = models.CharField(max_length=200, blank=True)
    rests = enum_field(Rests)
    drafted_by = models.CharField(max_length=100, blank=True, default="")
    note = models.CharField(max_length=200, blank=True, default="")
    state = enum_field(SuggestionState, default=SuggestionState.OFFERED)
    at = models.DateTimeField()
    reacted_at = models.DateTimeField(null=True)
    by_label = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["message", "kind", "source_key"], name="suggestion_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["case", "id"],
                condition=models.Q(state="offered"),
                name="suggestion_offered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.case_id}"


class AssistPause(models.Model):
    """That a person paused live assist on a case; the row goes when they go on."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="assist_pause")
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"pause on {self.case_id}"
