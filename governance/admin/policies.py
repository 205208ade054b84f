"""Policies, readable: the rows as sentences, what is in force since when, every version."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.access.types import Capability
from governance.admin import reads
from governance.admin.changes import describe_opening
from governance.admin.rehearsals import describe_rehearsals
from governance.admin.table_facts import describe_facts
from governance.admin.visit import Crumb, Visit, page, render
from governance.policies import sentences as say
from governance.policies.loading import DOCUMENT_KIND
from governance.policies.models import Policy, PolicyVersion
from governance.policies.parsing import parse_policy
from governance.policies.types import PolicyTable
from governance.reviews.types import DocumentState
from orchestra.core.errors import NotFoundError


@page("policies/", name="policies", capability=Capability.POLICY_READ)
def policies(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show every policy with the version in force."""
    del visit
    found = list(reads.list_policies())
    return render(
        request,
        "governance/policies.html",
        {
            "title": _("Policies"),
            "crumbs": [Crumb(_("Govern")), Crumb(_("Policies"))],
            "rows": [describe_policy(policy) for policy in found],
        },
    )


@page("policies/<str:key>/", name="policy", capability=Capability.POLICY_READ)
def policy(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """Show one version of a policy; without a number, the one in force."""
    found, versions, shown = find_version(key, request.GET.get("version", ""))
    search = request.GET.get("fact", "")
    here = reverse("admin:policy", args=[found.key])
    table = _table(shown) if shown else None
    return render(
        request,
        "governance/policy.html",
        {
            "title": found.title,
            "crumbs": [
                Crumb(_("Govern")),
                Crumb(_("Policies"), reverse("admin:policies")),
                Crumb(found.title),
            ],
            "policy": found,
            "version": shown,
            "in_force": shown is not None and shown.state == DocumentState.PUBLISHED,
            "rules": say.describe_rules(table) if table else [],
            "limits": say.describe_limits(table) if table else [],
            "thresholds": say.describe_thresholds(table) if table else [],
            "scope": _scope(table) if table else {},
            "rows_words": _rows_words(table) if table else "",
            "reading": say.read_table(table).splitlines() if table else [],
            "facts": describe_facts(search=search),
            "fact_search": search,
            "here": here,
            "shown_version": shown.number if shown else "",
            "yaml_link": with_version(reverse("admin:policy_yaml", args=[found.key]), shown),
            "edit_link": with_version(reverse("admin:policy_edit", args=[found.key]), shown)
            if visit.may(Capability.POLICY_EDIT)
            else "",
            "versions": [_version(each, found) for each in versions],
            "rehearsals": describe_rehearsals(found.key),
            "try_link": reverse("admin:policy_try", args=[found.key]),
            "opening": _opening(visit, found, shown),
            "history_link": reverse("admin:history", args=["policy", found.pk]),
            "version_history_link": reverse("admin:history", args=["policy_version", shown.pk])
            if shown
            else "",
        },
    )


def find_version(key: str, number: str) -> tuple[Policy, list[PolicyVersion], PolicyVersion | None]:
    """Return a policy, its versions, and the one asked for; without a number, that in force.

    Raises:
        NotFoundError: There is no such policy or version.
    """
    found = reads.list_policies().filter(key=key).first()
    if found is None:
        raise NotFoundError(_("There is no such policy."))
    versions = list(found.versions.all())
    return found, versions, _chosen(versions, number)


def with_version(link: str, version: PolicyVersion | None) -> str:
    """Return a link to a page of one version."""
    return f"{link}?version={version.number}" if version else link


def _opening(visit: Visit, found: Policy, shown: PolicyVersion | None) -> dict[str, Any]:
    is_older = shown is not None and shown.state == DocumentState.RETIRED
    number = shown.number if shown is not None and is_older else None
    return describe_opening(visit, kind=DOCUMENT_KIND, key=found.key, number=number)


def _table(version: PolicyVersion) -> PolicyTable:
    return parse_policy(document=version.document, version=version.number, digest=version.digest)


def _chosen(versions: list[PolicyVersion], number: str) -> PolicyVersion | None:
    if number.isdigit():
        chosen = next((each for each in versions if each.number == int(number)), None)
        if chosen is None:
            raise NotFoundError(_("There is no such version."))
        return chosen
    in_force = (each for each in versions if each.state == DocumentState.PUBLISHED)
    return next(in_force, versions[0] if versions else None)


def describe_policy(found: Policy) -> dict[str, Any]:
    """Return a policy and its version in force, as lists place them."""
    versions = list(found.versions.all())
    current = next((each for each in versions if each.state == DocumentState.PUBLISHED), None)
    document = current.document if current else {}
    return {
        "key": found.key,
        "title": found.title,
        "link": reverse("admin:policy", args=[found.key]),
        "number": current.number if current else None,
        "since": current.published_at if current else None,
        "author": current.author_label if current else "",
        "rules": len(document.get("rules", [])),
        "limits": len(document.get("limits", [])),
        "tools": document.get("scope", {}).get("tools", []),
        "versions": len(versions),
    }


def _scope(table: PolicyTable) -> dict[str, str]:
    return {
        "tools": say.describe_scope(table.scope.tools),
        "queues": say.describe_scope(table.scope.queues),
        "cue_sheets": say.describe_scope(table.scope.cue_sheets),
    }


def _rows_words(table: PolicyTable) -> str:
    count = len(table.rules) + len(table.limits)
    rows = ngettext("%(count)d row.", "%(count)d rows.", count) % {"count": count}
    return (
        rows
        + " "
        + _(
            "All rows that hold are counted; the strictest outcome decides, and every fired row is "
            "recorded with the decision."
        )
    )


def _version(version: PolicyVersion, found: Policy) -> dict[str, Any]:
    return {
        "number": version.number,
        "state": version.state,
        "author": version.author_label,
        "created_at": version.created_at,
        "published_at": version.published_at,
        "retired_at": version.retired_at,
        "digest": version.digest,
        "link": reverse("admin:policy", args=[found.key]) + f"?version={version.number}",
    }
