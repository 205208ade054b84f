"""What one person has in hand, off an index of open cases alone."""

from django.db import migrations, models

from orchestra.core import indexes


class Migration(migrations.Migration):
    # An index is built while others write, which no transaction may hold.
    atomic = False

    dependencies = [("cases", "0055_index_of_offered_handoffs")]

    operations = [
        indexes.AddIndexConcurrently(
            model_name="case",
            index=models.Index(
                condition=models.Q(("status__in", ["open", "handed_off"])),
                fields=["holder", "id"],
                name="case_in_hand",
            ),
        ),
    ]
