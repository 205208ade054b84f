"""The reviews that ask for a stop are found without going through all."""

from django.db import migrations, models

from orchestra.core import indexes


class Migration(migrations.Migration):
    # An index is built while others write, which no transaction may hold.
    atomic = False

    dependencies = [("qa", "0041_counts_of_a_sample")]

    operations = [
        indexes.AddIndexConcurrently(
            model_name="review",
            index=models.Index(
                condition=models.Q(("stop_asked_at__isnull", False)),
                fields=["id"],
                name="review_stop_asked",
            ),
        ),
    ]
