"""Runs the retail system of record as an HTTP service."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from cases.tools.adapters.retail.journal import JournaledStore
from cases.tools.adapters.retail.service import serve
from cases.tools.adapters.retail.types import DatasetShapeError, JournalError


class Command(BaseCommand):
    """`manage.py retail_store`: serve the store until SIGTERM or SIGINT."""

    help = "Runs the retail system of record as an HTTP service."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare where to listen and where the journal and the data lie."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=8090, help="port, 0 for any free one")
        parser.add_argument("--journal", type=Path, help="journal file; in memory when left out")
        parser.add_argument("--data", type=Path, help="folder with a db.json of another task set")

    def handle(
        self, *, host: str, port: int, journal: Path | None, data: Path | None, **_options: object
    ) -> None:
        """Open the store and serve it.

        Raises:
            CommandError: The data, the journal or the address cannot be used.
        """
        try:
            store = JournaledStore(journal, folder=data)
            serve(host=host, port=port, store=store, announce=self._announce)
        except (DatasetShapeError, JournalError, OSError) as error:
            raise CommandError(str(error)) from error

    def _announce(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
