"""Binds a change request to the rehearsal of its text."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('governance', '0005_delegations_and_refusals'),
    ]

    operations = [
        migrations.AddField(
            model_name='changerequest',
            name='needs_rehearsal',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='changerequest',
            name='report_digest',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='historicalchangerequest',
            name='needs_rehearsal',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='historicalchangerequest',
            name='report_digest',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='rehearsal',
            name='change',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rehearsals', to='governance.changerequest'),
        ),
        migrations.AddField(
            model_name='rehearsal',
            name='removes',
            field=models.BooleanField(default=False),
        ),
    ]
