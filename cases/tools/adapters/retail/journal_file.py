"""The file under a journal: whole lines, one writer at a time, replaced as a whole."""

import contextlib
import fcntl
import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from cases.tools.adapters.retail.types import JournalError


class JournalFile:
    """Lines of bytes that several processes append to and read on from where they were.

    The first line names the generation and the data the journal belongs to. Replacing the file
    gives it another inode; whoever still holds the old one notices by that. The lock lies in a
    file of its own, which is never replaced. Not safe for several threads by itself.
    """

    def __init__(self, *, path: Path, base: str, fsync: bool) -> None:
        """Open the file, making it if it is not there.

        Args:
            path: The file; its folder is made.
            base: What the lines apply to; a file with another base is refused.
            fsync: Whether an append waits until the disk has it.

        Raises:
            JournalError: The file belongs to other data or is no journal.
        """
        self._path = path
        self._lock_path = path.with_name(path.name + ".lock")
        self._base = base
        self._fsync = fsync
        self._descriptor = -1
        self._offset = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        with self.locked():
            self.follow()

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock of this journal against all other processes.

        The lock file is opened anew each time, so that a forked process shares no lock.
        """
        lock = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            # Said aloud because a process forked meanwhile holds a copy of the descriptor.
            fcntl.flock(lock, fcntl.LOCK_UN)
            os.close(lock)

    def is_behind(self) -> bool:
        """Tell, without the lock, whether the file was replaced or grew since the last read."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return True
        return not self._is_same(status) or status.st_size != self._offset

    def follow(self) -> bool:
        """Open the newest file, making it if there is none; needs the lock.

        Returns:
            Whether it is another file than before, to be read from its first entry.

        Raises:
            JournalError: It belongs to other data or is no journal.
        """
        try:
            status = self._path.stat()
        except FileNotFoundError:
            status = None
        if status is None or status.st_size == 0:
            self.replace()
            return True
        if self._is_same(status) and status.st_size >= self._offset:
            return False
        self._open()
        return True

    def read_new(self) -> Iterator[bytes]:
        """Yield the whole lines after the last one read; needs the lock.

        A last line without its end is what a killed writer left. Its caller never got an answer,
        so it is no entry and is cut off. A line counts as read once the next one is asked for.
        """
        data = self._read_from(self._offset)
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            os.ftruncate(self._descriptor, self._offset + whole)
        for line in data[:whole].split(b"\n")[:-1]:
            yield line
            self._offset += len(line) + 1

    def append(self, *, line: bytes) -> None:
        """Append one line after all lines were read; needs the lock.

        Raises:
            OSError: It could not be written; what was written of it is cut off again.
        """
        data = line + b"\n"
        try:
            _write_all(self._descriptor, data)
            if self._fsync:
                os.fsync(self._descriptor)
        except OSError:
            os.ftruncate(self._descriptor, self._offset)
            raise
        self._offset += len(data)

    def replace(self) -> None:
        """Put an empty journal of a new generation in the place of this one; needs the lock."""
        draft = self._path.with_name(self._path.name + ".new")
        header = {"generation": uuid.uuid4().hex, "base": self._base}
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            _write_all(descriptor, json.dumps(header).encode() + b"\n")
            if self._fsync:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        draft.replace(self._path)
        if self._fsync:
            _sync_folder(self._path.parent)
        self._open()

    def close(self) -> None:
        """Close the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _open(self) -> None:
        descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        self.close()
        self._descriptor = descriptor
        self._offset = 0
        header, end, _ = self._read_from(0).partition(b"\n")
        try:
            base = json.loads(header)["base"]
        except (ValueError, KeyError, TypeError) as error:
            self.close()
            raise JournalError("The file is no journal of a retail store") from error
        if base != self._base:
            self.close()
            raise JournalError("The journal belongs to other data")
        self._offset = len(header) + len(end)

    def _is_same(self, status: os.stat_result) -> bool:
        if self._descriptor < 0:
            return False
        held = os.fstat(self._descriptor)
        return (held.st_dev, held.st_ino) == (status.st_dev, status.st_ino)

    def _read_from(self, offset: int) -> bytes:
        parts: list[bytes] = []
        while part := os.pread(self._descriptor, 1 << 20, offset):
            parts.append(part)
            offset += len(part)
        return b"".join(parts)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
