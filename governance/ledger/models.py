"""Entries, their payloads, the tree over them, and signed checkpoints."""

from django.conf import settings
from django.db import models

from orchestra.core.actors import ActorKind
from orchestra.core.fields import CodeField, PublicIdField, enum_field


class LedgerStream(models.Model):
    """The head of one stream: the row that is locked to append."""

    name = models.CharField(max_length=120, unique=True)
    count = models.BigIntegerField(default=0)
    head = models.CharField(max_length=64, default="", blank=True)

    def __str__(self) -> str:
        return self.name


class LedgerEntry(models.Model):
    """One event. ``leaf_bytes`` is the record; every other column is derived from it."""

    stream = models.CharField(max_length=120)
    seq = models.BigIntegerField()
    kind = CodeField()
    at = models.DateTimeField()
    actor_kind = enum_field(ActorKind)
    actor_id = models.CharField(max_length=100)
    subject_kind = CodeField(blank=True, default="")
    subject_id = models.CharField(max_length=100, blank=True, default="")
    leaf_bytes = models.BinaryField()
    leaf_hash = models.CharField(max_length=64, unique=True)
    leaf_index = models.BigIntegerField(null=True)

    class Meta:
        verbose_name_plural = "ledger entries"
        constraints = [
            models.UniqueConstraint(fields=["stream", "seq"], name="ledger_entry_stream_seq"),
            models.UniqueConstraint(fields=["leaf_index"], name="ledger_entry_leaf_index"),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(leaf_index__isnull=True),
                name="ledger_entry_unsequenced",
            ),
            models.Index(fields=["kind", "-id"], name="ledger_entry_kind"),
            models.Index(fields=["actor_id", "-id"], name="ledger_entry_actor"),
            models.Index(fields=["subject_id", "-id"], name="ledger_entry_subject"),
            models.Index(fields=["at"], name="ledger_entry_at"),
        ]

    def __str__(self) -> str:
        return f"{self.stream}#{self.seq} {self.kind}"


class EntryPayload(models.Model):
    """The erasable part of an entry: canonical bytes and the salt of its commitment."""

    entry = models.OneToOneField(
        LedgerEntry, on_delete=models.PROTECT, related_name="payload", primary_key=True
    )
    salt = models.BinaryField(max_length=32)
    body = models.BinaryField()

    def __str__(self) -> str:
        return f"payload of {self.entry_id}"


class LedgerNode(models.Model):
    """One complete interior node of the Merkle tree: level 1 joins two entries' leaf hashes."""

    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["level", "index"], name="ledger_node_place"),
        ]

    def __str__(self) -> str:
        return f"node {self.level}/{self.index}"


class Checkpoint(models.Model):
    """A signed digest of all entries up to a size."""

    size = models.BigIntegerField(unique=True)
    root = models.CharField(max_length=64)
    note = models.TextField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"checkpoint {self.size}"


class LedgerStatement(models.Model):
    """A signed statement beside the checkpoints: a successor of the key, or a new epoch."""

    size = models.BigIntegerField()
    note = models.TextField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"statement at {self.size}"


class EntryFacet(models.Model):
    """A fact that an entry is found by, such as its tool; derived, and made again at will."""

    pk = models.CompositePrimaryKey("entry_id", "name", "value")
    entry = models.ForeignKey(
        LedgerEntry, on_delete=models.PROTECT, related_name="facets", db_index=False
    )
    name = models.CharField(max_length=20)
    value = models.CharField(max_length=100)

    class Meta:
        indexes = [
            models.Index(fields=["name", "value", "-entry"], name="ledger_facet_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.value}"


class EntryWord(models.Model):
    """A word of a payload, as a keyed digest: it says nothing without the key.

    It goes with the payload it was read out of.
    """

    pk = models.CompositePrimaryKey("payload_id", "digest")
    payload = models.ForeignKey(
        EntryPayload, on_delete=models.CASCADE, related_name="words", db_index=False
    )
    digest = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["digest", "-payload"], name="ledger_word_entry"),
        ]

    def __str__(self) -> str:
        return f"word of {self.payload_id}"


class EntryHour(models.Model):
    """Between which entries an hour lies, by their keys: a span of time as a span of keys."""

    hour = models.DateTimeField(primary_key=True)
    first = models.BigIntegerField()
    last = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}"


class EntryIndex(models.Model):
    """How far the index of entries has come: the row that is locked to read on.

    ``key_id`` names the key of the words' digests; another key means reading again from 0.
    """

    next_index = models.BigIntegerField(default=0)
    key_id = models.CharField(max_length=16, default="", blank=True)

    def __str__(self) -> str:
        return f"index at {self.next_index}"


class SavedSearch(models.Model):
    """A selection of entries that one person named and kept; ``selection`` is its JSON.

    ``least`` is the amount, in major units of any currency, that was asked for at least; None
    where no amount narrows. Which entries that means is looked up whenever it is opened.
    """

    public_id = PublicIdField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="ledger_searches"
    )
    name = models.CharField(max_length=60)
    selection = models.JSONField(default=dict)
    least = models.DecimalField(max_digits=15, decimal_places=4, null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="ledger_search_once"),
        ]

    def __str__(self) -> str:
        return self.name
