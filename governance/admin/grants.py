"""Grants on queues: what one person or one role holds, given and taken, with its history."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from governance.access import selectors as access
from governance.access import services
from governance.access.models import Queue, User
from governance.access.types import Capability, QueueGrant, Role
from governance.access.voters import voters_by_queue
from governance.admin import reads
from governance.admin.access_documents import describe_documents
from governance.admin.access_people import describe_person
from governance.admin.in_ledger import in_ledger
from governance.admin.terms import Written, read_terms
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from orchestra.core.errors import NotFoundError
from orchestra.templatetags.parts import role as role_name

_WORDS = {
    QueueGrant.READ: gettext_lazy("read its cases"),
    QueueGrant.WORK: gettext_lazy("work its cases"),
    QueueGrant.VOTE: gettext_lazy("vote on its approvals"),
}
_SIGNS = {"+": gettext_lazy("given"), "-": gettext_lazy("taken"), "~": gettext_lazy("changed")}


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds grants: one person, or everybody with a role.

    Attributes:
        link: The page about the holder.
        give: Gives a grant on a queue; says whether it is new.
        take: Takes a grant from a queue; says whether it was held.
    """

    label: str
    link: str
    subject_id: str
    give: Callable[[Visit, Queue, QueueGrant, Written], bool]
    take: Callable[[Visit, Queue, QueueGrant, Written], bool]


@page("access/people/<uuid:person_id>/", name="person", capability=Capability.ACCESS_READ)
def person_page(request: HttpRequest, visit: Visit, person_id: UUID) -> HttpResponse:
    """Show one person: roles, what they hold on each queue, and since whom."""
    person = reads.get_person(person_id=person_id)
    shown = describe_person(person)
    roles = [held["name"] for held in shown["roles"]]
    holder = _person(person)
    return _grants_page(
        request,
        visit,
        holder,
        held=reads.grants_of_person(person),
        versions=reads.list_grant_history(person),
        more={
            **shown,
            **describe_documents(person, roles=roles, link=holder.link),
            "person": person,
            "is_own": visit.actor.id == str(person.public_id),
            "ledger_link": in_ledger(visit, stream=f"user:{person.public_id}"),
        },
    )


@page("access/roles/<str:role>/", name="role", capability=Capability.ACCESS_READ)
def role_page(request: HttpRequest, visit: Visit, role: str) -> HttpResponse:
    """Show what everybody with a role holds on each queue."""
    found = _role(role)
    holder = _role_holder(found)
    return _grants_page(
        request,
        visit,
        holder,
        held=reads.grants_of_role(found),
        versions=reads.list_role_grant_history(found),
        more={
            **describe_documents(found, roles=[found], link=holder.link),
            "is_own": found in visit.authority.roles,
        },
    )


@page(
    "access/people/<uuid:person_id>/grants/",
    name="person_grant",
    capability=Capability.ACCESS_MANAGE,
    methods=("POST",),
)
def change_person(request: HttpRequest, visit: Visit, person_id: UUID) -> HttpResponse:
    """Give a person a grant on a queue, or take one."""
    return _change(request, visit, _person(reads.get_person(person_id=person_id)))


@page(
    "access/roles/<str:role>/grants/",
    name="role_grant",
    capability=Capability.ACCESS_MANAGE,
    methods=("POST",),
)
def change_role(request: HttpRequest, visit: Visit, role: str) -> HttpResponse:
    """Give a whole role a grant on a queue, or take one."""
    return _change(request, visit, _role_holder(_role(role)))


def _change(request: HttpRequest, visit: Visit, holder: Holder) -> HttpResponse:
    queue = access.get_queue(request.POST.get("queue", ""))
    code = request.POST.get("grant", "")
    if code not in set(QueueGrant):
        raise NotFoundError(_("There is no such grant."))
    grant = QueueGrant(code)
    takes = request.POST.get("act") == "take"
    done: list[bool] = []
    act = holder.take if takes else holder.give
    error = attempt(
        request,
        lambda: done.append(act(visit, queue, grant, read_terms(request))),
        refusal=as_refusal("queue.revoke" if takes else "queue.grant", holder.subject_id),
    )
    if error is None:
        _tell(request, holder, queue, grant, takes=takes, is_new=done[0])
    return HttpResponseRedirect(holder.link)


