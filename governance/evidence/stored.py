"""The folder outside the database that the files of exports lie in, for their owner only."""

import os
import shutil
from pathlib import Path
from uuid import UUID

from django.conf import settings

_OWNER_ONLY = 0o700


def root() -> Path:
    """Return the folder, made where it is missing; every worker and web process shares it.

    Raises:
        OSError: It cannot be made.
    """
    folder = Path(settings.EVIDENCE_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=_OWNER_ONLY)
    return folder


def file_path(public_id: UUID) -> Path:
    """Return where the finished file of an export lies."""
    return root() / f"{public_id}.zip"


def work_folder(public_id: UUID) -> Path:
    """Return where an export is built."""
    return root() / f"{public_id}.work"


def remove_work(public_id: UUID) -> None:
    """Remove what a building left behind."""
    shutil.rmtree(work_folder(public_id), ignore_errors=True)


def remove_file(public_id: UUID) -> bool:
    """Remove the finished file and what its building left; return whether there was one."""
    remove_work(public_id)
    path = file_path(public_id)
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    sync_folder(path.parent)
    return True


def sync_folder(folder: Path) -> None:
    """Make what was renamed or removed in a folder outlive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
