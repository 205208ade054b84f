"""Build a pack: collect entries in steps, close the files, run the pack's own verifier."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from governance.evidence import packing, rules, selectors, wording, working
from governance.evidence.models import EvidenceExport
from governance.evidence.reach import readable_streams
from governance.evidence.scoping import Resolved
from governance.evidence.services.shared import authority_of_export
from governance.evidence.services.streams import Met
from governance.evidence.types import COVERING, FieldGroup, ScopeKind, Withheld
from governance.evidence.verifier import verifier as verifier_file
from governance.ledger import packs
from governance.ledger.consistency import consistency_proof
from governance.ledger.selection import EntrySelection, select
from governance.ledger.selectors import latest_verification, root_at
from governance.ledger.services import current_standing, log_origin, published_key, sign_pack
from orchestra.core.canonical import sha256_hex
from orchestra.core.clock import rfc3339
from orchestra.core.errors import ConflictError

Json = Any

VERIFIER = Path(verifier_file.__file__)
#: Other entries that a pack shows at most to prove that nothing else happened in a period.
COVER_LIMIT = 20_000
_EARLIER = 50


def window_of(export: EvidenceExport) -> tuple[int, int, bool]:
    """Return the places an export goes over, and whether it shows all of them.

    A period is shown with every entry in it, so that nothing in it can have been left out.
    """
    size = export.ceiling or 0
    scope = rules.read_scope(export.scope)
    if scope.kind is ScopeKind.LEDGER and scope.since is None:
        return 0, size, True
    if scope.kind not in COVERING or scope.since is None or scope.until is None:
        return 0, size, False
    begin, end = packs.range_of_span(since=scope.since, until=scope.until, size=size)
    if scope.kind is ScopeKind.SPAN or end - begin <= COVER_LIMIT:
        return begin, end, True
    return begin, end, False


def collect(
    export: EvidenceExport, selection: EntrySelection, *, window: tuple[int, int, bool], most: int
) -> tuple[dict[str, bytes], dict[str, Json], dict[str, Met]]:
    """Return what the next entries add to each file, to the row, and to each stream.

    All of it is empty when none is left.

    Raises:
        DamagedLedgerError: A node that should be stored is absent.
    """
    begin, end, covers = window
    begin = max(begin, export.cursor + 1)
    wanted = select(selection)
    rows = packs.list_rows(
        select(EntrySelection()) if covers else wanted, begin=begin, end=end, most=most
    )
    if not rows:
        return {}, {}, {}
    last = rows[-1].index
    chosen = packs.list_indexes(wanted, begin=begin, end=last + 1) if covers else None
    readable = readable_streams(authority_of_export(export), {row.stream for row in rows})
    proofs = packs.proofs_of([row.index for row in rows], size=export.ceiling or 0)
    erased = packs.erased_on({row.stream for row in rows if row.body is None})
    leave_out = frozenset(FieldGroup(one) for one in export.leave_out)
    files = {name: bytearray() for name in packing.GROWING}
    counts, met = dict(export.counts), dict[str, Met]()
    for number, row in enumerate(rows, export.done + 1):
        is_chosen = chosen is None or row.index in chosen
        withheld = packing.withheld_because(
            row, chosen=is_chosen, readable=row.stream in readable, leave_out=leave_out
        )
        at = erased.get(row.stream)
        lines = packing.entry_lines(
            row,
            number=number,
            proof=proofs[row.index],
            chosen=is_chosen,
            withheld=withheld,
            erased_at=rfc3339(at) if at else "",
        )
        for name, text in lines.items():
            files[name] += text
        _count(counts, withheld[0], chosen=is_chosen)
        met.setdefault(row.stream, Met(row.seq)).take(row.seq, is_open=withheld[0] is None)
    return (
        {name: bytes(data) for name, data in files.items()},
        {"cursor": last, "done": export.done + len(rows), "counts": counts},
        met,
    )


def _count(counts: dict[str, int], reason: Withheld | None, *, chosen: bool) -> None:
    names = ["chosen" if chosen else "cover", "open" if reason is None else "withheld"]
    for name in [*names, *([f"withheld_{reason}"] if reason else [])]:
        counts[name] = counts.get(name, 0) + 1


def close_pack(
    export: EvidenceExport,
    folder: Path,
    *,
    found: Resolved,
    window: tuple[int, int, bool],
    now: datetime,
) -> Path:
    """Write the files that end a pack, and the pack; return where it lies.

    Raises:
        DamagedLedgerError: A node or the checkpoint is gone.
        ConflictError: The reader's checkpoint is larger than the ledger.
    """
    size = export.ceiling or 0
    texts = {
        "checkpoint.txt": packs.note_of(size),
        "consistency.jsonl": _consistency(export, size),
        "gaps.json": packing.manifest_text({"gaps": export.gaps, "title": export.title}),
        "gaps.txt": packing.gap_text(
            export.title, selectors.gaps_of(export), _notes(export, window)
        ),
        "keys.txt": packing.key_text(current_standing()),
        "README.txt": _readme(export, published_key().text(), window),
        "verifier.py": VERIFIER.read_text(encoding="utf-8"),
    }
    for name, text in texts.items():
        working.replace(folder / name, text.encode())
    listed = {name: working.describe(folder / name, verifier_file.mark) for name in sorted(texts)}
    for name in (*packing.GROWING, "streams.jsonl"):
        listed[name] = working.describe(folder / name)
    manifest = packing.manifest_text(_manifest(export, found, window, listed))
    working.replace(folder / "manifest.json", manifest.encode())
    working.replace(folder / "manifest.sha256", packing.manifest_seal(manifest).encode())
    signed = sign_pack(digest=sha256_hex(manifest.encode()), now=now)
    working.replace(folder / "manifest.sig", signed.encode())
    target = folder / "pack.zip"
    working.pack(folder, sorted([*listed, *verifier_file.SEALS]), target)
    return target


def _manifest(
    export: EvidenceExport, found: Resolved, window: tuple[int, int, bool], files: Json
) -> dict[str, Json]:
    begin, end, covers = window
    return {
        "format": verifier_file.FORMAT,
        "title": export.title,
        "scope": export.scope,
        "requirements": list(found.requirements),
        "requested_by": {"kind": export.by_kind, "id": export.by_id, "label": export.by_label},
        "requested_at": rfc3339(export.created_at),
        "export": str(export.public_id),
        "leave_out": export.leave_out,
        "counts": export.counts,
        "findings": _findings(),
        "gaps": len([gap for gap in selectors.gaps_of(export) if gap.complete < gap.total]),
        "checkpoint": {"size": export.ceiling, "root": root_at(size=export.ceiling or 0).hex()},
        "covers": {"begin": begin, "end": end} if covers else None,
        "files": files,
    }


def _findings() -> int:
    checked = latest_verification()
    return 0 if checked is None or checked.ok else checked.problems


def _consistency(export: EvidenceExport, size: int) -> str:
    lines = []
    for earlier in _earlier_sizes(export, size):
        value = {
            "hashes": [packing.b64(one) for one in consistency_proof(size1=earlier, size2=size)],
            "root": packing.b64(root_at(size=earlier)),
            "size": earlier,
        }
        lines.append(packing.checked(value).decode())
    return "".join(lines)


def _earlier_sizes(export: EvidenceExport, size: int) -> list[int]:
    """Return the sizes to be led from: that of the last export first, then of others before."""
    if export.held_size is not None and export.held_size > size:
        raise ConflictError(
            f"The checkpoint you hold counts {export.held_size}; this ledger counts {size}.",
            code="evidence.truncated",
        )
    last = selectors.last_finished(export=export)
    sizes = [last.checkpoint_size] if last is not None else []
    sizes += [export.held_size] if export.held_size else []
    sizes += selectors.earlier_sizes(export=export, most=_EARLIER)
    return list(dict.fromkeys(one for one in sizes if one and one <= size))


def _notes(export: EvidenceExport, window: tuple[int, int, bool]) -> list[str]:
    notes = [] if export.counts.get("chosen") else [wording.EMPTY] if window[2] else []
    scope = rules.read_scope(export.scope)
    if scope.kind in COVERING and not window[2]:
        notes.append(wording.LARGE)
    checked = latest_verification()
    if checked is not None and not checked.ok:
        notes.append(
            f"The ledger was found altered on {rfc3339(checked.at)}: {checked.problems} findings."
        )
        notes += [f"    {one.get('message', '')}" for one in checked.findings]
    return notes


def _readme(export: EvidenceExport, key: str, window: tuple[int, int, bool]) -> str:
    scope: Mapping[str, str] = export.scope
    span = " to ".join(part for part in (scope["since"], scope["until"]) if part)
    return wording.README.format(
        origin=log_origin(),
        title=export.title,
        span=f"{span} (UTC)" if span else "",
        entries=export.done,
        key=key,
        cover=wording.COVERED if window[2] else wording.NOT_COVERED,
    )


def run_verifier(pack: Path, beat: Callable[[], None], every: float = 5.0) -> tuple[int, str]:
    """Run a pack's own verifier on it, alone in an empty folder, as its reader will.

    Args:
        pack: The file.
        beat: Called while it runs; what it raises ends the run.
        every: Seconds between two beats.

    Returns:
        The code it ended with, and what it said.
    """
    with tempfile.TemporaryDirectory() as empty:
        running = subprocess.Popen(  # noqa: S603  our own file on our own file
            [sys.executable, "-I", "-S", str(VERIFIER), str(pack)],
            cwd=empty,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={"PYTHONIOENCODING": "utf-8"},
        )
        with running:
            while True:
                try:
                    said, _none = running.communicate(timeout=every)
                except subprocess.TimeoutExpired:
                    try:
                        beat()
                    except BaseException:
                        running.kill()
                        raise
                else:
                    return running.returncode, said


def file_name(export: EvidenceExport, now: datetime) -> str:
    """Return the name under which a reader saves the file."""
    scope = rules.read_scope(export.scope)
    part = "".join(one if one.isalnum() else "-" for one in scope.key.lower())[:60]
    return (
        "-".join(one for one in ("evidence", str(scope.kind), part, f"{now:%Y%m%d}") if one)
        + ".zip"
    )
