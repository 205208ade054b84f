"""Check of the tree: every node and every signed root against the leaves, in one pass."""

import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from governance.ledger import selectors, tree
from governance.ledger.models import Checkpoint
from governance.ledger.services import stored_rows
from governance.ledger.services.check_entries import Findings, StreamChecker
from governance.ledger.types import ProblemKind

#: Entries read at once.
CHUNK = 4096


class TreeChecker:
    """Grows the tree from the leaves and holds it against stored nodes and signed roots.

    Where a stored node differs from its children, the finding is made once, at the lowest
    level, and the stored hash is carried upward.
    """

    def __init__(
        self, findings: Findings, size: int = 0, peaks: Iterable[bytes | None] = ()
    ) -> None:
        self._findings = findings
        self._peaks = list(peaks)
        self.size = size

    def append(self, leaf_hash: bytes | None, stored: Mapping[tree.Node, bytes]) -> None:
        """Add a leaf hash, None when it is not known, and check the nodes it completes."""
        index, level, node = self.size, 0, leaf_hash
        while index & 1:
            node = self._join(self._peaks.pop(), node)
            index >>= 1
            level += 1
            kept = stored.get((level, index))
            if kept != node:
                node = self._differs(level, index, node, kept)
        self._peaks.append(node)
        self.size += 1

    def root(self) -> bytes | None:
        """Return the root so far; None if a leaf along the right edge is not known."""
        known = [peak for peak in self._peaks if peak is not None]
        return tree.fold(known) if len(known) == len(self._peaks) else None

    @staticmethod
    def _join(left: bytes | None, right: bytes | None) -> bytes | None:
        return None if left is None or right is None else tree.hash_children(left, right)

    def _differs(
        self, level: int, index: int, computed: bytes | None, kept: bytes | None
    ) -> bytes | None:
        first, last = index << level, ((index + 1) << level) - 1
        where = f"node {level}/{index}"
        if kept is None:
            self._findings.add(
                ProblemKind.NODE_MISSING,
                where,
                _("The tree's node over entries %(first)s to %(last)s is gone.")
                % {"first": first, "last": last},
            )
            return computed
        if computed is not None:
            self._findings.add(
                ProblemKind.NODE_DIFFERS,
                where,
                _("Entries %(first)s to %(last)s no longer hash to the node that the tree holds.")
                % {"first": first, "last": last},
            )
        return kept


@dataclass(frozen=True, slots=True)
class SignedRoot:
    """A root that some checkpoint signs, and how a finding names that checkpoint."""

    root: str
    where: str
    kind: ProblemKind


def check_tree(
    *,
    size: int,
    findings: Findings,
    outside: Mapping[int, list[SignedRoot]],
    first: int = 0,
    told: Callable[[int, int], None] | None = None,
) -> StreamChecker:
    """Walk the tree's entries in order and check all that hangs on them.

    Args:
        size: How many entries the tree has.
        findings: Collects what is wrong.
        outside: Signed roots kept outside the database, by size.
        first: Where to begin; the tree before it is taken from the stored nodes.
        told: Called after each chunk with how far it is, and the size.

    Raises:
        DamagedLedgerError: A node before ``first`` is absent.
    """
    peaks = selectors.node_hashes(nodes=tree.edge_nodes(first))
    streams, nodes = StreamChecker(findings, first), TreeChecker(findings, first, peaks)
    _compare_roots(nodes, outside.get(first, []), findings)
    for start in range(first, size, CHUNK):
        end = min(start + CHUNK, size)
        rows = {row.place: row for row in stored_rows.read_placed(begin=start, end=end)}
        streams.prepare(list(rows.values()))
        stored = stored_rows.read_nodes(begin=start, end=end)
        signed = _read_signed(start, end)
        for index in range(start, end):
            row = rows.get(index)
            if row is None:
                findings.add(
                    ProblemKind.ENTRY_MISSING,
                    f"entry {index}",
                    _("There is no entry at this place of the tree."),
                )
            nodes.append(streams.check(row) if row else None, stored)
            for roots in (signed.get(index + 1), outside.get(index + 1)):
                if roots:
                    _compare_roots(nodes, roots, findings)
        if told:
            told(end, size)
    return streams


def _read_signed(start: int, end: int) -> dict[int, list[SignedRoot]]:
    found = Checkpoint.objects.filter(size__gt=start, size__lte=end).values_list("size", "root")
    return {
        size: [SignedRoot(root, f"checkpoint {size}", ProblemKind.CHECKPOINT_DIFFERS)]
        for size, root in found
    }


def _compare_roots(nodes: TreeChecker, signed: Iterable[SignedRoot], findings: Findings) -> None:
    root = nodes.root()
    for item in signed:
        if root is not None and hmac.compare_digest(root.hex().encode(), item.root.encode()):
            continue
        findings.add(
            item.kind,
            item.where,
            _("The tree of %(size)s entries now has the root %(root)s; signed was %(signed)s.")
            % {
                "size": nodes.size,
                "root": root.hex() if root else _("unknown"),
                "signed": item.root,
            },
        )


def check_extra_nodes(findings: Findings) -> None:
    """Find nodes that no entry completes."""
    suspects = stored_rows.find_nodes_beyond(size=selectors.tree_size(), most=CHUNK)
    # The tree may have grown between the two reads, so the size is read again after the nodes.
    size = selectors.tree_size() if suspects else 0
    for level, index in suspects:
        if level < 1 or index < 0 or (index + 1) << level > size:
            findings.add(
                ProblemKind.NODE_EXTRA,
                f"node {level}/{index}",
                _("The tree holds a node over entries that do not exist."),
            )
