"""Conditions and obligations read from a policy document, and back; pure."""

import math
from typing import Any, Final

from governance.access.rules import VOTING_ROLES
from governance.policies.catalogue import OPERATORS, TYPE_WORDS, Catalogue, FactSpec, FactType
from governance.policies.conditions import test_of
from governance.policies.reading import Report, named, nearest
from governance.policies.types import Condition, Obligations, Operator, Outcome
from orchestra.core.canonical import MAX_SAFE_INTEGER
from orchestra.core.said import said as _

Json = Any

MAX_VOTES: Final = 10
MAX_DEADLINE_MINUTES: Final = 30 * 24 * 60
MAX_VALUES: Final = 1000

_OPERATORS: Final = tuple(operator.value for operator in Operator)
_SEVERAL: Final = frozenset({Operator.IN, Operator.NOT_IN})
ROLES: Final = tuple(sorted(VOTING_ROLES))
LEVELS: Final = ("basic", "strong")

#: Obligation to the outcomes that can ask for it.
_ASKED_BY: Final = {
    "votes": (Outcome.APPROVE,),
    "roles": (Outcome.APPROVE,),
    "distinct_roles": (Outcome.APPROVE,),
    "step_up": (Outcome.APPROVE,),
    "verification": (Outcome.VERIFY,),
    "deadline_minutes": (Outcome.VERIFY, Outcome.APPROVE, Outcome.SPECIALIST),
}


def read_conditions(
    report: Report, value: Json, path: str, catalogue: Catalogue | None
) -> tuple[Condition, ...]:
    """Return the conditions of a row; a row without any always fires.

    Args:
        report: Takes every error.
        value: The list as it stands in the document.
        path: Where it stands.
        catalogue: What names are checked against; None for no check of names.
    """
    found = (
        _condition(report, item, f"{path}[{index}]", catalogue)
        for index, item in enumerate(report.items(value, path))
    )
    return tuple(condition for condition in found if condition is not None)


def _condition(
    report: Report, value: Json, path: str, catalogue: Catalogue | None
) -> Condition | None:
    fields = report.mapping(value, path, ("fact", *_OPERATORS))
    fact = report.text(fields.get("fact"), f"{path}.fact")
    named_operators = [name for name in fields if name in _OPERATORS]
    if len(named_operators) != 1:
        text = _("needs exactly one operator of %(operators)s", operators=_OPERATORS)
        report.add(path, "operator", text)
    if not fact or len(named_operators) != 1:
        return None
    operator = Operator(named_operators[0])
    raw = fields[operator.value]
    condition = Condition(fact, operator, tuple(raw) if isinstance(raw, list) else raw)
    where = named(path, operator.value)
    known = len(report.errors)
    if catalogue is not None:
        _check_names(report, condition, path, catalogue)
    if len(report.errors) == known:
        _check_comparable(report, condition, where)
    return condition


def _check_names(report: Report, condition: Condition, path: str, catalogue: Catalogue) -> None:
    spec = catalogue.facts.get(condition.fact)
    if spec is None:
        hint = nearest(condition.fact, catalogue.facts)
        text = _("there is no fact %(fact)s%(hint)s", fact=condition.fact, hint=hint)
        report.add(f"{path}.fact", "unknown_fact", text)
        return
    where = named(path, condition.operator.value)
    if condition.operator not in OPERATORS[spec.type]:
        text = _(
            "%(fact)s is a %(kind)s: use one of %(allowed)s",
            fact=condition.fact,
            kind=TYPE_WORDS[spec.type],
            allowed=tuple(sorted(OPERATORS[spec.type])),
        )
        report.add(where, "operator", text)
        return
    for value in _values(condition):
        _check_value(report, value, spec, where)
        if spec.name == "tool" and catalogue.tools is not None and value not in catalogue.tools:
            report.add(where, "unknown_tool", _("there is no tool %(tool)s", tool=value))


def _values(condition: Condition) -> tuple[Json, ...]:
    if condition.operator in _SEVERAL and isinstance(condition.value, tuple):
        return condition.value
    return (condition.value,)


def _check_value(report: Report, value: Json, spec: FactSpec, where: str) -> None:
    if not fits(value, spec.type):
        text = _(
            "%(fact)s is a %(kind)s; %(value)r is none",
            fact=spec.name,
            kind=TYPE_WORDS[spec.type],
            value=value,
        )
        report.add(where, "type", text)
    elif spec.choices and value not in spec.choices:
        hint = nearest(str(value), spec.choices)
        text = _("must be one of %(choices)s%(hint)s", choices=spec.choices, hint=hint)
        report.add(where, "choice", text)


