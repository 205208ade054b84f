"""Check of the signed checkpoints, in the database and in the file outside it."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from governance.ledger import notes, selectors, statements
from governance.ledger.models import Checkpoint, LedgerStatement
from governance.ledger.services.check_entries import Findings
from governance.ledger.services.check_tree import SignedRoot
from governance.ledger.services.outside import outside_path, read_outside
from governance.ledger.services.signing import current_standing
from governance.ledger.statements import Standing
from governance.ledger.types import DamagedLedgerError, OutsideCopy, ProblemKind


@dataclass(frozen=True, slots=True)
class Signed:
    """The checkpoints that hold, and how far the tree reached when they were read.

    Attributes:
        size: How many entries the tree has.
        outside_roots: Roots that only the file outside knows, by size.
        outside: How the file stands, as far as it can be said without the tree.
    """

    size: int
    outside_roots: dict[int, list[SignedRoot]]
    outside: OutsideCopy


def check_checkpoints(findings: Findings, first: int = 0) -> Signed:
    """Check form, signature and reach of every checkpoint, or of those of a size and above.

    The file is read before the rows, the rows before the size: each was written after the
    next, so a checkpoint published meanwhile is never taken for one that is missing.
    """
    kept, outside = _read_file(findings)
    rows = Checkpoint.objects.filter(size__gte=first).order_by("size")
    stored = list(rows.values_list("size", "root", "note"))
    size = selectors.tree_size()
    standing = _standing(findings)
    for stated, root, note in stored:
        where = f"checkpoint {stated}"
        head = _open(note, standing, findings, where, ProblemKind.CHECKPOINT_ALTERED)
        if head and (head.size, head.root.hex()) != (stated, root):
            findings.add(
                ProblemKind.CHECKPOINT_ALTERED,
                where,
                _("Its columns no longer say what was signed."),
            )
        if stated > size:
            _add_truncated(where, stated, size, findings)
    in_database = {stated: note for stated, _root, note in stored}
    roots = _outside_roots(kept, (first, size), in_database, standing, findings)
    if outside is OutsideCopy.MISSING and not stored:
        outside = OutsideCopy.AGREES
    return Signed(size=size, outside_roots=roots, outside=outside)


def _standing(findings: Findings) -> Standing | None:
    try:
        return current_standing()
    except DamagedLedgerError as error:
        findings.add(ProblemKind.CHECKPOINT_ALTERED, "keys", error.message)
        return None


def _open(
    note: str, standing: Standing | None, findings: Findings, where: str, kind: ProblemKind
) -> notes.TreeHead | None:
    if standing is None:
        return None
    try:
        return standing.open_checkpoint(note)
    except notes.NoteError as error:
        findings.add(kind, where, str(error))
        return None


def _read_file(findings: Findings) -> tuple[list[str], OutsideCopy]:
    path = outside_path()
    if path is None:
        return [], OutsideCopy.NOT_KEPT
    try:
        kept, torn = read_outside(path)
    except FileNotFoundError:
        return [], OutsideCopy.MISSING
    except (OSError, UnicodeDecodeError) as error:
        findings.add(ProblemKind.OUTSIDE_UNREADABLE, path.name, type(error).__name__)
        return [], OutsideCopy.DIFFERS
    if torn:
        findings.add(
            ProblemKind.OUTSIDE_UNREADABLE, path.name, _("The file ends within a checkpoint.")
        )
    return kept, OutsideCopy.AGREES


def _add_truncated(where: str, stated: int, size: int, findings: Findings) -> None:
    findings.add(
        ProblemKind.TRUNCATED,
        where,
        _("The checkpoint counts %(stated)s entries; this ledger has %(size)s.")
        % {"stated": stated, "size": size},
    )


def _outside_roots(
    kept: list[str],
    reach: tuple[int, int],
    in_database: Mapping[int, str],
    standing: Standing | None,
    findings: Findings,
) -> dict[int, list[SignedRoot]]:
    known = {*in_database.values(), *LedgerStatement.objects.values_list("note", flat=True)}
    first, size = reach
    roots: dict[int, list[SignedRoot]] = {}
    for place, note in enumerate(kept, start=1):
        if note in known:
            # Its signature and root are checked where it stands in the database.
            continue
        where = f"checkpoint file, note {place}"
        if _is_acknowledged(note, standing) or _size_of(note) < first:
            continue
        head = _open(note, standing, findings, where, ProblemKind.OUTSIDE_UNREADABLE)
        if head is None:
            continue
        if head.size > size:
            _add_truncated(where, head.size, size, findings)
            continue
        if head.size not in in_database:
            findings.add(
                ProblemKind.CHECKPOINT_MISSING,
                f"checkpoint {head.size}",
                _("It stands in the file outside and no longer in the database."),
            )
        signed = SignedRoot(head.root.hex(), where, ProblemKind.OUTSIDE_DIFFERS)
        roots.setdefault(head.size, []).append(signed)
    return roots


def _is_acknowledged(note: str, standing: Standing | None) -> bool:
    """Return whether a later epoch says that the ledger departs from a note of the file."""
    if standing is None or not standing.epochs:
        return False
    try:
        text = statements.text_of(note)
        if statements.is_statement(note):
            return standing.acknowledges(statements.head_of(statements.parse(text)))
        return standing.acknowledges(notes.parse_checkpoint(text))
    except notes.NoteError:
        return False


def _size_of(note: str) -> int:
    """Return the size a checkpoint states, unchecked; a size above all for any other note."""
    line = note.split("\n", 2)[1:2]
    digits = line[0] if line else ""
    return int(digits) if digits.isascii() and digits.isdigit() else sys.maxsize
