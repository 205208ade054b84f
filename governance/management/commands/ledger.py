"""Verify, sequence, sign and export the ledger from the command line."""

import json
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from governance.ledger import exports, selectors, services
from governance.ledger.types import DamagedLedgerError, OutsideCopy, VerifyReport
from governance.management import ledger_keys, packing
from orchestra.core import clock
from orchestra.core.errors import OrchestraError


class Command(BaseCommand):
    """`manage.py ledger verify|checkpoint|sequence|index|export`, and what concerns its keys."""

    help = "Verify, sequence, sign, index or export the ledger, and change its key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the acts."""
        acts = parser.add_subparsers(dest="act", required=True)
        described = {
            "verify": "check every entry, node and checkpoint; fails when something was found",
            "checkpoint": "place what waits, sign, and show the newest checkpoint",
            "sequence": "place what waits in the tree, and sign",
            "index": "read on into the index that entries are found by, to its end",
            "export": "write entries as JSON Lines, or as a pack of evidence that verifies offline",
        }
        for name, text in described.items():
            act = acts.add_parser(name, help=text)
            act.add_argument("--json", action="store_true", help="one line a script can read")
            if name == "verify":
                act.add_argument(
                    "--since-last",
                    action="store_true",
                    help="only what came after the last check that found nothing",
                )
            if name == "export":
                act.add_argument("--case", help="public id of one case; the whole ledger otherwise")
                act.add_argument(
                    "--output",
                    type=Path,
                    help="a file, .zip for a pack; standard output otherwise",
                )
                packing.add_arguments(act)
        ledger_keys.add_arguments(acts)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run one act."""
        acts: dict[str, Callable[[dict[str, Any]], None]] = {
            "verify": self._verify,
            "checkpoint": self._checkpoint,
            "sequence": self._sequence,
            "index": self._index,
            "export": self._export,
            **{name: partial(self._answer, act) for name, act in ledger_keys.ACTS.items()},
        }
        try:
            acts[options["act"]](options)
        except OrchestraError as error:
            damaged = isinstance(error, DamagedLedgerError)
            raise CommandError(error.message, returncode=2 if damaged else 1) from error

    def _answer(self, act: ledger_keys.Act, options: dict[str, Any]) -> None:
        answer = act(options)
        self._say(options, answer.values, answer.text)
        if not answer.ok:
            raise CommandError(answer.text)

    def _say(self, options: dict[str, Any], values: dict[str, Any], text: str) -> None:
        self.stdout.write(json.dumps(values) if options["json"] else text)

    def _progress(self) -> Callable[[int, int], None] | None:
        """Return what draws a bar where somebody looks on."""
        stream = self.stderr
        if not stream.isatty():
            return None

        def told(done: int, size: int) -> None:
            bar = "#" * (30 * done // size)
            stream.write(f"\r[{bar:<30}] {done:,} / {size:,}", ending="\n" if done == size else "")

        return told

    def _verify(self, options: dict[str, Any]) -> None:
        report = services.verify(
            now=clock.now(), since_last=options["since_last"], told=self._progress()
        )
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(report)))
        else:
            for line in _in_words(report):
                self.stdout.write(line)
        if not report.ok:
            count = len(report.problems) + report.more_problems
            raise CommandError(
                _("The ledger does not verify: %(count)s findings.") % {"count": count}
            )

    def _sequence(self, options: dict[str, Any]) -> None:
        placed = services.sequence(now=clock.now(), wait=True)
        size = selectors.tree_size()
        text = _("%(placed)s entries placed; the tree has %(size)s.")
        values = {"placed": placed, "size": size}
        self._say(options, values, text % values)

    def _index(self, options: dict[str, Any]) -> None:
        services.sequence(now=clock.now(), wait=True)
        read = 0
        while more := services.index_entries():
            read += more
        values = {"indexed": read}
        self._say(options, values, _("%(indexed)s entries read into the index.") % values)

    def _checkpoint(self, options: dict[str, Any]) -> None:
        services.sequence(now=clock.now(), wait=True)
        last = selectors.latest_checkpoint()
        if last is None:
            raise CommandError(_("The ledger is empty, so there is nothing to sign."))
        values = {"size": last.size, "root": last.root, "note": last.note}
        key = services.published_key().text()
        self._say(options, {**values, "vkey": key}, f"{last.note}\n{key}")

    def _tell(self, text: str) -> None:
        if self.stderr.isatty():
            self.stderr.write(text, ending="")

    def _export(self, options: dict[str, Any]) -> None:
        if packing.is_pack(options):
            told = packing.write_pack(actor=ledger_keys.OPERATOR, options=options, tell=self._tell)
            text = _("%(entries)s entries packed into %(file)s, SHA-256 %(sha256)s.") % told
            self._say(options, told, text)
            return
        now = clock.now()
        stream = f"case:{options['case']}" if options["case"] else ""
        services.sequence(now=now, wait=True)
        lines = exports.list_lines(stream=stream)
        count = self._write(lines, options["output"])
        what = f"export of {stream or 'the ledger'}, {count} entries"
        services.record_read(actor=ledger_keys.OPERATOR, now=clock.now(), what=what)
        if options["output"]:
            values = {"entries": count, "file": options["output"].name}
            self._say(options, values, _("%(entries)s entries written to %(file)s.") % values)

    def _write(self, lines: Iterator[dict[str, Any]], output: Path | None) -> int:
        if output is None:
            return _write_lines(lines, self.stdout)
        with output.open("w", encoding="utf-8") as file:
            return _write_lines(lines, file)


def _write_lines(lines: Iterator[dict[str, Any]], file: Any) -> int:
    count = 0
    for line in lines:
        file.write(json.dumps(line, sort_keys=True) + "\n")
        count += "index" in line
    return count


def _as_json(report: VerifyReport) -> dict[str, Any]:
    return {**asdict(report), "checked_at": clock.rfc3339(report.checked_at)}


def _in_words(report: VerifyReport) -> Iterator[str]:
    for problem in report.problems:
        yield f"{problem.kind}: {problem.where}: {problem.message}"
    if report.more_problems:
        yield _("and %(count)s more findings") % {"count": report.more_problems}
    for name in report.missing_guards:
        yield _("the trigger %(name)s is absent") % {"name": name}
    if report.outside is OutsideCopy.MISSING:
        yield _("no checkpoint file stands outside the database, so truncation may go unseen")
    if report.first:
        yield _(
            "Read: entries %(first)s to %(last)s. What came before was verified earlier, and its "
            "signed root was computed again from the stored nodes."
        ) % {"first": report.first, "last": report.size}
    if report.ok and report.first:
        yield _(
            "Unaltered since: %(count)s of %(size)s entries verified in %(seconds)s s; "
            "checkpoint %(checkpoint)s has root %(root)s."
        ) % {
            "count": report.size - report.first,
            "size": report.size,
            "seconds": report.seconds,
            "checkpoint": report.checkpoint_size,
            "root": report.checkpoint_root,
        }
    elif report.ok:
        yield _(
            "Unaltered: all %(size)s entries verified in %(seconds)s s; "
            "checkpoint %(checkpoint)s has root %(root)s."
        ) % {
            "size": report.size,
            "seconds": report.seconds,
            "checkpoint": report.checkpoint_size,
            "root": report.checkpoint_root,
        }
