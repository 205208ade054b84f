"""Keeps under which policies a call was decided, so that publishing finds what waits."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_verification_evidence")]

    operations = [
        migrations.AddField(
            model_name="toolcall",
            name="decided_under",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.AddIndex(
            model_name="toolcall",
            index=models.Index(
                condition=models.Q(("state", "awaiting_approval")),
                fields=["id", "decided_under"],
                name="tool_call_awaits_approval",
            ),
        ),
    ]
