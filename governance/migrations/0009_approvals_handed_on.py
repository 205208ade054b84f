"""Lets a request be handed to one person, remind, and go to the next role."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("governance", "0008_shadows"),
    ]

    operations = [
        migrations.AddField(
            model_name='approvalrequest',
            name='escalated',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='approvalrequest',
            name='escalated_roles',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='approvalrequest',
            name='handed_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='approvals_handed_over', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='approvalrequest',
            name='handed_to',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='approvals_handed_to', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='approvalrequest',
            name='handed_until_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='approvalrequest',
            name='lacks_voters',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='approvalrequest',
            name='next_turn_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='approvalrequest',
            name='reminded',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='approvalrequest',
            name='rule',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name='approvalrequest',
            name='tool',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddIndex(
            model_name='approvalrequest',
            index=models.Index(condition=models.Q(('state', 'pending')), fields=['next_turn_at', 'id'], name='approval_pending_turn'),
        ),
        migrations.AddIndex(
            model_name='approvalrequest',
            index=models.Index(condition=models.Q(('state', 'pending')), fields=['handed_to'], name='approval_pending_handed'),
        ),
    ]
