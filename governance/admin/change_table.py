"""The draft of a policy's change, edited as a decision table; read as one by who may not edit."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.defaultfilters import date as date_words
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.admin.table_visit import Edit, edit_of
from governance.admin.tables import list_differences
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from governance.ledger.refusals import record_refusal
from governance.policies.loading import DOCUMENT_KIND
from governance.policies.models import PolicyVersion
from governance.policies.yaml_text import to_yaml
from governance.reviews import rules, selectors, services
from governance.reviews.models import ChangeRequest
from governance.reviews.registry import documents
from governance.reviews.types import ChangePurpose, ChangeState
from orchestra.core.errors import (
    ConflictError,
    NotFoundError,
    NotPermittedError,
    OrchestraError,
)

_ROUTE = "change-requests/<uuid:change_id>/table/"
STALE: Final = "change.stale"
Document = dict[str, Any]


@page(
    _ROUTE,
    name="change_table",
    capability=Capability.CHANGE_READ,
    methods=("GET", "HEAD", "POST"),
)
def change_table(request: HttpRequest, visit: Visit, change_id: UUID) -> HttpResponse:
    """Show the draft in the editor; save it or hand it in where that is asked for."""
    found = _found(visit, change_id)
    may_edit = _may_edit(visit, found)
    if request.method == "POST" and not may_edit:
        raise NotPermittedError(_("You may read this change, not edit it."))
    edit = _edit(request, found)
    stale = False
    if request.POST.get("do") in {"save", "submit"} and edit.can_be_saved:
        error = save_text(request, visit, found, edit.document)
        if error is None:
            return _after(request, visit, found, edit)
        stale = error.error_code == STALE
        found = _found(visit, change_id)
    return render(
        request,
        "governance/change_table.html",
        {
            **_context(visit, found, edit),
            "may_edit": may_edit,
            "conflict": _conflict(found, edit) if stale else None,
            "editor": edit.describe() if may_edit else edit.describe_sentences(),
            "imported": request.POST.get("yaml", ""),
        },
        status=409 if stale else 200,
    )


@page(
    f"{_ROUTE}reading/",
    name="change_table_reading",
    capability=Capability.POLICY_EDIT,
    methods=("POST",),
)
def change_table_reading(request: HttpRequest, visit: Visit, change_id: UUID) -> HttpResponse:
    """Answer how the open rows of a form read, with everything found."""
    return JsonResponse(_edit(request, _found(visit, change_id)).read())


@page(
    f"{_ROUTE}yaml/",
    name="change_table_yaml",
    capability=Capability.CHANGE_READ,
    methods=("GET", "HEAD", "POST"),
)
def change_table_yaml(request: HttpRequest, visit: Visit, change_id: UUID) -> HttpResponse:
    """Download the draft as YAML, or what stands in the editor of whoever may edit."""
    found = _found(visit, change_id)
    document: Document = dict(found.document)
    if request.method == "POST":
        if not _may_edit(visit, found):
            raise NotPermittedError(_("You may read this change, not edit it."))
        document = dict(_edit(request, found).document)
    answer = HttpResponse(to_yaml(document), content_type="application/yaml; charset=utf-8")
    name = f"{found.document_key}.{found.label}.yaml"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def is_table(change: ChangeRequest) -> bool:
    """Return whether the text of a change is a decision table that can still be edited."""
    return _is_a_policys_text(change) and change.state in rules.OPEN


def editor_name(change: ChangeRequest) -> str:
    """Return the name of the page that the kind of a change has for its open drafts, or empty."""
    found = documents.find(change.kind)
    is_open = change.purpose == ChangePurpose.EDIT and change.state in rules.OPEN
    return found.editor if found and is_open else ""


def _is_a_policys_text(change: ChangeRequest) -> bool:
    return change.kind == DOCUMENT_KIND and change.purpose == ChangePurpose.EDIT


def _found(visit: Visit, change_id: UUID) -> ChangeRequest:
    found = selectors.get_change(authority=visit.authority, change_id=change_id)
    if not _is_a_policys_text(found):
        raise NotFoundError(_("There is no such page."))
    return found


def _may_edit(visit: Visit, found: ChangeRequest) -> bool:
    if not is_table(found):
        return False
    return visit.may_on(Capability.POLICY_EDIT, kind=found.kind, key=found.document_key)


def _edit(request: HttpRequest, found: ChangeRequest) -> Edit:
    return edit_of(request, dict(found.document), against=_base_of(found), number=found.base_number)


def save_text(
    request: HttpRequest, visit: Visit, found: ChangeRequest, document: Document
) -> OrchestraError | None:
    """Save the draft; return why it was not, after it was told or, if stale, is to be shown."""
    stale: list[ConflictError] = []

    def act() -> None:
        try:
            services.save_draft(
                actor=visit.actor,
                now=visit.now,
                change_id=found.public_id,
                document=document,
                seen_digest=request.POST.get("digest", ""),
                summary=found.summary,
            )
        except ConflictError as error:
            if error.error_code != STALE:
                raise
            refusal = as_refusal("change.save", found.public_id)(error)
            record_refusal(actor=visit.actor, now=visit.now, refusal=refusal)
            stale.append(error)

    error = attempt(request, act, refusal=as_refusal("change.save", found.public_id))
    return error or (stale[0] if stale else None)


def _after(request: HttpRequest, visit: Visit, found: ChangeRequest, edit: Edit) -> HttpResponse:
    """Answer after the draft was saved: hand it in if that was asked, else stay."""
    here = reverse("admin:change_table", args=[found.public_id])
    if request.POST.get("do") != "submit":
        messages.success(request, _("Saved as a draft. Nothing is in force before others approve."))
        return HttpResponseRedirect(here)
    if edit.blocks:
        messages.error(request, _("Saved, and not submitted: mend what is found first."))
        return HttpResponseRedirect(here)
    error = attempt(
        request,
        lambda: services.submit(actor=visit.actor, now=visit.now, change_id=found.public_id),
        refusal=as_refusal("change.submit", found.public_id),
    )
    if error is not None:
        return HttpResponseRedirect(here)
    messages.success(request, _("Submitted. Others vote on it now."))
    return HttpResponseRedirect(reverse("admin:change", args=[found.public_id]))


def _base_of(found: ChangeRequest) -> Document | None:
    if not found.base_number:
        return None
    base = selectors.kind_of(found).rows.version(found.document_key, found.base_number)
    return dict(base) if base is not None else None


def _conflict(found: ChangeRequest, edit: Edit) -> dict[str, Any]:
    """Return who saved what meanwhile, beside the text that is kept on the page."""
    return {
        "who": found.editor_label,
        "at": saved_at(found),
        "differences": list_differences(edit.document, dict(found.document)),
    }


def saved_at(found: ChangeRequest) -> datetime:
    """Return when the text of a change was last saved."""
    drafts = selectors.list_drafts(change=found)
    saved: datetime = drafts[0].history_date if drafts else found.created_at
    return saved


def _context(visit: Visit, found: ChangeRequest, edit: Edit) -> dict[str, Any]:
    link = reverse("admin:change", args=[found.public_id])
    after = rules.CHANGE_MOVES[ChangeState(found.state)]
    return {
        "title": f"{found.label}: {found.title}",
        "crumbs": [
            Crumb(_("Govern")),
            Crumb(_("Change requests"), reverse("admin:changes")),
            Crumb(found.label, link),
            Crumb(_("The table")),
        ],
        "change": found,
        "next_number": _next_number(found),
        "saved_words": _saved_words(visit, found),
        "is_unsaved": edit.document != found.document,
        "may_save": True,
        "may_submit": ChangeState.SUBMITTED in after,
        "may_discard": ChangeState.WITHDRAWN in after,
        "back_link": link,
        "here": reverse("admin:change_table", args=[found.public_id]),
        "reading_link": reverse("admin:change_table_reading", args=[found.public_id]),
        "yaml_link": reverse("admin:change_table_yaml", args=[found.public_id]),
    }


def _next_number(found: ChangeRequest) -> int:
    numbers = PolicyVersion.objects.filter(policy__key=found.document_key).order_by("-number")
    return (numbers.values_list("number", flat=True).first() or 0) + 1


def _saved_words(visit: Visit, found: ChangeRequest) -> str:
    at = timezone.localtime(saved_at(found))
    same_day = at.date() == timezone.localtime(visit.now).date()
    said = date_words(at, "H:i" if same_day else "j M Y, H:i")
    if found.editor_id == visit.actor.id:
        return _("Saved %(at)s by you.") % {"at": said}
    return _("Saved %(at)s by %(who)s.") % {"at": said, "who": found.editor_label}
