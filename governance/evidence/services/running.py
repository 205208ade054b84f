"""Run a building for one turn: it goes on where the last one that counts left it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from django.utils.translation import gettext as _

from governance.evidence import entries, packing, rules, selectors, stored, working
from governance.evidence.models import EvidenceExport
from governance.evidence.scoping import Resolved, resolve
from governance.evidence.services import building
from governance.evidence.services.shared import BUILD_TASK, BUILDER, append, authority_of_export
from governance.evidence.services.streams import add_streams, close_streams
from governance.evidence.types import ExportState, Stage
from governance.evidence.verifier.verifier import HEADER, csv_text
from governance.ledger import packs
from governance.ledger import services as ledger
from governance.ledger.selection import select
from governance.ledger.selectors import latest_checkpoint
from governance.ledger.services import one_act
from governance.ledger.types import DamagedLedgerError
from governance.retention.selectors import days_of
from orchestra.core import clock, turns
from orchestra.core.crash import crash_point
from orchestra.core.dispatch import enqueue
from orchestra.core.errors import ConflictError, OrchestraError
from orchestra.core.locking import compare_and_set, lock_one

Json = Any
Clock = Callable[[], datetime]

log = structlog.get_logger(__name__)

CHUNK = 500
_WAITING = (ExportState.QUEUED, ExportState.RUNNING)


class _Gone(Exception):  # noqa: N818  no error: somebody else has it, or it was called off
    """The export is no longer this worker's."""


def run_export(*, export_pk: int, read_clock: Clock = clock.now, chunk: int = CHUNK) -> ExportState:
    """Build an export for one turn; rings for the next where it is not at its end.

    Entries are read and written to the working files outside transactions; each step is then
    put on record with the length of the files, to which a later turn cuts them back. A lock on
    the folder keeps two workers apart, and goes with a worker that dies. Must not be called
    inside a transaction.

    Args:
        export_pk: Internal key.
        read_clock: Tells the time, which passes.
        chunk: How many entries between two writes.

    Returns:
        Where it stands afterwards.
    """
    begun = read_clock()
    export = EvidenceExport.objects.get(pk=export_pk)
    if export.state not in _WAITING:
        return ExportState(export.state)
    folder = stored.work_folder(export.public_id)
    with working.held_alone(folder) as alone:
        if alone and (claimed := _claim(export_pk, begun)):
            export = claimed
            _run(export, folder, begun, read_clock, chunk)
    export.refresh_from_db()
    if export.state not in _WAITING:
        stored.remove_work(export.public_id)
    return ExportState(export.state)


def run_due_exports(*, now: datetime) -> int:
    """Ring for the exports that no worker has: lost messages, and workers that are gone."""
    waiting = EvidenceExport.objects.filter(state__in=_WAITING)
    return turns.ring_due(waiting, task=BUILD_TASK, now=now)


def _run(
    export: EvidenceExport, folder: Path, begun: datetime, read_clock: Clock, chunk: int
) -> None:
    try:
        found = resolve(authority=authority_of_export(export), scope=rules.read_scope(export.scope))
        window = _begin(export, folder, found, read_clock())
        while _step(export, folder, found, window, read_clock, chunk):
            if turns.is_over(begun=begun, now=read_clock()):
                _yield(export)
                return
        _end(export, folder, found, window, read_clock)
    except _Gone:
        return
    except (OrchestraError, OSError, ValueError) as error:
        log.warning("evidence.failed", export=export.pk, error=type(error).__name__)
        _fail(export, read_clock(), str(error))


def _claim(pk: int, now: datetime) -> EvidenceExport | None:
    with one_act(durable=True):
        export = lock_one(EvidenceExport.objects.filter(pk=pk))
        if export.state not in _WAITING:
            return None
        compare_and_set(
            export,
            expected={"state": export.state, "attempt": export.attempt},
            changes={
                "state": ExportState.RUNNING,
                "attempt": export.attempt + 1,
                "lease_until_at": turns.lease_end(now),
                "started_at": export.started_at or now,
            },
            actor=BUILDER,
        )
    return export


def _begin(
    export: EvidenceExport, folder: Path, found: Resolved, now: datetime
) -> tuple[int, int, bool]:
    """Fix the tree it is proved against, once; cut the files back to what is on record."""
    if export.ceiling is None:
        _advance(export, {"ceiling": _sign(now)})
    window = building.window_of(export)
    if not export.marks or not working.cut_back(folder, export.marks):
        # What an erasure called off may have left plaintext that no building is to meet again.
        working.empty(folder)
        working.cut_back(folder, {})
        head = working.write(folder / "index.csv", csv_text(HEADER).encode())
        begin, end, covers = window
        rows = select(found.selection)
        total = end - begin if covers else packs.count_rows(rows, begin=begin, end=end)
        fresh = {"cursor": -1, "done": 0, "counts": {}, "stage": Stage.COLLECT, "total": total}
        with one_act(durable=True):
            marks = {**dict.fromkeys(packing.GROWING, 0), "index.csv": head}
            _set(export, {**fresh, "marks": marks})
            export.streams.all().delete()
    return window


