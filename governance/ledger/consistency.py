"""Proofs that the ledger of one size is the beginning of the ledger of a larger one."""

from governance.ledger import tree
from governance.ledger.selectors import (
    latest_checkpoint,
    nodes_of,
    reading_hashes,
    reading_tree_size,
)
from governance.ledger.types import ConsistencyProof, DamagedLedgerError
from orchestra.core.errors import NotFoundError
from orchestra.core.together import Reading, answer


def consistency_proof(*, size1: int, size2: int) -> tuple[bytes, ...]:
    """Return the proof that the tree of a size is the beginning of a larger one.

    Raises:
        NotFoundError: The sizes are not ``0 < size1 <= size2 <=`` the size of the tree.
        DamagedLedgerError: A node that should be stored is absent.
    """
    return answer(_reading_proof(size1, size2)).hashes


def find_consistency(*, size1: int, size2: int | None) -> ConsistencyProof:
    """Return the proof between two sizes with its roots, checked before it is handed out.

    Args:
        size1: The smaller size.
        size2: The larger one; None for that of the newest checkpoint.

    Raises:
        NotFoundError: The sizes are not ``0 < size1 <= size2 <=`` the size of the tree.
        DamagedLedgerError: A node is absent, or the stored nodes prove nothing.
    """
    if size2 is None:
        last = latest_checkpoint()
        size2 = last.size if last else 0
    found = answer(_reading_proof(size1, size2))
    if not tree.verify_consistency(
        size1=size1, root1=found.root1, size2=size2, root2=found.root2, proof=found.hashes
    ):
        raise DamagedLedgerError(f"No proof leads from {size1} to {size2}; verify the ledger.")
    return found


def _reading_proof(size1: int, size2: int) -> Reading[ConsistencyProof]:
    """Come to the proof as the stored nodes give it, with the roots that they lead to."""
    if not 0 < size1 <= size2 <= (yield from reading_tree_size()):
        raise NotFoundError(f"No proof leads from {size1} to {size2} entries.")
    spans = tree.consistency_spans(size1=size1, size2=size2)
    edges = tree.edge_nodes(size1), tree.edge_nodes(size2)
    hashes = yield from reading_hashes({*nodes_of(spans), *edges[0], *edges[1]})
    root1, root2 = (tree.fold([hashes[node] for node in edge]) for edge in edges)
    return ConsistencyProof(
        size1=size1,
        size2=size2,
        hashes=tree.prove(spans, hashes.__getitem__),
        root1=root1,
        root2=root2,
    )
