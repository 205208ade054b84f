"""How the rows of a governed document are read, locked and named, the same for every kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from governance.ledger.entries import SYSTEM_STREAM
from governance.reviews.models import DocumentVersion
from governance.reviews.types import DocumentState
from orchestra.core.locking import lock

Json = Any
Document = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class VersionRows:
    """Two tables in the shape that the kinds share: a document by key, and its versions.

    Attributes:
        documents: Makes a query of the documents, ``Policy.objects.all``; they have a key
            and a ``public_id``.
        versions: Makes a query of their versions, ``PolicyVersion.objects.all``.
        link: Name of the field by which a version points to its document, ``policy``.
        stream_kind: Kind of a document's own ledger stream, ``policy``; empty where the kind
            writes to the centre's own.
        key_field: Name of the field that holds a document's key, in its row and in its text.
    """

    documents: Callable[[], QuerySet[Any]]
    versions: Callable[[], QuerySet[Any]]
    link: str
    stream_kind: str = ""
    key_field: str = "key"

    def present(self, key: str) -> tuple[int, Document] | None:
        """Return number and document of the version in force, None for none."""
        found: tuple[int, Document] | None = self.present_row(key).first()
        return found

    def present_row(self, key: str) -> QuerySet[Any, Any]:
        """Return the row of ``present``, to be read with others: at most one."""
        rows = self._of(key).filter(state=DocumentState.PUBLISHED)
        return rows.order_by("pk").values_list("number", "document")

    def version(self, key: str, number: int) -> Document | None:
        """Return the document of one version, None where there is none."""
        found: Document | None = (
            self._of(key).filter(number=number).values_list("document", flat=True).first()
        )
        return found

    def lock(self, key: str) -> None:
        """Lock the document that a key names, in the present transaction."""
        lock(self._named(key))

    def stream(self, key: str) -> str:
        """Return the ledger stream of a document; the centre's own before it has any version."""
        if not self.stream_kind:
            return SYSTEM_STREAM
        found = self._named(key).values_list("public_id", flat=True).first()
        return f"{self.stream_kind}:{found}" if found else SYSTEM_STREAM

    def _named(self, key: str) -> QuerySet[Model]:
        return self.documents().filter(**{self.key_field: key})

    def _of(self, key: str) -> QuerySet[DocumentVersion]:
        return self.versions().filter(**{f"{self.link}__{self.key_field}": key})