def _sign(now: datetime) -> int:
    try:
        ledger.sequence(now=now, wait=True)
    except DamagedLedgerError as error:
        # What was signed before still proves what it proved; the finding goes into the pack.
        log.warning("evidence.not_signed", error=error.message)
    last = latest_checkpoint()
    if last is None:
        raise ConflictError(_("Nothing was ever signed, so nothing can be proved."))
    return last.size


def _step(
    export: EvidenceExport,
    folder: Path,
    found: Resolved,
    window: tuple[int, int, bool],
    read_clock: Clock,
    chunk: int,
) -> bool:
    files, changes, met = building.collect(export, found.selection, window=window, most=chunk)
    if not files:
        return False
    marks = {name: working.write(folder / name, data) for name, data in files.items()}
    crash_point("evidence-after-files")
    with one_act(durable=True):
        _set(export, {**changes, "marks": marks, "lease_until_at": turns.lease_end(read_clock())})
        add_streams(export, met)
    crash_point("evidence-after-step")
    return True


def _end(
    export: EvidenceExport,
    folder: Path,
    found: Resolved,
    window: tuple[int, int, bool],
    read_clock: Clock,
) -> None:
    streams = export.streams.count()
    counts = {**export.counts, "streams": streams, "streams_done": 0, "whole": 0}
    _advance(export, {"stage": Stage.STREAMS, "counts": counts})
    for done, whole in close_streams(export, folder):
        counts = {**counts, "streams_done": done, "whole": whole}
        _advance(export, {"counts": counts, "lease_until_at": turns.lease_end(read_clock())})
    _advance(export, {"stage": Stage.PACK, "lease_until_at": turns.lease_end(read_clock())})
    pack = building.close_pack(export, folder, found=found, window=window, now=read_clock())
    _advance(export, {"stage": Stage.VERIFY, "lease_until_at": turns.lease_end(read_clock())})
    crash_point("evidence-before-verify")
    code, said = building.run_verifier(
        pack, lambda: _advance(export, {"lease_until_at": turns.lease_end(read_clock())})
    )
    if code:
        bad = next((one for one in said.splitlines() if one.startswith("FAILED")), said[:300])
        _fail(
            export, read_clock(), _("Its own verifier refuses it: %(said)s") % {"said": bad}, said
        )
        return
    _finish(export, pack, said, read_clock())


def _finish(export: EvidenceExport, pack: Path, said: str, now: datetime) -> None:
    target = stored.file_path(export.public_id)
    told = {"file_sha256": working.digest_of(pack), "file_bytes": pack.stat().st_size}
    pack.replace(target)
    stored.sync_folder(target.parent)
    crash_point("evidence-after-rename")
    changes = {
        **told,
        "state": ExportState.DONE,
        "file_name": building.file_name(export, export.created_at),
        "checkpoint_size": export.ceiling,
        "checkpoint_root": selectors.root_hex(export.ceiling or 0),
        "verified_at": now,
        "verifier_said": said,
        "ended_at": now,
        "delete_at": now + timedelta(days=days_of("evidence_files")),
        "lease_until_at": None,
    }
    try:
        with one_act(durable=True):
            _set(export, changes)
            size = export.ceiling
            more = {**told, "entries": export.done, "checkpoint": size, "counts": export.counts}
            append(BUILDER, now, export, entries.BUILT, **more)
    except _Gone:
        stored.remove_file(export.public_id)
        raise


def _advance(export: EvidenceExport, changes: Mapping[str, Json]) -> None:
    with one_act(durable=True):
        _set(export, changes)


def _set(export: EvidenceExport, changes: Mapping[str, Json]) -> None:
    """Write to an export that is still this worker's."""
    expected = {"state": ExportState.RUNNING, "attempt": export.attempt}
    try:
        compare_and_set(export, expected=expected, changes=changes, actor=BUILDER)
    except ConflictError as error:
        raise _Gone from error


def _yield(export: EvidenceExport) -> None:
    with one_act(durable=True):
        _set(export, {"lease_until_at": None})
        enqueue(BUILD_TASK, export.pk)


def _fail(export: EvidenceExport, now: datetime, problem: str, said: str = "") -> None:
    changes = {
        "state": ExportState.FAILED,
        "problem": problem[:500],
        "verifier_said": said,
        "ended_at": now,
        "lease_until_at": None,
    }
    try:
        with one_act(durable=True):
            _set(export, changes)
            append(BUILDER, now, export, entries.FAILED, problem=problem[:500])
    except _Gone:
        return
