"""Makes what each tool declares now its first version, in force since it was first declared so.

Reverse: the versions are deleted; the tools' own rows hold all that was in force.
"""

from typing import Any

from django.db import migrations
from django.utils import timezone

_REASON = "The tool as it was declared before tools had versions."


def make_first_versions(apps: Any, schema_editor: Any) -> None:
    """Store one published version for each tool."""
    tools = apps.get_model("cases", "ToolDefinition")
    history = apps.get_model("cases", "HistoricalToolDefinition")
    versions = apps.get_model("cases", "ToolVersion")
    kept = apps.get_model("cases", "HistoricalToolVersion")
    database = schema_editor.connection.alias
    for tool in tools.objects.using(database).order_by("pk"):
        rows = history.objects.using(database).filter(id=tool.pk, digest=tool.digest)
        first = rows.order_by("history_date", "history_id").first()
        who = {
            "kind": first.actor_kind if first else "system",
            "id": first.actor_id if first else "migration",
            "label": first.actor_label if first else "migration",
        }
        since = first.history_date if first else timezone.now()
        version = versions.objects.using(database).create(
            tool=tool,
            number=1,
            state="published",
            document=tool.document,
            digest=tool.digest,
            author_id=who["id"],
            author_label=who["label"],
            created_at=since,
            published_at=since,
        )
        kept.objects.using(database).create(
            id=version.pk,
            public_id=version.public_id,
            tool=tool,
            number=1,
            state="published",
            document=tool.document,
            digest=tool.digest,
            author_id=who["id"],
            author_label=who["label"],
            created_at=since,
            published_at=since,
            actor_kind=who["kind"],
            actor_id=who["id"],
            actor_label=who["label"],
            history_date=since,
            history_type="+",
            history_change_reason=_REASON,
        )


def drop_versions(apps: Any, schema_editor: Any) -> None:
    """Delete the versions and their history."""
    for name in ("ToolVersion", "HistoricalToolVersion"):
        rows = apps.get_model("cases", name).objects.using(schema_editor.connection.alias)
        rows.all().delete()


class Migration(migrations.Migration):
    dependencies = [("cases", "0007_tool_versions")]

    operations = [migrations.RunPython(make_first_versions, drop_versions)]
