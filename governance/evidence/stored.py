"""The folder outside the database that the files of exports lie in, for their owner only."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
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


def ids_on_disk() -> Iterator[UUID]:
    """Yield the public ids of the exports that have a finished file or a working folder here.

    An id with both is yielded twice.
    """
    with os.scandir(root()) as found:
        for entry in found:
            name, _dot, kind = entry.name.rpartition(".")
            if kind in {"zip", "work"}:
                # What somebody else put there is not ours to judge.
                with suppress(ValueError):
                    yield UUID(name)


def is_on_disk(public_id: UUID) -> bool:
    """Whether an export has a finished file or a working folder."""
    return file_path(public_id).exists() or work_folder(public_id).exists()


def remove_work(public_id: UUID) -> bool:
    """Remove what a building left behind; return whether there was something."""
    folder = work_folder(public_id)
    was_there = folder.exists()
    shutil.rmtree(folder, ignore_errors=True)
    return was_there and not folder.exists()


def remove_file(public_id: UUID) -> bool:
    """Remove the finished file and what its building left; return whether there was any."""
    had_work = remove_work(public_id)
    return remove_pack(public_id) or had_work


def remove_pack(public_id: UUID) -> bool:
    """Remove the finished file; return whether there was one."""
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
