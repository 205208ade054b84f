"""Evidence exports: what to prove, what to leave out, gaps, building, and how to check it."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from cases.playback.selectors import find_by_label
from cases.reconciliation.selectors import case_labels
from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, attempt, fragment, page, render
from governance.evidence import registry, selectors, services
from governance.evidence.models import EvidenceExport
from governance.evidence.rules import read_scope
from governance.evidence.types import (
    OPEN,
    ExportScope,
    ExportState,
    FieldGroup,
    ScopeKind,
)
from governance.ledger.refusals import Refusal
from governance.ledger.services import published_key
from orchestra.core.errors import ConflictError, NotFoundError, OrchestraError

SHOWN: Final = 30
_GROUPS: Final = {
    FieldGroup.CUSTOMER: _lazy("Customer names, e-mail, addresses"),
    FieldGroup.ORDER: _lazy("Order numbers"),
    FieldGroup.PAYMENT: _lazy("Payment method ids"),
    FieldGroup.MESSAGE: _lazy("Message texts"),
    FieldGroup.STAFF: _lazy("Names of staff who proposed or voted"),
}
_STEPS: Final = {
    "entries": _lazy("Collect entries"),
    "redactions": _lazy("Leave out, and keep commitments"),
    "proofs": _lazy("Inclusion proofs"),
    "streams": _lazy("Streams: gapless from their first entry"),
    "pack": _lazy("Checkpoint, keys, verifier, read-me"),
    "verify": _lazy("Verify the finished file with its own verifier"),
}
_SIGNS: Final = {"done": "is-ok", "running": "is-run", "waiting": "is-off"}


@page("evidence/", name="evidence", capability=Capability.LEDGER_READ)
def evidence(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask for an export, and see the earlier ones."""
    return _form(request, visit, {})


