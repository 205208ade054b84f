"""What a page says of one version of a policy: who made it, what checks say, how rows fired."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from governance.access.types import Capability
from governance.admin.policy_groups import group_rows
from governance.admin.table_findings import MAX_COMPARED
from governance.admin.table_reading import row_sentence
from governance.admin.visit import Visit
from governance.policies import sentences as say
from governance.policies.checking.findings import Finding, Severity
from governance.policies.examining import examine_table
from governance.policies.fired import FiredCounts, count_fired
from governance.policies.loading import DOCUMENT_KIND
from governance.policies.models import PolicyVersion, Rehearsal
from governance.policies.parsing_invariants import invariant_document
from governance.policies.registry import present_risks
from governance.policies.selectors import eligible_voters
from governance.policies.types import PolicyTable, RehearsalState
from governance.reviews.models import ChangeRequest
from governance.reviews.types import ReviewChoice, RiskLevel

Context = dict[str, Any]

_CHECKS: Final[Sequence[tuple[Promise, frozenset[str]]]] = (
    (gettext_lazy("Every row can fire"), frozenset({"contradictory", "outside_scope"})),
    (gettext_lazy("No row is hidden by another"), frozenset({"shadowed"})),
    (gettext_lazy("No gap between amounts or cases"), frozenset({"gap"})),
    (gettext_lazy("No contradiction"), frozenset({"contradiction"})),
    (gettext_lazy("A larger amount never meets a weaker control"), frozenset({"weaker_above"})),
    (
        gettext_lazy("Every tool and fact named exists"),
        frozenset({"unknown_tool", "unknown_fact", "type", "currency_mismatch", "currency_open"}),
    ),
    (gettext_lazy("Every approval has eligible people"), frozenset({"no_eligible_approver"})),
    (
        gettext_lazy("Every risk floor is proved"),
        frozenset({"floor_fails", "floor_unproved", "below_floor"}),
    ),
    (
        gettext_lazy("What every version must keep is proved"),
        frozenset({"invariant_fails", "invariant_unproved"}),
    ),
)


def describe_rows(
    visit: Visit, version: PolicyVersion, table: PolicyTable, *, outcome: str = ""
) -> Context:
    """Return the rows of a version under their headings, with how often each fired.

    Args:
        visit: Who looks; links to decisions stand there for those who may read them.
        version: The version.
        table: Its table.
        outcome: Only rows of this outcome; empty for all.
    """
    counts = count_fired(policy_key=table.key, version=version.number, now=visit.now)
    most = max([*counts.rows.values(), 1])
    links = visit.may(Capability.DECISION_READ)
    rules = [
        _row(row, number, counts, most, version, links=links)
        for number, row in enumerate(say.describe_rules(table), start=1)
    ]
    limits = [
        _row(row, number, counts, most, version, links=links)
        for number, row in enumerate(say.describe_limits(table), start=len(rules) + 1)
    ]
    groups = [*group_rows(table.rules, rules), (_("Limits over time"), limits)]
    kept = [
        (heading, [row for row in rows if not outcome or row["row"].outcome == outcome])
        for heading, rows in groups
    ]
    return {
        "groups": [(heading, rows) for heading, rows in kept if rows],
        "counts": counts,
        "silent": counts.silent,
        "outcomes": sorted({row["row"].outcome for row in [*rules, *limits]}),
    }


def _row(
    row: say.Row,
    number: int,
    counts: FiredCounts,
    most: int,
    version: PolicyVersion,
    *,
    links: bool,
) -> Context:
    fired = counts.rows.get(row.id, 0)
    link = f"{reverse('admin:decisions')}?row={counts_name(version, row.id)}"
    return {
        "row": row,
        "number": number,
        "fired": fired,
        "share": round(100 * fired / most),
        "link": link if links and fired else "",
    }


def counts_name(version: PolicyVersion, rule: str) -> str:
    """Return how a link names a row of a version."""
    return f"{version.policy.key}:{version.number}:{rule}"


def describe_promises(table: PolicyTable) -> list[Context]:
    """Return what every version must keep, as sentences."""
    document = {"thresholds": dict(table.thresholds)}
    return [
        {
            "title": one.title,
            "sentence": row_sentence(document, "invariants", invariant_document(one), broken=False),
        }
        for one in table.invariants
    ]


def describe_approval(version: PolicyVersion) -> Context:
    """Return the change a version came in by, who approved it, and what it was rehearsed on."""
    change = (
        ChangeRequest.objects.filter(
            kind=DOCUMENT_KIND,
            document_key=version.policy.key,
            published_number=version.number,
        )
        .order_by("-pk")
        .first()
    )
    if change is None:
        return {"change": None, "approvers": []}
    votes = change.reviews.filter(voided_at__isnull=True, choice=ReviewChoice.APPROVE)
    rehearsal = (
        Rehearsal.objects.filter(
            policy_key=version.policy.key, document_digest=version.digest, state=RehearsalState.DONE
        )
        .order_by("-pk")
        .first()
    )
    return {
        "change": change,
        "approvers": [vote.reviewer.label for vote in votes.select_related("reviewer")],
        "rehearsal": rehearsal,
    }


def describe_checks(table: PolicyTable) -> Context:
    """Return what the checks say of a table beside those in force, a line for each kind."""
    if len(table.rules) + len(table.limits) > MAX_COMPARED:
        return {"lines": [], "passed": 0}
    found = examine_table(table=table, has_eligible=eligible_voters())
    lines = [
        _check(str(words), [each for each in found if each.code in codes])
        for words, codes in _CHECKS
        if table.invariants or "invariant_fails" not in codes
    ]
    named = frozenset().union(*(codes for _words, codes in _CHECKS))
    lines += [_check(each.message, [each]) for each in found if each.code not in named]
    return {"lines": lines, "passed": sum(line["sign"] == "" for line in lines)}


def _check(words: str, found: Sequence[Finding]) -> Context:
    bad = any(each.severity is Severity.ERROR for each in found)
    count = ngettext("%(count)d found", "%(count)d found", len(found)) % {"count": len(found)}
    return {
        "words": words,
        "sign": "" if not found else ("is-bad" if bad else "is-warn"),
        "count": count if found else "",
        "found": [each.message for each in found],
    }


def describe_floors(table: PolicyTable) -> list[Context]:
    """Return the tools of each risk level that a table holds for, with what the level asks."""
    risks = present_risks()
    scope: Mapping[str, RiskLevel] = (
        {tool: risks[tool] for tool in table.scope.tools if tool in risks}
        if table.scope.tools
        else risks
    )
    asked = {
        RiskLevel.LOW: _("Allowed and sampled."),
        RiskLevel.MEDIUM: _("Customer verified, and a limit row in scope."),
        RiskLevel.HIGH: _(
            "A vote above the threshold; without a threshold or an amount, always a vote."
        ),
        RiskLevel.CRITICAL: _("A specialist takes it on; one other person approves."),
    }
    return [
        {
            "level": level.value,
            "asked": words,
            "tools": _tools([tool for tool, risk in sorted(scope.items()) if risk is level]),
        }
        for level, words in asked.items()
    ]


def _tools(names: Sequence[str]) -> str:
    if not names:
        return _("No tool of this policy.")
    count = ngettext("%(count)d tool", "%(count)d tools", len(names)) % {"count": len(names)}
    return f"{count}: {say.describe_scope(names)}."


def describe_facts_table(table: PolicyTable) -> Context:
    """Return the rows as a table with one column for each fact they name."""
    named = list(dict.fromkeys(each.fact for rule in table.rules for each in rule.when))
    rows = say.describe_rules(table)
    shown = []
    for number, (rule, row) in enumerate(zip(table.rules, rows, strict=True), start=1):
        cells: dict[str, list[str]] = {name: [] for name in named}
        for condition, phrase in zip(rule.when, row.phrases, strict=True):
            cells[condition.fact].append(f"{phrase.operator} {phrase.value}")
        shown.append({"row": row, "number": number, "cells": list(cells.values())})
    heads = dict(
        zip(
            (each.fact for rule in table.rules for each in rule.when),
            (phrase.fact for row in rows for phrase in row.phrases),
            strict=True,
        )
    )
    return {"heads": [heads[name] for name in named], "rows": shown}
