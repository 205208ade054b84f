"""Retention: how long each class is kept, what the last run removed, and what the next would."""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.access.proof import find_proof, is_fresh
from governance.access.types import Capability
from governance.admin.step_up import Waiting, ask_to_prove, keep_ballot
from governance.admin.visit import (
    Crumb,
    Visit,
    as_refusal,
    attempt,
    fragment,
    not_here,
    page,
    render,
)
from governance.privacy.models import LegalHold
from governance.privacy.selectors import list_holds
from governance.retention import registry, selectors, services
from governance.retention.models import RetentionRun
from governance.retention.rules import MOST_DAYS, earliest
from governance.retention.types import Figures, RunState
from orchestra.core.actors import ActorKind
from orchestra.core.numbers import read_whole

Json = Any
_KEPT: Final = "retention:{code}"
_MOST_DIGITS: Final = 5


@page("retention/", name="retention", capability=Capability.LEDGER_READ)
def schedule(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show every class with its period, the last run, and what a dry run found."""
    last = selectors.last_run(is_dry=False, ended=True)
    dry = selectors.last_run(is_dry=True)
    removed, counted = _by_class(last), _by_class(dry if _has_ended(dry) else None)
    lines = [_line(one, removed, counted) for one in selectors.list_schedule()]
    return render(
        request,
        "governance/retention.html",
        {
            "title": _("Retention"),
            "crumbs": [Crumb(_("Prove")), Crumb(_("Retention"))],
            "lines": lines,
            "last": _describe(last),
            "dry": _describe(dry),
            "holds": _holds(last if dry is None or not _has_ended(dry) else dry),
            "may_change": visit.may(Capability.PRIVACY_MANAGE),
            "may_count": visit.may(Capability.LEDGER_VERIFY),
            "progress_link": reverse("admin:retention_progress"),
        },
    )


@page(
    "retention/dry-run/",
    name="retention_dry_run",
    capability=Capability.LEDGER_VERIFY,
    methods=("POST",),
)
def dry_run(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask for a count of what would go."""
    attempt(
        request,
        lambda: services.start_run(actor=visit.actor, now=visit.now, is_dry=True),
        refusal=as_refusal("retention.dry_run"),
    )
    return HttpResponseRedirect(reverse("admin:retention"))


@page("retention/progress/", name="retention_progress", capability=Capability.LEDGER_READ)
def progress(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Return how far the dry run is, for the page that asks again."""
    del visit
    dry = _describe(selectors.last_run(is_dry=True))
    context = {"dry": dry, "progress_link": reverse("admin:retention_progress")}
    return fragment(request, "governance/retention_progress.html", context)


@page(
    "retention/classes/<slug:code>/",
    name="retention_class",
    capability=Capability.PRIVACY_MANAGE,
    methods=("GET", "HEAD", "POST"),
)
def change(request: HttpRequest, visit: Visit, code: str) -> HttpResponse:
    """Show one class and change its period; what was typed stays where it is refused."""
    if code not in registry.classes:
        return not_here(request)
    if request.method != "POST":
        return _form(request, code, {})
    posted = {name: request.POST.get(name, "") for name in ("days", "seen", "reason")}
    if not is_fresh(find_proof(request), now=visit.now):
        keep_ballot(request, _KEPT.format(code=code), posted)
        return HttpResponseRedirect(reverse("admin:retention_step_up", args=[code]))
    return _set(request, visit, code, posted)


@page(
    "retention/classes/<slug:code>/step-up/",
    name="retention_step_up",
    capability=Capability.PRIVACY_MANAGE,
    methods=("GET", "HEAD", "POST"),
)
def step_up(request: HttpRequest, visit: Visit, code: str) -> HttpResponse:
    """Ask who they are; the change then goes on by itself, its text kept."""
    if code not in registry.classes:
        return not_here(request)
    title = str(registry.classes.get(code).title)
    link = reverse("admin:retention_class", args=[code])
    return ask_to_prove(
        request,
        visit,
        Waiting(
            key=_KEPT.format(code=code),
            title=title,
            crumbs=[Crumb(_("Retention"), reverse("admin:retention")), Crumb(title, link)],
            lead=_("What goes by a shorter period cannot be brought back."),
            say=lambda posted: _("You keep it for %(days)s days.") % {"days": posted["days"]},
            back_link=link,
            cast=lambda posted: _set(request, visit, code, posted),
            undone=_("Nothing was changed."),
        ),
    )


def _set(request: HttpRequest, visit: Visit, code: str, posted: Mapping[str, str]) -> HttpResponse:
    error = attempt(
        request,
        lambda: services.set_period(
            actor=visit.actor,
            now=visit.now,
            code=code,
            days=read_whole(posted["days"].strip(), most_digits=_MOST_DIGITS),
            seen=read_whole(posted["seen"], most_digits=_MOST_DIGITS),
            reason=posted["reason"],
            proof=find_proof(request),
        ),
        refusal=as_refusal("retention.change", code),
    )
    if error is not None:
        return _form(request, code, posted, status=422)
    messages.success(request, _("Changed. The next run goes by it."))
    return HttpResponseRedirect(reverse("admin:retention"))


def _form(
    request: HttpRequest, code: str, posted: Mapping[str, str], *, status: int = 200
) -> HttpResponse:
    kept, days = registry.classes.get(code), selectors.days_of(code)
    return render(
        request,
        "governance/retention_class.html",
        {
            "title": str(kept.title),
            "crumbs": [Crumb(_("Retention"), reverse("admin:retention")), Crumb(str(kept.title))],
            "kept": kept,
            "days": days,
            "typed_days": posted.get("days", days),
            "reason": posted.get("reason", ""),
            "most": MOST_DAYS,
            "earlier": selectors.list_changes(code),
            "link": reverse("admin:retention_class", args=[code]),
        },
        status=status,
    )


def _has_ended(run: RetentionRun | None) -> bool:
    return run is not None and run.state == RunState.DONE


def _by_class(run: RetentionRun | None) -> dict[str, Figures]:
    return {one.name: one for one in selectors.figures_of(run)} if run else {}


def _line(
    one: selectors.Scheduled, removed: Mapping[str, Figures], counted: Mapping[str, Figures]
) -> Json:
    code = one.kept.code
    return {
        "title": one.kept.title,
        "counts_from": one.kept.counts_from,
        "least": one.kept.least_days,
        "basis": one.kept.basis,
        "days": one.days,
        "set_by": one.period.set_by.label if one.period else "",
        "set_at": one.period.set_at if one.period else None,
        "last": removed.get(code),
        "dry": counted.get(code),
        "link": reverse("admin:retention_class", args=[code]),
    }


def _describe(run: RetentionRun | None) -> Json | None:
    if run is None:
        return None
    figures = selectors.figures_of(run)
    return {
        "moving": run.state != RunState.DONE,
        "place": run.place,
        "of": len(figures),
        "gone": sum(one.gone for one in figures),
        "held": sum(one.held for one in figures),
        "oldest": earliest(one.oldest for one in figures),
        "asked_at": run.created_at,
        "ended_at": run.ended_at,
        "by": "" if run.by_kind == ActorKind.SYSTEM else run.by_label,
    }


def _holds(run: RetentionRun | None) -> list[Json]:
    """Return the holds that block now, with what each kept in a run."""
    figures = selectors.figures_of(run) if run else []
    return [_hold(hold, figures) for hold in list_holds()]


def _hold(hold: LegalHold, figures: list[Figures]) -> Json:
    return {
        "number": hold.number,
        "label": hold.label,
        "reference": hold.reference,
        "kept": sum(one.held_by.get(hold.number, 0) for one in figures),
    }
