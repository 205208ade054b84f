"""An index of the cases that wait for a word on their need."""

from django.db import migrations, models

from orchestra.core import indexes


class Migration(migrations.Migration):
    # An index is built while others write, which no transaction may hold.
    atomic = False

    dependencies = [("cases", "0047_open_questions")]

    operations = [
        indexes.AddIndexConcurrently(
            model_name="case",
            index=models.Index(
                fields=["id"],
                condition=models.Q(status="open") & ~models.Q(intent_hold=""),
                name="case_held",
            ),
        ),
    ]
