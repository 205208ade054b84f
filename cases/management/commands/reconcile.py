"""Compare the rows with the ledger, and the systems of record with both."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from cases.reconciliation import selectors, services
from orchestra.core import actors, clock

#: Who acts when an operator works at the command line.
OPERATOR = actors.system("command")


class Command(BaseCommand):
    """`manage.py reconcile [--recent] [--ask N] [--json]`."""

    help = "Compare what happened with the ledger, both ways; fails while something differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare how far to look."""
        parser.add_argument(
            "--recent", action="store_true", help="only what is new since the last comparison"
        )
        parser.add_argument(
            "--ask",
            type=int,
            default=200,
            help="of how many settled writes the systems of record are asked (200)",
        )
        parser.add_argument("--json", action="store_true", help="one line a script can read")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Compare, say what it came to, and fail while a difference is unexplained."""
        done = services.reconcile(
            now=clock.now(), actor=OPERATOR, whole=not options["recent"], ask=max(options["ask"], 0)
        )
        unexplained = selectors.count_unexplained()
        values = {
            "effects": done.effects,
            "entries": done.entries,
            "asked": done.asked,
            "silent": done.silent,
            "found": done.found,
            "unexplained": unexplained,
        }
        text = _(
            "%(effects)s effects and %(entries)s entries compared, systems of record asked of "
            "%(asked)s writes (%(silent)s without an answer): %(found)s differ, "
            "%(unexplained)s unexplained."
        )
        self.stdout.write(json.dumps(values) if options["json"] else text % values)
        if unexplained:
            raise CommandError(
                _("%(count)s differences are unexplained; see the page Completeness.")
                % {"count": unexplained}
            )
