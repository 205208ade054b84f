"""Lets a person, or a role, be granted the changing of one cue sheet."""

import django.db.models.deletion
import django.db.models.functions.datetime
import orchestra.core.history
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ("cases", "0009_edited_calls"),
        ('governance', '0008_shadows'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='cuesheet',
            options={'ordering': ['title'], 'permissions': [('govern_cuesheet', 'May change this cue sheet as their role allows')]},
        ),
        migrations.CreateModel(
            name='HistoricalCueSheetGroupGrant',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('actor_kind', models.CharField(default=orchestra.core.history.actor_kind, editable=False, max_length=20)),
                ('actor_id', models.CharField(default=orchestra.core.history.actor_id, editable=False, max_length=100)),
                ('actor_label', models.CharField(default=orchestra.core.history.actor_label, editable=False, max_length=200)),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('given_by_kind', models.CharField(blank=True, default='', max_length=20)),
                ('given_by_id', models.CharField(blank=True, default='', max_length=100)),
                ('given_by', models.CharField(blank=True, default='', max_length=200)),
                ('since_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('until_at', models.DateTimeField(blank=True, null=True)),
                ('history_user_id', models.BigIntegerField(editable=False, null=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('content_object', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='cases.cuesheet')),
                ('group', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='auth.group')),
                ('permission', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='auth.permission')),
            ],
            options={
                'verbose_name': 'historical cue sheet group grant',
                'verbose_name_plural': 'historical cue sheet group grants',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalCueSheetUserGrant',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('actor_kind', models.CharField(default=orchestra.core.history.actor_kind, editable=False, max_length=20)),
                ('actor_id', models.CharField(default=orchestra.core.history.actor_id, editable=False, max_length=100)),
                ('actor_label', models.CharField(default=orchestra.core.history.actor_label, editable=False, max_length=200)),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('given_by_kind', models.CharField(blank=True, default='', max_length=20)),
                ('given_by_id', models.CharField(blank=True, default='', max_length=100)),
                ('given_by', models.CharField(blank=True, default='', max_length=200)),
                ('since_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('until_at', models.DateTimeField(blank=True, null=True)),
                ('history_user_id', models.BigIntegerField(editable=False, null=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('content_object', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='cases.cuesheet')),
                ('permission', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='auth.permission')),
                ('user', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical cue sheet user grant',
                'verbose_name_plural': 'historical cue sheet user grants',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='CueSheetGroupGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('given_by_kind', models.CharField(blank=True, default='', max_length=20)),
                ('given_by_id', models.CharField(blank=True, default='', max_length=100)),
                ('given_by', models.CharField(blank=True, default='', max_length=200)),
                ('since_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('until_at', models.DateTimeField(blank=True, null=True)),
                ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='cases.cuesheet')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.group')),
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('until_at__isnull', True), ('until_at__gt', models.F('since_at')), _connector='OR'), name='cue_sheet_group_grant_ends_later')],
                'unique_together': {('group', 'permission', 'content_object')},
            },
        ),
        migrations.CreateModel(
            name='CueSheetUserGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('given_by_kind', models.CharField(blank=True, default='', max_length=20)),
                ('given_by_id', models.CharField(blank=True, default='', max_length=100)),
                ('given_by', models.CharField(blank=True, default='', max_length=200)),
                ('since_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('until_at', models.DateTimeField(blank=True, null=True)),
                ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='cases.cuesheet')),
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('until_at__isnull', True), ('until_at__gt', models.F('since_at')), _connector='OR'), name='cue_sheet_user_grant_ends_later')],
                'unique_together': {('user', 'permission', 'content_object')},
            },
        ),
    ]
