"""What must hold before anything is signed: the tree continues all that was signed before."""

from datetime import UTC, datetime

from django.utils.translation import gettext as _

from governance.ledger import notes, selectors, tree
from governance.ledger.consistency import consistency_proof
from governance.ledger.models import Checkpoint
from governance.ledger.services.outside import last_outside, outside_path
from governance.ledger.services.signing import current_standing
from governance.ledger.types import DamagedLedgerError, OutsideCopy, OutsideFile

#: The ledger contradicts the file outside the database, as after a restore from a backup.
CONTRADICTS_OUTSIDE = "ledger.contradicts_outside"


def refuse_departure(*, last: Checkpoint | None, size: int) -> None:
    """Refuse to go on where the tree does not continue what was signed.

    Held against are the newest checkpoint in the database and the last one in the file
    outside it, which a database restored from a backup does not know.

    Args:
        last: The newest checkpoint in the database.
        size: Entries in the tree.

    Raises:
        DamagedLedgerError: It departs from one of them, or the file cannot be read.
    """
    if last and not continues(size=size, stated=last.size, root=last.root):
        raise DamagedLedgerError(
            f"The ledger of {size} entries does not continue checkpoint {last.size}; "
            "nothing was signed. Verify the ledger.",
            data={"size": size, "checkpoint": last.size, "root": last.root, "where": "database"},
        )
    kept = _kept_outside()
    if kept is None or (last and (kept.size, kept.root.hex()) == (last.size, last.root)):
        return
    if continues(size=size, stated=kept.size, root=kept.root.hex()):
        return
    if not current_standing().acknowledges(kept):
        raise DamagedLedgerError(
            _(
                "The file outside the database ends with a checkpoint of %(stated)s entries with "
                "root %(root)s, and this ledger of %(size)s entries does not continue it; nothing "
                "was signed. If a backup was restored, restore a newer one. If what came after is "
                "lost for good, say so: manage.py ledger begin-epoch."
            )
            % {"stated": kept.size, "root": kept.root.hex(), "size": size},
            code=CONTRADICTS_OUTSIDE,
            data={
                "size": size,
                "checkpoint": kept.size,
                "root": kept.root.hex(),
                "where": "outside",
            },
        )


def refuse_strange_key(*, last: Checkpoint | None) -> None:
    """Refuse to sign under a key that nothing leads to from the newest checkpoint.

    Raises:
        DamagedLedgerError: The key in the settings was replaced without a rotation.
    """
    if last is None:
        return
    try:
        current_standing().open_checkpoint(last.note)
    except notes.NoteError as error:
        raise DamagedLedgerError(
            _(
                "Checkpoint %(size)s is not signed by a key of this ledger (%(why)s); nothing was "
                "signed. Put the earlier key back, and change it by manage.py ledger rotate."
            )
            % {"size": last.size, "why": error},
            code="ledger.key_replaced",
            data={"checkpoint": last.size, "root": last.root, "where": "key"},
        ) from error


def refuse_inconsistent(*, last: Checkpoint | None, size: int, root: bytes) -> None:
    """Refuse to sign a tree of which the newest checkpoint's is provably not the beginning.

    Raises:
        DamagedLedgerError: The stored nodes give no consistency proof.
    """
    if last is None or last.size == 0:
        return
    proof = consistency_proof(size1=last.size, size2=size)
    consistent = tree.verify_consistency(
        size1=last.size, root1=bytes.fromhex(last.root), size2=size, root2=root, proof=proof
    )
    if not consistent:
        raise DamagedLedgerError(
            f"No proof leads from checkpoint {last.size} to {size} entries; "
            "nothing was signed. Verify the ledger.",
            data={"size": size, "checkpoint": last.size, "root": last.root, "where": "nodes"},
        )


def continues(*, size: int, stated: int, root: str) -> bool:
    """Return whether the tree of a size begins with the tree that a checkpoint states.

    Raises:
        DamagedLedgerError: A node that should be stored is absent.
    """
    return stated <= size and selectors.root_at(size=stated).hex() == root


def look_outside() -> OutsideFile:
    """Return how the file outside looks right now; only its last note is read.

    Raises:
        DamagedLedgerError: A node that should be stored is absent.
    """
    path = outside_path()
    if path is None:
        return OutsideFile(OutsideCopy.NOT_KEPT)
    try:
        head = last_outside(path)
        changed_at = datetime.fromtimestamp(path.stat().st_mtime, UTC) if head else None
    except OSError:
        return OutsideFile(OutsideCopy.DIFFERS, name=path.name)
    if head is None:
        return OutsideFile(OutsideCopy.MISSING, name=path.name)
    size, root = head.size, head.root.hex()
    agrees = continues(size=selectors.tree_size(), stated=size, root=root)
    acknowledged = not agrees and current_standing().acknowledges(head)
    state = OutsideCopy.AGREES if agrees or acknowledged else OutsideCopy.DIFFERS
    return OutsideFile(state, path.name, size, root, changed_at, acknowledged)


def _kept_outside() -> notes.TreeHead | None:
    path = outside_path()
    if path is None:
        return None
    try:
        return last_outside(path)
    except OSError as error:
        raise DamagedLedgerError(
            _("The file of checkpoints outside the database cannot be read (%(why)s).")
            % {"why": error.strerror},
            code="ledger.outside_unreadable",
            data={"where": "outside"},
        ) from error
