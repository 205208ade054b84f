"""Guards the ledger's tables against change and removal."""

from django.db import migrations

from governance.ledger import append_only


def guard(apps, schema_editor):
    append_only.triggers_v1(schema_editor)


def unguard(apps, schema_editor):
    append_only.drop_triggers_v1(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_initial")]

    operations = [migrations.RunPython(guard, unguard)]