def _tell(
    request: HttpRequest,
    holder: Holder,
    queue: Queue,
    grant: QueueGrant,
    *,
    takes: bool,
    is_new: bool,
) -> None:
    if not is_new:
        messages.info(request, _("Nothing changed: it stood so already."))
        return
    told = (
        _("Taken from %(who)s: %(what)s, %(queue)s.")
        if takes
        else _("Given to %(who)s: %(what)s, %(queue)s.")
    )
    text = told % {"who": holder.label, "what": _WORDS[grant], "queue": queue.title}
    messages.success(request, text)
    if takes and grant is QueueGrant.VOTE and not voters_by_queue().get(queue.key):
        messages.warning(
            request,
            _("Nobody can vote on the approvals of %(queue)s now. Name someone.")
            % {"queue": queue.title},
        )


def _grants_page(
    request: HttpRequest,
    visit: Visit,
    holder: Holder,
    *,
    held: reads.Held,
    versions: Iterable[Any],
    more: Mapping[str, Any],
) -> HttpResponse:
    queues = list(reads.list_all_queues())
    return render(
        request,
        "governance/grants.html",
        {
            "title": holder.label,
            "crumbs": [
                Crumb(_("Prove")),
                Crumb(_("Access"), reverse("admin:access")),
                Crumb(holder.label),
            ],
            "holder": holder,
            "grants": [{"code": code.value, "word": str(word)} for code, word in _WORDS.items()],
            "rows": _rows(queues, held),
            "history": _history(queues, versions),
            "change_link": f"{holder.link}grants/",
            "may_manage": visit.may(Capability.ACCESS_MANAGE),
            **more,
        },
    )


def _rows(queues: Iterable[Queue], held: reads.Held) -> list[dict[str, Any]]:
    voters = voters_by_queue()
    return [_row(queue, held, len(voters.get(queue.key, ()))) for queue in queues]


def _row(queue: Queue, held: reads.Held, count: int) -> dict[str, Any]:
    own = held.get(queue.pk, {})
    return {
        "title": queue.title,
        "key": queue.key,
        "voters": ngettext("%(count)d person can vote", "%(count)d people can vote", count)
        % {"count": count},
        "cells": [
            {"code": grant.value, "word": str(word), "held": own.get(grant.value)}
            for grant, word in _WORDS.items()
        ],
    }


def _history(queues: Iterable[Queue], versions: Iterable[Any]) -> list[dict[str, Any]]:
    titles = {queue.pk: queue.title for queue in queues}
    words = {grant.value: str(word) for grant, word in _WORDS.items()}
    return [
        {
            "at": version.history_date,
            "sign": _SIGNS[version.history_type],
            "what": words.get(version.permission.codename, ""),
            "queue": titles.get(version.content_object_id, _("a queue that is gone")),
            "actor_kind": version.actor_kind,
            "actor_label": version.actor_label,
        }
        for version in versions
    ]


def _person(person: User) -> Holder:
    def give(visit: Visit, queue: Queue, grant: QueueGrant, terms: Written) -> bool:
        return services.grant_queue(
            actor=visit.actor,
            now=visit.now,
            user=person,
            queue=queue,
            grant=grant,
            reason=terms.reason,
            until_at=terms.until_at,
        )

    def take(visit: Visit, queue: Queue, grant: QueueGrant, terms: Written) -> bool:
        return services.revoke_queue(
            actor=visit.actor,
            now=visit.now,
            user=person,
            queue=queue,
            grant=grant,
            reason=terms.reason,
        )

    return Holder(
        label=person.label,
        link=reverse("admin:person", args=[person.public_id]),
        subject_id=str(person.public_id),
        give=give,
        take=take,
    )


def _role_holder(role: Role) -> Holder:
    def give(visit: Visit, queue: Queue, grant: QueueGrant, terms: Written) -> bool:
        return services.grant_role_queue(
            actor=visit.actor,
            now=visit.now,
            role=role,
            queue=queue,
            grant=grant,
            reason=terms.reason,
            until_at=terms.until_at,
        )

    def take(visit: Visit, queue: Queue, grant: QueueGrant, terms: Written) -> bool:
        return services.revoke_role_queue(
            actor=visit.actor,
            now=visit.now,
            role=role,
            queue=queue,
            grant=grant,
            reason=terms.reason,
        )

    return Holder(
        label=_("Everybody with the role %(role)s") % {"role": role_name(role)},
        link=reverse("admin:role", args=[role.value]),
        subject_id=role.value,
        give=give,
        take=take,
    )


def _role(text: str) -> Role:
    if text not in set(Role) or text == Role.AI_AGENT:
        raise NotFoundError(_("There is no such role."))
    return Role(text)
