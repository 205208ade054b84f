"""An index of who asked for a call and when, for the bounds of an AI agent's budget."""

from django.db import migrations, models

from orchestra.core import indexes


class Migration(migrations.Migration):
    # An index is built while others write, which no transaction may hold.
    atomic = False

    dependencies = [("cases", "0045_sums_of_journeys")]

    operations = [
        indexes.AddIndexConcurrently(
            model_name="toolcall",
            index=models.Index(fields=["requester_id", "created_at"], name="tool_call_asked"),
        ),
    ]
