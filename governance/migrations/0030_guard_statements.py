from django.db import migrations

from governance.ledger import append_only


def guard(apps, schema_editor):
    append_only.triggers_v2(schema_editor)


def unguard(apps, schema_editor):
    append_only.drop_triggers_v2(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("governance", "0003_squashed_0029_guards")]

    operations = [migrations.RunPython(guard, unguard)]
