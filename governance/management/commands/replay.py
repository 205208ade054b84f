"""Decides recorded decisions again and says whether they agree."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.policies import selectors
from governance.policies.services import judge_record
from orchestra.core.clock import parse_rfc3339


class Command(BaseCommand):
    """``manage.py replay``."""

    help = (
        "Decides recorded decisions again from their records alone; exits non-zero where one "
        "differs, was altered, or lacks what deciding again needs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the span, the case and the form of the answer."""
        parser.add_argument("--since", default="", help="RFC 3339 time, inclusive")
        parser.add_argument("--until", default="", help="RFC 3339 time, exclusive")
        parser.add_argument("--case", default=None, help="public id of a case")
        parser.add_argument("--json", action="store_true", help="answer with one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Replay one record after another."""
        del args
        try:
            since, until = (
                parse_rfc3339(options[name]) if options[name] else None
                for name in ("since", "until")
            )
        except ValueError as error:
            raise CommandError(f"Give times as RFC 3339 with an offset: {error}") from error
        counts = {"replayed": 0, "agree": 0, "differ": 0, "lacking": 0}
        findings: list[str] = []
        shelf = selectors.TableShelf()
        records = selectors.list_records(since=since, until=until, case=options["case"])
        for record in records.iterator():
            verdict, why = judge_record(record=record, shelf=shelf)
            counts["replayed"] += 1
            counts[verdict] += 1
            if why:
                findings.append(f"decision {record.public_id}: {why}")
        if options["json"]:
            self.stdout.write(json.dumps({**counts, "findings": findings}))
        else:
            self.stdout.write(" ".join(f"{name}={count}" for name, count in counts.items()))
            for line in findings:
                self.stdout.write(line)
        if findings:
            sys.exit(1)
