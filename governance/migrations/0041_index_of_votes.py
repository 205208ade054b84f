"""An index of when votes were cast, for how approvals are decided."""

from django.db import migrations, models

from orchestra.core import indexes


class Migration(migrations.Migration):
    # An index is built while others write, which no transaction may hold.
    atomic = False

    dependencies = [("governance", "0040_search_of_what_waits")]

    operations = [
        indexes.AddIndexConcurrently(
            model_name="approvalvote",
            index=models.Index(fields=["at", "id"], name="approval_vote_at"),
        ),
    ]
