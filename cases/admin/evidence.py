"""One export of evidence: its gaps, how far it is, its file, and how it is checked."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from cases.admin.evidence_shown import GROUPS, OUT, describe_gaps, describe_lines
from governance.access.types import Capability
from governance.admin.in_ledger import in_ledger
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, fragment, page, render
from governance.evidence import selectors, services
from governance.evidence.models import EvidenceExport
from governance.evidence.types import OPEN, ExportState, FieldGroup
from governance.ledger.services import published_key
from orchestra.core.errors import ConflictError

_STEPS: Final = {
    "entries": _lazy("Collect entries"),
    "redactions": _lazy("Leave out, and keep commitments"),
    "proofs": _lazy("Inclusion proofs"),
    "streams": _lazy("Streams: gapless from their first entry"),
    "pack": _lazy("Checkpoint, keys, verifier, read-me"),
    "verify": _lazy("Verify the finished file with its own verifier"),
}
_SIGNS: Final = {"done": "is-ok", "running": "is-run", "waiting": "is-off"}


@page("evidence/<uuid:export_id>/", name="evidence_one", capability=Capability.LEDGER_READ)
def one(request: HttpRequest, visit: Visit, export_id: UUID) -> HttpResponse:
    """Show one export: its gaps, how far it is, and how its file is checked."""
    found = selectors.get_export(authority=visit.authority, export_id=export_id)
    shown = _describe(found, visit)
    return render(
        request,
        "cases/evidence_one.html",
        {
            "title": _("Evidence export"),
            "crumbs": [
                Crumb(_("Prove")),
                Crumb(_("Evidence exports"), reverse("admin:evidence")),
                Crumb(shown["title"]),
            ],
            "export": shown,
            "vkey": published_key().text(),
            "ledger_link": in_ledger(visit, subject=found.public_id),
        },
    )


@page(
    "evidence/<uuid:export_id>/progress/",
    name="evidence_progress",
    capability=Capability.LEDGER_READ,
)
def progress(request: HttpRequest, visit: Visit, export_id: UUID) -> HttpResponse:
    """Return how far an export is, for the page that asks again."""
    found = selectors.get_export(authority=visit.authority, export_id=export_id)
    return fragment(request, "cases/evidence_progress.html", {"export": _describe(found, visit)})


@page(
    "evidence/<uuid:export_id>/explain/",
    name="evidence_explain",
    capability=Capability.LEDGER_READ,
    methods=("POST",),
)
def explain(request: HttpRequest, visit: Visit, export_id: UUID) -> HttpResponse:
    """Say why a gap is there."""
    return _act(
        request,
        "evidence.explain",
        export_id,
        lambda: services.explain_gap(
            actor=visit.actor,
            now=visit.now,
            export_id=export_id,
            code=request.POST.get("code", ""),
            explanation=request.POST.get("explanation", ""),
        ),
    )


@page(
    "evidence/<uuid:export_id>/cancel/",
    name="evidence_cancel",
    capability=Capability.LEDGER_READ,
    methods=("POST",),
)
def cancel(request: HttpRequest, visit: Visit, export_id: UUID) -> HttpResponse:
    """Call an export off."""
    return _act(
        request,
        "evidence.cancel",
        export_id,
        lambda: services.cancel_export(actor=visit.actor, now=visit.now, export_id=export_id),
    )


@page("evidence/<uuid:export_id>/file/", name="evidence_file", capability=Capability.LEDGER_READ)
def take(request: HttpRequest, visit: Visit, export_id: UUID) -> HttpResponseBase:
    """Hand the finished, verified file out; that it was taken is an entry."""
    try:
        export, path = services.open_file(actor=visit.actor, now=visit.now, export_id=export_id)
    except ConflictError as error:
        messages.error(request, error.message)
        return HttpResponseRedirect(reverse("admin:evidence_one", args=[export_id]))
    answer = FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=export.file_name,
        content_type="application/zip",
    )
    answer["Cache-Control"] = "no-store"
    return answer


def _act(request: HttpRequest, name: str, export_id: UUID, act: Any) -> HttpResponse:
    attempt(request, act, refusal=as_refusal(name, export_id))
    return HttpResponseRedirect(reverse("admin:evidence_one", args=[export_id]))


def _describe(found: EvidenceExport, visit: Visit) -> dict[str, Any]:
    state = ExportState(found.state)
    steps = selectors.progress_of(found)
    gaps = selectors.gaps_of(found)
    withheld = ((title, found.counts.get(f"withheld_{reason}", 0)) for reason, title in OUT.items())
    links = {
        name: reverse(f"admin:evidence_{name}", args=[found.public_id])
        for name in ("progress", "explain", "cancel", "file")
    }
    own = found.by_id == visit.actor.id
    return {
        **describe_lines([found])[0],
        **{f"{name}_link": link for name, link in links.items()},
        "by": found.by_label,
        "moving": state in {ExportState.QUEUED, ExportState.RUNNING},
        "may_cancel": state in OPEN,
        "is_own": own,
        "percent": _percent(found),
        "steps": [
            {
                "title": _STEPS[step.stage],
                "sign": _SIGNS[step.state],
                "done": step.done,
                "total": step.total,
            }
            for step in steps
        ],
        "gaps": describe_gaps(gaps, {}),
        "unexplained": selectors.unexplained(gaps),
        "explaining": state is ExportState.EXPLAINING,
        "left_out": [GROUPS[FieldGroup(group)] for group in found.leave_out],
        "withheld": [{"title": title, "times": times} for title, times in withheld if times],
        "sha256": found.file_sha256,
        "checkpoint": found.checkpoint_size,
        "said": [_said(line) for line in found.verifier_said.splitlines()],
        "problem": found.problem,
    }


def _said(line: str) -> dict[str, str]:
    """Return a line of the verifier's answer, with what it came to apart from the rest."""
    text, gap, end = line.rpartition("  ")
    return {"text": text.rstrip(), "end": end} if gap else {"text": line, "end": ""}


def _percent(found: EvidenceExport) -> int:
    return min(100, 100 * found.done // found.total) if found.total else 0
