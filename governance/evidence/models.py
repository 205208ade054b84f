"""Exports of evidence: what was asked for, how far it is, and the file that came out."""

from django.db import models

from governance.evidence.types import DeletedBecause, ExportState, ScopeKind, Stage
from orchestra.core.actors import ActorKind
from orchestra.core.fields import PublicIdField, enum_field


class EvidenceExport(models.Model):
    """One export. Its file lies outside the database, under its public id.

    ``scope`` is an ``ExportScope`` as JSON and ``scope_digest`` names it without its span, to
    find the last export of the same. ``leave_out`` lists field groups, ``gaps`` the lines of
    the report with their explanations. ``cursor`` is the last place of the tree that is in the
    working files, ``marks`` their lengths at that moment, ``counts`` what was added up so far.
    ``ceiling`` is the size of the tree it is proved against, fixed when the building begins.
    """

    public_id = PublicIdField()
    by_kind = enum_field(ActorKind)
    by_id = models.CharField(max_length=100)
    by_label = models.CharField(max_length=200)
    scope_kind = enum_field(ScopeKind)
    scope = models.JSONField()
    scope_digest = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    leave_out = models.JSONField(default=list)
    gaps = models.JSONField(default=list)
    held_size = models.BigIntegerField(null=True)
    state = enum_field(ExportState, default=ExportState.QUEUED)
    stage = enum_field(Stage, default=Stage.COLLECT)
    attempt = models.PositiveIntegerField(default=0)
    lease_until_at = models.DateTimeField(null=True)
    cursor = models.BigIntegerField(default=-1)
    stream_cursor = models.CharField(max_length=120, blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    marks = models.JSONField(default=dict)
    ceiling = models.BigIntegerField(null=True)
    checkpoint_size = models.BigIntegerField(null=True)
    checkpoint_root = models.CharField(max_length=64, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    file_bytes = models.BigIntegerField(null=True)
    file_sha256 = models.CharField(max_length=64, blank=True)
    verified_at = models.DateTimeField(null=True)
    verifier_said = models.TextField(blank=True)
    problem = models.CharField(max_length=500, blank=True)
    downloads = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    delete_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    deleted_because = enum_field(DeletedBecause, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["lease_until_at"],
                condition=models.Q(state__in=["queued", "running"]),
                name="evidence_open",
            ),
            models.Index(
                fields=["delete_at"],
                condition=models.Q(state="done"),
                name="evidence_to_delete",
            ),
            models.Index(fields=["by_id", "-id"], name="evidence_by"),
            models.Index(fields=["scope_digest", "-id"], name="evidence_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.public_id}"


class ExportedStream(models.Model):
    """A stream of which an export holds entries: what is found again when it is erased.

    Grows with the entries, step by step; ``first`` and ``last`` are numbers in the stream.
    """

    export = models.ForeignKey(EvidenceExport, on_delete=models.CASCADE, related_name="streams")
    stream = models.CharField(max_length=120)
    first = models.BigIntegerField(default=0)
    last = models.BigIntegerField(default=0)
    entries = models.BigIntegerField(default=0)
    payloads = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["export", "stream"], name="evidence_stream_once"),
        ]
        indexes = [models.Index(fields=["stream"], name="evidence_stream")]

    def __str__(self) -> str:
        return f"{self.stream} in {self.export_id}"
