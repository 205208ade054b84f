"""Help with signing in, for who manages access: lock-outs, second factors, sign-ins of others."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.access import services
from governance.access.factors import people_with_factor
from governance.access.lockout import list_locked
from governance.access.models import User
from governance.access.proof import find_proof
from governance.access.services.guard import require_reason
from governance.access.sessions import count_sign_ins
from governance.access.types import Capability
from governance.admin import reads
from governance.admin.proving import ask_first
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from orchestra.core.errors import NotFoundError


@page("signing-in/", name="sign_in_help", capability=Capability.ACCESS_MANAGE)
def sign_in_help(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show who is locked out, who has a second factor, and who is signed in."""
    people = [person for person in reads.list_people() if person.is_active]
    pks = [person.pk for person in people]
    factors, counts = people_with_factor(pks), count_sign_ins(person_pks=pks, now=visit.now)
    return render(
        request,
        "governance/sign_in_help.html",
        {
            "title": _("Signing in"),
            "crumbs": [
                Crumb(_("Prove")),
                Crumb(_("Access"), reverse("admin:access")),
                Crumb(_("Signing in")),
            ],
            "locked": list_locked(now=visit.now),
            "people": [
                {
                    "label": person.label,
                    "login": person.username,
                    "id": str(person.public_id),
                    "has_factor": person.pk in factors,
                    "count": counts.get(person.pk, 0),
                    "is_me": str(person.public_id) == visit.actor.id,
                }
                for person in people
            ],
        },
    )


def _unlock(request: HttpRequest, visit: Visit, person: User) -> None:
    services.unlock(**_given(request, visit, person))


def _reset(request: HttpRequest, visit: Visit, person: User) -> None:
    services.reset_factor(**_given(request, visit, person), proof=find_proof(request))


def _end(request: HttpRequest, visit: Visit, person: User) -> None:
    given = _given(request, visit, person)
    given["reason"] = require_reason(given["reason"])
    services.end_sessions(**given)


_ACTS: Mapping[str, tuple[Callable[[HttpRequest, Visit, User], None], Any]] = {
    "unlock": (_unlock, gettext_lazy("Unlocked. They may try again at once.")),
    "reset": (
        _reset,
        gettext_lazy("Reset. They sign in by password alone until they set one up."),
    ),
    "end": (_end, gettext_lazy("Their sign-ins are ended.")),
}


@page(
    "signing-in/<uuid:person_id>/<slug:act>/",
    name="sign_in_act",
    capability=Capability.ACCESS_MANAGE,
    methods=("POST",),
)
def act_on(request: HttpRequest, visit: Visit, person_id: UUID, act: str) -> HttpResponse:
    """Unlock a person, reset their second factor, or end their sign-ins."""
    person = User.objects.filter(public_id=person_id).first()
    if person is None or act not in _ACTS:
        raise NotFoundError(_("There is no such person."))
    first = ask_first(request, visit, "sign_in_help") if act == "reset" else None
    if first is not None:
        messages.info(request, _("Show first that it is you; then choose again."))
        return first
    service, told = _ACTS[act]
    error = attempt(
        request,
        lambda: service(request, visit, person),
        refusal=as_refusal(f"sign_in.{act}", person_id),
    )
    if error is None:
        messages.success(request, str(told))
    return HttpResponseRedirect(reverse("admin:sign_in_help"))


def _given(request: HttpRequest, visit: Visit, person: User) -> dict[str, Any]:
    return {
        "actor": visit.actor,
        "now": visit.now,
        "person": person,
        "reason": request.POST.get("reason", ""),
    }
