"""Imports written procedures as drafts of cue sheets."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.journeys.procedures import draft_of, read_procedures
from cases.journeys.services.importing import ImportedSheet, import_procedures
from cases.tools.selectors import list_tools
from orchestra.core import actors, clock
from orchestra.core.errors import OrchestraError

#: Who acts when an operator works at the command line.
OPERATOR = actors.system("command")


class Command(BaseCommand):
    """``manage.py cue_sheets import FILE``."""

    help = (
        "import: opens a draft of a cue sheet for every procedure in a CSV or JSON file, and says "
        "what a person still has to decide. Nothing goes into force; again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the act and the file."""
        parser.add_argument("act", choices=["import"])
        parser.add_argument("file", type=Path, help="procedures with their actions in order")
        parser.add_argument("--queue", default="", help="key of the queue the work belongs to")
        parser.add_argument("--dry-run", action="store_true", help="only say what would come")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import, and say what is left to decide."""
        file: Path = options["file"]
        try:
            found = self._import(file, options)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file.name} cannot be read as UTF-8 text.") from error
        except OrchestraError as error:
            findings = [f"{one.field}: {one.message}" for one in error.errors]
            raise CommandError("\n".join([error.message, *findings])) from error
        if options["json"]:
            self.stdout.write(json.dumps({"ok": True, "sheets": [_said(one) for one in found]}))
            return
        for one in found:
            self.stdout.write(f"{'new' if one.is_new else 'same':<5} {one.key}")
            for point in one.draft.open_points:
                self.stdout.write(f"      {point.field}: {point.message}")
        points = sum(len(one.draft.open_points) for one in found)
        new = sum(one.is_new for one in found)
        self.stdout.write(f"new={new} same={len(found) - new} to_decide={points}")

    def _import(self, file: Path, options: dict[str, Any]) -> tuple[ImportedSheet, ...]:
        procedures = read_procedures(
            text=file.read_text("utf-8-sig"), is_csv=file.suffix.lower() == ".csv"
        )
        tools = frozenset(list_tools().values_list("name", flat=True))
        drafts = [
            draft_of(procedure=one, tools=tools, queue=options["queue"]) for one in procedures
        ]
        if options["dry_run"]:
            return tuple(
                ImportedSheet(key=str(one.document["key"]), is_new=True, draft=one)
                for one in drafts
            )
        return import_procedures(actor=OPERATOR, now=clock.now(), drafts=drafts, origin=file.name)


def _said(one: ImportedSheet) -> dict[str, Any]:
    points = [[point.field, point.code, point.message] for point in one.draft.open_points]
    return {"key": one.key, "new": one.is_new, "to_decide": points}
