"""Adds exports of evidence, and the streams whose entries each holds."""

import django.db.models.deletion
import orchestra.core.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('governance', '0019_ledger_statements'),
    ]

    operations = [
        migrations.CreateModel(
            name='EvidenceExport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', orchestra.core.fields.PublicIdField(default=orchestra.core.fields.uuid7, editable=False, unique=True)),
                ('by_kind', models.CharField(choices=[('agent', 'Agent'), ('human', 'Human'), ('system', 'System')], max_length=20)),
                ('by_id', models.CharField(max_length=100)),
                ('by_label', models.CharField(max_length=200)),
                ('scope_kind', models.CharField(choices=[('case', 'Case'), ('span', 'Span'), ('control', 'Control'), ('search', 'Search'), ('ledger', 'Ledger')], max_length=20)),
                ('scope', models.JSONField()),
                ('scope_digest', models.CharField(max_length=64)),
                ('title', models.CharField(max_length=200)),
                ('leave_out', models.JSONField(default=list)),
                ('gaps', models.JSONField(default=list)),
                ('held_size', models.BigIntegerField(null=True)),
                ('state', models.CharField(choices=[('explaining', 'Explaining'), ('queued', 'Queued'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled'), ('deleted', 'Deleted')], default='queued', max_length=20)),
                ('stage', models.CharField(choices=[('collect', 'Collect'), ('streams', 'Streams'), ('pack', 'Pack'), ('verify', 'Verify')], default='collect', max_length=20)),
                ('attempt', models.PositiveIntegerField(default=0)),
                ('lease_until_at', models.DateTimeField(null=True)),
                ('cursor', models.BigIntegerField(default=-1)),
                ('stream_cursor', models.CharField(blank=True, max_length=120)),
                ('done', models.BigIntegerField(default=0)),
                ('total', models.BigIntegerField(default=0)),
                ('counts', models.JSONField(default=dict)),
                ('marks', models.JSONField(default=dict)),
                ('ceiling', models.BigIntegerField(null=True)),
                ('checkpoint_size', models.BigIntegerField(null=True)),
                ('checkpoint_root', models.CharField(blank=True, max_length=64)),
                ('file_name', models.CharField(blank=True, max_length=200)),
                ('file_bytes', models.BigIntegerField(null=True)),
                ('file_sha256', models.CharField(blank=True, max_length=64)),
                ('verified_at', models.DateTimeField(null=True)),
                ('verifier_said', models.TextField(blank=True)),
                ('problem', models.CharField(blank=True, max_length=500)),
                ('downloads', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('delete_at', models.DateTimeField(null=True)),
                ('deleted_at', models.DateTimeField(null=True)),
                ('deleted_because', models.CharField(blank=True, choices=[('age', 'Age'), ('erasure', 'Erasure'), ('request', 'Request')], max_length=20)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ['queued', 'running'])), fields=['lease_until_at'], name='evidence_open'), models.Index(condition=models.Q(('state', 'done')), fields=['delete_at'], name='evidence_to_delete'), models.Index(fields=['by_id', '-id'], name='evidence_by'), models.Index(fields=['scope_digest', '-id'], name='evidence_scope')],
            },
        ),
        migrations.CreateModel(
            name='ExportedStream',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stream', models.CharField(max_length=120)),
                ('entries', models.BigIntegerField(default=0)),
                ('payloads', models.BigIntegerField(default=0)),
                ('export', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='streams', to='governance.evidenceexport')),
            ],
            options={
                'indexes': [models.Index(fields=['stream'], name='evidence_stream')],
                'constraints': [models.UniqueConstraint(fields=('export', 'stream'), name='evidence_stream_once')],
            },
        ),
    ]
