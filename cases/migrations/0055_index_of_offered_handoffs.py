"""What waits in a queue to be taken, off an index of nothing else."""

from django.db import migrations, models

from orchestra.core import indexes


class Migration(migrations.Migration):
    # An index is built while others write, which no transaction may hold.
    atomic = False

    dependencies = [("cases", "0054_indexes_of_the_sweeps")]

    operations = [
        indexes.AddIndexConcurrently(
            model_name="handoff",
            index=models.Index(
                condition=models.Q(("state", "offered")),
                fields=["queue", "id"],
                include=["offered_at", "reply_due_at"],
                name="handoff_offered_in_queue",
            ),
        ),
        indexes.RemoveIndexConcurrently(model_name="handoff", name="handoff_waiting"),
    ]
