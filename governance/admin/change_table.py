"""The draft of a policy's change, edited as a decision table."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.admin.table_forms import find_errors, opened_in, read_editor
from governance.admin.tables import describe_editor
from governance.admin.visit import Crumb, Visit, attempt, page, render
from governance.ledger.refusals import Refusal
from governance.policies.loading import DOCUMENT_KIND
from governance.policies.registry import present_catalogue
from governance.reviews import rules, selectors, services
from governance.reviews.models import ChangeRequest
from governance.reviews.types import ChangePurpose
from orchestra.core.errors import NotFoundError, OrchestraError


@page(
    "change-requests/<uuid:change_id>/table/",
    name="change_table",
    capability=Capability.POLICY_EDIT,
    methods=("GET", "HEAD", "POST"),
)
def change_table(request: HttpRequest, visit: Visit, change_id: UUID) -> HttpResponse:
    """Show the draft in the editor; save it where it is asked for and nothing is wrong."""
    found = selectors.get_change(authority=visit.authority, change_id=change_id)
    if not is_table(found):
        raise NotFoundError(_("There is no such page."))
    catalogue = present_catalogue()
    opened: list[str] = []
    document: dict[str, Any] = dict(found.document)
    if request.method == "POST":
        document, errors = read_editor(request.POST, catalogue=catalogue)
        opened = opened_in(request.POST)
        if (
            not errors
            and request.POST.get("do") == "save"
            and _save(request, visit, found, document)
        ):
            return HttpResponseRedirect(reverse("admin:change", args=[found.public_id]))
    else:
        errors = find_errors(document, catalogue=catalogue)
    editor = describe_editor(
        document, errors, opened=opened, against=_base_of(found), catalogue=catalogue
    )
    return render(
        request,
        "governance/change_table.html",
        {**_context(found), "editor": editor, "imported": request.POST.get("yaml", "")},
    )


def is_table(change: ChangeRequest) -> bool:
    """Return whether the text of a change is a decision table that can still be edited."""
    return (
        change.kind == DOCUMENT_KIND
        and change.purpose == ChangePurpose.EDIT
        and change.state in rules.OPEN
    )


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
            summary=found.summary,
        ),
        refusal=lambda error: _refusal(error, found),
    )
    if error is None:
        messages.success(request, _("Saved."))
    return error is None


def _refusal(error: OrchestraError, found: ChangeRequest) -> Refusal:
    return Refusal(
        act="change.save",
        code=error.error_code,
        message=error.message,
        subject_id=str(found.public_id),
    )


def _base_of(found: ChangeRequest) -> dict[str, Any] | None:
    if not found.base_number:
        return None
    base = selectors.kind_of(found).version(found.document_key, found.base_number)
    return dict(base) if base is not None else None


def _context(found: ChangeRequest) -> dict[str, Any]:
    link = reverse("admin:change", args=[found.public_id])
    return {
        "title": f"{found.label}: {found.title}",
        "crumbs": [
            Crumb(_("Govern")),
            Crumb(_("Change requests"), reverse("admin:changes")),
            Crumb(found.label, link),
            Crumb(_("The table")),
        ],
        "change": found,
        "back_link": link,
        "here": reverse("admin:change_table", args=[found.public_id]),
        "reading_link": reverse("admin:policy_reading", args=[found.document_key]),
    }
