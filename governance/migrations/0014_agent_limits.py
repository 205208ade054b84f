"""Bounds AI agents: budgets, an end, who stopped them; what their tokens carry and replace."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("governance", "0013_access_reviews"),
    ]

    operations = [
        migrations.AddField(
            model_name='agentidentity',
            name='calls_per_day',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='agentidentity',
            name='calls_per_hour',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='agentidentity',
            name='ends_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='agentidentity',
            name='stopped_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='agentidentity',
            name='stopped_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='agentidentity',
            name='stopped_reason',
            field=models.CharField(blank=True, default='', max_length=500),
        ),
        migrations.AddField(
            model_name='agentidentity',
            name='writes_per_day',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='apicredential',
            name='capabilities',
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='apicredential',
            name='last_used_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='apicredential',
            name='replaces',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='governance.apicredential'),
        ),
        migrations.AddField(
            model_name='apicredential',
            name='tools',
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='historicalagentidentity',
            name='calls_per_day',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='historicalagentidentity',
            name='calls_per_hour',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='historicalagentidentity',
            name='ends_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='historicalagentidentity',
            name='stopped_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='historicalagentidentity',
            name='stopped_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalagentidentity',
            name='stopped_reason',
            field=models.CharField(blank=True, default='', max_length=500),
        ),
        migrations.AddField(
            model_name='historicalagentidentity',
            name='writes_per_day',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='historicalapicredential',
            name='capabilities',
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='historicalapicredential',
            name='replaces',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='governance.apicredential'),
        ),
        migrations.AddField(
            model_name='historicalapicredential',
            name='tools',
            field=models.JSONField(blank=True, null=True),
        ),
    ]
