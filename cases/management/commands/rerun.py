"""Runs cases again on what was recorded; nothing is executed, no tool is called."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.journeys.rerun_world import Verdict
from cases.memory.models import Case
from cases.playback.selectors import find_by_label, list_cases_between
from cases.playback.services import rerun_case
from orchestra.core import clock


class Command(BaseCommand):
    """``manage.py rerun [--case C-1 | --since TIME --until TIME]``."""

    help = (
        "Runs cases again on their record: the recorded words, proposals, votes and answers are "
        "fed to the journey engine, and every move must be the recorded one. Nothing is executed. "
        "Exits non-zero where one differs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the cases and the form of the report."""
        parser.add_argument("--case", default="", help="one case, such as C-12")
        parser.add_argument("--since", default="", help="opened since, RFC 3339, inclusive")
        parser.add_argument("--until", default="", help="opened before, RFC 3339, exclusive")
        parser.add_argument("--json", action="store_true", help="answer with one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run them, report, and exit 1 where one differs."""
        del args
        if options["case"] and (options["since"] or options["until"]):
            raise CommandError("Give one case, or a span of time.")
        began = monotonic()
        report: dict[str, Any] = {
            "cases": 0, "equal": 0, "differs": [], "cannot": [], "moves": 0, "inputs": 0,
        }  # fmt: skip
        for case in _cases(options):
            _add(report, case)
        report["seconds"] = round(monotonic() - began, 2)
        if options["json"]:
            self.stdout.write(json.dumps(report))
        else:
            self._print(report)
        if report["differs"]:
            sys.exit(1)

    def _print(self, report: dict[str, Any]) -> None:
        for one in report["differs"]:
            self.stdout.write(f"{one['case']} differs at entry {one['entry']}: {one['what']}")
        for one in report["cannot"]:
            self.stdout.write(f"{one['case']} cannot be run again; missing: {one['lacks']}")
        self.stdout.write(
            f"cases={report['cases']} equal={report['equal']} differs={len(report['differs'])} "
            f"cannot={len(report['cannot'])} moves={report['moves']} seconds={report['seconds']}"
        )


def _cases(options: dict[str, Any]) -> Iterator[Case]:
    if not options["case"]:
        rows = list_cases_between(since=_time(options["since"]), until=_time(options["until"]))
        yield from rows.iterator(chunk_size=200)
        return
    found = find_by_label(options["case"])
    if found is None:
        raise CommandError(f"There is no case {options['case']}.")
    yield found


def _time(text: str) -> datetime | None:
    try:
        return clock.parse_rfc3339(text) if text else None
    except ValueError as error:
        raise CommandError(f"Give times as RFC 3339 with an offset: {error}") from error


def _add(report: dict[str, Any], case: Case) -> None:
    found = rerun_case(case=case)
    report["cases"] += 1
    report["moves"] += found.moves
    report["inputs"] += found.inputs
    if found.verdict is Verdict.EQUAL:
        report["equal"] += 1
    elif found.first is not None:
        what = {"case": case.label, "entry": found.first.seq, "what": found.first.text}
        report["differs"].append(what)
    else:
        report["cannot"].append({"case": case.label, "lacks": ", ".join(found.lacks)})
