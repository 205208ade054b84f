"""The working files of a building: grown in steps, cut back to the last one that counts."""

import fcntl
import hashlib
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from governance.evidence.packing import GROWING

_OWNER_ONLY = 0o600
_CHUNK = 1 << 20
_LOCK = "lock"


@contextmanager
def held_alone(folder: Path, *, wait: bool = False) -> Iterator[bool]:
    """Hold a folder's lock; yields False where another process has it.

    The lock goes with the process that holds it, so that one killed leaves none behind.

    Args:
        folder: Made where it is missing.
        wait: Wait for whoever has it, who may be at it for one turn.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        os.close(descriptor)
        yield False
        return
    try:
        yield True
    finally:
        os.close(descriptor)


def empty(folder: Path) -> bool:
    """Remove every file but the lock, which its caller holds; return whether there was one."""
    found = [path for path in folder.iterdir() if path.name != _LOCK]
    for path in found:
        path.unlink()
    return bool(found)


def cut_back(folder: Path, marks: Mapping[str, int]) -> bool:
    """Cut each growing file back to its mark; return whether all of them are as long as that."""
    for name in GROWING:
        path = folder / name
        size = path.stat().st_size if path.exists() else 0
        if size < marks.get(name, 0):
            return False
        write(path, b"", size=marks.get(name, 0))
    return True


def write(path: Path, data: bytes, *, size: int | None = None) -> int:
    """Write to the end of a file, readable by its owner only, and make it last.

    Args:
        path: The file, made where it is missing.
        data: What is added.
        size: Cut the file to this length first; None leaves it.

    Returns:
        How long the file is now.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, _OWNER_ONLY)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        if size is not None:
            file.truncate(size)
        file.seek(0, os.SEEK_END)
        view = memoryview(data)
        while view:
            view = view[file.write(view) :]
        os.fsync(descriptor)
        return file.tell()


def replace(path: Path, data: bytes) -> None:
    """Write a whole file."""
    write(path, data, size=0)


def describe(path: Path, mark: Callable[[bytes], str] | None = None) -> dict[str, object]:
    """Return length, lines and digest of a file, and the mark of each line where asked for."""
    digest, size, marks = hashlib.sha256(), 0, list[str]()
    lines = 0
    with path.open("rb") as file:
        for line in file:
            digest.update(line)
            size += len(line)
            lines += 1
            if mark is not None:
                marks.append(mark(line))
    told: dict[str, object] = {"bytes": size, "lines": lines, "sha256": digest.hexdigest()}
    return told if mark is None else {**told, "marks": marks}


def pack(folder: Path, names: list[str], target: Path) -> None:
    """Put files into a zip file that is the same for the same files, whoever makes it where."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as file:
        for name in names:
            told = zipfile.ZipInfo(name)
            told.external_attr = _OWNER_ONLY << 16
            told.create_system = 3
            told.file_size = (folder / name).stat().st_size
            with (folder / name).open("rb") as source, file.open(told, "w") as out:
                shutil.copyfileobj(source, out, _CHUNK)
    target.chmod(_OWNER_ONLY)
    with target.open("rb") as written:
        os.fsync(written.fileno())


def digest_of(path: Path) -> str:
    """Return lower-case hex SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
