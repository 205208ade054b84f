"""Makes the sums of journeys by the day anew."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.journeys.services import rebuild_journey_sums
from orchestra.core import clock


class Command(BaseCommand):
    """``manage.py journeys sums``."""

    help = (
        "sums: makes the sums of journeys by the day anew from the journeys themselves, and says "
        "of which days they differed though the ledger had been read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the act."""
        parser.add_argument("act", choices=["sums"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say in one line what differed."""
        del args, options
        days, differing = rebuild_journey_sums(now=clock.now())
        self.stdout.write(f"days={days} differing={len(differing)}")
        if differing:
            named = ", ".join(f"{day}" for day in differing)
            raise CommandError(f"The sums of these days were not what they are now: {named}.")