@page(
    "evidence/request/",
    name="evidence_request",
    capability=Capability.LEDGER_READ,
    methods=("POST",),
)
def ask(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask for an export; what was typed stays where it is refused."""
    made: list[EvidenceExport] = []
    try:
        attempt(
            request,
            lambda: made.append(
                services.request_export(
                    actor=visit.actor,
                    now=visit.now,
                    scope=_scope(request.POST),
                    leave_out=_left_out(request.POST),
                )
            ),
            refusal=lambda error: _refused("evidence.request", error),
        )
    except NotFoundError as error:
        # The page is here; what was asked for on it is not.
        messages.error(request, error.message)
    if not made:
        return _form(request, visit, request.POST, status=422)
    return HttpResponseRedirect(reverse("admin:evidence_one", args=[made[0].public_id]))


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


def _form(
    request: HttpRequest, visit: Visit, posted: Mapping[str, str], *, status: int = 200
) -> HttpResponse:
    earlier = list(selectors.list_exports(authority=visit.authority)[:SHOWN])
    titles = case_labels(_case_ids(earlier))
    given = posted or request.GET
    case = given.get("case", "")[:40]
    today = timezone.localdate(visit.now)
    return render(
        request,
        "cases/evidence.html",
        {
            "title": _("Evidence exports"),
            "crumbs": [Crumb(_("Prove")), Crumb(_("Evidence exports"))],
            "controls": [
                {
                    "code": code,
                    "title": registry.controls.get(code).title,
                    "requirements": ", ".join(registry.controls.get(code).requirements),
                }
                for code in registry.controls
            ],
            "prove": given.get("prove", "case" if case else "span"),
            "case": case,
            "from": given.get("from", f"{today - timedelta(days=30):%Y-%m-%d}"),
            "to": given.get("to", f"{today:%Y-%m-%d}"),
            "zone": timezone.get_current_timezone_name(),
            "groups": [
                {
                    "code": str(group),
                    "title": title,
                    "out": posted.get(f"leave_{group}") == "out"
                    if posted
                    else group in services.LEFT_OUT_BY_DEFAULT,
                }
                for group, title in _GROUPS.items()
            ],
            "earlier": [_line(found, titles) for found in earlier],
            "vkey": published_key().text(),
        },
        status=status,
    )


def _left_out(posted: Mapping[str, str]) -> list[FieldGroup]:
    return [group for group in FieldGroup if posted.get(f"leave_{group}") == "out"]


def _scope(posted: Mapping[str, str]) -> ExportScope:
    prove = posted.get("prove", "")
    if prove == "case":
        text = posted.get("case", "").strip()
        found = find_by_label(text)
        return ExportScope(ScopeKind.CASE, str(found.public_id) if found else text)
    if prove == "ledger":
        return ExportScope(ScopeKind.LEDGER)
    since, until = _day(posted.get("from", "")), _day(posted.get("to", ""))
    after = until + timedelta(days=1) if until else None
    begin, end = _midnight(since), _midnight(after)
    if prove == "span":
        return ExportScope(ScopeKind.SPAN, since=begin, until=end)
    return ExportScope(ScopeKind.CONTROL, prove, since=begin, until=end)


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _midnight(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time())) if day else None


def _act(request: HttpRequest, name: str, export_id: UUID, act: Any) -> HttpResponse:
    attempt(request, act, refusal=lambda error: _refused(name, error, str(export_id)))
    return HttpResponseRedirect(reverse("admin:evidence_one", args=[export_id]))


def _refused(act: str, error: OrchestraError, export_id: str = "") -> Refusal:
    return Refusal(act=act, code=error.code, message=error.message, subject_id=export_id)


def _describe(found: EvidenceExport, visit: Visit) -> dict[str, Any]:
    state = ExportState(found.state)
    steps = selectors.progress_of(found)
    gaps = selectors.gaps_of(found)
    links = {
        name: reverse(f"admin:evidence_{name}", args=[found.public_id])
        for name in ("progress", "explain", "cancel", "file")
    }
    own = found.by_id == visit.actor.id
    return {
        **_line(found, case_labels(_case_ids([found]))),
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
        "gaps": gaps,
        "explaining": state is ExportState.EXPLAINING,
        "left_out": [_GROUPS[FieldGroup(group)] for group in found.leave_out],
        "sha256": found.file_sha256,
        "checkpoint": found.checkpoint_size,
        "said": found.verifier_said,
        "problem": found.problem,
    }


def _percent(found: EvidenceExport) -> int:
    return min(100, 100 * found.done // found.total) if found.total else 0


def _line(found: EvidenceExport, titles: Mapping[str, str]) -> dict[str, Any]:
    scope, state = read_scope(found.scope), ExportState(found.state)
    case = titles.get(scope.key, "")
    words = {
        ExportState.EXPLAINING: ("is-wait", _("waits for explanations")),
        ExportState.QUEUED: ("is-run", _("waits for a worker")),
        ExportState.RUNNING: ("is-run", _("building")),
        ExportState.DONE: ("is-ok", _("verified")),
        ExportState.FAILED: ("is-bad", _("could not be built")),
        ExportState.CANCELLED: ("is-off", _("cancelled")),
        ExportState.DELETED: ("is-off", _("file deleted")),
    }
    sign, word = words[state]
    return {
        "title": _("Case %(case)s") % {"case": case} if case else found.title,
        "since": scope.since,
        "until": scope.until - timedelta(microseconds=1) if scope.until else None,
        "created_at": found.created_at,
        "verified_at": found.verified_at,
        "sign": sign,
        "state": word,
        "bytes": found.file_bytes,
        "is_done": state is ExportState.DONE,
        "link": reverse("admin:evidence_one", args=[found.public_id]),
        "take_link": reverse("admin:evidence_file", args=[found.public_id]),
    }


def _case_ids(exports: list[EvidenceExport]) -> list[str]:
    return [found.scope["key"] for found in exports if found.scope_kind == ScopeKind.CASE]
