"""Rehearses a draft of a policy over recorded decisions, here and now."""

import json
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.policies.changes import Filters
from governance.policies.models import Rehearsal
from governance.policies.registry import present_catalogue
from governance.policies.services import run_rehearsal, start_rehearsal
from governance.policies.types import RehearsalState
from governance.policies.yaml_text import from_yaml
from orchestra.core import clock
from orchestra.core.actors import system
from orchestra.core.canonical import loads_strict
from orchestra.core.errors import OrchestraError
from orchestra.core.waiting import LONGEST_WAIT_SECONDS, wait_for

ACTOR = system("command")


class Command(BaseCommand):
    """``manage.py backtest POLICY --draft FILE --since TIME``."""

    help = (
        "Rehearses a draft (a policy document as YAML or JSON) over the decisions of a span: what "
        "would change, in which direction, and what it would cost. Stores the rehearsal with its "
        "digest."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the policy, the draft, the span and the filters."""
        parser.add_argument("policy", help="key of the policy")
        parser.add_argument(
            "--draft", required=True, type=Path, help="the document: a YAML or JSON file"
        )
        parser.add_argument("--since", required=True, help="RFC 3339 time, inclusive")
        parser.add_argument("--until", default="", help="RFC 3339 time, exclusive; now without it")
        for name in ("queue", "tool", "risk"):
            parser.add_argument(f"--{name}", default="", help=f"only decisions with this {name}")
        parser.add_argument("--json", action="store_true", help="answer with one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rehearse, wait for the end, and say what would change."""
        del args
        try:
            rehearsal = start_rehearsal(
                actor=ACTOR,
                now=clock.now(),
                policy_key=options["policy"],
                document=_document(options["draft"]),
                since=_time(options["since"]),
                until=_time(options["until"]) if options["until"] else None,
                filters=Filters(options["queue"], options["tool"], options["risk"]),
            )
        except OrchestraError as error:
            details = "".join(f"\n{one.field}: {one.message}" for one in error.errors)
            raise CommandError(f"{error.message}{details}") from error
        state = RehearsalState.QUEUED
        while not state.is_terminal:
            # A worker may have it already; then this only waits for its end.
            state = wait_for(
                lambda: run_rehearsal(rehearsal_pk=rehearsal.pk),
                until=lambda found: found.is_terminal,
                seconds=LONGEST_WAIT_SECONDS,
            )
        rehearsal.refresh_from_db()
        if rehearsal.state != RehearsalState.DONE:
            raise CommandError(f"The rehearsal is {rehearsal.state}. {rehearsal.problem}".strip())
        answer = {
            "id": str(rehearsal.public_id),
            "digest": rehearsal.result_digest,
            "result": rehearsal.result,
        }
        self.stdout.write(json.dumps(answer) if options["json"] else _as_text(rehearsal))


def _document(path: Path) -> Any:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CommandError(f"The draft cannot be read: {error.strerror}.") from error
    return loads_strict(content) if path.suffix == ".json" else _from_yaml(content)


def _from_yaml(content: bytes) -> Any:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise CommandError("The draft is no text in UTF-8.") from error
    document, errors = from_yaml(text, catalogue=present_catalogue())
    if errors:
        raise CommandError("\n".join(["The draft has errors.", *map(str, errors)]))
    return document


def _time(text: str) -> datetime:
    try:
        return clock.parse_rfc3339(text)
    except ValueError as error:
        raise CommandError(f"Give times as RFC 3339 with an offset: {error}") from error


def _as_text(rehearsal: Rehearsal) -> str:
    result = rehearsal.result or {}
    counts = ("decisions", "compared", "left_out", "lacking")
    lines = [" ".join(f"{name}={result[name]}" for name in counts)]
    lines += [f"{cell.replace('>', ' -> ')}: {n}" for cell, n in sorted(result["matrix"].items())]
    lines += [f"fires now: {row} ({n})" for row, n in sorted(result["gained"].items())]
    lines += [f"fires no more: {row} ({n})" for row, n in sorted(result["lost"].items())]
    lines += [f"lacks {name}: {n}" for name, n in sorted(result["lacks"].items())]
    lines += [
        f"runs without a person, {currency or 'no currency'}: "
        f"{money['before']} -> {money['after']} minor units"
        for currency, money in sorted(result["exposure"].items())
    ]
    return "\n".join([*lines, f"draft {rehearsal.document_digest}", rehearsal.result_digest])
