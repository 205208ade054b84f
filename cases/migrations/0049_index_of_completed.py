"""The newest completed journeys of a cue sheet, off an index."""

from django.db import migrations, models

from orchestra.core import indexes


class Migration(migrations.Migration):
    # An index is built while others write, which no transaction may hold.
    atomic = False

    dependencies = [("cases", "0048_index_of_held_cases")]

    operations = [
        indexes.AddIndexConcurrently(
            model_name="journey",
            index=models.Index(
                fields=["version", "id"],
                condition=models.Q(state="completed"),
                name="journey_completed",
            ),
        ),
    ]
