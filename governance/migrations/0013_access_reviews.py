"""Access reviews: a frozen list of grants, and what was decided about each."""

import django.db.models.deletion
import orchestra.core.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("governance", "0012_grants_that_end"),
    ]

    operations = [
        migrations.CreateModel(
            name='AccessReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', orchestra.core.fields.PublicIdField(default=orchestra.core.fields.uuid7, editable=False, unique=True)),
                ('title', models.CharField(max_length=200)),
                ('state', models.CharField(choices=[('open', 'Open'), ('finished', 'Finished')], default='open', max_length=20)),
                ('started_by', models.CharField(max_length=200)),
                ('started_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('finished_by', models.CharField(blank=True, max_length=200)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('reviewers', models.ManyToManyField(related_name='access_reviews', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='AccessReviewItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', orchestra.core.fields.PublicIdField(default=orchestra.core.fields.uuid7, editable=False, unique=True)),
                ('kind', orchestra.core.fields.CodeField(max_length=100)),
                ('key', models.CharField(max_length=250)),
                ('mark', models.CharField(max_length=120)),
                ('holder_kind', orchestra.core.fields.CodeField(max_length=100)),
                ('holder_id', models.CharField(max_length=100)),
                ('holder_label', models.CharField(max_length=200)),
                ('code', models.CharField(max_length=100)),
                ('place_id', models.CharField(blank=True, max_length=100)),
                ('place_title', models.CharField(blank=True, max_length=200)),
                ('subject_ids', models.JSONField(default=list)),
                ('given_at', models.DateTimeField(null=True)),
                ('given_by', models.CharField(blank=True, max_length=200)),
                ('used_how', models.CharField(choices=[('vote', 'Vote'), ('act', 'Act'), ('not_recorded', 'Not recorded')], default='not_recorded', max_length=20)),
                ('used_at', models.DateTimeField(null=True)),
                ('until_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('conflicts', models.JSONField(default=list)),
                ('is_unused', models.BooleanField(default=False)),
                ('is_changed', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('open', 'Open'), ('confirmed', 'Confirmed'), ('revoked', 'Revoked')], default='open', max_length=20)),
                ('decided_by', models.CharField(blank=True, max_length=200)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_reason', models.CharField(blank=True, max_length=500)),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='governance.accessreview')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='accessreview',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('state',), name='access_review_open_once'),
        ),
        migrations.AddConstraint(
            model_name='accessreviewitem',
            constraint=models.UniqueConstraint(fields=('review', 'key'), name='access_review_item_once'),
        ),
    ]
