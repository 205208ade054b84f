"""Begin a governed document that does not exist yet: its key, its title, and why."""

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.admin.article_edit import is_article
from governance.admin.change_table import editor_name, is_table
from governance.admin.visit import Crumb, Visit, page, render
from governance.reviews import services
from governance.reviews.models import ChangeRequest
from governance.reviews.registry import DocumentKind, documents
from orchestra.core.errors import FieldError, InvalidInputError, NotFoundError, NotPermittedError

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_FIELDS = ("title", "key", "summary")


@page(
    "change-requests/new/<str:kind>/",
    name="change_new",
    capability=Capability.CHANGE_READ,
    methods=("GET", "HEAD", "POST"),
)
def change_new(request: HttpRequest, visit: Visit, kind: str) -> HttpResponse:
    """Open the change that brings a new document, with a draft to begin with."""
    found = documents.find(kind)
    if found is None or found.blank is None:
        raise NotFoundError(_("No document of this kind can be begun here."))
    if not visit.may_on(found.drafting, kind=kind):
        raise NotPermittedError(_("Your role does not draft this kind of document."))
    given = {name: request.POST.get(name, "") for name in _FIELDS}
    errors: tuple[FieldError, ...] = ()
    if request.method == "POST":
        try:
            made = services.begin_document(
                actor=visit.actor,
                now=visit.now,
                kind=kind,
                day=timezone.localdate(visit.now),
                **given,
            )
        except InvalidInputError as error:
            errors = error.errors
        else:
            return HttpResponseRedirect(_editor(made))
    return render(
        request,
        "governance/change_new.html",
        {
            "title": _("New %(kind)s") % {"kind": found.title},
            "crumbs": [
                Crumb(_("Govern")),
                Crumb(_("Change requests"), reverse("admin:changes")),
                Crumb(_("New %(kind)s") % {"kind": found.title}),
            ],
            "given": given,
            "errors": {error.field: error.message for error in errors},
        },
        status=422 if errors else 200,
    )


def _editor(change: ChangeRequest) -> str:
    """Return the page where a draft is written: the table, the article, else the change."""
    name = "change"
    if is_table(change):
        name = "change_table"
    elif is_article(change):
        name = "change_article"
    elif editor_name(change):
        name = editor_name(change)
    return reverse(f"admin:{name}", args=[change.public_id])


def describe_beginning(visit: Visit, kind: str) -> "dict[str, StrOrPromise]":
    """Return the way to begin a document of a kind, empty for who may not draft it."""
    found: DocumentKind = documents.get(kind)
    may_begin = (
        found.blank
        and visit.may_on(found.drafting, kind=kind)
        and visit.may(Capability.CHANGE_READ)
    )
    if not may_begin:
        return {}
    return {
        "link": reverse("admin:change_new", args=[kind]),
        "words": _("New %(kind)s") % {"kind": found.title},
    }
