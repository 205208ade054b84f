"""What can be said of a decision table without an action: every finding at once; pure."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from governance.policies.catalogue import OPERATORS, TYPE_WORDS, Catalogue, FactSpec
from governance.policies.checking.findings import Finding, Severity
from governance.policies.checking.floor_boxes import FLOOR_CUTS, floor_boxes, money_cuts
from governance.policies.checking.floor_proofs import prove_floors
from governance.policies.checking.gaps import gaps
from governance.policies.checking.proofs import Proof, Verdict, prove_invariants
from governance.policies.checking.relations import relations
from governance.policies.checking.rows import (
    Row,
    all_conditions,
    comparable,
    only_currency,
    overlaps,
    rows_of,
    scope_conditions,
    specs_of,
)
from governance.policies.checking.space import PLACE, Space, TooLargeError
from governance.policies.checking.wording import fact_words
from governance.policies.parsing_rows import fits
from governance.policies.reading import nearest
from governance.policies.types import Condition, Invariant, Operator, Outcome, PolicyTable
from orchestra.core.said import said as _

Json = Any
#: Roles asked for and queues in scope to whether somebody may give the approval.
HasEligible = Callable[[Collection[str], Collection[str]], bool]

_SEVERAL: Final = frozenset({Operator.IN, Operator.NOT_IN})
_POSITIVE: Final = frozenset({Operator.IS, Operator.IN})
#: Parts of the floor that depend on what other policies say in the same place.
_NOT_OURS: Final = frozenset({"medium.no_limit", "high.no_threshold"})


def check_table(
    *,
    table: PolicyTable,
    others: Sequence[PolicyTable] = (),
    before: PolicyTable | None = None,
    catalogue: Catalogue | None = None,
    has_eligible: HasEligible | None = None,
) -> tuple[Finding, ...]:
    """Return everything that is found in a decision table, in the order of its rows.

    Args:
        table: The table that is to be submitted.
        others: The other tables in force; those out of its scope are left aside.
        before: The version in force, whose invariants the table has to hold as well: what
            drops one must still prove it.
        catalogue: Facts and tools that may be named; None where names are not to be checked.
        has_eligible: Says whether anybody may give an approval; None where that is not known.
    """
    scopes = [table.scope, before.scope] if before else [table.scope]
    near = [
        one
        for one in others
        if one.key != table.key and any(overlaps(one.scope, scope) for scope in scopes)
    ]
    tables = [table, *near]
    specs = specs_of(tables, catalogue)
    sound, out = comparable(tables, specs)
    found = [
        *(_names(table, catalogue) if catalogue else ()),
        *_incomparable(out),
        *_currencies(table, near, specs),
        *(find_voters(table, has_eligible) if has_eligible else ()),
        *_space_findings(sound, specs),
        *_proof_findings(sound[0], sound[1:], before, catalogue),
    ]
    return in_order(found)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings with errors first, each kind in the order of the rows."""
    return tuple(sorted(findings, key=_place))


def _incomparable(out: Sequence[tuple[str, str, str]]) -> Iterator[Finding]:
    for path, row, problem in out:
        text = _("%(problem)s.", problem=problem)
        yield Finding(row, path, Severity.ERROR, "type", text)


def _place(finding: Finding) -> tuple[int, str, int]:
    part, _, number = finding.path.partition("[")
    digits = number.partition("]")[0]
    return (finding.severity is not Severity.ERROR, part, int(digits) if digits else -1)


def _names(table: PolicyTable, catalogue: Catalogue) -> Iterator[Finding]:
    """Yield conditions that name what there is not; parsing says the same of a document."""
    for path, row, condition in _named_conditions(table):
        for code, text in _name_problems(condition, catalogue):
            yield Finding(row, path, Severity.ERROR, code, text)


def _named_conditions(table: PolicyTable) -> Iterator[tuple[str, str, Condition]]:
    for condition in scope_conditions(table.scope):
        yield "scope", "", condition
    for place, rule in enumerate(table.rules):
        for condition in rule.when:
            yield f"rules[{place}]", rule.id, condition
    for place, invariant in enumerate(table.invariants):
        for condition in invariant.when:
            yield f"invariants[{place}]", invariant.id, condition


