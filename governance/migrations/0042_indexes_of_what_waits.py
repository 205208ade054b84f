"""Indexes of what waits for two people, and of what has waited longest."""

from django.db import migrations, models

from orchestra.core import indexes


class Migration(migrations.Migration):
    # An index is built while others write, which no transaction may hold.
    atomic = False

    dependencies = [("governance", "0041_index_of_votes")]

    operations = [
        indexes.AddIndexConcurrently(
            model_name="approvalrequest",
            index=models.Index(
                fields=["queue", "created_at"],
                condition=models.Q(state="pending"),
                name="approval_pending_oldest",
            ),
        ),
        indexes.AddIndexConcurrently(
            model_name="approvalrequest",
            index=models.Index(
                fields=["deadline_at", "id"],
                condition=models.Q(state="pending")
                & (models.Q(risk="critical") | models.Q(votes_needed__gte=2)),
                name="approval_pending_double",
            ),
        ),
    ]
