"""Everything held about one person: asked for, put together, handed out."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.access.proof import find_proof, is_fresh
from governance.access.types import Capability
from governance.admin.step_up import Waiting, ask_to_prove, keep_ballot
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from governance.retention.selectors import days_of
from governance.subject_access import services
from governance.subject_access.models import SubjectExport
from governance.subject_access.types import ExportState
from orchestra.core.errors import ConflictError, NotFoundError, OrchestraError

SHOWN: Final = 30
_KEPT: Final = "subject_export"


@page(
    "subject-exports/",
    name="subject_exports",
    capability=Capability.PRIVACY_MANAGE,
    methods=("GET", "HEAD", "POST"),
)
def exports(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask for an export, and see the earlier ones; what was typed stays where it is refused."""
    if request.method != "POST":
        return _form(request, {})
    posted = {name: request.POST.get(name, "") for name in ("subject", "reference")}
    if not is_fresh(find_proof(request), now=visit.now):
        keep_ballot(request, _KEPT, {**posted, "reason": posted["reference"]})
        return HttpResponseRedirect(reverse("admin:subject_export_step_up"))
    return _ask(request, visit, posted)


@page(
    "subject-exports/step-up/",
    name="subject_export_step_up",
    capability=Capability.PRIVACY_MANAGE,
    methods=("GET", "HEAD", "POST"),
)
def step_up(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask who they are; the request then goes on by itself, its text kept."""
    link = reverse("admin:subject_exports")
    return ask_to_prove(
        request,
        visit,
        Waiting(
            key=_KEPT,
            title=_("What is held about a person"),
            crumbs=[Crumb(_("What is held"), link)],
            lead=_("A file with everything about one person is put together."),
            say=lambda posted: (
                _("You ask for what is held about %(who)s.") % {"who": posted["subject"]}
            ),
            back_link=link,
            cast=lambda posted: _ask(request, visit, posted),
            undone=_("Nothing was asked for."),
        ),
    )


@page(
    "subject-exports/<uuid:subject_export_id>/file/",
    name="subject_export_file",
    capability=Capability.PRIVACY_MANAGE,
)
def take(request: HttpRequest, visit: Visit, subject_export_id: UUID) -> HttpResponseBase:
    """Hand the file out; that it was taken is an entry."""
    try:
        export, path = services.open_file(
            actor=visit.actor, now=visit.now, export_id=subject_export_id
        )
    except ConflictError as error:
        messages.error(request, error.message)
        return HttpResponseRedirect(reverse("admin:subject_exports"))
    answer = FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=f"held-{export.pk}.zip",
        content_type="application/zip",
    )
    answer["Cache-Control"] = "no-store"
    return answer


def _ask(request: HttpRequest, visit: Visit, posted: Mapping[str, str]) -> HttpResponse:
    def act() -> None:
        services.request_export(
            actor=visit.actor,
            now=visit.now,
            text=posted["subject"],
            reference=posted["reference"],
            proof=find_proof(request),
        )

    try:
        error: OrchestraError | None = attempt(
            request, act, refusal=as_refusal("subject_export.ask")
        )
    except NotFoundError as found:
        # The page is here; whom it was asked about is not.
        messages.error(request, found.message)
        error = found
    if error is not None:
        return _form(request, posted, status=422)
    messages.success(request, _("Asked for. It is put together within a minute or two."))
    return HttpResponseRedirect(reverse("admin:subject_exports"))


def _form(request: HttpRequest, posted: Mapping[str, str], *, status: int = 200) -> HttpResponse:
    return render(
        request,
        "governance/subject_exports.html",
        {
            "title": _("What is held about a person"),
            "crumbs": [Crumb(_("Prove")), Crumb(_("What is held"))],
            "subject": posted.get("subject", ""),
            "reference": posted.get("reference", ""),
            "days": days_of("subject_files"),
            "rows": [_row(one) for one in services.list_exports()[:SHOWN]],
        },
        status=status,
    )


def _row(export: SubjectExport) -> dict[str, Any]:
    words = {
        ExportState.QUEUED: ("is-run", _("being put together")),
        ExportState.DONE: ("is-ok", _("ready")),
        ExportState.FAILED: ("is-bad", _("could not be put together")),
        ExportState.DELETED: ("is-off", _("file deleted")),
    }
    sign, word = words[ExportState(export.state)]
    return {
        "export": export,
        "sign": sign,
        "state": word,
        "is_done": export.state == ExportState.DONE,
        "link": reverse("admin:subject_export_file", args=[export.public_id]),
    }
