"""Metric definitions and their versions, and what was measured."""

from django.db import models

from governance.reviews.models import DocumentVersion
from orchestra.core.fields import CodeField, enum_field
from orchestra.core.history import tracked
from qa.documents.models import QualityDocument
from qa.measurement.types import Metric


class MetricDefinition(QualityDocument):
    """What one number means, as a series of versions."""

    history = tracked()


class MetricVersion(DocumentVersion):
    """One version of a metric's definition; ``formula`` is what the document names."""

    metric = models.ForeignKey(MetricDefinition, on_delete=models.PROTECT, related_name="versions")
    formula = enum_field(Metric)
    history = tracked()

    class Meta:
        ordering = ["metric", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["metric", "number"], name="metric_version_number"),
            models.UniqueConstraint(
                fields=["metric"],
                condition=models.Q(state="published"),
                name="metric_one_published",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.number}"


class MeasureCursor(models.Model):
    """How far the ledger was read for the metrics: the one row that is locked to read on."""

    next_index = models.BigIntegerField(default=0)
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"measured up to {self.next_index}"


class MeasuredCase(models.Model):
    """One case as the metrics take it, derived from its entries alone; its facts name it.

    Made again at will and never evidence. Everything is a number: moments, counts, and codes and
    digests of ``columns.codes`` that stand for public ids and words. ``upto_index`` is the place
    of the last entry that it was made of; ``last_at`` the latest moment that counts anywhere.
    """

    case = models.UUIDField(unique=True)
    customer = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField()
    left_out = models.SmallIntegerField(default=0)
    migrated = models.BooleanField(default=False)
    required = models.SmallIntegerField(default=0)
    counted = models.SmallIntegerField(default=0)
    late = models.SmallIntegerField(default=0)
    retired = models.SmallIntegerField(default=0)
    of = models.BigIntegerField()
    upto_index = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["opened_at"], name="measured_case_opened"),
            models.Index(fields=["resolved_at"], name="measured_case_resolved"),
            models.Index(fields=["closed_at"], name="measured_case_closed"),
            models.Index(fields=["last_at"], name="measured_case_last"),
            models.Index(fields=["customer"], name="measured_case_customer"),
        ]

    def __str__(self) -> str:
        return f"facts of {self.case}"


class MeasuredFact(models.Model):
    """One thing of a case that a metric counts; its columns are those of ``columns.types``."""

    case = models.ForeignKey(MeasuredCase, on_delete=models.DO_NOTHING)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} of {self.case_id}"


class MeasuredEpisode(MeasuredFact):
    """From an opening or reopening to the next resolution."""

    number = models.SmallIntegerField()
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    issue = models.BigIntegerField()
    customer = models.BigIntegerField()
    assumed = models.BooleanField()
    same_cause = models.BooleanField()
    without_contact = models.BooleanField()
    withdrawn = models.BooleanField()
    transferred = models.BooleanField()
    contacts = models.SmallIntegerField()
    left_out = models.SmallIntegerField()
    of = models.BigIntegerField()


class MeasuredContact(MeasuredFact):
    """A session with a customer."""

    contact = models.BigIntegerField()
    at = models.DateTimeField()
    issue = models.BigIntegerField()
    customer = models.BigIntegerField()
    by_customer = models.BooleanField()
    no_return = models.SmallIntegerField()
    chaser = models.BooleanField()
    handled = models.BooleanField()
    by_ai = models.BooleanField()
    left_out = models.SmallIntegerField()
    of = models.BigIntegerField()


class MeasuredHandover(MeasuredFact):
    """A change of owner, or an attempt at one."""

    handover = models.BigIntegerField()
    contact = models.BigIntegerField()
    at = models.DateTimeField()
    transfer = models.SmallIntegerField()
    back_seconds = models.FloatField(null=True)
    warm = models.BooleanField()
    reason = models.BigIntegerField()


class MeasuredWork(MeasuredFact):
    """A wrap-up of a person."""

    contact = models.BigIntegerField()
    wrapped_at = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True)
    handle_seconds = models.FloatField()
    back_office_seconds = models.FloatField()
    timed_out = models.BooleanField()
    allocated = models.BooleanField()
    draft = models.SmallIntegerField()
    left_out = models.SmallIntegerField()
    of = models.BigIntegerField()


class MeasuredStep(MeasuredFact):
    """An execution of a step."""

    step = models.BigIntegerField()
    started_at = models.DateTimeField()
    exception = models.SmallIntegerField()
    recovered = models.BooleanField()
    consequence = models.BooleanField()
    by = models.SmallIntegerField()
    left_out = models.SmallIntegerField()
    of = models.BigIntegerField()


class MeasuredGap(MeasuredFact):
    """A kind of required record of which some are missing or not valid."""

    record = models.BigIntegerField()
    count = models.SmallIntegerField()


class MeasuredWait(MeasuredFact):
    """A stretch in which the case waited for somebody else."""

    waits_for = models.SmallIntegerField()
    begin_at = models.DateTimeField()
    end_at = models.DateTimeField(null=True)


class MeasuredMix(models.Model):
    """By what rows are told apart, once for each mix; the key is its digest."""

    key = models.BigIntegerField(primary_key=True)
    journey = CodeField(blank=True)
    channel = CodeField(blank=True)
    pattern = CodeField(blank=True)
    cue_sheet_version = CodeField(blank=True)
    queue = CodeField(blank=True)
    ai_version = models.TextField(blank=True)
    risk = CodeField(blank=True)

    def __str__(self) -> str:
        return f"{self.journey} {self.channel} {self.risk}"


class MeasuredWord(models.Model):
    """A reason or a kind of record, once each; the key is its digest."""

    key = models.BigIntegerField(primary_key=True)
    word = models.TextField(blank=True)

    def __str__(self) -> str:
        return str(self.word)


class MetricCell(models.Model):
    """One metric over some weeks, with everything that stands beside the number.

    ``key`` and ``version`` name the definition, ``begin`` is a Monday in its zone. A cell that
    an entry touched later is stale until it is computed again; so is one with open cases.
    """

    key = CodeField()
    version = models.PositiveIntegerField()
    begin = models.DateField()
    weeks = models.PositiveSmallIntegerField()
    computed_at = models.DateTimeField()
    upto_index = models.BigIntegerField()
    is_stale = models.BooleanField(default=False)
    body = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "begin", "weeks"], name="metric_cell_once"),
        ]

    def __str__(self) -> str:
        return f"{self.key} from {self.begin} over {self.weeks} weeks"
