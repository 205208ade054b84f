"""Counts what retention would remove, or removes it."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.retention import rules, selectors, services
from governance.retention.services.running import KEEPER
from governance.retention.types import Figures
from orchestra.core import clock
from orchestra.core.errors import OrchestraError


class Command(BaseCommand):
    """``manage.py retention``."""

    help = (
        "Removes what is kept beyond its period and under no legal hold, to the end; with "
        "--dry-run says what that would be and changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the form of the answer."""
        parser.add_argument("--dry-run", action="store_true", help="only count")
        parser.add_argument("--json", action="store_true", help="answer with one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, and say what it came to by class."""
        del args
        now = clock.now()
        try:
            found = (
                list(selectors.preview(now=now))
                if options["dry_run"]
                else selectors.figures_of(services.run_whole(actor=KEEPER, now=now))
            )
        except OrchestraError as error:
            raise CommandError(error.message) from error
        if options["json"]:
            told = {"dry_run": options["dry_run"], "classes": [rules.as_json(one) for one in found]}
            self.stdout.write(json.dumps(told))
            return
        word = "would go" if options["dry_run"] else "gone"
        for figures in found:
            self.stdout.write(_line(figures, word))


def _line(figures: Figures, word: str) -> str:
    by = ", ".join(f"{number}: {count}" for number, count in sorted(figures.held_by.items()))
    oldest = f"{figures.oldest:%Y-%m-%d}" if figures.oldest else "none"
    held = f"{figures.held} held ({by})" if by else "0 held"
    return (
        f"{figures.name:16} {figures.days:5} days  {figures.gone} {word}, {held}, "
        f"oldest kept {oldest}"
    )
