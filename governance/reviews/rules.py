"""How a governed document moves from draft to retired, and its digest; pure."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from governance.reviews.types import DocumentState
from orchestra.core.canonical import digest

Json = Any

#: State to the states that may follow. What was published is never edited, only retired.
MOVES: Mapping[DocumentState, frozenset[DocumentState]] = MappingProxyType(
    {
        DocumentState.DRAFT: frozenset({DocumentState.SUBMITTED}),
        DocumentState.SUBMITTED: frozenset({DocumentState.DRAFT, DocumentState.APPROVED}),
        DocumentState.APPROVED: frozenset({DocumentState.DRAFT, DocumentState.PUBLISHED}),
        DocumentState.PUBLISHED: frozenset({DocumentState.RETIRED}),
        DocumentState.RETIRED: frozenset(),
    }
)


def may_move(*, present: DocumentState, wanted: DocumentState) -> bool:
    """Return whether a version may move from one state to another."""
    return wanted in MOVES[present]


def document_digest(*, kind: str, document: Mapping[str, Json]) -> str:
    """Return the canonical digest that names a version's text.

    Args:
        kind: What it is, such as ``policy``; part of the digest's domain.
        document: The document as stored.

    Raises:
        InvalidInputError: The document has no canonical form.
    """
    return digest(f"orchestra.{kind}.v1", document)
