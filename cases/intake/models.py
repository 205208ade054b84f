"""What intake made of the customer's words, and the reviewed versions of what reads them."""

from django.db import models

from cases.intake.types import Band, TrainingState
from cases.memory.models import Case, Message
from governance.reviews.models import DocumentVersion
from orchestra.core.fields import CodeField, PublicIdField, enum_field
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
    """One classification of a case, with the words it leaned on.

    ``raw`` is the share before calibration, ``calibrator`` the digest of the weights whose
    calibration made ``confidence`` of it; empty where the examples themselves were counted.
    A ``suggested`` one was made by a model of others and changes nothing by itself.
    """

    public_id = PublicIdField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="classifications")
    message = models.ForeignKey(Message, on_delete=models.PROTECT, null=True)
    classifier = CodeField()
    calibrator = models.CharField(max_length=64, blank=True)
    suggested = models.BooleanField(default=False)
    intent = CodeField(blank=True)
    runner_up = CodeField(blank=True)
    raw = models.FloatField(default=0.0)
    confidence = models.FloatField()
    margin = models.FloatField()
    band = enum_field(Band, blank=True, default="")
    priority = models.PositiveSmallIntegerField()
    impact = models.PositiveSmallIntegerField(null=True)
    urgency = models.PositiveSmallIntegerField(null=True)
    priority_words = models.JSONField(default=list)
    risk_flags = models.JSONField(default=list)
    flag_words = models.JSONField(default=dict)
    entities = models.JSONField(default=list)
    leaned_on = models.JSONField(default=list)
    further = models.JSONField(default=list)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.intent or 'unknown'} for {self.case_id}"


class IntentExample(models.Model):
    """What a person said a message speaks of, once the classifier had read it.

    ``text`` is masked; ``guessed`` is what the classifier had said. An empty intent is "none of
    ours". Of several for one message the last counts.
    """

    public_id = PublicIdField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="intent_examples")
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="intent_examples")
    classification = models.ForeignKey(
        ClassificationRecord, on_delete=models.PROTECT, related_name="examples"
    )
    text = models.TextField()
    intent = CodeField(blank=True)
    guessed = CodeField(blank=True)
    by_id = models.CharField(max_length=100)
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.intent or 'none'} for {self.message_id}"


class ClassifierWeights(models.Model):
    """Learnt weights by their digest; written once, read by the versions that name them.

    ``examples`` holds the digests of what they were learnt from.
    """

    digest = models.CharField(max_length=64, unique=True)
    data = models.BinaryField()
    examples = models.JSONField(default=list)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.digest[:12]


class IntakeClassifier(models.Model):
    """What reads the customer's words, as a series of reviewed versions."""

    public_id = PublicIdField()
    key = CodeField(unique=True)
    title = models.CharField(max_length=200)
    history = tracked()

    def __str__(self) -> str:
        return self.title


class ClassifierVersion(DocumentVersion):
    """One version of a classifier: which weights, how good they are, and what they may do."""

    classifier = models.ForeignKey(
        IntakeClassifier, on_delete=models.PROTECT, related_name="versions"
    )
    history = tracked()

    class Meta:
        ordering = ["classifier", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["classifier", "number"], name="classifier_version_number"
            ),
            models.UniqueConstraint(
                fields=["classifier"],
                condition=models.Q(state="published"),
                name="classifier_one_published",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.classifier} {self.number}"


class PriorityTable(models.Model):
    """The table that makes a priority of impact and urgency, as a series of versions."""

    public_id = PublicIdField()
    key = CodeField(unique=True)
    title = models.CharField(max_length=200)
    history = tracked()

    def __str__(self) -> str:
        return self.title


class PriorityTableVersion(DocumentVersion):
    """One version of the table of priorities."""

    table = models.ForeignKey(PriorityTable, on_delete=models.PROTECT, related_name="versions")
    history = tracked()

    class Meta:
        ordering = ["table", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["table", "number"], name="priority_table_number"),
            models.UniqueConstraint(
                fields=["table"],
                condition=models.Q(state="published"),
                name="priority_table_one_published",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.number}"


class ClassifierTraining(models.Model):
    """One learning from the examples as they stand; the row is what a worker looks for."""

    public_id = PublicIdField()
    state = enum_field(TrainingState, default=TrainingState.WAITING)
    by_id = models.CharField(max_length=100)
    by_label = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    change = models.UUIDField(null=True)
    problem = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state="waiting"),
                name="classifier_training_one_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"training {self.pk}, {self.state}"
