"""Practises putting a backup back: a backup that nobody restored is a hope."""

import json
import tempfile
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from orchestra.management.backup import BackupError, Drilled, hold_backup_drill


class Command(BaseCommand):
    """``manage.py backup_drill``."""

    help = (
        "Dumps the database, restores it into a scratch database, verifies the ledger there "
        "against the checkpoints kept outside, compares the counts of every table, and removes "
        "the scratch database. The database itself is only read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say how to answer."""
        parser.add_argument("--json", action="store_true", help="answer with one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Hold the drill, and fail where the backup is not whole."""
        del args
        with tempfile.TemporaryDirectory(prefix="orchestra-backup-") as folder:
            try:
                found = hold_backup_drill(folder=Path(folder))
            except BackupError as error:
                raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(asdict(found)) if options["json"] else _words(found))
        if not found.ok:
            raise CommandError("The backup is not whole. Keep the database, and find out why.")


def _words(found: Drilled) -> str:
    lines = [
        (
            f"{found.rows} rows of {found.tables} tables in {found.size_bytes} bytes: dumped in "
            f"{found.dump_seconds} s, restored in {found.restore_seconds} s."
        ),
        (
            f"Ledger in the backup: {'unaltered' if found.ledger['ok'] else 'NOT as signed'}, "
            f"{found.ledger['size']} entries, verified in {found.verify_seconds} s."
        ),
        *found.differences,
    ]
    return "\n".join(lines)
