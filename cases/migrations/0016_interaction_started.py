"""Contacts are read by when they began."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0015_closed_cases")]

    operations = [
        migrations.AddIndex(
            model_name="interaction",
            index=models.Index(fields=["started_at", "id"], name="interaction_started"),
        ),
    ]
