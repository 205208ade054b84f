"""The copy of every checkpoint in a file outside the database, only ever appended to."""

import os
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from django.conf import settings

from governance.ledger import notes, statements
from governance.ledger.models import Checkpoint, LedgerStatement

#: More than one note can take, so the last one stands in the tail that is read.
_TAIL_BYTES = 8192
#: Where notes of one size stand in the file: what is stated over a checkpoint follows it.
_CHECKPOINT, _STATEMENT = 0, 1
_CHECKPOINT_LINES = 3


def outside_path() -> Path | None:
    """Return the file that keeps the checkpoints, or None when none is kept."""
    configured = getattr(settings, "LEDGER_CHECKPOINT_FILE", "")
    return Path(configured) if configured else None


def append_outside() -> None:
    """Append every checkpoint and statement that is newer than the last note in the file.

    Called after commit, so that the file never knows more than the database; what a crash
    in between left out follows with the next checkpoint.

    Raises:
        OSError: The file cannot be written.
    """
    path = outside_path()
    if path is not None:
        _write(path, _newer_than(_last_note(path)))


def read_outside(path: Path) -> tuple[list[str], bool]:
    """Return the notes in the file, and whether it ends within one."""
    found, rest = notes.split_notes(path.read_text(encoding="utf-8"))
    return found, bool(rest.strip())


def last_outside(path: Path) -> notes.TreeHead | None:
    """Return the tree of the last note in the file, unchecked; None when it holds none.

    Read again only when the file changed.

    Raises:
        OSError: The file is there and cannot be read.
    """
    found = _last_note(path)
    return found[0] if found else None


def _last_note(path: Path) -> tuple[notes.TreeHead, int] | None:
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    return _read_last(path, state.st_mtime_ns, state.st_size, state.st_ino)


@lru_cache(maxsize=4)
def _read_last(
    path: Path, changed_ns: int, size: int, inode: int
) -> tuple[notes.TreeHead, int] | None:
    del changed_ns, inode
    with path.open("rb") as file:
        file.seek(max(0, size - _TAIL_BYTES))
        tail = file.read().decode("utf-8", errors="replace")
    parts = tail.split("\n\n")
    for text, signatures in reversed(list(pairwise(parts))):
        # A tail may begin in the middle of a note, and a torn note has no signatures.
        if signatures.startswith("\u2014 "):
            found = _head(text)
            if found is not None:
                return found
    return None


def _head(text: str) -> tuple[notes.TreeHead, int] | None:
    try:
        if statements.is_statement(text):
            return statements.head_of(statements.parse(f"{text}\n")), _STATEMENT
        lines = text.split("\n")[-_CHECKPOINT_LINES:]
        return notes.parse_checkpoint("\n".join(lines) + "\n"), _CHECKPOINT
    except notes.NoteError:
        return None


def _newer_than(last: tuple[notes.TreeHead, int] | None) -> list[str]:
    stated = list(LedgerStatement.objects.order_by("id").values_list("size", "note"))
    begin = (last[0].size, last[1]) if last else (-1, _CHECKPOINT)
    epochs = [
        one
        for _size, note in stated
        if isinstance(one := statements.parse(statements.text_of(note)), statements.Epoch)
    ]
    if last and epochs and last[0].origin != epochs[-1].origin:
        # The file still ends with what the epoch departs from.
        begin = (epochs[-1].size, _CHECKPOINT)
    signed = Checkpoint.objects.filter(size__gte=begin[0]).values_list("size", "note")
    standing = [
        *(((size, _CHECKPOINT), note) for size, note in signed),
        *(((size, _STATEMENT), note) for size, note in stated),
    ]
    return [note for place, note in sorted(standing) if place > begin]


def _write(path: Path, texts: Iterable[str]) -> None:
    content = "".join(f"{text}\n" for text in texts).encode()
    if not content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        file.write(content)
        os.fsync(descriptor)
