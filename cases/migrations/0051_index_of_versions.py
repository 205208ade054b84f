"""The newest journeys of a cue sheet's version, off an index."""

from django.db import migrations, models

from orchestra.core import indexes


class Migration(migrations.Migration):
    # An index is built while others write, which no transaction may hold.
    atomic = False

    dependencies = [("cases", "0050_indexes_of_lists")]

    operations = [
        indexes.AddIndexConcurrently(
            model_name="journey",
            index=models.Index(fields=["version", "id"], name="journey_version"),
        ),
    ]
