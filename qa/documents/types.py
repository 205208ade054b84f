"""What the shared services and selectors need to know of one kind of document."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where documents of one kind are kept, and what their acts are called.

    Attributes:
        kind: Registered kind, ``scorecard``; also its ledger stream and its digest's domain.
        document: Model of a document, a subclass of ``QualityDocument``.
        version: Model of a version, a subclass of ``DocumentVersion``.
        link: Field by which a version points to its document.
        published: Kind of ledger entry when a version goes into force.
        retired: Kind of ledger entry when it goes out of force.
        fields: Columns of a new version besides the usual ones, from its document and its
            earlier versions.
    """

    kind: str
    document: type[Any]
    version: type[Any]
    link: str
    published: str
    retired: str
    fields: Callable[[Any, Any], dict[str, Any]] = lambda _document, _versions: {}
