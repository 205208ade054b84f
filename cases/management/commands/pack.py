"""Checks, compares, loads and exports packs."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.packs import services
from cases.packs.types import Change, ChangeKind
from orchestra.core import clock
from orchestra.core.actors import system
from orchestra.core.errors import OrchestraError


class Command(BaseCommand):
    """``manage.py pack check|diff|load|export PATH``."""

    help = (
        "check: reports every error of a pack with file and line. diff: shows what loading would "
        "change. load: loads it, all or nothing. export: writes what is in force as a pack."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the act, the folder and how to read it."""
        parser.add_argument("act", choices=["check", "diff", "load", "export"])
        parser.add_argument("path", type=Path, help="the pack's folder")
        parser.add_argument(
            "--publish-first",
            action="store_true",
            help="put governed items into force of which nothing is in force yet",
        )
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="CONNECTION.FIELD=VALUE",
            help="take this value instead of the file's, as in store.base_url=http://127.0.0.1:1",
        )
        parser.add_argument("--name", default="", help="export: the name of the pack")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the act and say in one line what it did."""
        del args
        try:
            report = getattr(self, f"_{options['act']}")(options)
        except OrchestraError as error:
            findings = [f"{one.field}: {one.message}" for one in error.errors]
            if options["json"]:
                self.stdout.write(json.dumps({"ok": False, "errors": findings or [error.message]}))
            raise CommandError("\n".join([error.message, *findings])) from error
        if options["json"]:
            self.stdout.write(json.dumps({"ok": True, **report}))
        else:
            self.stdout.write(" ".join(f"{key}={value}" for key, value in report.items()))

    def _check(self, options: dict[str, Any]) -> dict[str, Any]:
        pack = services.check_pack(folder=options["path"], overrides=_overrides(options))
        return {"pack": pack.name, "version": pack.version, "items": len(pack.items), "errors": 0}

    def _diff(self, options: dict[str, Any]) -> dict[str, Any]:
        changes = services.diff_pack(folder=options["path"], overrides=_overrides(options))
        if not options["json"]:
            for change in changes:
                if change.change is not ChangeKind.SAME:
                    self.stdout.write(_line(change))
        return _counts(changes) | (_listed(changes) if options["json"] else {})

    def _load(self, options: dict[str, Any]) -> dict[str, Any]:
        report = services.load_pack(
            actor=system("pack"),
            now=clock.now(),
            folder=options["path"],
            overrides=_overrides(options),
            publish_first=options["publish_first"],
        )
        changes = _counts(report.changes)
        return {"pack": report.pack, "version": report.version, **changes}

    def _export(self, options: dict[str, Any]) -> dict[str, Any]:
        folder: Path = options["path"]
        files = services.export_pack(name=options["name"] or folder.name)
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return {"path": str(folder), "files": len(files)}


def _overrides(options: dict[str, Any]) -> dict[str, str]:
    found = {}
    for text in options["set"]:
        name, sign, value = text.partition("=")
        if not sign or "." not in name:
            raise CommandError(f"--set {text}: write CONNECTION.FIELD=VALUE")
        found[name] = value
    return found


def _counts(changes: tuple[Change, ...]) -> dict[str, Any]:
    return {str(kind): sum(one.change is kind for one in changes) for kind in ChangeKind}


def _listed(changes: tuple[Change, ...]) -> dict[str, Any]:
    return {
        "changes": [
            {
                "kind": str(one.kind),
                "key": one.key,
                "change": str(one.change),
                "fields": list(one.fields),
            }
            for one in changes
            if one.change is not ChangeKind.SAME
        ]
    }


def _line(change: Change) -> str:
    fields = f": {', '.join(change.fields)}" if change.fields else ""
    return f"{change.change:<7} {change.kind} {change.key}{fields}"
