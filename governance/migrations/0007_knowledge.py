"""Knowledge articles, and the index that each database keeps over those in force.

A later change of the table ``governance_articleinforce`` on SQLite makes the table anew and
with that drops the triggers; it has to run ``index_v1`` again.
"""

import django.db.models.deletion
import orchestra.core.fields
import orchestra.core.history
import simple_history.models
from django.db import migrations, models


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
#: On PostgreSQL column and index go with the table, right after.
UNDO = {
    "postgresql": (),
    "sqlite": (
        "DROP TRIGGER article_fts_insert",
        "DROP TRIGGER article_fts_delete",
        "DROP TRIGGER article_fts_update",
        f"DROP TABLE {TABLE}_fts",
    ),
}


def index_v1(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in {"postgresql": POSTGRESQL, "sqlite": SQLITE}[vendor]:
        schema_editor.execute(statement, params=None)


def unindex_v1(apps, schema_editor):
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('governance', '0006_bound_rehearsals'),
    ]

    operations = [
        migrations.CreateModel(
            name='Article',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', orchestra.core.fields.PublicIdField(default=orchestra.core.fields.uuid7, editable=False, unique=True)),
                ('key', orchestra.core.fields.CodeField(max_length=100, unique=True)),
                ('title', models.CharField(max_length=200)),
            ],
            options={
                'ordering': ['title'],
            },
        ),
        migrations.CreateModel(
            name='HistoricalArticle',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('actor_kind', models.CharField(default=orchestra.core.history.actor_kind, editable=False, max_length=20)),
                ('actor_id', models.CharField(default=orchestra.core.history.actor_id, editable=False, max_length=100)),
                ('actor_label', models.CharField(default=orchestra.core.history.actor_label, editable=False, max_length=200)),
                ('public_id', orchestra.core.fields.PublicIdField(db_index=True, default=orchestra.core.fields.uuid7, editable=False, unique=False)),
                ('key', orchestra.core.fields.CodeField(db_index=True, max_length=100)),
                ('title', models.CharField(max_length=200)),
                ('history_user_id', models.BigIntegerField(editable=False, null=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical article',
                'verbose_name_plural': 'historical articles',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='ArticleVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', orchestra.core.fields.PublicIdField(default=orchestra.core.fields.uuid7, editable=False, unique=True)),
                ('number', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('submitted', 'Submitted'), ('approved', 'Approved'), ('published', 'Published'), ('retired', 'Retired')], default='draft', max_length=20)),
                ('document', models.JSONField()),
                ('digest', models.CharField(max_length=64)),
                ('author_id', models.CharField(max_length=100)),
                ('author_label', models.CharField(max_length=200)),
                ('created_at', models.DateTimeField()),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='governance.article')),
            ],
            options={
                'ordering': ['article', '-number'],
            },
        ),
        migrations.CreateModel(
            name='ArticleUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', orchestra.core.fields.PublicIdField(default=orchestra.core.fields.uuid7, editable=False, unique=True)),
                ('way', models.CharField(choices=[('read_by_ai', 'Read by ai'), ('opened', 'Opened'), ('cited', 'Cited'), ('noted', 'Noted')], max_length=20)),
                ('subject_kind', orchestra.core.fields.CodeField(max_length=100)),
                ('subject_id', models.CharField(max_length=100)),
                ('stream', models.CharField(max_length=120)),
                ('by_kind', models.CharField(choices=[('agent', 'Agent'), ('human', 'Human'), ('system', 'System')], max_length=20)),
                ('by_id', models.CharField(max_length=100)),
                ('by_label', models.CharField(max_length=200)),
                ('at', models.DateTimeField()),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='governance.articleversion')),
            ],
        ),
        migrations.CreateModel(
            name='ArticleInForce',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200)),
                ('topics', models.TextField(blank=True)),
                ('body', models.TextField()),
                ('owner', models.CharField(max_length=200)),
                ('review_by', models.DateField()),
                ('language', orchestra.core.fields.CodeField(max_length=100)),
                ('for_ai', models.BooleanField()),
                ('for_human', models.BooleanField()),
                ('for_customer', models.BooleanField()),
                ('article', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='in_force', to='governance.article')),
                ('version', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='governance.articleversion')),
            ],
        ),
        migrations.CreateModel(
            name='HistoricalArticleVersion',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('actor_kind', models.CharField(default=orchestra.core.history.actor_kind, editable=False, max_length=20)),
                ('actor_id', models.CharField(default=orchestra.core.history.actor_id, editable=False, max_length=100)),
                ('actor_label', models.CharField(default=orchestra.core.history.actor_label, editable=False, max_length=200)),
                ('public_id', orchestra.core.fields.PublicIdField(db_index=True, default=orchestra.core.fields.uuid7, editable=False, unique=False)),
                ('number', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('submitted', 'Submitted'), ('approved', 'Approved'), ('published', 'Published'), ('retired', 'Retired')], default='draft', max_length=20)),
                ('document', models.JSONField()),
                ('digest', models.CharField(max_length=64)),
                ('author_id', models.CharField(max_length=100)),
                ('author_label', models.CharField(max_length=200)),
                ('created_at', models.DateTimeField()),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
                ('history_user_id', models.BigIntegerField(editable=False, null=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('article', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='governance.article')),
            ],
            options={
                'verbose_name': 'historical article version',
                'verbose_name_plural': 'historical article versions',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.AddConstraint(
            model_name='articleversion',
            constraint=models.UniqueConstraint(fields=('article', 'number'), name='article_version_number'),
        ),
        migrations.AddConstraint(
            model_name='articleversion',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'published')), fields=('article',), name='article_one_published'),
        ),
        migrations.AddIndex(
            model_name='articleuse',
            index=models.Index(fields=['version', '-id'], name='article_use_version'),
        ),
        migrations.AddIndex(
            model_name='articleuse',
            index=models.Index(fields=['stream'], name='article_use_stream'),
        ),
        migrations.AddConstraint(
            model_name='articleuse',
            constraint=models.UniqueConstraint(fields=('version', 'subject_kind', 'subject_id', 'way', 'by_kind', 'by_id'), name='article_use_once'),
        ),
        migrations.AddIndex(
            model_name='articleinforce',
            index=models.Index(fields=['review_by'], name='article_review_by'),
        ),
        migrations.RunPython(index_v1, unindex_v1),
    ]
