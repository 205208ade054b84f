"""What the shared services and selectors need to know of one kind of document."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from orchestra.core.errors import FieldError, InvalidInputError

Json = Any
FindErrors = Callable[[Mapping[str, Json]], tuple[FieldError, ...]]


def errors_of(
    parse: Callable[..., Any], find_unknown: Callable[[Any], Iterable[FieldError]] | None = None
) -> FindErrors:
    """Return what finds everything that stops a document from being put into force.

    Args:
        parse: Reads a document, and names all its errors at once.
        find_unknown: What of a document that can be read is not there, such as a queue that it
            names; None where it names nothing.
    """

    def find(document: Mapping[str, Json]) -> tuple[FieldError, ...]:
        try:
            spec = parse(document=document)
        except InvalidInputError as error:
            return error.errors
        return tuple(find_unknown(spec)) if find_unknown else ()

    return find


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where documents of one kind are kept, and what their acts are called.

    Attributes:
        kind: Registered kind, ``scorecard``; also its ledger stream and its digest's domain.
        document: Model of a document, a subclass of ``QualityDocument``.
        version: Model of a version, a subclass of ``DocumentVersion``.
        title: What people call one, ``scorecard``.
        find_errors: Everything that stops a document from being put into force.
        link: Field by which a version points to its document.
        published: Kind of ledger entry when a version goes into force.
        retired: Kind of ledger entry when it goes out of force.
        fields: Columns of a new version besides the usual ones, from its document and its
            earlier versions.
    """

    kind: str
    document: type[Any]
    version: type[Any]
    title: str
    find_errors: FindErrors
    link: str
    published: str
    retired: str
    fields: Callable[[Any, Any], dict[str, Any]] = lambda _document, _versions: {}
