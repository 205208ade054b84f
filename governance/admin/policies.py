"""Policies, readable: the rows as sentences, what is in force since when, every version."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.access.types import Capability
from governance.admin import policy_version, reads
from governance.admin.change_new import describe_beginning
from governance.admin.changes import describe_opening
from governance.admin.in_ledger import in_ledger
from governance.admin.policy_reading import PolicyRead, read_policy
from governance.admin.rehearsals import describe_rehearsals
from governance.admin.table_facts import describe_facts
from governance.admin.tables import describe_sentences
from governance.admin.visit import Crumb, Visit, page, render
from governance.policies import sentences as say
from governance.policies.loading import DOCUMENT_KIND
from governance.policies.models import Policy, PolicyVersion
from governance.policies.parsing import parse_policy
from governance.policies.types import Outcome, PolicyTable
from governance.reviews.types import DocumentState
from orchestra.core.errors import NotFoundError


@page("policies/", name="policies", capability=Capability.POLICY_READ)
def policies(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show every policy with the version in force."""
    found = list(reads.list_policies())
    return render(
        request,
        "governance/policies.html",
        {
            "title": _("Policies"),
            "crumbs": [Crumb(_("Govern")), Crumb(_("Policies"))],
            "rows": [describe_policy(policy) for policy in found],
            "beginning": describe_beginning(visit, DOCUMENT_KIND),
        },
    )


@page("policies/<str:key>/", name="policy", capability=Capability.POLICY_READ)
def policy(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """Show one version of a policy; without a number or a moment, the one in force."""
    read = read_policy(key, visit)
    found = next(iter(read.found), None)
    if found is None:
        raise NotFoundError(_("There is no such policy."))
    versions = list(read.versions)
    shown = _chosen(versions, request.GET.get("version", ""))
    moment = _moment(request.GET.get("at", ""))
    if moment is not None:
        shown = _in_force_at(versions, moment)
    here = reverse("admin:policy", args=[found.key])
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
            "moment": moment,
            "in_force": shown is not None and shown.state == DocumentState.PUBLISHED,
            "none_in_force": all(each.state != DocumentState.PUBLISHED for each in versions),
            "here": here,
            "versions": _versions(versions, found, shown, dict(read.titles)),
            "rehearsals": describe_rehearsals(found.key, read.rehearsals),
            "try_link": reverse("admin:policy_try", args=[found.key]),
            "opening": _opening(visit, found, shown, read),
            "history_link": reverse("admin:history", args=["policy", found.pk]),
            "facts": describe_facts(search=request.GET.get("fact", "")),
            "fact_search": request.GET.get("fact", ""),
            **(_shown(request, visit, found, shown) if shown else {}),
        },
    )


def _shown(
    request: HttpRequest, visit: Visit, found: Policy, shown: PolicyVersion
) -> dict[str, Any]:
    """Return what the page says of the version it shows."""
    table = _table(shown)
    wanted = request.GET.get("outcome", "")
    outcome = wanted if wanted in set(Outcome) else ""
    in_force = shown.state == DocumentState.PUBLISHED
    edit_link = with_version(reverse("admin:policy_edit", args=[found.key]), shown)
    return {
        "table": policy_version.describe_rows(visit, shown, table, outcome=outcome),
        "outcome": outcome,
        "as_facts": policy_version.describe_facts_table(table)
        if request.GET.get("read") == "facts"
        else None,
        "promises": policy_version.describe_promises(table),
        "approval": policy_version.describe_approval(shown),
        "may_read_changes": visit.may(Capability.CHANGE_READ),
        "checks": policy_version.describe_checks(table) if in_force else None,
        "floors": policy_version.describe_floors(table),
        "thresholds": say.describe_thresholds(table),
        "scope": _scope(table),
        "rows_words": _rows_words(table),
        "reading": say.read_table(table).splitlines(),
        "shown_version": shown.number,
        "yaml_link": with_version(reverse("admin:policy_yaml", args=[found.key]), shown),
        "edit_link": edit_link if visit.may(Capability.POLICY_EDIT) else "",
        "ledger_link": in_ledger(visit, subject=shown.public_id),
        "version_history_link": reverse("admin:history", args=["policy_version", shown.pk]),
    }


@page("policies/<str:key>/compare/", name="policy_compare", capability=Capability.POLICY_READ)
def policy_compare(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """Show what one version changed of another, row by row and word by word."""
    del visit
    found, versions, after = find_version(key, request.GET.get("to", ""))
    before = _chosen(versions, request.GET.get("from", ""))
    if before is None or after is None:
        raise NotFoundError(_("There is no such version."))
    link = reverse("admin:policy", args=[found.key])
    return render(
        request,
        "governance/policy_compare.html",
        {
            "title": found.title,
            "crumbs": [
                Crumb(_("Govern")),
                Crumb(_("Policies"), reverse("admin:policies")),
                Crumb(found.title, link),
                Crumb(_("Compare versions")),
            ],
            "policy": found,
            "before": before,
            "after": after,
            "versions": versions,
            "editor": describe_sentences(
                dict(after.document), [], against=dict(before.document), number=before.number
            ),
            "here": reverse("admin:policy_compare", args=[found.key]),
            "policy_link": with_version(link, after),
        },
    )


def _moment(text: str) -> datetime | None:
    """Return a moment written in the person's own time zone; a day means its end.

    Raises:
        NotFoundError: It is none.
    """
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    try:
        moment = datetime.combine(day, time.max) if day else datetime.fromisoformat(text)
    except ValueError:
        raise NotFoundError(_("There is no such moment.")) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.get_current_timezone())


def _in_force_at(versions: list[PolicyVersion], moment: datetime) -> PolicyVersion | None:
    for version in versions:
        since, until = version.published_at, version.retired_at
        if since is not None and since <= moment and (until is None or moment < until):
            return version
    return None


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


def _opening(
    visit: Visit, found: Policy, shown: PolicyVersion | None, read: PolicyRead
) -> dict[str, Any]:
    is_older = shown is not None and shown.state == DocumentState.RETIRED
    number = shown.number if shown is not None and is_older else None
    return describe_opening(
        visit,
        kind=DOCUMENT_KIND,
        key=found.key,
        number=number,
        changes=list(read.changes),
        in_force=any(each.state == DocumentState.PUBLISHED for each in read.versions),
    )


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


def _versions(
    versions: list[PolicyVersion],
    found: Policy,
    shown: PolicyVersion | None,
    titles: Mapping[int | None, str],
) -> list[dict[str, Any]]:
    compare = reverse("admin:policy_compare", args=[found.key])
    return [
        {
            "version": version,
            "title": titles.get(version.number, ""),
            "link": reverse("admin:policy", args=[found.key]) + f"?version={version.number}",
            "is_shown": shown is not None and version.number == shown.number,
            "compare_link": f"{compare}?from={version.number - 1}&to={version.number}"
            if any(each.number == version.number - 1 for each in versions)
            else "",
        }
        for version in versions
    ]
