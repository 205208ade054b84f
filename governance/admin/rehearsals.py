"""One rehearsal: what a draft would have done, the decisions behind it, and what it is bound to."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.admin.rehearsed import describe_rehearsal
from governance.admin.rehearsed_cases import read_look
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, fragment, page, render
from governance.policies import selectors, services
from governance.policies.models import Rehearsal


@page(
    "policies/<str:key>/rehearsals/<uuid:rehearsal_id>/",
    name="rehearsal",
    capability=Capability.POLICY_READ,
)
def rehearsal(request: HttpRequest, visit: Visit, key: str, rehearsal_id: UUID) -> HttpResponse:
    """Show one rehearsal of a policy's draft."""
    found = selectors.get_rehearsal(rehearsal_id=rehearsal_id, policy_key=key)
    shown = _shown(found, request, visit)
    return render(
        request,
        "governance/rehearsal_page.html",
        {
            "title": _("Rehearsal"),
            "crumbs": [
                Crumb(_("Govern")),
                Crumb(_("Policies"), reverse("admin:policies")),
                Crumb(found.policy_key, reverse("admin:policy", args=[key])),
                Crumb(_("Rehearsal")),
            ],
            "rehearsal": shown,
            "change_link": reverse("admin:change", args=[found.change.public_id])
            if found.change and visit.may(Capability.CHANGE_READ)
            else "",
            "try_link": reverse("admin:policy_try", args=[key]) + f"?rehearsal={found.public_id}",
        },
    )


@page(
    "policies/<str:key>/rehearsals/<uuid:rehearsal_id>/progress/",
    name="rehearsal_progress",
    capability=Capability.POLICY_READ,
)
def progress(request: HttpRequest, visit: Visit, key: str, rehearsal_id: UUID) -> HttpResponse:
    """Answer how far a rehearsal is, for a page that asks again."""
    found = selectors.get_rehearsal(rehearsal_id=rehearsal_id, policy_key=key)
    shown = {"rehearsal": _shown(found, request, visit)}
    return fragment(request, "governance/rehearsal_progress.html", shown)


def _shown(found: Rehearsal, request: HttpRequest, visit: Visit) -> dict[str, Any]:
    shown = describe_rehearsal(found, read_look(request, visit))
    return {**shown, "may_cancel": visit.may(Capability.POLICY_EDIT) and not shown["ended"]}


@page(
    "policies/<str:key>/rehearsals/<uuid:rehearsal_id>/cancel/",
    name="rehearsal_cancel",
    capability=Capability.POLICY_EDIT,
    methods=("POST",),
)
def cancel(request: HttpRequest, visit: Visit, key: str, rehearsal_id: UUID) -> HttpResponse:
    """Stop a rehearsal."""
    found = selectors.get_rehearsal(rehearsal_id=rehearsal_id, policy_key=key)
    attempt(
        request,
        lambda: services.cancel_rehearsal(actor=visit.actor, now=visit.now, rehearsal_pk=found.pk),
        refusal=as_refusal("rehearsal.cancel", rehearsal_id),
    )
    if found.change is not None:
        return HttpResponseRedirect(reverse("admin:change", args=[found.change.public_id]))
    return HttpResponseRedirect(reverse("admin:rehearsal", args=[key, rehearsal_id]))


def describe_rehearsals(policy_key: str, newest: Iterable[Rehearsal]) -> list[dict[str, Any]]:
    """Return the newest rehearsals of a policy's drafts, as its page lists them."""
    return [
        {
            "link": reverse("admin:rehearsal", args=[policy_key, found.public_id]),
            "state": found.state,
            "at": found.created_at,
            "by": found.by_label,
            "done": found.done,
            "total": found.total,
        }
        for found in newest
    ]
