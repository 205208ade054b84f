"""The newest decisions of an outcome that is rare, off an index."""

from django.db import migrations, models

from orchestra.core import indexes


class Migration(migrations.Migration):
    # An index is built while others write, which no transaction may hold.
    atomic = False

    dependencies = [("governance", "0043_index_of_queues")]

    operations = [
        indexes.AddIndexConcurrently(
            model_name="decisionrecord",
            index=models.Index(
                condition=models.Q(("outcome", "allow"), _negated=True),
                fields=["outcome", "id"],
                name="decision_outcome",
            ),
        ),
    ]
