"""What `manage.py ledger export` does when it writes a pack of evidence."""

import shutil
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from governance.evidence import selectors
from governance.evidence.models import EvidenceExport
from governance.evidence.scoping import freeze
from governance.evidence.services import open_file, request_export, run_export
from governance.evidence.types import ExportScope, ExportState, ScopeKind
from orchestra.core import clock
from orchestra.core.actors import Actor
from orchestra.core.errors import OrchestraError

_BAR = 30


def add_arguments(parser: ArgumentParser) -> None:
    """Declare what a pack is cut out by."""
    parser.add_argument("--since", help="RFC 3339 time; with --until, a span")
    parser.add_argument("--until", help="RFC 3339 time; now otherwise")
    parser.add_argument("--control", help="code of a standing report, with --since")
    parser.add_argument("--search", help="public id of a saved search, with --person")
    parser.add_argument("--person", help="user name of whose search it is")
    parser.add_argument(
        "--explain", action="append", default=[], help="CODE=TEXT, for each gap of a control"
    )
    parser.add_argument("--held", type=int, help="size of a checkpoint that the reader holds")


def is_pack(options: dict[str, Any]) -> bool:
    """Return whether a pack is asked for: a zip file, or a scope that only a pack has."""
    output = options["output"]
    named = output is not None and output.suffix == ".zip"
    return bool(named or any(options[one] for one in ("since", "control", "search")))


def write_pack(
    *, actor: Actor, options: dict[str, Any], tell: Callable[[str], None]
) -> dict[str, Any]:
    """Build a pack, copy it to where it is wanted, and return what came out.

    Args:
        actor: Who asks.
        options: Of the command line.
        tell: Shows how far it is, in a line that is written over.

    Raises:
        CommandError: It cannot be asked for or built, with the reason.
    """
    asked = Namespace(**options)
    output: Path | None = asked.output
    if output is None:
        raise CommandError(_("Name a file with --output; a pack is a zip file."))
    try:
        export = request_export(
            actor=actor,
            now=clock.now(),
            scope=_frozen(asked, _scope(asked)),
            explanations=dict(_explanation(text) for text in asked.explain),
            held_size=asked.held,
        )
        _build(export, tell)
        found, path = open_file(actor=actor, now=clock.now(), export_id=export.public_id)
    except OrchestraError as error:
        raise CommandError(error.message) from error
    shutil.copyfile(path, output)
    output.chmod(0o600)
    return {
        "entries": found.done,
        "file": output.name,
        "sha256": found.file_sha256,
        "checkpoint": found.checkpoint_size,
        "export": str(found.public_id),
    }


def _build(export: EvidenceExport, tell: Callable[[str], None]) -> None:
    open_ones = [gap for gap in selectors.gaps_of(export) if gap.is_open]
    if open_ones:
        listed = "; ".join(f"{gap.code} ({gap.title}: {gap.complete} of {gap.total})"
                           for gap in open_ones)  # fmt: skip
        raise CommandError(
            _("These gaps have no explanation; give one with --explain CODE=TEXT: %(gaps)s")
            % {"gaps": listed}
        )
    while run_export(export_pk=export.pk) in (ExportState.QUEUED, ExportState.RUNNING):
        export.refresh_from_db()
        share = export.done / export.total if export.total else 0.0
        tell(f"[{'#' * int(_BAR * share):<{_BAR}}] {export.done} of {export.total}\r")
    export.refresh_from_db()
    if export.state != ExportState.DONE:
        raise CommandError(export.problem or _("It was called off."), returncode=2)


def _scope(asked: Namespace) -> ExportScope:
    since, until = _moment(asked.since), _moment(asked.until)
    for kind, key in (
        (ScopeKind.CASE, asked.case),
        (ScopeKind.CONTROL, asked.control),
        (ScopeKind.SEARCH, asked.search),
    ):
        if key:
            return ExportScope(kind=kind, key=key, since=since, until=until)
    kind = ScopeKind.SPAN if since else ScopeKind.LEDGER
    return ExportScope(kind=kind, since=since, until=until)


def _frozen(asked: Namespace, scope: ExportScope) -> ExportScope:
    """Return the scope with the saved search of a person written out; any other as it is."""
    if scope.kind is not ScopeKind.SEARCH:
        return scope
    person = (
        get_user_model().objects.filter(username=asked.person).first() if asked.person else None
    )
    if person is None:
        raise CommandError(_("Name with --person whose search it is."))
    return freeze(actor=person.as_actor(), scope=scope)


def _moment(text: str | None) -> datetime | None:
    try:
        return clock.parse_rfc3339(text) if text else None
    except ValueError:
        message = _("%(text)s is no time such as 2026-11-19T19:05:00Z.") % {"text": text}
        raise CommandError(message) from None


def _explanation(text: str) -> tuple[str, str]:
    code, _equals, why = text.partition("=")
    return code, why