def fits(value: Json, kind: FactType) -> bool:
    """Tell whether a value is one that a fact of a type can be compared with."""
    if kind is FactType.FLAG:
        return value.__class__ is bool
    if kind is FactType.WHOLE:
        return value.__class__ is int
    if kind is FactType.NUMBER:
        return value.__class__ in {int, float}
    return isinstance(value, str)


def _check_comparable(report: Report, condition: Condition, where: str) -> None:
    values = _values(condition)
    several = condition.operator in _SEVERAL
    if several and len(values) > MAX_VALUES:
        report.add(where, "too_many", _("must list at most %(most)d values", most=MAX_VALUES))
    elif not all(map(_is_finite, values)):
        report.add(where, "number", _("must be a number that JSON can hold exactly"))
    else:
        try:
            test_of(condition)
        except ValueError as error:
            report.add(where, "type", error.args[0])


def _is_finite(value: Json) -> bool:
    if value.__class__ not in {int, float}:
        return True
    return math.isfinite(value) and abs(value) <= MAX_SAFE_INTEGER


def read_obligations(
    report: Report, value: Json, path: str, outcome: Outcome | None
) -> Obligations:
    """Return what a row asks for, with the least its outcome needs.

    Args:
        report: Takes every error.
        value: The mapping as it stands in the document.
        path: Where it stands.
        outcome: Outcome of the row: an approval asks for votes, a verification for a level.
            None where it could not be read; then there is nothing to check against.
    """
    if outcome is None:
        return Obligations()
    fields = report.mapping(value, path, tuple(_ASKED_BY))
    for name in fields:
        if name in _ASKED_BY and outcome not in _ASKED_BY[name]:
            text = _("the outcome %(outcome)s cannot ask for this", outcome=outcome.value)
            report.add(named(path, name), "unused", text)
    roles = read_roles(report, fields, path)
    obligations = Obligations(
        votes=_votes(report, fields, path, outcome),
        roles=roles,
        distinct_roles=report.flag(fields.get("distinct_roles", False), f"{path}.distinct_roles"),
        step_up=report.flag(fields.get("step_up", False), f"{path}.step_up"),
        verification=_verification(report, fields, path, outcome),
        deadline_minutes=_deadline(report, fields, path),
    )
    _check_distinct(report, obligations, path)
    return obligations


def _votes(report: Report, fields: dict[str, Json], path: str, outcome: Outcome) -> int:
    if "votes" in fields:
        return report.whole(fields["votes"], f"{path}.votes", 1, MAX_VOTES)
    return 1 if outcome is Outcome.APPROVE else 0


def _verification(report: Report, fields: dict[str, Json], path: str, outcome: Outcome) -> str:
    if "verification" in fields:
        return report.choice(fields["verification"], f"{path}.verification", LEVELS)
    return "basic" if outcome is Outcome.VERIFY else ""


def _deadline(report: Report, fields: dict[str, Json], path: str) -> int | None:
    minutes = fields.get("deadline_minutes")
    if minutes is None:
        return None
    return report.whole(minutes, f"{path}.deadline_minutes", 1, MAX_DEADLINE_MINUTES)


def read_roles(report: Report, fields: dict[str, Json], path: str) -> tuple[str, ...]:
    """Return the roles a mapping names, in order; only those whose holders may vote."""
    roles = report.texts(fields.get("roles"), f"{path}.roles")
    for index, role in enumerate(roles):
        if role and role not in ROLES:
            where = f"{path}.roles[{index}]"
            report.add(
                where, "role", _("%(role)s cannot vote; use %(roles)s", role=role, roles=ROLES)
            )
    return tuple(sorted(roles))


def _check_distinct(report: Report, obligations: Obligations, path: str) -> None:
    roles = len(obligations.roles) or len(ROLES)
    if obligations.distinct_roles and obligations.votes > roles:
        report.add(
            f"{path}.distinct_roles",
            "impossible",
            _(
                "%(votes)d votes cannot come from %(roles)d different roles",
                votes=obligations.votes,
                roles=roles,
            ),
        )


def condition_document(condition: Condition) -> dict[str, Json]:
    """Return a condition as it stands in a document."""
    value = condition.value
    return {
        "fact": condition.fact,
        condition.operator.value: list(value) if isinstance(value, tuple) else value,
    }


def obligations_document(obligations: Obligations) -> dict[str, Json]:
    """Return what a row asks for as it stands in a document, without what it does not ask."""
    fields: dict[str, Json] = {
        "votes": obligations.votes,
        "roles": list(obligations.roles),
        "distinct_roles": obligations.distinct_roles,
        "step_up": obligations.step_up,
        "verification": obligations.verification,
        "deadline_minutes": obligations.deadline_minutes,
    }
    return {name: value for name, value in fields.items() if value}
