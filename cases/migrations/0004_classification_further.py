"""Keeps the further needs that a customer's words plainly state."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_handoff_from_queue")]

    operations = [
        migrations.AddField(
            model_name="classificationrecord",
            name="further",
            field=models.JSONField(default=list),
        ),
    ]
