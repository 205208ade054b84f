"""Notices to people, the messages that carry them, what each person chose, and who read how far."""

import django.db.models.deletion
import orchestra.core.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("governance", "0014_agent_limits"),
    ]

    operations = [
        migrations.CreateModel(
            name='LedgerReader',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True)),
                ('next_index', models.BigIntegerField()),
                ('read_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='NoticePreference',
            fields=[
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='notice_preference', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('manners', models.JSONField(default=dict)),
                ('digest_times', models.JSONField(default=list)),
                ('quiet_begins', models.TimeField(null=True)),
                ('quiet_ends', models.TimeField(null=True)),
                ('zone', models.CharField(blank=True, max_length=60)),
                ('revision', models.PositiveIntegerField(default=1)),
                ('saved_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', orchestra.core.fields.PublicIdField(default=orchestra.core.fields.uuid7, editable=False, unique=True)),
                ('index', models.BigIntegerField()),
                ('event_id', models.CharField(max_length=36)),
                ('kind', orchestra.core.fields.CodeField(max_length=100)),
                ('topic', models.CharField(choices=[('decide', 'Decide'), ('outcome', 'Outcome'), ('change', 'Change'), ('handoff', 'Handoff'), ('access', 'Access'), ('proof', 'Proof')], max_length=20)),
                ('why', models.CharField(choices=[('may_vote', 'May vote'), ('stands_in', 'Stands in'), ('asked', 'Asked'), ('claimed', 'Claimed'), ('owns_agent', 'Owns agent'), ('handed', 'Handed'), ('may_review', 'May review'), ('wrote', 'Wrote'), ('works_queue', 'Works queue'), ('yours', 'Yours'), ('looks_after', 'Looks after')], max_length=20)),
                ('instead_of', models.JSONField(default=list)),
                ('subject_kind', orchestra.core.fields.CodeField(blank=True, max_length=100)),
                ('subject_id', models.CharField(blank=True, max_length=100)),
                ('label', models.CharField(max_length=100)),
                ('page', models.CharField(max_length=60)),
                ('page_id', models.CharField(blank=True, max_length=100)),
                ('risk', models.CharField(blank=True, choices=[('low', 'Low'), ('medium', 'Medium'), ('high', 'High'), ('critical', 'Critical')], max_length=20)),
                ('deadline_at', models.DateTimeField(null=True)),
                ('is_silent', models.BooleanField(default=False)),
                ('at', models.DateTimeField()),
                ('read_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to=settings.AUTH_USER_MODEL)),
                ('queue', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='governance.queue')),
            ],
        ),
        migrations.CreateModel(
            name='NoticeDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', orchestra.core.fields.PublicIdField(default=orchestra.core.fields.uuid7, editable=False, unique=True)),
                ('channel', models.CharField(choices=[('email', 'Email'), ('digest', 'Digest')], max_length=20)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sending', 'Sending'), ('sent', 'Sent'), ('failed', 'Failed'), ('skipped', 'Skipped')], default='waiting', max_length=20)),
                ('due_at', models.DateTimeField()),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('lease_until_at', models.DateTimeField(null=True)),
                ('error', orchestra.core.fields.CodeField(blank=True, max_length=100)),
                ('skipped_why', models.CharField(blank=True, choices=[('ended', 'Ended'), ('too_late', 'Too late'), ('read', 'Read'), ('disabled', 'Disabled'), ('no_address', 'No address')], default='', max_length=20)),
                ('tried_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('notice', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='governance.notice')),
            ],
            options={
                'verbose_name_plural': 'notice deliveries',
            },
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(fields=['person', '-id'], name='notice_of_person'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('ended_at', None), ('is_silent', False), ('read_at', None)), fields=['person', '-id'], name='notice_unread'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['subject_id'], name='notice_open_subject'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(fields=['at'], name='notice_at'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(fields=('index', 'person'), name='notice_once_a_person'),
        ),
        migrations.AddIndex(
            model_name='noticedelivery',
            index=models.Index(condition=models.Q(('state__in', ['waiting', 'sending'])), fields=['due_at', 'id'], name='notice_delivery_due'),
        ),
        migrations.AddIndex(
            model_name='noticedelivery',
            index=models.Index(condition=models.Q(('state', 'failed')), fields=['-tried_at'], name='notice_delivery_failed'),
        ),
        migrations.AddIndex(
            model_name='noticedelivery',
            index=models.Index(condition=models.Q(('state', 'sent')), fields=['-ended_at'], name='notice_delivery_sent'),
        ),
    ]
