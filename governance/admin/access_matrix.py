"""Roles and capabilities in one matrix, read from the rules that run."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from governance.access import matrix
from governance.access.holding import live
from governance.access.matrix import Scope
from governance.access.models import AgentIdentity, RoleHolding
from governance.access.types import Capability, Role
from governance.admin.capability_words import list_groups, words_of
from governance.admin.visit import Crumb, Visit, page, render
from orchestra.templatetags.parts import role as role_name

#: The order of the columns: who works, who governs, who measures, who runs, and the AI.
COLUMNS = (
    Role.SUPERVISOR,
    Role.SPECIALIST,
    Role.HUMAN_AGENT,
    Role.COMPLIANCE_OFFICER,
    Role.POLICY_OWNER,
    Role.QA_ANALYST,
    Role.QA_LEAD,
    Role.ADMINISTRATOR,
    Role.AI_AGENT,
)
_SIGNS = {
    Scope.EVERYWHERE: ("c-y", gettext_lazy("yes")),
    Scope.OWN: ("c-q", gettext_lazy("own")),
    Scope.NO: ("c-n", gettext_lazy("no")),
}


@page("access/matrix/", name="access_matrix", capability=Capability.ACCESS_READ)
def access_matrix(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what each role carries and how far, and how many hold it."""
    chosen = _chosen(request.GET.get("role", ""), visit)
    return render(
        request,
        "governance/access_matrix.html",
        {
            "title": _("Roles and capabilities"),
            "crumbs": [
                Crumb(_("Prove")),
                Crumb(_("Access"), reverse("admin:access")),
                Crumb(_("Roles and capabilities")),
            ],
            "matrix": describe_matrix(chosen, holders=count_holders()),
        },
    )


def describe_matrix(
    chosen: Role | None = None, *, holders: Mapping[Role, int] | None = None
) -> dict[str, Any]:
    """Return the matrix as the page places it.

    Args:
        chosen: The role that a narrow screen shows; the first where none is named.
        holders: How many hold each role, where that is shown.
    """
    shown = chosen or COLUMNS[0]
    scopes = matrix.build_matrix()
    framed = {role: matrix.framed_in(role) for role in COLUMNS}
    return {
        "roles": [_role(role, shown, holders) for role in COLUMNS],
        "width": len(COLUMNS) + 1,
        "groups": [
            {
                "title": title,
                "rows": [
                    {
                        "words": words_of(one),
                        "cells": [
                            _cell(scopes[one][role], one in framed[role], role is shown)
                            for role in COLUMNS
                        ],
                        "is_absent": scopes[one][shown] is Scope.NO,
                    }
                    for one in capabilities
                ],
            }
            for title, capabilities in list_groups()
        ],
    }


def _role(role: Role, shown: Role, holders: Mapping[Role, int] | None) -> dict[str, Any]:
    is_ai = role is Role.AI_AGENT
    count = (holders or {}).get(role, 0)
    told = (
        ngettext("%(count)d agent", "%(count)d agents", count)
        if is_ai
        else ngettext("%(count)d person", "%(count)d people", count)
    )
    return {
        "code": role.value,
        "name": role_name(role.value),
        "is_chosen": role is shown,
        "held": "" if holders is None else told % {"count": count},
        "link": reverse("admin:agents") if is_ai else reverse("admin:role", args=[role.value]),
    }


def _cell(scope: Scope, is_framed: bool, is_chosen: bool) -> dict[str, Any]:  # noqa: FBT001  three facts of one cell
    sign, word = _SIGNS[scope]
    return {
        "sign": sign,
        "word": word,
        "is_short": scope is not Scope.OWN,
        "is_framed": is_framed,
        "is_chosen": is_chosen,
    }


def count_holders() -> dict[Role, int]:
    """Return how many active people hold each role, and how many AI agents are active."""
    held = RoleHolding.objects.filter(live(), user__is_active=True).order_by()
    counts = dict(held.values_list("group__name").annotate(count=Count("pk")))
    agents = AgentIdentity.objects.filter(is_active=True).count()
    return {role: counts.get(role.value, 0) for role in Role} | {Role.AI_AGENT: agents}


def _chosen(text: str, visit: Visit) -> Role | None:
    if text in set(Role):
        return Role(text)
    mine = [role for role in COLUMNS if role in visit.authority.roles]
    return mine[0] if mine else None
