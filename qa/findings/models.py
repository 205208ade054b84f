"""What automatic checks said of each unit."""

from django.db import models

from governance.access.models import Queue, User
from orchestra.core.fields import CodeField, PublicIdField, enum_field
from qa.findings.licensing import LicenceState
from qa.findings.types import CheckResult, FindingState, Summed
from qa.population.models import SamplingUnit


class UnitCheck(models.Model):
    """What one version of one check said of one unit; never changed.

    ``series`` names check and version, such as ``promise_kept/2`` or, of a model judge, what
    stands for model, prompt, rubric and setting: a change of any begins a new series.
    """

    # The constraint below begins with the unit; another index would be written with every row.
    unit = models.ForeignKey(
        SamplingUnit, on_delete=models.PROTECT, related_name="checks", db_index=False
    )
    check_key = CodeField()
    series = models.CharField(max_length=150)
    result = enum_field(CheckResult)
    why = CodeField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "series"], name="unit_check_once")]
        indexes = [models.Index(fields=["series", "result", "at"], name="unit_check_series")]

    def __str__(self) -> str:
        return f"{self.series} of {self.unit_id}"


class UnitVerdict(models.Model):
    """Whether all checks of one series together would pass a unit: the f of the estimator."""

    unit = models.ForeignKey(
        SamplingUnit, on_delete=models.PROTECT, related_name="verdicts", db_index=False
    )
    series = models.CharField(max_length=150)
    would_pass = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "series"], name="unit_verdict_once")]

    def __str__(self) -> str:
        return f"verdict on {self.unit_id}"


class Finding(models.Model):
    """One thing a check found, with the words it rests on; a person may confirm or refute it.

    ``spans`` holds ``{"message", "start", "end"}``, by characters of the message's text, and
    ``against`` what stands beside it: ``{"kind", "id", "label"}`` of a call, article or policy.
    """

    public_id = PublicIdField()
    check_row = models.ForeignKey(UnitCheck, on_delete=models.PROTECT, related_name="findings")
    unit = models.ForeignKey(SamplingUnit, on_delete=models.PROTECT, related_name="findings")
    harm = CodeField()
    spans = models.JSONField(default=list)
    against = models.JSONField(default=list)
    detail = models.CharField(max_length=300, blank=True, default="")
    state = enum_field(FindingState, default=FindingState.UNSEEN)
    settled_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_reason = models.CharField(max_length=500, blank=True, default="")
    found_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["state", "harm", "-id"], name="finding_waiting")]

    def __str__(self) -> str:
        return f"finding {self.public_id}"


class CheckCursor(models.Model):
    """How far a series has come through the units, in the order in which they were written."""

    series = models.CharField(max_length=150, unique=True)
    place = models.PositiveBigIntegerField(default=0)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.series} at {self.place}"


class CheckLicence(models.Model):
    """How far one series of one check is trusted now, and on which counts.

    The counts are those of ``qa.findings.licensing.Counts``, over a rolling span. A series that
    has no row yet is advisory.
    """

    check_key = CodeField()
    series = models.CharField(max_length=150, unique=True)
    question = CodeField()
    state = enum_field(LicenceState, default=LicenceState.ADVISORY)
    failures = models.PositiveIntegerField(default=0)
    caught = models.PositiveIntegerField(default=0)
    passes = models.PositiveIntegerField(default=0)
    passed = models.PositiveIntegerField(default=0)
    since = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(caught__lte=models.F("failures"))
                & models.Q(passed__lte=models.F("passes")),
                name="check_licence_counts",
            )
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.state}"


class CheckSum(models.Model):
    """How many there are of one kind on one day of UTC, of units that ended on it.

    Of ``what`` three things are counted: interactions, what checks said of them (``value`` is the
    result), and findings (``value`` is the state). Made again at will from the rows themselves;
    a day with a mark is being made anew.
    """

    day = models.DateField()
    what = enum_field(Summed)
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="+", db_index=False)
    ai_version = models.CharField(max_length=250, blank=True)
    is_left_out = models.BooleanField(default=False)
    check_key = CodeField(blank=True)
    series = models.CharField(max_length=150, blank=True)
    value = CodeField(blank=True)
    why = CodeField(blank=True)
    count = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["day"], name="check_sum_day")]

    def __str__(self) -> str:
        return f"{self.what} of {self.day}"
