"""What the pages of scorecards, sampling plans and metric definitions have in common."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.admin.change_new import describe_beginning
from governance.admin.changes import describe_opening
from governance.admin.visit import Crumb, Visit, render
from governance.reviews.types import DocumentState
from orchestra.core.errors import NotFoundError
from qa.documents.selectors import choose_version, list_documents
from qa.documents.types import Shelf

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Json = Any


@dataclass(frozen=True, slots=True)
class Library:
    """The pages of one kind of document.

    Attributes:
        group: Title of its group in the sidebar.
        title: Title of the list.
        about: What such documents are for, in one sentence.
        empty: What to say where there is none.
        name: Name of the page of one document; the list's is ``<name>s``.
        heads: Titles of the list's further columns.
        cells: A version to what stands in them.
    """

    shelf: Shelf
    group: "StrOrPromise"
    title: "StrOrPromise"
    about: "StrOrPromise"
    empty: "StrOrPromise"
    name: str
    heads: "Sequence[StrOrPromise]"
    cells: Callable[[Any], Sequence[object]]


def show_list(request: HttpRequest, visit: Visit, library: Library) -> HttpResponse:
    """Show every document of a kind with the version in force."""
    return render(
        request,
        "qa/documents.html",
        {
            "title": library.title,
            "crumbs": [Crumb(str(library.group)), Crumb(str(library.title))],
            "about": library.about,
            "beginning": describe_beginning(visit, library.shelf.kind),
            "empty": library.empty,
            "heads": library.heads,
            "rows": [_row(library, one) for one in list_documents(shelf=library.shelf)],
        },
    )


def _row(library: Library, document: Any) -> dict[str, Any]:
    version: Any = choose_version(list(document.versions.all()))
    return {
        "key": document.key,
        "title": document.title,
        "link": reverse(f"admin:{library.name}", args=[document.key]),
        "in_force": version is not None and version.state == DocumentState.PUBLISHED,
        "number": version.number if version else None,
        "since": version.published_at if version else None,
        "cells": list(zip(library.heads, library.cells(version), strict=True)) if version else [],
    }


def show_document(
    request: HttpRequest,
    visit: Visit,
    library: Library,
    key: str,
    template: str,
    describe: Callable[[Any], Mapping[str, Any]],
) -> HttpResponse:
    """Show one version of a document; without a number, the one in force.

    Args:
        request: The request; ``version`` in its query is a number.
        visit: Who looks.
        library: The pages of its kind.
        key: Its key.
        template: Extends ``qa/document.html``.
        describe: A version to what that template needs besides.

    Raises:
        NotFoundError: There is no such document, or no such version of it.
    """
    found = list_documents(shelf=library.shelf).filter(key=key).first()
    versions = list(found.versions.all()) if found else []
    shown: Any = choose_version(versions, request.GET.get("version", ""))
    if found is None or shown is None:
        raise NotFoundError(_("There is no such document."))
    link = reverse(f"admin:{library.name}", args=[key])
    return render(
        request,
        template,
        {
            "title": found.title,
            "crumbs": [
                Crumb(str(library.group)),
                Crumb(str(library.title), reverse(f"admin:{library.name}s")),
                Crumb(found.title),
            ],
            "version": shown,
            "history_link": reverse("admin:history", args=[library.name, found.pk]),
            "version_history_link": reverse(
                "admin:history", args=[f"{library.name}_version", shown.pk]
            ),
            "in_force": shown.state == DocumentState.PUBLISHED,
            "versions": [
                {"row": each, "link": f"{link}?version={each.number}"} for each in versions
            ],
            "opening": describe_opening(
                visit,
                kind=library.shelf.kind,
                key=key,
                number=shown.number if shown.state == DocumentState.RETIRED else None,
            ),
            **describe(shown),
        },
    )
