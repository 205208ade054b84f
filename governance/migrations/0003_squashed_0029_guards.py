"""What the database itself keeps: the guards of the ledger and the index over articles in force.

A later change of the ledger's tables, or of ``governance_articleinforce``, makes the table anew
on SQLite and with that drops the triggers; it has to make them again.
"""

from django.db import migrations

from governance.ledger import append_only

TABLE = "governance_articleinforce"

POSTGRESQL = (
    # The English dictionary is named, so that the expression never depends on a setting.
    f"""
    ALTER TABLE {TABLE} ADD COLUMN search tsvector GENERATED ALWAYS AS (
      setweight(to_tsvector('english'::regconfig, title), 'A')
      || setweight(to_tsvector('english'::regconfig, topics), 'B')
      || setweight(to_tsvector('english'::regconfig, body), 'D')
    ) STORED
    """,
    f"CREATE INDEX article_search ON {TABLE} USING GIN (search)",
)
SQLITE = (
    f"""
    CREATE VIRTUAL TABLE {TABLE}_fts USING fts5(
      title, topics, body, content='{TABLE}', content_rowid='id',
      tokenize='porter unicode61 remove_diacritics 2'
    )
    """,
    f"""
    CREATE TRIGGER article_fts_insert AFTER INSERT ON {TABLE} BEGIN
      INSERT INTO {TABLE}_fts(rowid, title, topics, body)
      VALUES (new.id, new.title, new.topics, new.body);
    END
    """,
    f"""
    CREATE TRIGGER article_fts_delete AFTER DELETE ON {TABLE} BEGIN
      INSERT INTO {TABLE}_fts({TABLE}_fts, rowid, title, topics, body)
      VALUES ('delete', old.id, old.title, old.topics, old.body);
    END
    """,
    f"""
    CREATE TRIGGER article_fts_update AFTER UPDATE ON {TABLE} BEGIN
      INSERT INTO {TABLE}_fts({TABLE}_fts, rowid, title, topics, body)
      VALUES ('delete', old.id, old.title, old.topics, old.body);
      INSERT INTO {TABLE}_fts(rowid, title, topics, body)
      VALUES (new.id, new.title, new.topics, new.body);
    END
    """,
)
UNDO = {
    # The index goes with its column.
    "postgresql": (f"ALTER TABLE {TABLE} DROP COLUMN search",),
    "sqlite": (
        "DROP TRIGGER article_fts_insert",
        "DROP TRIGGER article_fts_delete",
        "DROP TRIGGER article_fts_update",
        f"DROP TABLE {TABLE}_fts",
    ),
}


def guard(apps, schema_editor):
    append_only.triggers_v1(schema_editor)


def unguard(apps, schema_editor):
    append_only.drop_triggers_v1(schema_editor)


def index_v1(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in {"postgresql": POSTGRESQL, "sqlite": SQLITE}[vendor]:
        schema_editor.execute(statement, params=None)


def unindex_v1(apps, schema_editor):
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def make(apps, schema_editor):
    guard(apps, schema_editor)
    index_v1(apps, schema_editor)


def take_back(apps, schema_editor):
    unindex_v1(apps, schema_editor)
    unguard(apps, schema_editor)


class Migration(migrations.Migration):

    replaces = [
        ("governance", "0002_append_only"),
        ("governance", "0007_knowledge"),
        # What comes after the newest of the old steps comes after this one.
        ("governance", "0029_retention"),
    ]

    dependencies = [
        ("governance", "0002_squashed_0029_tables"),
    ]

    operations = [
        # One operation, since each makes Django build all models of the project anew.
        migrations.RunPython(make, take_back),
    ]
