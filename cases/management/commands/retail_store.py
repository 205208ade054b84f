"""Runs the retail system of record as an HTTP service."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from cases.tools.adapters.retail import program
from cases.tools.adapters.retail.types import DatasetShapeError, JournalError


class Command(BaseCommand):
    """`manage.py retail_store`: serve the store until SIGTERM or SIGINT."""

    help = "Runs the retail system of record as an HTTP service."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what the program takes."""
        program.add_arguments(parser)

    def handle(
        self, *, host: str, port: int, journal: Path | None, data: Path | None, **_options: object
    ) -> None:
        """Open the store and serve it.

        Raises:
            CommandError: The data, the journal or the address cannot be used.
        """
        try:
            program.run(host=host, port=port, journal=journal, data=data, announce=self._announce)
        except (DatasetShapeError, JournalError, OSError) as error:
            raise CommandError(str(error)) from error

    def _announce(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
