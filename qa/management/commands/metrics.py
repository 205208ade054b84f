"""Reads the ledger for the metrics, from where it came to or from the beginning."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from orchestra.core import clock
from qa.measurement import services


class Command(BaseCommand):
    """``manage.py metrics follow``, ``rebuild`` and ``compute``."""

    help = (
        "follow: reads on from where the rows of cases came to. rebuild: makes them all from the "
        "first entry again, to the same bytes. compute: computes the numbers that are due."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the act."""
        parser.add_argument("act", choices=["follow", "rebuild", "compute"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say in one line how much there was."""
        del args
        now = clock.now()
        if options["act"] == "rebuild":
            self.stdout.write(f"cases={services.rebuild(now=now)}")
        elif options["act"] == "follow":
            self.stdout.write(f"places={services.follow_ledger(now=now)}")
        else:
            self.stdout.write(f"cells={services.compute_due(now=now)}")
