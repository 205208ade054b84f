"""Publishes what ships, and makes the sums by the day anew."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from orchestra.core import clock
from orchestra.core.actors import system
from orchestra.core.errors import OrchestraError
from qa.builtin.services import load_shipped
from qa.figures.services import rebuild_sums


class Command(BaseCommand):
    """``manage.py quality load`` and ``manage.py quality sums``."""

    help = (
        "load: publishes the scorecards, sampling plans and metric definitions that ship and of "
        "which there is no version yet. What is there already is left as it is. sums: makes the "
        "sums by the day anew from the rows themselves, and says of which days they differed "
        "though nothing had said that they changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the act."""
        parser.add_argument("act", choices=["load", "sums"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say in one line what was new, or differed."""
        del args
        if options["act"] == "sums":
            self._sum()
            return
        try:
            done = load_shipped(actor=system("quality"), now=clock.now())
        except OrchestraError as error:
            findings = [f"{one.field}: {one.message}" for one in error.errors]
            raise CommandError("\n".join([error.message, *findings])) from error
        new = sum(not one.present for one in done)
        self.stdout.write(f"published={new} present={len(done) - new}")

    def _sum(self) -> None:
        done = rebuild_sums(now=clock.now())
        self.stdout.write(f"days={done.days} differing={len(done.differing)}")
        if done.differing:
            days = ", ".join(f"{day}" for day in done.differing)
            raise CommandError(f"The sums of these days were not what they are now: {days}.")
