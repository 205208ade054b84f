"""What a person's page of access does besides queues: roles, and letting somebody in or not."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.access import services
from governance.access.models import User
from governance.access.types import Capability, Role
from governance.admin import reads
from governance.admin.terms import read_terms
from governance.admin.visit import Visit, as_refusal, attempt, page
from orchestra.core.errors import NotFoundError
from orchestra.templatetags.parts import role as role_name

_PERSON = "access/people/<uuid:person_id>/"


@page(
    f"{_PERSON}roles/",
    name="person_role",
    capability=Capability.ACCESS_MANAGE,
    methods=("POST",),
)
def change_role(request: HttpRequest, visit: Visit, person_id: UUID) -> HttpResponse:
    """Give a person a role, or take one."""
    person = reads.get_person(person_id=person_id)
    code = request.POST.get("role", "")
    if code not in set(Role):
        raise NotFoundError(_("There is no such role."))
    role, takes = Role(code), request.POST.get("act") == "take"
    done: list[bool] = []
    error = attempt(
        request,
        lambda: done.append(_change_role(request, visit, person, role, takes=takes)),
        refusal=as_refusal("role.take" if takes else "role.give", person.public_id),
    )
    if error is None:
        _tell(request, person, role, takes=takes, is_new=done[0])
    return _back_to(person)


def _change_role(
    request: HttpRequest, visit: Visit, person: User, role: Role, *, takes: bool
) -> bool:
    terms = read_terms(request)
    given: dict[str, Any] = {
        "actor": visit.actor,
        "now": visit.now,
        "user": person,
        "role": role,
        "reason": terms.reason,
    }
    if takes:
        return services.take_role(**given)
    return services.give_role(**given, until_at=terms.until_at)


def _tell(request: HttpRequest, person: User, role: Role, *, takes: bool, is_new: bool) -> None:
    if not is_new:
        messages.info(request, _("Nothing changed: it stood so already."))
        return
    told = (
        _("Taken from %(who)s: the role %(role)s.")
        if takes
        else _("Given to %(who)s: the role %(role)s.")
    )
    messages.success(request, told % {"who": person.label, "role": role_name(role)})


@page(
    f"{_PERSON}standing/",
    name="person_standing",
    capability=Capability.ACCESS_MANAGE,
    methods=("POST",),
)
def change_standing(request: HttpRequest, visit: Visit, person_id: UUID) -> HttpResponse:
    """Disable a person's access, or enable it again."""
    person = reads.get_person(person_id=person_id)
    enables = request.POST.get("act") == "enable"
    act = services.enable_person if enables else services.disable_person
    reason = request.POST.get("reason", "")
    error = attempt(
        request,
        lambda: act(actor=visit.actor, now=visit.now, person=person, reason=reason),
        refusal=as_refusal("person.enable" if enables else "person.disable", person.public_id),
    )
    if error is None:
        told = (
            _("%(who)s may sign in again, with the roles and grants below.")
            if enables
            else _("%(who)s is disabled: signed out, and nothing of theirs counts any more.")
        )
        messages.success(request, told % {"who": person.label})
    return _back_to(person)


def _back_to(person: User) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:person", args=[person.public_id]))


def describe_person(person: User) -> dict[str, Any]:
    """Return a person's roles with their terms, and which can be given."""
    return {
        "roles": [
            {"name": held.group.name, "given": held}
            for held in person.roles_held  # type: ignore[attr-defined]  # prefetched by reads.get_person
        ],
        "givable_roles": [role.value for role in Role if role is not Role.AI_AGENT],
        "roles_link": reverse("admin:person_role", args=[person.public_id]),
        "standing_link": reverse("admin:person_standing", args=[person.public_id]),
    }
