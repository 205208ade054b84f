"""Policies and cue sheets on the access pages of a person and of a role: by name, or all."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.access import rules, services
from governance.access.models import User
from governance.access.registry import document_grants
from governance.access.services import Of
from governance.access.types import Capability, Role
from governance.admin import reads
from governance.admin.terms import read_terms
from governance.admin.visit import Visit, as_refusal, attempt, page
from governance.reviews.registry import documents
from orchestra.core.errors import NotFoundError


@page(
    "access/people/<uuid:person_id>/documents/",
    name="person_document",
    capability=Capability.ACCESS_MANAGE,
    methods=("POST",),
)
def change_person(request: HttpRequest, visit: Visit, person_id: UUID) -> HttpResponse:
    """Let a person change a policy or a cue sheet, or no longer."""
    person = reads.get_person(person_id=person_id)
    link = reverse("admin:person", args=[person.public_id])
    return _change(request, visit, person, link, str(person.public_id))


@page(
    "access/roles/<str:role>/documents/",
    name="role_document",
    capability=Capability.ACCESS_MANAGE,
    methods=("POST",),
)
def change_role(request: HttpRequest, visit: Visit, role: str) -> HttpResponse:
    """Let everybody with a role change a policy or a cue sheet, or no longer."""
    if role not in set(Role) or role == Role.AI_AGENT:
        raise NotFoundError(_("There is no such role."))
    return _change(request, visit, Role(role), reverse("admin:role", args=[role]), role)


def _change(
    request: HttpRequest, visit: Visit, holder: User | Role, link: str, subject_id: str
) -> HttpResponse:
    kind, _sign, key = request.POST.get("document", "").partition(":")
    takes = request.POST.get("act") == "take"
    done: list[bool] = []
    error = attempt(
        request,
        lambda: done.append(_do(request, visit, holder, Of(kind, key), takes=takes)),
        refusal=as_refusal("document.revoke" if takes else "document.grant", subject_id),
    )
    if error is None and not done[0]:
        messages.info(request, _("Nothing changed: it stood so already."))
    elif error is None:
        messages.success(request, _("Taken.") if takes else _("Given."))
    return HttpResponseRedirect(link)


def _do(request: HttpRequest, visit: Visit, holder: User | Role, of: Of, *, takes: bool) -> bool:
    terms = read_terms(request)
    given: dict[str, Any] = {
        "actor": visit.actor,
        "now": visit.now,
        "holder": holder,
        "of": of,
        "reason": terms.reason,
    }
    if takes:
        return services.revoke_document(**given)
    return services.grant_document(**given, until_at=terms.until_at)


def describe_documents(holder: User | Role, *, roles: Iterable[str], link: str) -> dict[str, Any]:
    """Return what a person, or a role, may change of each kind, and what can be given.

    Args:
        holder: The person, or the role.
        roles: The roles that the person holds, or the role itself.
        link: The page about the holder.
    """
    known = [Role(role) for role in roles if role in set(Role)]
    changing = [role for role in known if rules.CAPABILITIES[role] & rules.DOCUMENT_BOUND]
    found = reads.documents_of(holder, roles=changing if isinstance(holder, User) else ())
    every = {one.kind: one for one in found.given if not one.key}
    return {
        "documents": [
            {
                "title": str(documents.get(kind).title),
                "kind": kind,
                "every": every.get(kind),
                "through": found.through.get(kind, []),
                "rows": [
                    {"key": f"{kind}:{row.key}", "title": row.title, "given": row}
                    for row in found.given
                    if row.kind == kind and row.key
                ],
                "options": found.options[kind],
            }
            for kind in document_grants
        ],
        "may_change_documents": bool(changing),
        "documents_link": f"{link}documents/",
    }
