"""Keeps every version of a tool, with its history; the tool's own row says which is in force."""

import django.db.models.deletion
import orchestra.core.fields
import orchestra.core.history
import simple_history.models
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0006_decided_under'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicaltooldefinition',
            name='number',
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='historicaltooldefinition',
            name='retired_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='tooldefinition',
            name='number',
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='tooldefinition',
            name='retired_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name='HistoricalToolVersion',
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
                ('tool', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='cases.tooldefinition')),
            ],
            options={
                'verbose_name': 'historical tool version',
                'verbose_name_plural': 'historical tool versions',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='ToolVersion',
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
                ('tool', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='cases.tooldefinition')),
            ],
            options={
                'ordering': ['tool', '-number'],
                'indexes': [models.Index(fields=['tool', 'digest'], name='tool_version_digest')],
                'constraints': [models.UniqueConstraint(fields=('tool', 'number'), name='tool_version_number'), models.UniqueConstraint(condition=models.Q(('state', 'published')), fields=('tool',), name='tool_one_published')],
            },
        ),
    ]
