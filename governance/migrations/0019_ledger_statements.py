"""Statements beside the checkpoints: a successor of the key, or a new epoch."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("governance", "0018_grants_since"),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerStatement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("size", models.BigIntegerField()),
                ("note", models.TextField()),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
