"""Try one: facts by hand or of a recorded decision, judged in force and under a draft.

Nothing is stored and nothing is read from a system of record: values in, a verdict out.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.admin import reads
from governance.admin.visit import Crumb, Visit, page, render
from governance.policies import selectors
from governance.policies.catalogue import FactSpec, FactType, known_facts
from governance.policies.compiled import LIMIT_FACT, CompiledPolicies, compile_tables
from governance.policies.decision import decide
from governance.policies.loading import policies_in_force
from governance.policies.models import Rehearsal
from governance.policies.parsing import parse_policy
from governance.policies.replay import RecordError, read_record
from governance.policies.types import Decision, FactSet, PolicyTable
from orchestra.core import words
from orchestra.core.errors import NotFoundError

Json = Any

UNKNOWN = "?"
NOTHING_IN_IT = "[]"
#: What every verdict rests on, whatever the rows name.
_ALWAYS = (
    "tool",
    "cue_sheet",
    "queue",
    "effect",
    "risk",
    "actor_kind",
    "verification",
    "amount_minor",
    "currency",
    "off_plan",
    "specialist_request",
)


@page("policies/<str:key>/try/", name="policy_try", capability=Capability.POLICY_READ)
def try_one(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """Judge one set of facts under what is in force and, where one is named, under a draft."""
    policy = reads.list_policies().filter(key=key).first()
    draft_of = _rehearsal(request.GET.get("rehearsal", ""), key)
    if policy is None and draft_of is None:
        raise NotFoundError(_("There is no such policy."))
    in_force = policies_in_force()
    draft = _draft(in_force, draft_of) if draft_of is not None else None
    names = _names(in_force, draft)
    given, problems = _given(request, names)
    asked = request.GET.get("decision", "").strip()
    recorded = None
    if asked and visit.may(Capability.DECISION_READ):
        recorded, problem = _recorded(asked)
        problems += [problem] if problem else []
    facts = recorded if recorded is not None else given
    judged = (bool(given.values) or recorded is not None) and not problems
    return render(
        request,
        "governance/try_one.html",
        {
            "title": _("Try one"),
            "crumbs": [
                Crumb(_("Govern")),
                Crumb(_("Policies"), reverse("admin:policies")),
                Crumb(policy.title if policy else key, reverse("admin:policy", args=[key])),
                Crumb(_("Try one")),
            ],
            "key": key,
            "fields": [_field(spec, facts) for spec in names.values()],
            "problems": problems,
            "asked": asked,
            "may_take": visit.may(Capability.DECISION_READ),
            "rehearsal": str(draft_of.public_id) if draft_of is not None else "",
            "now_judged": _verdict(decide(facts=facts, policies=in_force)) if judged else None,
            "draft_judged": _verdict(decide(facts=facts, policies=draft))
            if judged and draft is not None
            else None,
        },
    )


def _rehearsal(text: str, key: str) -> Rehearsal | None:
    if not text:
        return None
    return selectors.get_rehearsal(rehearsal_id=_uuid(text), policy_key=key)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFoundError(_("There is no such thing.")) from error


def _draft(in_force: CompiledPolicies, rehearsal: Rehearsal) -> CompiledPolicies:
    number = 1 + max(
        (table.version for table in in_force.tables if table.key == rehearsal.policy_key), default=0
    )
    table = parse_policy(
        document=rehearsal.document, version=number, digest=rehearsal.document_digest
    )
    others = [each for each in in_force.tables if each.key != rehearsal.policy_key]
    return compile_tables([*others, table], unreadable=in_force.unreadable)


def _names(in_force: CompiledPolicies, draft: CompiledPolicies | None) -> dict[str, FactSpec]:
    """Return the facts that a verdict can rest on, those of every action first."""
    tables = [*in_force.tables, *(draft.tables if draft is not None else ())]
    named = {condition.fact for table in tables for rule in table.rules for condition in rule.when}
    known = known_facts()
    ordered = [*_ALWAYS, *sorted(named - set(_ALWAYS))]
    specs = {name: known[name] for name in ordered if name in known}
    return {**specs, **_limits(tables)}


def _limits(tables: list[PolicyTable]) -> dict[str, FactSpec]:
    return {
        LIMIT_FACT + limit.key: FactSpec(
            LIMIT_FACT + limit.key,
            FactType.WHOLE,
            _("minor units") if limit.currency else _("calls"),
            _("Total of the limit “%(title)s”, this call included.") % {"title": limit.title},
        )
        for table in tables
        for limit in table.limits
    }


def _given(request: HttpRequest, names: Mapping[str, FactSpec]) -> tuple[FactSet, list[str]]:
    """Return the facts that were filled in, and what is wrong with them."""
    values: dict[str, Json] = {}
    unknown: set[str] = set()
    problems: list[str] = []
    for name, spec in names.items():
        text = request.GET.get(f"f.{name}", "").strip()
        if text == UNKNOWN:
            unknown.add(name)
        elif text:
            try:
                values[name] = _READERS[spec.type](text)
            except ValueError:
                problems.append(
                    _("%(fact)s: “%(text)s” does not fit; give a %(type)s.")
                    % {"fact": words.plain(name), "text": text[:60], "type": str(spec.type)}
                )
    return FactSet(values=values, unknown=frozenset(unknown)), problems


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


_READERS: Mapping[FactType, Callable[[str], Json]] = {
    FactType.TEXT: str,
    FactType.WHOLE: int,
    FactType.NUMBER: float,
    FactType.FLAG: _flag,
    FactType.LIST: lambda text: (
        [] if text == NOTHING_IN_IT else [part.strip() for part in text.split(",") if part.strip()]
    ),
}


def _recorded(text: str) -> tuple[FactSet | None, str]:
    try:
        record = selectors.get_record(UUID(text))
        return read_record(bytes(record.body)).facts, ""
    except (ValueError, NotFoundError, RecordError):
        return None, _("There is no recorded decision with the id “%(id)s”.") % {"id": text[:60]}


def _field(spec: FactSpec, facts: FactSet) -> dict[str, Any]:
    choices = ("true", "false") if spec.type is FactType.FLAG else spec.choices
    is_list = spec.type is FactType.LIST
    return {
        "name": f"f.{spec.name}",
        "label": words.plain(spec.name.removeprefix(LIMIT_FACT)),
        "unit": spec.unit,
        "meaning": spec.meaning,
        "choices": () if is_list else choices,
        "is_number": spec.type in (FactType.WHOLE, FactType.NUMBER),
        "value": UNKNOWN if spec.name in facts.unknown else _text(facts.values.get(spec.name)),
    }


def _text(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or NOTHING_IN_IT
    return "" if value is None else str(value)


def _verdict(decision: Decision) -> dict[str, Any]:
    return {
        "outcome": str(decision.outcome),
        "votes": decision.obligations.votes,
        "reasons": decision.reasons,
        "fired": [
            {
                "policy": words.plain(row.policy),
                "version": row.version,
                "rule": row.rule,
                "reason": row.reason,
                "outcome": str(row.outcome),
            }
            for row in decision.fired
        ],
        "policies": ", ".join(
            f"{words.plain(key)} {version}"
            for key, (version, _digest) in sorted(decision.policies.items())
        ),
    }
