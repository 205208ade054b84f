"""Remove from disk what no export is to have there, once the rows that say so are committed."""

from collections.abc import Iterator, Sequence
from functools import partial
from uuid import UUID

import structlog
from django.db import transaction

from governance.evidence import stored, working
from governance.evidence.models import EvidenceExport
from governance.evidence.types import ExportState
from orchestra.core.crash import crash_point

log = structlog.get_logger(__name__)

_BATCH = 500
_WITHOUT_FILE = (ExportState.DELETED, ExportState.CANCELLED, ExportState.FAILED)


def clear_after_commit(export: EvidenceExport) -> None:
    """Remove what an export is to have on disk no more, once the open transaction commits.

    Nothing is removed where it is rolled back. What a process that dies in between leaves,
    ``clear_leftovers`` removes.
    """
    transaction.on_commit(partial(_clear_now, export.public_id), robust=True)


def clear_leftovers() -> int:
    """Remove what processes that died after their commit left on disk.

    Returns:
        Of how many exports something was removed; what could not be is logged, and tried again
        at the next round.
    """
    ids = sorted(set(stored.ids_on_disk()))
    return sum(
        _clear(public_id, wait=False)
        for first in range(0, len(ids), _BATCH)
        for public_id in _ended(ids[first : first + _BATCH])
    )


def _ended(ids: Sequence[UUID]) -> Iterator[UUID]:
    rows = EvidenceExport.objects.filter(public_id__in=ids)
    for row in rows.only("public_id", "state", "marks"):
        if row.state in _WITHOUT_FILE or _begins_again(row) or _is_work_left(row):
            yield row.public_id


def _is_work_left(row: EvidenceExport) -> bool:
    return row.state == ExportState.DONE and stored.work_folder(row.public_id).exists()


def _begins_again(row: EvidenceExport) -> bool:
    """Whether nothing that lies on disk is part of the building to come."""
    return row.state == ExportState.QUEUED and not row.marks


def _clear_now(public_id: UUID) -> None:
    crash_point("evidence-before-clearing")
    _clear(public_id, wait=True)


def _clear(public_id: UUID, *, wait: bool) -> bool:
    """Bring the disk in line with the row as it is committed; return whether that was needed."""
    row = EvidenceExport.objects.get(public_id=public_id)
    try:
        if row.state in _WITHOUT_FILE:
            return stored.remove_file(public_id)
        if row.state == ExportState.DONE:
            return stored.remove_work(public_id)
        return _begins_again(row) and _clear_for_next(public_id, wait=wait)
    except OSError as error:
        log.warning("evidence.not_removed", export=row.pk, error=type(error).__name__)
        return False


def _clear_for_next(public_id: UUID, *, wait: bool) -> bool:
    """Empty the folder of a building that begins again, while no worker is in it.

    A worker that was in it leaves at its next step, since the export is no longer its own. One
    that has begun anew since emptied the folder itself.
    """
    folder = stored.work_folder(public_id)
    if not stored.is_on_disk(public_id):
        return False
    with working.held_alone(folder, wait=wait) as alone:
        if not alone or not _begins_again(EvidenceExport.objects.get(public_id=public_id)):
            return False
        return working.empty(folder) | stored.remove_pack(public_id)
