"""Keeps the queue that a handed-over case came from, so that it can go back there."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_initial"), ("governance", "0002_append_only")]

    operations = [
        migrations.AddField(
            model_name="handoff",
            name="from_queue",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="governance.queue",
            ),
        ),
    ]
