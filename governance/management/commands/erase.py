"""Looks at what an erasure would take, carries out what two people confirmed, and compacts."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.privacy import selectors, services
from governance.privacy.models import Erasure
from governance.privacy.types import ErasureState
from orchestra.core import clock


class Command(BaseCommand):
    """The operator's side of erasing; asking and confirming is done by two people on the pages."""

    help = "Personal data: preview REFERENCE | run | compact"

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what to do."""
        acts = parser.add_subparsers(dest="act", required=True)
        preview = acts.add_parser("preview", help="what an erasure would take; changes nothing")
        preview.add_argument("text", help="a customer's reference, or a case such as C-12")
        acts.add_parser("run", help="carry out the confirmed erasures now")
        acts.add_parser("compact", help="rewrite the database's files, in a quiet hour")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it, and say what came of it as one line of JSON each."""
        acts = {"preview": self._preview, "run": self._run, "compact": self._compact}
        acts[options["act"]](options)

    def _preview(self, options: dict[str, Any]) -> None:
        subject = selectors.find_subject(options["text"])
        if subject is None:
            raise CommandError(selectors.no_subject().message)
        found = selectors.preview(subject)
        self._say(
            subject=subject.label,
            cases=[case.label for case in subject.cases],
            held={one.code: one.count for one in found.held},
            holds=list(found.holds),
            obstacles=list(found.obstacles),
        )

    def _run(self, _options: dict[str, Any]) -> None:
        done = False
        for erasure in Erasure.objects.filter(state=ErasureState.CONFIRMED).order_by("pk"):
            try:
                state = services.run_erasure(erasure_pk=erasure.pk, now=clock.now())
            except services.SubjectMovedOnError:
                state = ErasureState.CONFIRMED
            done = done or state is ErasureState.DONE
            self._say(number=erasure.number, state=str(state))
        if done:
            services.compact()

    def _compact(self, _options: dict[str, Any]) -> None:
        services.compact(whole=True)
        self._say(compacted=True)

    def _say(self, **told: Any) -> None:
        self.stdout.write(json.dumps(told))
