"""The files of subject access exports, for their owner only."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from django.conf import settings


def file_path(public_id: UUID) -> Path:
    """Return where the file of an export lies; its folder is made where it is missing."""
    return _folder() / f"{public_id}.zip"


def ids_on_disk() -> Iterator[UUID]:
    """Yield the public ids of the exports that have a file here; one with a half file twice."""
    for path in _folder().iterdir():
        # What somebody else put there is not ours to judge.
        with suppress(ValueError):
            yield UUID(path.stem)


def write(public_id: UUID, data: bytes) -> None:
    """Write a file whole or not at all, and make it last."""
    path = file_path(public_id)
    draft = _draft(path)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _sync(path.parent)


def remove(public_id: UUID) -> bool:
    """Remove a file, whole or not; return whether there was one."""
    path = file_path(public_id)
    found = [one for one in (path, _draft(path)) if one.exists()]
    for one in found:
        one.unlink(missing_ok=True)
    _sync(path.parent)
    return bool(found)


def _folder() -> Path:
    folder = Path(settings.EVIDENCE_DIR) / "subjects"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _draft(path: Path) -> Path:
    return path.with_suffix(".part")


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