def _name_problems(condition: Condition, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    fact = condition.fact
    spec = catalogue.facts.get(fact)
    several = condition.operator in _SEVERAL and isinstance(condition.value, list | tuple)
    values = condition.value if several else (condition.value,)
    if fact == "tool" and catalogue.tools is not None:
        for value in values:
            if value not in catalogue.tools:
                hint = nearest(str(value), catalogue.tools) or "."
                yield "unknown_tool", _("There is no tool %(tool)s%(hint)s", tool=value, hint=hint)
    if spec is None:
        if fact not in PLACE:
            hint = nearest(fact, catalogue.facts) or "."
            yield "unknown_fact", _("There is no fact %(fact)s%(hint)s", fact=fact, hint=hint)
    elif condition.operator not in OPERATORS[spec.type] or not all(
        fits(value, spec.type) for value in values
    ):
        yield (
            "type",
            _(
                "%(fact)s is a %(kind)s; this condition compares it with something else.",
                fact=fact,
                kind=TYPE_WORDS[spec.type],
            ),
        )


def _currencies(
    table: PolicyTable, near: Sequence[PolicyTable], specs: Mapping[str, FactSpec]
) -> Iterator[Finding]:
    """Yield amounts in another currency than thresholds have, or in no certain one."""
    known = {currency for one in (table, *near) for currency in one.thresholds}
    spoken = set(table.thresholds)
    for place, limit in enumerate(table.limits):
        if not limit.currency:
            continue
        if not known or limit.currency in known:
            spoken.add(limit.currency)
        else:
            text = _(
                "The limit “%(title)s” counts %(currency)s, but thresholds are set for %(known)s "
                "only.",
                title=limit.title,
                currency=limit.currency,
                known=tuple(sorted(known)),
            )
            path = f"limits[{place}]"
            yield Finding(limit.key, path, Severity.ERROR, "currency_mismatch", text)
    for place, rule in enumerate(table.rules):
        if not any(_is_amount(condition.fact, specs) for condition in rule.when):
            continue
        named = _texts(rule.when, "currency", _POSITIVE)
        spoken.update(named & known if known else named)
        for currency in sorted(named - known if known else ()):
            text = _(
                "The row compares an amount in %(currency)s, but thresholds are set for %(known)s "
                "only.",
                currency=currency,
                known=tuple(sorted(known)),
            )
            path = f"rules[{place}]"
            yield Finding(rule.id, path, Severity.ERROR, "currency_mismatch", text)
    yield from _open_currencies(table, specs, spoken)


def _open_currencies(
    table: PolicyTable, specs: Mapping[str, FactSpec], spoken: Collection[str]
) -> Iterator[Finding]:
    if len(spoken) < 2:  # noqa: PLR2004  one currency leaves nothing open
        return
    for place, rule in enumerate(table.rules):
        facts = {condition.fact for condition in rule.when}
        if "currency" not in facts and any(_is_amount(fact, specs) for fact in facts):
            text = _(
                "The row compares an amount without saying in which currency, and the policy "
                "speaks of %(currencies)s.",
                currencies=tuple(sorted(spoken)),
            )
            path = f"rules[{place}]"
            yield Finding(rule.id, path, Severity.WARNING, "currency_open", text)


def _is_amount(fact: str, specs: Mapping[str, FactSpec]) -> bool:
    return fact in specs and specs[fact].unit == "minor units"


def _texts(when: Iterable[Condition], fact: str, operators: Collection[Operator]) -> set[str]:
    found: set[str] = set()
    for condition in when:
        if condition.fact == fact and condition.operator in operators:
            several = condition.operator in _SEVERAL
            found.update(condition.value if several else (condition.value,))
    return found


def find_voters(table: PolicyTable, has_eligible: HasEligible) -> Iterator[Finding]:
    """Yield what asks for an approval that nobody is eligible to give.

    Args:
        table: The table.
        has_eligible: Says whether anybody may give an approval.
    """
    asked = [
        (f"rules[{place}]", rule.id, rule.obligations.roles)
        for place, rule in enumerate(table.rules)
        if rule.outcome is Outcome.APPROVE
    ]
    asked += [
        (f"limits[{place}]", limit.key, limit.obligations.roles)
        for place, limit in enumerate(table.limits)
        if limit.outcome is Outcome.APPROVE
    ]
    # A threshold stands for the approvals that the floor asks for above it.
    asked += [("thresholds", "", ())] if table.thresholds else []
    answers: dict[tuple[str, ...], bool] = {}
    for path, row, roles in asked:
        if roles not in answers:
            answers[roles] = has_eligible(roles, table.scope.queues)
        if not answers[roles]:
            text = _("asks for an approval that nobody is eligible to give")
            yield Finding(row, path, Severity.ERROR, "no_eligible_approver", text)


def _space_findings(
    tables: Sequence[PolicyTable], specs: Mapping[str, FactSpec]
) -> Iterator[Finding]:
    conditions = [condition for table in tables for condition in all_conditions(table)]
    try:
        cuts = (*FLOOR_CUTS, *money_cuts(tables), *conditions)
        space = Space(cuts, specs, currency=only_currency(tables))
    except TooLargeError:
        text = _("The table names too many different texts of one list to be checked as a whole.")
        yield Finding("", "", Severity.WARNING, "too_large", text)
        return
    own, *near = [rows_of(table, space) for table in tables]
    around = [row for rows in near for row in rows]
    live = []
    for row in own:
        problem = _never_fires(row, space, tables[0])
        if problem is None:
            live.append(row)
        else:
            yield problem
    floor = [row for row in floor_boxes(space, tables[:1]) if row.id not in _NOT_OURS]
    yield from relations(space=space, rows=live, around=around, floor=floor, specs=specs)
    scope = space.box(scope_conditions(tables[0].scope))
    try:
        yield from gaps(space=space, scope=scope, rows=live, around=around)
    except TooLargeError:
        text = _("There are too many cases to look for gaps.")
        yield Finding("", "", Severity.WARNING, "too_large", text)


def _never_fires(row: Row, space: Space, table: PolicyTable) -> Finding | None:
    """Return why no known facts fire a row, or None where some do."""
    boxes = (space.box(row.when), space.box(scope_conditions(table.scope)))
    for code, box in (("contradictory", boxes[0]), ("outside_scope", row.box)):
        for fact, mask in box.items():
            axis = space.axes[fact]
            if not mask & axis.known & axis.usual:
                name = fact_words(fact, {})
                text = (
                    _(
                        "The row can never fire: no value of %(fact)s that it names satisfies all "
                        "its conditions.",
                        fact=name,
                    )
                    if code == "contradictory"
                    else _(
                        "The row can never fire: no value of %(fact)s that it names is in scope.",
                        fact=name,
                    )
                )
                return Finding(row.id, row.path, Severity.ERROR, code, text)
    return None


def _proof_findings(
    table: PolicyTable,
    others: Sequence[PolicyTable],
    before: PolicyTable | None,
    catalogue: Catalogue | None,
) -> Iterator[Finding]:
    for proof in prove_floors(table=table, others=others, catalogue=catalogue):
        yield from _of_proof(proof, "", "floor", _("The floor of %(risk)s risk", risk=proof.name))
    tables = (table, *others)
    for place, (proof, one) in enumerate(_proved(table, tables, catalogue)):
        what = _("“%(title)s”", title=one.title)
        yield from _of_proof(proof, f"invariants[{place}]", "invariant", what)
    yield from check_promises(others, catalogue, tables=tables)
    if before is not None:
        left = tuple(one for one in before.invariants if one not in table.invariants)
        for proof, one in _proved(replace(before, invariants=left), tables, catalogue):
            what = _("“%(title)s”, which the version in force demands,", title=one.title)
            yield from _of_proof(proof, "invariants", "invariant", what)


def check_promises(
    holders: Sequence[PolicyTable],
    catalogue: Catalogue | None,
    *,
    tables: Sequence[PolicyTable] | None = None,
) -> Iterator[Finding]:
    """Yield what policies demand of every version and do not have.

    Args:
        holders: The policies whose invariants are proved.
        catalogue: Definitions of facts.
        tables: All that would be in force; None for the holders alone.
    """
    for holder in holders:
        for proof, one in _proved(holder, holders if tables is None else tables, catalogue):
            what = _("“%(title)s” of the policy %(policy)s", title=one.title, policy=holder.title)
            yield from _of_proof(proof, "", "invariant", what)


def _proved(
    holder: PolicyTable, tables: Sequence[PolicyTable], catalogue: Catalogue | None
) -> Iterator[tuple[Proof, Invariant]]:
    proofs = prove_invariants(holder=holder, tables=tables, catalogue=catalogue)
    return zip(proofs, holder.invariants, strict=True)


def _of_proof(proof: Proof, path: str, code: str, what: str) -> Iterator[Finding]:
    if proof.verdict is Verdict.PROVED:
        return
    facts: dict[str, Json] = {}
    if proof.facts is not None:
        facts = {**proof.facts.values, **dict.fromkeys(proof.facts.unknown)}
    row = proof.name if code == "invariant" else ""
    if proof.verdict is Verdict.REFUTED:
        text = _("%(what)s does not hold. %(why)s", what=what, why=proof.words)
        yield Finding(row, path, Severity.ERROR, f"{code}_fails", text, facts)
        return
    # The floor holds whatever a table says, since decisions add it; an invariant does not.
    severity = Severity.WARNING if code == "floor" else Severity.ERROR
    text = _("%(what)s: %(why)s", what=what, why=proof.words)
    yield Finding(row, path, severity, f"{code}_unproved", text, facts)
