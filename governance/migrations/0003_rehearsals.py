"""Makes the rows of rehearsals: a draft run over recorded decisions."""

import django.db.models.deletion
import orchestra.core.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('governance', '0002_append_only'),
    ]

    operations = [
        migrations.CreateModel(
            name='Rehearsal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', orchestra.core.fields.PublicIdField(default=orchestra.core.fields.uuid7, editable=False, unique=True)),
                ('policy_key', orchestra.core.fields.CodeField(max_length=100)),
                ('document', models.JSONField()),
                ('document_digest', models.CharField(max_length=64)),
                ('base', models.JSONField(default=dict)),
                ('since_at', models.DateTimeField()),
                ('until_at', models.DateTimeField()),
                ('filters', models.JSONField(default=dict)),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('done', 'Done'), ('cancelled', 'Cancelled'), ('failed', 'Failed')], default='queued', max_length=20)),
                ('attempt', models.PositiveIntegerField(default=0)),
                ('lease_until_at', models.DateTimeField(null=True)),
                ('cursor', models.BigIntegerField(default=0)),
                ('total', models.PositiveIntegerField(default=0)),
                ('done', models.PositiveIntegerField(default=0)),
                ('tally', models.JSONField(default=dict)),
                ('result', models.JSONField(null=True)),
                ('result_digest', models.CharField(blank=True, max_length=64)),
                ('problem', models.CharField(blank=True, max_length=500)),
                ('by_kind', models.CharField(choices=[('agent', 'Agent'), ('human', 'Human'), ('system', 'System')], max_length=20)),
                ('by_id', models.CharField(max_length=100)),
                ('by_label', models.CharField(max_length=200)),
                ('created_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ['queued', 'running'])), fields=['lease_until_at'], name='rehearsal_open'), models.Index(fields=['policy_key', '-id'], name='rehearsal_policy'), models.Index(fields=['document_digest', '-id'], name='rehearsal_document')],
            },
        ),
        migrations.CreateModel(
            name='RehearsedDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cell', models.CharField(max_length=40)),
                ('gained', models.JSONField(default=list)),
                ('lost', models.JSONField(default=list)),
                ('votes_before', models.PositiveSmallIntegerField(default=0)),
                ('votes_after', models.PositiveSmallIntegerField(default=0)),
                ('lacks', models.JSONField(default=list)),
                ('record', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='governance.decisionrecord')),
                ('rehearsal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='governance.rehearsal')),
            ],
            options={
                'indexes': [models.Index(fields=['rehearsal', 'cell', '-record'], name='rehearsed_cell')],
                'constraints': [models.UniqueConstraint(fields=('rehearsal', 'record'), name='rehearsed_once')],
            },
        ),
    ]
