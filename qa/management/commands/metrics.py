"""Reads the ledger for the metrics, from where it came to or from the beginning; tells them."""

from argparse import ArgumentParser
from dataclasses import replace
from typing import Any, Final

from django.core.management.base import BaseCommand

from orchestra.core import clock
from qa.measurement import services
from qa.measurement.moments import parse_as_of
from qa.measurement.past import figures_as_of
from qa.measurement.showing import Shown, export_rows, list_shown

_SAID: Final = ("metric", "begin", "weeks", "unit", "value", "low", "high", "n", "hits", "left_out")


class Command(BaseCommand):
    """``manage.py metrics follow``, ``rebuild``, ``compute`` and ``show``."""

    help = (
        "follow: reads on from where the rows of cases came to. rebuild: makes them all from the "
        "first entry again, to the same bytes. compute: computes the numbers that are due. show: "
        "tells the last four weeks and the four before, with --as-of as they were known then."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the act."""
        parser.add_argument("act", choices=["follow", "rebuild", "compute", "show"])
        parser.add_argument(
            "--as-of",
            type=parse_as_of,
            help="A day, or a moment with its zone: 2026-10-31 or 2026-10-31T12:00:00+01:00.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say in one line how much there was."""
        del args
        now = clock.now()
        if options["act"] == "rebuild":
            self.stdout.write(f"cases={services.rebuild(now=now)}")
        elif options["act"] == "follow":
            self.stdout.write(f"places={services.follow_ledger(now=now)}")
        elif options["act"] == "show":
            at = options["as_of"]
            self._show(list_shown(now=now) if at is None else figures_as_of(at=at))
        else:
            self.stdout.write(f"cells={services.compute_due(now=now)}")

    def _show(self, shown: list[Shown]) -> None:
        for one in shown:
            for row in export_rows(replace(one, weeks=())):
                words = (f"{name}={row[name]}" for name in _SAID)
                self.stdout.write(" ".join(words))
