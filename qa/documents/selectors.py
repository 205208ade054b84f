"""Documents of one kind with their versions, and which of them is shown."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet

from governance.reviews.models import DocumentVersion
from governance.reviews.types import DocumentState
from governance.reviews.version_rows import VersionRows
from qa.documents.types import Shelf


def rows_of(shelf: Shelf) -> VersionRows:
    """Return how the review workflow reads and locks documents of a kind."""
    return VersionRows(
        documents=shelf.document.objects.all,
        versions=shelf.version.objects.all,
        link=shelf.link,
        stream_kind=shelf.kind,
    )


def list_documents(*, shelf: Shelf) -> QuerySet[Any]:
    """Return every document by title, each with its versions, newest first: two queries."""
    versions = Prefetch("versions", queryset=shelf.version.objects.order_by("-number"))
    rows: QuerySet[Any] = shelf.document.objects.order_by("title", "pk")
    return rows.prefetch_related(versions)


def versions_in_force(*, shelf: Shelf) -> QuerySet[Any]:
    """Return the versions in force, each with its document, by the document's key: one query."""
    rows: QuerySet[Any] = shelf.version.objects.filter(state=DocumentState.PUBLISHED)
    return rows.select_related(shelf.link).order_by(f"{shelf.link}__key")


def list_in_force(*, shelf: Shelf) -> frozenset[str]:
    """Return the keys under which a version is in force."""
    return frozenset(versions_in_force(shelf=shelf).values_list(f"{shelf.link}__key", flat=True))


def choose_version(versions: Sequence[Any], number: str = "") -> DocumentVersion | None:
    """Return the version that a page asks for.

    Args:
        versions: Newest first.
        number: As it stands in the address; empty for the one in force, else the newest.
    """
    if number.isdecimal():
        return next((each for each in versions if str(each.number) == number), None)
    in_force = (each for each in versions if each.state == DocumentState.PUBLISHED)
    return next(in_force, versions[0] if versions else None)
