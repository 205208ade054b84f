"""The folder outside the database and the web's root that attached files lie in, by digest.

A file lies under its case and the SHA-256 of its content: what one case forgets, no other loses.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings

_OWNER_ONLY: Final = 0o700
_UNFINISHED: Final = ".part"


def root() -> Path:
    """Return the folder, made where it is missing; every process shares it.

    Raises:
        OSError: It cannot be made.
    """
    folder = Path(settings.EVIDENCE_DIR) / "cases"
    folder.mkdir(parents=True, exist_ok=True, mode=_OWNER_ONLY)
    return folder


def path_of(case_id: UUID, digest: str) -> Path:
    """Return where the file of a case with a digest lies."""
    return root() / str(case_id) / digest


def write(case_id: UUID, digest: str, content: bytes) -> None:
    """Put a file in its place, whole or not at all; one that is there already stays.

    Raises:
        OSError: It cannot be written.
    """
    path = path_of(case_id, digest)
    path.parent.mkdir(exist_ok=True, mode=_OWNER_ONLY)
    handle, name = tempfile.mkstemp(suffix=_UNFINISHED, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError:
        with suppress(OSError):
            Path(name).unlink()
        raise


def read(case_id: UUID, digest: str) -> bytes | None:
    """Return what lies there, None where nothing does."""
    try:
        return path_of(case_id, digest).read_bytes()
    except FileNotFoundError:
        return None


def names_of(case_id: UUID) -> set[str]:
    """Return the names of what lies under a case."""
    try:
        with os.scandir(root() / str(case_id)) as found:
            return {entry.name for entry in found}
    except FileNotFoundError:
        return set()


def cases_on_disk() -> Iterator[UUID]:
    """Yield the public ids of the cases that have a folder here."""
    with os.scandir(root()) as found:
        for entry in found:
            with suppress(ValueError):
                yield UUID(entry.name)


def remove(case_id: UUID, name: str) -> None:
    """Remove one file of a case, and its folder once nothing lies there."""
    folder = root() / str(case_id)
    with suppress(FileNotFoundError):
        (folder / name).unlink()
    with suppress(OSError):
        folder.rmdir()
