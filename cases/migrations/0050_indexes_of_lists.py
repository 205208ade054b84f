"""The newest cases of one queue, of one state, of one person, off an index each."""

from django.db import migrations, models

from orchestra.core import indexes


class Migration(migrations.Migration):
    # An index is built while others write, which no transaction may hold.
    atomic = False

    dependencies = [("cases", "0049_index_of_completed")]

    operations = [
        indexes.AddIndexConcurrently(
            model_name="case", index=models.Index(fields=["queue", "id"], name="case_queue")
        ),
        indexes.AddIndexConcurrently(
            model_name="case", index=models.Index(fields=["status", "id"], name="case_status")
        ),
        indexes.AddIndexConcurrently(
            model_name="case",
            index=models.Index(
                fields=["holder", "id"],
                condition=models.Q(holder__isnull=False),
                name="case_holder",
            ),
        ),
    ]
