"""Decisions, then and now: the facts seen, the rows that fired, and the same decided again."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from cases.admin import reads
from cases.admin.decision_replay import answer, describe_duties, describe_then, row_number
from cases.admin.fact_sources import FactSources, sources_for
from cases.admin.fired_filter import Narrowed
from cases.admin.shown import fact_text
from cases.tools.models import ToolCall
from governance.access.types import Capability
from governance.admin import reads as governed
from governance.admin.in_ledger import in_ledger
from governance.admin.visit import Crumb, Visit, page, render, way_to
from governance.policies.decision import compile_tables, decide
from governance.policies.models import DecisionRecord
from governance.policies.replay import RecordError, RecordRead, read_record
from governance.policies.types import Limit, PolicyTable
from orchestra.core import words
from orchestra.core.redaction import mask_value

PAGE_SIZE = 50
#: What a row of the list shows of a decision; the record itself is long.
_SHOWN = ("public_id", "subject_kind", "subject_id", "outcome", "at")


@page("decisions/", name="decisions", capability=Capability.DECISION_READ)
def decisions(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the latest decisions, narrowed by outcome or to those in which a row fired."""
    wanted = Narrowed(request.GET.get("outcome", ""), request.GET.get("row", ""))
    rows = wanted.records(visit)
    before = request.GET.get("before", "")
    if before.isdigit():
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.only(*_SHOWN)[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    calls = reads.calls_in_brief(shown)
    return render(
        request,
        "governance/decisions.html",
        {
            "title": _("Decisions"),
            "crumbs": [Crumb(_("Prove")), Crumb(_("Decisions"))],
            "rows": [_row(record, calls.get(record.pk), visit) for record in shown],
            "chips": wanted.chips(),
            "narrowed": wanted.words(),
            "older_link": wanted.link(shown[-1].pk) if len(found) > PAGE_SIZE else "",
            "newest_link": wanted.link() if before else "",
        },
    )


@page("decisions/<uuid:decision_id>/", name="decision", capability=Capability.DECISION_READ)
def decision(request: HttpRequest, visit: Visit, decision_id: UUID) -> HttpResponse:
    """Show one decision as recorded; on request decide it again and under today's text."""
    record = reads.get_decision(decision_id=decision_id)
    call = reads.calls_of([record]).get(record.pk)
    may_replay = visit.may(Capability.DECISION_REPLAY)
    asked = may_replay and "replay" in request.GET
    try:
        read = read_record(bytes(record.body))
    except RecordError as error:
        return render(
            request,
            "governance/decision.html",
            {"title": _("Decision"), "record": record, "problem": str(error)},
        )
    tables = governed.tables_of(read.policies)
    answers = answer(record, read, tables) if asked else None
    facts = _facts(read, tables, sources_for(call))
    return render(
        request,
        "governance/decision.html",
        {
            "title": _("Decision"),
            "crumbs": [
                Crumb(_("Prove")),
                Crumb(_("Decisions"), reverse("admin:decisions")),
                Crumb(call.case.label if call else str(record.pk)),
            ],
            "record": record,
            "read": read,
            "call": describe_subject(call, visit),
            "headline": answers.headline if answers else describe_then(record, read),
            "duties": describe_duties(read.value.get("obligations", {})),
            "policies": _policies(read, tables),
            "fired": _fired(read, tables),
            "facts": [fact for fact in facts if fact["needed"]],
            "other_facts": [fact for fact in facts if not fact["needed"]],
            "facts_words": _facts_words(facts),
            "unknown": sorted(read.facts.unknown),
            "sources": sorted(read.sources.items()),
            "reasons": read.value.get("reasons", []),
            "may_replay": may_replay,
            "ledger_link": in_ledger(visit, subject=record.subject_id),
            "answers": answers,
        },
    )


def _fired(read: RecordRead, tables: dict[str, PolicyTable]) -> list[dict[str, Any]]:
    again = decide(facts=read.facts, policies=compile_tables(tables.values()))
    reasons = {(row.policy, row.rule): row.reason for row in again.fired}
    return [
        {
            "number": row_number(tables.get(policy), rule),
            "rule": rule,
            "policy": words.plain(policy),
            "version": version,
            "outcome": outcome,
            "reason": reasons.get((policy, rule), ""),
        }
        for policy, version, rule, outcome in read.value.get("fired", [])
    ]


def _facts(
    read: RecordRead, tables: dict[str, PolicyTable], sources: FactSources
) -> list[dict[str, Any]]:
    fired = {(policy, rule) for policy, _version, rule, _outcome in read.value.get("fired", [])}
    decisive = {
        condition.fact
        for key, table in tables.items()
        for rule in table.rules
        if (key, rule.id) in fired
        for condition in rule.when
    } | {f"limit:{rule}" for _policy, rule in fired}
    named = _named(tables)
    values = mask_value(dict(read.facts.values))
    currency = str(values.get("currency") or "")
    limits = {f"limit:{limit.key}": limit for table in tables.values() for limit in table.limits}
    facts = [
        {
            "name": _fact_name(name, limits.get(name)),
            "value": _fact_value(name, value, currency, limits.get(name)),
            "hit": name in decisive,
            "needed": name in decisive or name in named,
            "source": sources.of(name),
        }
        for name, value in sorted(values.items())
    ]
    return sorted(facts, key=lambda fact: not fact["hit"])


def _named(tables: dict[str, PolicyTable]) -> frozenset[str]:
    """Return the facts that some row names, and those that floors look at."""
    rows = {test.fact for table in tables.values() for rule in table.rules for test in rule.when}
    limits = {f"limit:{limit.key}" for table in tables.values() for limit in table.limits}
    return frozenset({"tool", "risk", "amount_minor", *rows, *limits})


def _facts_words(facts: list[dict[str, Any]]) -> str:
    needed = sum(fact["needed"] for fact in facts)
    return _("%(needed)d of %(all)d facts are named by a row or a floor.") % {
        "needed": needed,
        "all": len(facts),
    }


def _fact_name(name: str, limit: Limit | None) -> str:
    if limit is not None:
        return _("limit: %(title)s") % {"title": limit.title}
    return words.plain(name.removesuffix("_minor"))


def _fact_value(name: str, value: Any, currency: str, limit: Limit | None) -> str:
    if limit is not None and limit.currency:
        return words.money(minor=value, currency=limit.currency)
    return fact_text(name, value, currency)


def _policies(read: RecordRead, tables: dict[str, PolicyTable]) -> list[dict[str, Any]]:
    return [
        {
            "title": tables[key].title if key in tables else words.plain(key),
            "version": version,
            "digest": digest,
            "link": reverse("admin:policy", args=[key]) + f"?version={version}",
        }
        for key, (version, digest) in sorted(read.policies.items())
    ]


def describe_subject(call: ToolCall | None, visit: Visit) -> dict[str, Any] | None:
    """Return what a decision was on; whose it was only for who may read the case.

    Args:
        call: The tool call with its tool and case; None where the decision was on another kind.
        visit: Who looks.
    """
    if call is None:
        return None
    reads_case = visit.may(Capability.CASE_READ, call.case.queue_id)
    effect = call.effect_text if reads_case else ""
    return {
        "title": effect or call.tool.title,
        "risk": call.tool.risk,
        "requester_kind": call.requester_kind,
        "requester_label": call.requester_label,
        "case_label": call.case.label,
        "case_link": way_to("case", call.case.public_id) if reads_case else "",
    }


def _row(record: DecisionRecord, call: ToolCall | None, visit: Visit) -> dict[str, Any]:
    known = describe_subject(call, visit) or {}
    return {
        "key": record.pk,
        "link": way_to("decision", record.public_id),
        "time": f"{localtime(record.at):%H:%M:%S}",
        "day": words.day(record.at),
        "outcome": record.outcome,
        "is_call": bool(known),
        "is_open": bool(known.get("case_link")),
        "title": known.get("title", ""),
        "risk": known.get("risk", ""),
        "actor": known.get("requester_kind", ""),
        "label": known.get("requester_label", ""),
        "case": known.get("case_label", ""),
        "case_link": known.get("case_link", ""),
        "subject": f"{words.plain(record.subject_kind)} {record.subject_id}",
    }
