"""What waits in a queue, tests of attention told apart, off the index alone."""

from django.db import migrations, models

from orchestra.core import indexes


class Migration(migrations.Migration):
    # An index is built while others write, which no transaction may hold.
    atomic = False

    dependencies = [("governance", "0042_indexes_of_what_waits")]

    operations = [
        indexes.AddIndexConcurrently(
            model_name="approvalrequest",
            index=models.Index(
                fields=["queue", "deadline_at", "id"],
                include=["subject_kind"],
                condition=models.Q(state="pending"),
                name="approval_pending_in_queue",
            ),
        ),
        indexes.RemoveIndexConcurrently(
            model_name="approvalrequest", name="approval_pending_queue"
        ),
    ]
