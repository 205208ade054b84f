"""Hand a finished file out, and delete files: by age, and with what was erased."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from uuid import UUID

from governance.evidence import entries, selectors
from governance.evidence.models import EvidenceExport, ExportedStream
from governance.evidence.services.clearing import clear_after_commit
from governance.evidence.services.shared import BUILDER, append, lock_export, require_reader
from governance.evidence.types import OPEN, DeletedBecause, ExportState
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.locking import compare_and_set, lock


@one_act()
def open_file(*, actor: Actor, now: datetime, export_id: UUID) -> tuple[EvidenceExport, Path]:
    """Return the verified file of an export to be handed out; that it was is an entry.

    Raises:
        NotPermittedError: The actor may not read the ledger.
        NotFoundError: There is no such export, or it is not theirs to see.
        ConflictError: It is not finished, or its file was deleted.
    """
    export = lock_export(authority=require_reader(actor), export_id=export_id)
    path = selectors.find_file(export)
    changes = {"downloads": export.downloads + 1}
    compare_and_set(export, expected={"state": ExportState.DONE}, changes=changes, actor=actor)
    append(actor, now, export, entries.DOWNLOADED, file_sha256=export.file_sha256)
    return export, path


def delete_files(*, actor: Actor, now: datetime, keys: Collection[int]) -> int:
    """Delete the files whose time is over; return how many there still were.

    Args:
        actor: Who ends them.
        now: When, UTC.
        keys: Internal keys of the exports.
    """
    with one_act():
        rows = lock(EvidenceExport.objects.filter(state=ExportState.DONE, pk__in=keys))
        for export in rows:
            _delete(export, actor, now, DeletedBecause.AGE)
    return len(rows)


def forget_files(*, actor: Actor, now: datetime, stream: str) -> int:
    """Delete every file that holds an entry of a stream, and call off what is being built.

    For whoever erases what a stream holds, in the same transaction. The files go right after it
    commits, before its act returns; where it is rolled back, they stay.

    Args:
        actor: Who erases.
        now: When, UTC.
        stream: Such as ``case:<uuid>``.

    Returns:
        How many exports were concerned.
    """
    holding = ExportedStream.objects.filter(stream=stream).values("export_id")
    finished = EvidenceExport.objects.filter(state=ExportState.DONE, pk__in=holding)
    # What is being built may hold it already, whatever its streams will turn out to be.
    building = EvidenceExport.objects.filter(state__in=OPEN).exclude(state=ExportState.EXPLAINING)
    with one_act():
        rows = lock(finished)
        for export in rows:
            _delete(export, actor, now, DeletedBecause.ERASURE)
        begun = lock(building)
        for export in begun:
            _start_over(export)
    return len(rows) + len(begun)


def _start_over(export: EvidenceExport) -> None:
    """Let a building begin again without what was erased; whoever builds it now writes no more."""
    compare_and_set(
        export,
        expected={"state": export.state},
        changes={
            "state": ExportState.QUEUED,
            "attempt": export.attempt + 1,
            "lease_until_at": None,
            "marks": {},
        },
        actor=BUILDER,
    )
    clear_after_commit(export)


def _delete(export: EvidenceExport, actor: Actor, now: datetime, because: DeletedBecause) -> None:
    changes = {"state": ExportState.DELETED, "deleted_at": now, "deleted_because": because}
    compare_and_set(export, expected={"state": ExportState.DONE}, changes=changes, actor=actor)
    append(actor, now, export, entries.DELETED, because=str(because))
    clear_after_commit(export)
