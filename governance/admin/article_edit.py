"""The draft of an article's change, written as Markdown beside what it will look like."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.access.types import Capability
from governance.admin.article_forms import describe_form, errors_by_field, read_form
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, fragment, page, render
from governance.knowledge.loading import DOCUMENT_KIND
from governance.knowledge.markdown import render_html
from governance.knowledge.parsing import MAX_BODY, find_errors
from governance.knowledge.types import Audience
from governance.reviews import rules, selectors, services
from governance.reviews.models import ChangeRequest
from governance.reviews.types import ChangePurpose
from orchestra.core.errors import NotFoundError

#: How long a new article counts as reviewed, unless its author says otherwise.
_ROUTE = "change-requests/<uuid:change_id>/article/"


def is_article(change: ChangeRequest) -> bool:
    """Return whether a change is of an article."""
    return change.kind == DOCUMENT_KIND


def may_edit(visit: Visit, change: ChangeRequest) -> bool:
    """Return whether the text of a change can still be edited by this person."""
    is_open = change.purpose == ChangePurpose.EDIT and change.state in rules.OPEN
    return is_open and visit.may(Capability.KNOWLEDGE_EDIT)


@page(
    _ROUTE,
    name="change_article",
    capability=Capability.CHANGE_READ,
    methods=("GET", "HEAD", "POST"),
)
def change_article(request: HttpRequest, visit: Visit, change_id: UUID) -> HttpResponse:
    """Show the draft as it will look, with the form to edit it for those who may."""
    found = _change(visit, change_id)
    document: dict[str, Any] = dict(found.document)
    if request.method == "POST":
        if not may_edit(visit, found):
            raise NotFoundError(_("There is no such page."))
        document = _posted(request, found)
        if request.POST.get("do") == "save" and _save(request, visit, found, document):
            return _after_saving(request, found, document)
    return _show(request, visit, found, document)


def _change(visit: Visit, change_id: UUID) -> ChangeRequest:
    found = selectors.get_change(authority=visit.authority, change_id=change_id)
    if not is_article(found):
        raise NotFoundError(_("There is no such page."))
    return found


def _posted(request: HttpRequest, found: ChangeRequest) -> dict[str, Any]:
    ticked = request.POST.getlist("audience")
    audience = [one for one in Audience if one in ticked]
    return read_form(request.POST.dict(), key=found.document_key, audience=audience)


def _save(
    request: HttpRequest, visit: Visit, found: ChangeRequest, document: dict[str, Any]
) -> bool:
    error = attempt(
        request,
        lambda: services.save_draft(
            actor=visit.actor,
            now=visit.now,
            change_id=found.public_id,
            document=document,
            seen_digest=request.POST.get("digest", ""),
            summary=request.POST.get("summary", found.summary),
        ),
        refusal=as_refusal("change.save", found.public_id),
    )
    return error is None


def _after_saving(
    request: HttpRequest, found: ChangeRequest, document: dict[str, Any]
) -> HttpResponseRedirect:
    count = len(find_errors(document))
    if not count:
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("admin:change", args=[found.public_id]))
    messages.warning(
        request,
        ngettext(
            "Saved. %(count)d error keeps it from being submitted.",
            "Saved. %(count)d errors keep it from being submitted.",
            count,
        )
        % {"count": count},
    )
    return HttpResponseRedirect(reverse("admin:change_article", args=[found.public_id]))


def _show(
    request: HttpRequest, visit: Visit, found: ChangeRequest, document: dict[str, Any]
) -> HttpResponse:
    link = reverse("admin:change", args=[found.public_id])
    form = describe_form(document)
    errors = find_errors(document)
    return render(
        request,
        "governance/article_edit.html",
        {
            "title": f"{found.label}: {found.title}",
            "crumbs": [
                Crumb(_("Govern")),
                Crumb(_("Change requests"), reverse("admin:changes")),
                Crumb(found.label, link),
                Crumb(_("The article")),
            ],
            "change": found,
            "back_link": link,
            "here": reverse("admin:change_article", args=[found.public_id]),
            "preview_link": reverse("admin:change_article_preview", args=[found.public_id]),
            "may_edit": may_edit(visit, found),
            "form": form,
            "summary": request.POST.get("summary", found.summary),
            "audiences": _audiences(form["audience"]),
            "errors": errors_by_field(errors),
            "error_count": len(errors),
            "most": MAX_BODY,
            "html": render_html(form["body"][:MAX_BODY]),
        },
    )


def _audiences(ticked: list[str]) -> list[dict[str, Any]]:
    told = {
        Audience.AI: (_("AI agents"), _("they find it until its review date")),
        Audience.HUMAN: (_("People"), _("who work cases")),
        Audience.CUSTOMER: (_("Customers"), _("its words may be passed on as they are")),
    }
    return [
        {"code": one, "title": title, "hint": hint, "is_on": one in ticked}
        for one, (title, hint) in told.items()
    ]


@page(
    f"{_ROUTE}preview/",
    name="change_article_preview",
    capability=Capability.KNOWLEDGE_EDIT,
    methods=("POST",),
)
def preview(request: HttpRequest, visit: Visit, change_id: UUID) -> HttpResponse:
    """Return what a text will look like, as a part of the page."""
    _change(visit, change_id)
    body = request.POST.get("body", "")[:MAX_BODY]
    return fragment(request, "governance/article_preview.html", {"html": render_html(body)})
