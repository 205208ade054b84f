"""The files of subject access exports, for their owner only."""

import os
from pathlib import Path
from uuid import UUID

from django.conf import settings


def file_path(public_id: UUID) -> Path:
    """Return where the file of an export lies; its folder is made where it is missing."""
    folder = Path(settings.EVIDENCE_DIR) / "subjects"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / f"{public_id}.zip"


def write(public_id: UUID, data: bytes) -> None:
    """Write a file whole or not at all, and make it last."""
    path = file_path(public_id)
    draft = path.with_suffix(".part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _sync(path.parent)


def remove(public_id: UUID) -> None:
    """Remove a file, where there is one."""
    path = file_path(public_id)
    path.unlink(missing_ok=True)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
