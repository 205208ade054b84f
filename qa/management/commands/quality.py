"""Publishes the scorecards, sampling plans and metric definitions that ship."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from orchestra.core import clock
from orchestra.core.actors import system
from orchestra.core.errors import OrchestraError
from qa.builtin.services import load_shipped


class Command(BaseCommand):
    """``manage.py quality load``."""

    help = (
        "load: publishes the scorecards, sampling plans and metric definitions that ship and of "
        "which there is no version yet. What is there already is left as it is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the act."""
        parser.add_argument("act", choices=["load"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and say in one line what was new."""
        del args, options
        try:
            done = load_shipped(actor=system("quality"), now=clock.now())
        except OrchestraError as error:
            findings = [f"{one.field}: {one.message}" for one in error.errors]
            raise CommandError("\n".join([error.message, *findings])) from error
        new = sum(not one.present for one in done)
        self.stdout.write(f"published={new} present={len(done) - new}")
