"""What a list of samples counts of each is counted off an index."""

from django.db import migrations, models

from orchestra.core import indexes


class Migration(migrations.Migration):
    # An index is built while others write, which no transaction may hold.
    atomic = False

    dependencies = [("qa", "0040_waits")]

    operations = [
        indexes.AddIndexConcurrently(
            model_name="drawnunit",
            index=models.Index(
                condition=models.Q(("replaces__isnull", True)),
                fields=["period"],
                name="drawn_unit_original",
            ),
        ),
        indexes.AddIndexConcurrently(
            model_name="drawnunit",
            index=models.Index(
                condition=models.Q(("lost_for", ""), _negated=True),
                fields=["period"],
                name="drawn_unit_lost",
            ),
        ),
    ]
