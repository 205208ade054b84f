"""Completeness: what differs between the rows, the ledger and the systems of record."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.reconciliation import selectors, services
from cases.reconciliation.models import Difference
from cases.reconciliation.types import Gap
from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from orchestra.core import words
from orchestra.core.together import Reading, all_of, read, read_count

SHOWN = 100
_ASKED = 200


@page("reconciliation/", name="reconciliation", capability=Capability.LEDGER_READ)
def reconciliation(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what differs, each with its case, and what was compared."""
    rows = list(selectors.list_differences()[:SHOWN])
    cases = selectors.case_labels(row.case_public_id for row in rows)
    unexplained = selectors.count_unexplained()
    last, whole = selectors.last_reconciliation(), selectors.last_reconciliation(whole=True)
    return render(
        request,
        "cases/reconciliation.html",
        {
            "title": _("Completeness"),
            "crumbs": [Crumb(_("Prove")), Crumb(_("Completeness"))],
            "headline": _headline(unexplained, compared=last is not None),
            "is_clean": last is not None and not unexplained,
            "last": last,
            "whole": whole,
            "open": [_row(row, cases) for row in rows if row.explained_at is None],
            "explained": [_row(row, cases) for row in rows if row.explained_at is not None],
            "more": max(0, selectors.list_differences().count() - SHOWN),
            "may_act": visit.may(Capability.LEDGER_VERIFY),
        },
    )


@page(
    "reconciliation/run/",
    name="reconciliation_run",
    capability=Capability.LEDGER_VERIFY,
    methods=("POST",),
)
def run(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Compare everything now."""
    done = services.reconcile(now=visit.now, actor=visit.actor, whole=True, ask=_ASKED)
    tell = messages.error if done.found else messages.success
    tell(
        request,
        ngettext(
            "%(effects)d effects compared; %(count)d difference.",
            "%(effects)d effects compared; %(count)d differences.",
            done.found,
        )
        % {"effects": done.effects, "count": done.found},
    )
    return HttpResponseRedirect(reverse("admin:reconciliation"))


@page(
    "reconciliation/<uuid:difference_id>/explain/",
    name="difference_explain",
    capability=Capability.LEDGER_VERIFY,
    methods=("POST",),
)
def explain(request: HttpRequest, visit: Visit, difference_id: UUID) -> HttpResponse:
    """Record what a person found out about one difference."""
    selectors.get_difference(difference_id)
    error = attempt(
        request,
        lambda: services.explain(
            actor=visit.actor,
            now=visit.now,
            difference_id=difference_id,
            explanation=request.POST.get("explanation", ""),
        ),
        refusal=as_refusal("difference.explain", difference_id),
    )
    if error is None:
        messages.success(request, _("Your explanation is in the ledger."))
    return HttpResponseRedirect(reverse("admin:reconciliation"))


def describe_completeness() -> Reading[dict[str, Any]]:
    """Come to what the start page says: how many differences nobody explained, and which."""
    unexplained = selectors.list_differences().filter(explained_at__isnull=True)
    found = yield from all_of(
        {
            "last": read(selectors.list_reconciliations().values_list("at", flat=True)[:1]),
            "rows": read(unexplained[:5]),
            "count": read_count(unexplained),
        }
    )
    rows = found["rows"]
    cases = selectors.case_labels(row.case_public_id for row in rows)
    return {
        "at": next(iter(found["last"]), None),
        "count": found["count"],
        "rows": [_row(row, cases) for row in rows],
    }


def _headline(unexplained: int, *, compared: bool) -> str:
    if not compared:
        return _("Nothing was compared yet")
    if not unexplained:
        return _("Every effect has its entries, and every entry its cause")
    return ngettext(
        "%(count)d difference is unexplained", "%(count)d differences are unexplained", unexplained
    ) % {"count": unexplained}


def _row(found: Difference, cases: Mapping[str, str]) -> dict[str, Any]:
    case = cases.get(found.case_public_id, "")
    return {
        "words": _words(found),
        "case": case,
        "link": reverse("admin:case", args=[found.case_public_id]) if case else "",
        "entries": f"{reverse('admin:ledger')}?subject={found.subject_id}",
        "found_at": found.found_at,
        "explanation": found.explanation,
        "explained_at": found.explained_at,
        "explained_by": found.explained_by_label,
        "explain_link": reverse("admin:difference_explain", args=[found.public_id]),
        "key": f"explain-{found.pk}",
    }


def _words(found: Difference) -> str:
    texts = {
        Gap.ENTRY_MISSING: _("The %(thing)s happened, and the ledger has no entry “%(wanted)s”."),
        Gap.ENTRY_TOO_MANY: _("The ledger says “%(wanted)s” more often than the %(thing)s knows."),
        Gap.EFFECT_MISSING: _("The ledger speaks of a %(thing)s that does not exist."),
        Gap.CAUSE_MISSING: _(
            "The entry “%(wanted)s” of a %(thing)s stands without what must come before it."
        ),
        Gap.NOT_IN_SYSTEM: _("The system of record knows nothing of a call that succeeded here."),
        Gap.ONLY_IN_SYSTEM: _("The system of record did it, while the call is %(wanted)s here."),
    }
    return texts[Gap(found.gap)] % {
        "thing": words.plain(found.subject_kind),
        "wanted": words.plain(found.wanted),
    }
