"""The copy of every checkpoint in a file outside the database, only ever appended to."""

import os
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from governance.ledger import notes
from governance.ledger.models import Checkpoint

#: More than one note can take, so the last one stands in the tail that is read.
_TAIL_BYTES = 8192


def outside_path() -> Path | None:
    """Return the file that keeps the checkpoints, or None when none is kept."""
    configured = getattr(settings, "LEDGER_CHECKPOINT_FILE", "")
    return Path(configured) if configured else None


def append_outside() -> None:
    """Append every checkpoint that is newer than the last one in the file.

    Called after commit, so that the file never knows more than the database; what a crash
    in between left out follows with the next checkpoint.

    Raises:
        OSError: The file cannot be written.
    """
    path = outside_path()
    if path is None:
        return
    newer = Checkpoint.objects.filter(size__gt=_last_size(path)).order_by("size")
    _write(path, newer.values_list("note", flat=True))


def read_outside(path: Path) -> tuple[list[str], bool]:
    """Return the notes in the file, and whether it ends within one."""
    found, rest = notes.split_notes(path.read_text(encoding="utf-8"))
    return found, bool(rest.strip())


def _write(path: Path, texts: Iterable[str]) -> None:
    content = "".join(f"{text}\n" for text in texts).encode()
    if not content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        file.write(content)
        os.fsync(descriptor)


def _last_size(path: Path) -> int:
    try:
        with path.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - _TAIL_BYTES))
            tail = file.read().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return 0
    sizes = []
    for line, following in zip(tail.split("\n"), tail.split("\n")[1:], strict=False):
        # A size is the decimal line before a root; a tail may begin in the middle of a note.
        if line.isascii() and line.isdigit() and following.endswith("="):
            sizes.append(int(line))
    return max(sizes, default=0)
