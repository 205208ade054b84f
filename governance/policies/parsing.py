"""A policy document read into a decision table, and back; all errors at once; pure."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from governance.policies.catalogue import Catalogue
from governance.policies.parsing_invariants import invariant_document, read_invariant
from governance.policies.parsing_rows import (
    condition_document,
    obligations_document,
    read_conditions,
    read_obligations,
)
from governance.policies.reading import CURRENCY, KEY, Report, named, nearest
from governance.policies.soundness import check_size, check_sound
from governance.policies.types import Limit, Outcome, PolicyTable, Rule, Scope
from orchestra.core.errors import InvalidInputError
from orchestra.core.said import said as _

Json = Any

MEASURES: Final = ("count", "amount_minor")
PER: Final = ("customer", "agent", "queue")
#: Leap year; a longer window is no rolling limit any more.
MAX_WINDOW_HOURS: Final = 366 * 24
#: Names that rows of the floor carry in records and pages.
RESERVED: Final = frozenset({"floor"})

_OUTCOMES: Final = tuple(outcome.value for outcome in Outcome)
#: A limit that allows what goes beyond it limits nothing, and would still satisfy the floor.
_LIMIT_OUTCOMES: Final = tuple(value for value in _OUTCOMES if value != Outcome.ALLOW)
_POLICY_FIELDS: Final = (
    "key",
    "title",
    "scope",
    "thresholds",
    "limits",
    "rules",
    "invariants",
)
_SCOPE_FIELDS: Final = ("tools", "cue_sheets", "queues")
_RULE_FIELDS: Final = ("id", "title", "disabled", "when", "outcome", "obligations", "reason")
_LIMIT_FIELDS: Final = (
    "key",
    "title",
    "disabled",
    "measure",
    "per",
    "window_hours",
    "at_most",
    "outcome",
    "reason",
    "currency",
    "obligations",
)


def parse_policy(
    *, document: Mapping[str, Json], version: int, digest: str, catalogue: Catalogue | None = None
) -> PolicyTable:
    """Return the decision table that a document states.

    Args:
        document: ``key``, ``title``, ``scope``, ``thresholds``, ``limits``, ``rules`` and
            ``invariants``; a condition is ``{fact: order_status, is_not: delivered}``.
        version: Number of the version that holds the document.
        digest: Its canonical digest.
        catalogue: Facts and tools to check the names against; None for a document that was
            checked when it was published.

    Raises:
        InvalidInputError: With every error at once, each with its path, such as
            ``rules[3].when[0].fact``.
    """
    report = Report()
    fields = report.mapping(document, "", _POLICY_FIELDS)
    check_size(report, fields)
    table = PolicyTable(
        key=_policy_key(report, fields.get("key")),
        title=report.text(fields.get("title"), "title"),
        version=version,
        digest=digest,
        scope=_scope(report, fields.get("scope"), catalogue),
        rules=tuple(
            _rule(report, value, f"rules[{index}]", catalogue)
            for index, value in enumerate(report.items(fields.get("rules"), "rules"))
        ),
        limits=tuple(
            read_limit(report, value, f"limits[{index}]")
            for index, value in enumerate(report.items(fields.get("limits"), "limits"))
        ),
        thresholds=_thresholds(report, fields.get("thresholds")),
        invariants=tuple(
            read_invariant(report, value, f"invariants[{index}]", catalogue)
            for index, value in enumerate(report.items(fields.get("invariants"), "invariants"))
        ),
    )
    _check_unique(report, table)
    if catalogue is not None:
        check_sound(report, table)
    if report.errors:
        raise InvalidInputError(
            _(
                "The policy has %(count)d errors; correct them and try again.",
                count=len(report.errors),
            ),
            code="policy.invalid",
            errors=report.errors,
        )
    return table


def _policy_key(report: Report, value: Json) -> str:
    key = report.text(value, "key", KEY)
    if key in RESERVED:
        text = _("%(key)s is the name of the built-in floor; choose another", key=key)
        report.add("key", "reserved", text)
    return key


def _scope(report: Report, value: Json, catalogue: Catalogue | None) -> Scope:
    fields = report.mapping(value, "scope", _SCOPE_FIELDS)
    tools = report.texts(fields.get("tools"), "scope.tools")
    known = catalogue.tools if catalogue else None
    for index, tool in enumerate(tools):
        if known is not None and tool and tool not in known:
            report.add(
                f"scope.tools[{index}]",
                "unknown_tool",
                _("there is no tool %(tool)s%(hint)s", tool=tool, hint=nearest(tool, known)),
            )
    return Scope(
        tools=tools,
        cue_sheets=report.texts(fields.get("cue_sheets"), "scope.cue_sheets"),
        queues=report.texts(fields.get("queues"), "scope.queues"),
    )


def _thresholds(report: Report, value: Json) -> dict[str, int]:
    found = {}
    for currency, amount in report.mapping(value, "thresholds").items():
        path = named("thresholds", currency)
        if not CURRENCY.fullmatch(currency):
            report.add(path, "currency", _("must be an ISO 4217 code such as USD"))
        found[currency] = report.whole(amount, path, 0)
    return found


def _rule(report: Report, value: Json, path: str, catalogue: Catalogue | None) -> Rule:
    fields = report.mapping(value, path, _RULE_FIELDS)
    outcome = _outcome(report, fields.get("outcome"), path, _OUTCOMES)
    return Rule(
        id=report.text(fields.get("id"), f"{path}.id", KEY),
        title=report.text(fields.get("title"), f"{path}.title"),
        when=read_conditions(report, fields.get("when"), f"{path}.when", catalogue),
        outcome=outcome or Outcome.DENY,
        reason=report.text(fields.get("reason"), f"{path}.reason"),
        obligations=read_obligations(
            report, fields.get("obligations"), f"{path}.obligations", outcome
        ),
        disabled=report.flag(fields.get("disabled", False), f"{path}.disabled"),
    )


def _outcome(report: Report, value: Json, path: str, choices: Collection[str]) -> Outcome | None:
    known = len(report.errors)
    outcome = report.choice(value, f"{path}.outcome", choices)
    return Outcome(outcome) if len(report.errors) == known else None


def read_limit(report: Report, value: Json, path: str) -> Limit:
    """Return one rolling limit; harmless values stand where the report has an error.

    Args:
        report: Takes every error.
        value: The mapping as it stands in the document.
        path: Where it stands.
    """
    fields = report.mapping(value, path, _LIMIT_FIELDS)
    outcome = _outcome(report, fields.get("outcome"), path, _LIMIT_OUTCOMES)
    measure = report.choice(fields.get("measure"), f"{path}.measure", MEASURES)
    currency = ""
    if measure == "amount_minor":
        currency = report.text(fields.get("currency"), f"{path}.currency", CURRENCY)
    elif fields.get("currency"):
        report.add(f"{path}.currency", "unused", _("a count has no currency; leave it out"))
    hours = fields.get("window_hours")
    return Limit(
        key=report.text(fields.get("key"), f"{path}.key", KEY),
        title=report.text(fields.get("title"), f"{path}.title"),
        measure=measure,
        per=report.choice(fields.get("per"), f"{path}.per", PER),
        window_hours=report.whole(hours, f"{path}.window_hours", 1, MAX_WINDOW_HOURS),
        at_most=report.whole(fields.get("at_most"), f"{path}.at_most", 0),
        outcome=outcome or Outcome.DENY,
        reason=report.text(fields.get("reason"), f"{path}.reason"),
        currency=currency,
        obligations=read_obligations(
            report, fields.get("obligations"), f"{path}.obligations", outcome
        ),
        disabled=report.flag(fields.get("disabled", False), f"{path}.disabled"),
    )


def _check_unique(report: Report, table: PolicyTable) -> None:
    names = [(f"rules[{index}].id", rule.id) for index, rule in enumerate(table.rules)]
    names += [(f"limits[{index}].key", limit.key) for index, limit in enumerate(table.limits)]
    names += [(f"invariants[{index}].id", one.id) for index, one in enumerate(table.invariants)]
    first: dict[str, str] = {}
    for path, name in names:
        if name and name in first:
            text = _("%(name)s already stands at %(place)s", name=name, place=first[name])
            report.add(path, "repeated", text)
        first.setdefault(name, path)


def table_to_document(table: PolicyTable) -> dict[str, Json]:
    """Return the document that states a decision table; parsing it gives the same table."""
    scope = {name: list(values) for name in _SCOPE_FIELDS if (values := getattr(table.scope, name))}
    document: dict[str, Json] = {
        "key": table.key,
        "title": table.title,
        "scope": scope,
        "thresholds": dict(table.thresholds),
        "limits": [_limit_document(limit) for limit in table.limits],
        "rules": [_rule_document(rule) for rule in table.rules],
    }
    if table.invariants:
        document["invariants"] = [invariant_document(one) for one in table.invariants]
    return document


def _limit_document(limit: Limit) -> dict[str, Json]:
    document: dict[str, Json] = {
        name: getattr(limit, name)
        for name in ("key", "title", "measure", "per", "window_hours", "at_most", "reason")
    }
    document["outcome"] = limit.outcome.value
    if limit.disabled:
        document["disabled"] = True
    if limit.currency:
        document["currency"] = limit.currency
    obligations = obligations_document(limit.obligations)
    return {**document, "obligations": obligations} if obligations else document


def _rule_document(rule: Rule) -> dict[str, Json]:
    document: dict[str, Json] = {
        "id": rule.id,
        "title": rule.title,
        "when": [condition_document(condition) for condition in rule.when],
        "outcome": rule.outcome.value,
        "reason": rule.reason,
    }
    if rule.disabled:
        document["disabled"] = True
    obligations = obligations_document(rule.obligations)
    return {**document, "obligations": obligations} if obligations else document
