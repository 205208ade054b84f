"""What the ledger's appends stand beside: bare INSERTs, and saves with a version history."""

from collections.abc import Callable
from contextlib import nullcontext

from django.db import connection, models, transaction
from simple_history.models import HistoricalRecords

from governance.ledger import append_only
from governance.ledger.models import EntryPayload

_ENTRY = (
    "stream, seq, kind, at, actor_kind, actor_id, subject_kind, subject_id, leaf_bytes, leaf_hash"
)
_PAYLOAD = "entry_id, salt, body"


class Tracked(models.Model):
    """A row of an entry's columns whose every save django-simple-history records."""

    stream = models.CharField(max_length=120)
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=100)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=100, db_index=True)
    subject_kind = models.CharField(max_length=100)
    subject_id = models.CharField(max_length=100, db_index=True)
    leaf_bytes = models.BinaryField()
    leaf_hash = models.CharField(max_length=64)
    salt = models.BinaryField()
    body = models.BinaryField()

    history = HistoricalRecords(app="governance")

    class Meta:
        app_label = "governance"
        db_table = "bench_tracked"

    def __str__(self) -> str:
        return f"{self.stream}#{self.seq}"


def database_url() -> str:
    """Return the URL of the database in use, for another process."""
    config = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{config['NAME']}"
    place = f"{config['HOST'] or '127.0.0.1'}:{config['PORT'] or 5432}"
    word = f":{config['PASSWORD']}" if config["PASSWORD"] else ""
    return f"postgres://{config['USER']}{word}@{place}/{config['NAME']}"


def make_bare_tables() -> Callable[[int, int], None]:
    """Make tables of the shape and indexes of entries and payloads, without their guards.

    Returns:
        What inserts so many rows, numbered from a number, one commit each.
    """
    _copy(append_only.ENTRY, "bench_entry")
    _copy(append_only.PAYLOAD, "bench_payload")
    payload = EntryPayload.objects.select_related("entry").latest("pk")
    salt, body, leaf = bytes(payload.salt), bytes(payload.body), bytes(payload.entry.leaf_bytes)
    at = connection.ops.adapt_datetimefield_value(payload.entry.at)
    entry = f"INSERT INTO bench_entry ({_ENTRY}) VALUES ({_marks(_ENTRY)}) RETURNING id"  # noqa: S608  constants only
    kept = f"INSERT INTO bench_payload ({_PAYLOAD}) VALUES ({_marks(_PAYLOAD)})"  # noqa: S608  constants only
    actor, subject = payload.entry.actor_id, payload.entry.subject_id

    def insert(count: int, first: int) -> None:
        for seq in range(first, first + count):
            row = (f"case:{seq % 50}", seq, "act.refused", at, "agent", actor, "tool_call", subject)
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(entry, (*row, leaf, f"{seq:064x}"))
                key = cursor.fetchone()[0]
                cursor.execute(kept, (key, salt, body))

    return insert


def make_tracked_rows() -> Callable[..., None]:
    """Make rows with a version history.

    Returns:
        What changes and saves one of them so many times: by ``save()`` alone, as the library's
        manual does, which commits row and version one after the other; or ``together``.
    """
    with connection.schema_editor() as editor:
        editor.create_model(Tracked)
        editor.create_model(Tracked.history.model)
    payload = EntryPayload.objects.select_related("entry").latest("pk")
    names = [name.strip() for name in _ENTRY.split(",")]
    values = {name: getattr(payload.entry, name) for name in names}
    rows = [
        Tracked.objects.create(**{**values, "seq": number}, salt=payload.salt, body=payload.body)
        for number in range(50)
    ]

    def save(count: int, *, together: bool = False) -> None:
        for number in range(count):
            row = rows[number % len(rows)]
            row.leaf_hash = f"{number:064x}"
            with transaction.atomic() if together else nullcontext():
                row.save()

    return save


def _copy(table: str, copy: str) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"CREATE TABLE {copy} (LIKE {table} INCLUDING ALL)")
            return
        cursor.execute(
            "SELECT sql FROM sqlite_master WHERE tbl_name = %s AND type IN ('table', 'index') "
            "AND sql IS NOT NULL ORDER BY type DESC",
            [table],
        )
        for (sql,) in cursor.fetchall():
            cursor.execute(sql.replace("ledger_entry_", "bench_entry_").replace(table, copy))


def _marks(columns: str) -> str:
    return ", ".join(["%s"] * len(columns.split(",")))
