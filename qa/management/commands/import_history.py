"""Brings in the event log of another system, so that there is a baseline on the first day."""

import gzip
import hashlib
import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError

from orchestra.core import actors, clock
from orchestra.core.errors import OrchestraError
from qa.history.figures import baseline_of, case_of
from qa.history.parsing import read_mapping
from qa.history.reading import read_log
from qa.history.services import LogFile, check_lines, forget_log, import_log
from qa.history.types import Baseline, LogMapping, ReadLog, Share

#: Who acts when an operator works at the command line.
OPERATOR = actors.system("command")


class Command(BaseCommand):
    """``manage.py import_history FILE --map MAPPING``."""

    help = (
        "Brings in an event log, CSV or CSV in gzip, by a YAML mapping of its columns and "
        "statuses, and says how the centre worked by it. A line that cannot be read stops it, "
        "with its number, unless --skip-bad-lines. The same file again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the file and how it is read."""
        parser.add_argument("file", type=Path, nargs="?", help="CSV, or CSV in gzip (.gz)")
        parser.add_argument("--map", type=Path, help="YAML: key, title, columns, statuses, time")
        parser.add_argument("--dry-run", action="store_true", help="only say what would come")
        parser.add_argument(
            "--skip-bad-lines", action="store_true", help="take the rest where lines are bad"
        )
        parser.add_argument("--forget", metavar="KEY", help="take a log out again")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import or forget, and say what came of it."""
        try:
            if options["forget"]:
                forget_log(actor=OPERATOR, now=clock.now(), key=options["forget"])
                self.stdout.write(f"forgot {options['forget']}")
                return
            self._import(options)
        except OSError as error:
            raise CommandError(f"The file cannot be read: {error.strerror or error}.") from error
        except (UnicodeDecodeError, EOFError) as error:
            raise CommandError("The file is no whole UTF-8 text; nothing was read.") from error
        except OrchestraError as error:
            findings = [f"{one.field}: {one.message}" for one in error.errors]
            raise CommandError("\n".join([error.message, *findings])) from error

    def _import(self, options: dict[str, Any]) -> None:
        file, path = options["file"], options["map"]
        if file is None or path is None:
            raise CommandError("Name the file and its mapping: import_history FILE --map MAPPING.")
        mapping = read_mapping(name=path.name, text=path.read_text("utf-8-sig"))
        with _opened(file) as lines:
            read = read_log(lines=lines, mapping=mapping, now=clock.now())
        skip_bad: bool = options["skip_bad_lines"]
        check_lines(read, skip_bad=skip_bad)
        is_new = True
        if not options["dry_run"]:
            is_new = import_log(
                actor=OPERATOR,
                now=clock.now(),
                mapping=mapping,
                file=LogFile(name=file.name, digest=_digest(file)),
                read=read,
                skip_bad=skip_bad,
            ).is_new
        baseline = baseline_of([case_of(events) for events in read.cases.values()])
        if options["json"]:
            self.stdout.write(json.dumps(_said(mapping, read, baseline, is_new=is_new)))
            return
        for text in _words(read, baseline):
            self.stdout.write(text)
        did = "dry_run" if options["dry_run"] else "new" if is_new else "same"
        self.stdout.write(f"{did} {mapping.key}")


def _opened(file: Path) -> IO[str]:
    if file.suffix == ".gz":
        return gzip.open(file, "rt", encoding="utf-8-sig", newline="")
    return file.open(encoding="utf-8-sig", newline="")


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _said(
    mapping: LogMapping, read: ReadLog, baseline: Baseline, *, is_new: bool
) -> dict[str, Any]:
    bad = [asdict(one) for one in read.bad]
    told = asdict(baseline)
    return {"log": mapping.key, "new": is_new, "left_out": bad, "repeated": read.repeated, **told}


def _words(read: ReadLog, baseline: Baseline) -> list[str]:
    days = baseline.days
    return [
        f"cases={baseline.cases} events={baseline.events} still_open={baseline.still_open}",
        f"left_out={len(read.bad)} repeated={read.repeated}",
        _share("transferred", baseline.transferred),
        _share("went back to an earlier group", baseline.went_back),
        _share("reopened", baseline.reopened),
        f"group changes a case: {baseline.mean_group_changes:.6f}",
        f"resource changes a case: {baseline.mean_resource_changes:.6f}",
        f"days, first to last event: median {days.median:.4f} mean {days.mean:.4f}",
        f"days, nine in ten: {days.p90:.4f}",
        *(f"line {one.line}: {one.message}" for one in read.bad[:20]),
    ]


def _share(what: str, share: Share) -> str:
    interval = f" (95 %: {share.low:.4f} to {share.high:.4f})" if share.low is not None else ""
    return f"{what}: {share.value or 0:.6f}{interval}"
