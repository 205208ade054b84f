"""The Merkle tree of RFC 6962: roots, proofs, their checks, and growth from the right edge. Pure.

A node is named by ``(level, index)``: level 0 are the leaf hashes, and node ``(l, i)`` covers the
leaves from ``i * 2**l`` to ``(i + 1) * 2**l``. Only complete nodes are ever stored, so a stored
node never changes.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence

HASH_BYTES = 32
#: A tree deeper than this has more leaves than a signed 64-bit index can number.
MAX_PROOF_HASHES = 63
EMPTY_ROOT = hashlib.sha256(b"").digest()

_NODE_PREFIX = b"\x01"

Node = tuple[int, int]
#: Leaves from the first, inclusive, to the second, exclusive.
Span = tuple[int, int]


def hash_children(left: bytes, right: bytes) -> bytes:
    """Return SHA-256 of 0x01 and the two child hashes."""
    return hashlib.sha256(_NODE_PREFIX + left + right).digest()


class RightEdge:
    """The complete subtrees along the right edge: all that is needed to grow the tree.

    Args:
        size: Number of leaves so far.
        peaks: Hashes of ``edge_nodes(size)``, in that order.

    Raises:
        ValueError: The number of peaks does not fit the size.
    """

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        if len(peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} has {size.bit_count()} peaks, not {len(peaks)}")
        self.size = size
        self._peaks = list(peaks)

    @property
    def peaks(self) -> tuple[bytes, ...]:
        """Hashes of the complete subtrees, largest first."""
        return tuple(self._peaks)

    def append(self, leaf_hash: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf and return the interior nodes it completes: level, index, hash."""
        completed = []
        index, level, node = self.size, 0, leaf_hash
        while index & 1:
            node = hash_children(self._peaks.pop(), node)
            index >>= 1
            level += 1
            completed.append((level, index, node))
        self._peaks.append(node)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """Return the root of the tree so far."""
        return fold(self._peaks)


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the hash over complete subtrees that lie side by side, largest first."""
    if not hashes:
        return EMPTY_ROOT
    node = hashes[-1]
    for left in reversed(hashes[:-1]):
        node = hash_children(left, node)
    return node


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes in order."""
    edge = RightEdge()
    for leaf_hash in leaf_hashes:
        edge.append(leaf_hash)
    return edge.root()


def edge_nodes(size: int) -> list[Node]:
    """Return the complete nodes along the right edge of a tree, largest first."""
    return cover((0, size))


def cover(span: Span) -> list[Node]:
    """Return the complete nodes that make up a subtree, largest first.

    Args:
        span: Leaves of one subtree as RFC 6962 splits them: the start is a multiple of the
            largest power of two within the length.
    """
    start, end = span
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def inclusion_spans(*, index: int, size: int) -> list[Span]:
    """Return the subtrees of an inclusion proof, from the leaf upward.

    Raises:
        ValueError: The tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} has no leaf {index}")
    spans: list[Span] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(*, size1: int, size2: int) -> list[Span]:
    """Return the subtrees of a consistency proof, from the lowest upward.

    Raises:
        ValueError: The sizes are not ``0 < size1 <= size2``.
    """
    if not 0 < size1 <= size2:
        raise ValueError(f"no consistency proof leads from {size1} to {size2}")
    spans: list[Span] = []
    start, end = 0, size2
    while size1 != end:
        middle = start + _split(end - start)
        if size1 <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    if start:
        spans.append((start, end))
    return spans[::-1]


def prove(spans: Iterable[Span], hash_of: Callable[[Node], bytes]) -> tuple[bytes, ...]:
    """Return the hashes of a proof's subtrees.

    Args:
        spans: From ``inclusion_spans`` or ``consistency_spans``.
        hash_of: Returns the hash of a complete node.
    """
    return tuple(fold([hash_of(node) for node in cover(span)]) for span in spans)


def verify_inclusion(
    *, index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes
) -> bool:
    """Return whether a proof shows that a leaf stands at an index of the tree with a root."""
    if not 0 <= index < size or not _well_formed([leaf_hash, root, *proof], proof):
        return False
    node, last = index, size - 1
    computed = leaf_hash
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            computed = hash_children(sibling, computed)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            computed = hash_children(computed, sibling)
        node >>= 1
        last >>= 1
    return last == 0 and hmac.compare_digest(computed, root)


def verify_consistency(
    *, size1: int, root1: bytes, size2: int, root2: bytes, proof: Sequence[bytes]
) -> bool:
    """Return whether a proof shows that a tree is the beginning of a larger one.

    The empty tree is the beginning of none but itself: a proof from size 0 would say nothing
    about the larger tree, so it is refused rather than taken as trivially true.
    """
    if not _well_formed([root1, root2, *proof], proof) or not 0 <= size1 <= size2:
        return False
    if size1 == size2:
        return not proof and _same_size(size1, root1, root2)
    if size1 == 0 or not proof:
        return False
    path = list(proof) if size1 & (size1 - 1) else [root1, *proof]
    roots = _climb(size1=size1, size2=size2, path=path)
    return roots is not None and all(
        [hmac.compare_digest(roots[0], root1), hmac.compare_digest(roots[1], root2)]
    )


def _climb(*, size1: int, size2: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Return the roots of both sizes that a consistency path leads to; None if it is ill-sized."""
    node, last = size1 - 1, size2 - 1
    while node & 1:
        node >>= 1
        last >>= 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if node & 1 or node == last:
            old = hash_children(sibling, old)
            new = hash_children(sibling, new)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            new = hash_children(new, sibling)
        node >>= 1
        last >>= 1
    return (old, new) if last == 0 else None


def _same_size(size: int, root1: bytes, root2: bytes) -> bool:
    same = hmac.compare_digest(root1, root2)
    return same and (size > 0 or hmac.compare_digest(root1, EMPTY_ROOT))


def _split(length: int) -> int:
    return 1 << ((length - 1).bit_length() - 1)


def _well_formed(hashes: Sequence[bytes], proof: Sequence[bytes]) -> bool:
    return len(proof) <= MAX_PROOF_HASHES and all(len(item) == HASH_BYTES for item in hashes)
