"""One row of a document, finished or not, as the sentence everyone will read."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from governance.admin.table_acts import Document, conditions_of, rows_of
from governance.policies import sentences as say
from governance.policies.parsing import read_limit
from governance.policies.parsing_rows import read_obligations
from governance.policies.reading import Report
from governance.policies.soundness import CURRENCY_FACT
from governance.policies.types import Condition, Obligations, Operator, Outcome, Rule
from orchestra.core import words

Json = Any

#: Stands where something is still missing.
MISSING: Final = "…"


def currency_in(document: Document, row: Mapping[str, Json]) -> str:
    """Return what the amounts of a row are in; empty where nothing says so."""
    for condition in conditions_of(dict(row)):
        if condition.get("fact") == CURRENCY_FACT:
            said = condition.get("is")
            if isinstance(said, str) and said:
                return said
    thresholds = document.get("thresholds")
    named = [str(each).strip() for each in thresholds] if isinstance(thresholds, dict) else []
    named += [str(each["currency"]) for each in rows_of(document, "limits") if each.get("currency")]
    known = list(dict.fromkeys(named))
    return known[0] if len(known) == 1 else ""


def operator_in(condition: Mapping[str, Json]) -> Operator | None:
    """Return how a condition compares; None where it does not say."""
    return next((each for each in Operator if each.value in condition), None)


def row_phrases(document: Document, row: Mapping[str, Json]) -> tuple[say.Phrase, ...]:
    """Return the conditions of a row in words, as far as they go."""
    return say.describe_rule(_rule(row, Outcome.DENY), currency_in(document, row)).phrases


def row_sentence(document: Document, group: str, row: Mapping[str, Json], *, broken: bool) -> str:
    """Return a row as a sentence.

    Args:
        document: The document, for the currency of its amounts.
        group: ``rules``, ``limits`` or ``invariants``.
        row: The row as it stands in the document.
        broken: Whether the row has errors; a limit is then not read, a rule as far as it goes.
    """
    if group == "limits":
        if broken:
            return _("This limit cannot be read yet.")
        return say.describe_limit(read_limit(Report(), row, "")).sentence
    if group == "invariants":
        return _invariant_sentence(document, row)
    outcome = _outcome(row.get("outcome"))
    if outcome is None:
        return _("This row does not say yet what happens then.")
    return say.describe_rule(_rule(row, outcome), currency_in(document, row)).sentence


def is_readable_limit(row: Mapping[str, Json]) -> bool:
    """Tell whether a limit says enough to be read aloud."""
    report = Report()
    read_limit(report, row, "limit")
    return not any(
        error.field.partition(".")[2] in {"measure", "per", "window_hours", "at_most", "outcome"}
        for error in report.errors
    )


def _rule(row: Mapping[str, Json], outcome: Outcome) -> Rule:
    return Rule(
        id="",
        title="",
        when=tuple(_condition(each) for each in conditions_of(dict(row))),
        outcome=outcome,
        reason="",
        obligations=read_obligations(Report(), row.get("obligations"), "", outcome),
        disabled=row.get("disabled") is True,
    )


def _invariant_sentence(document: Document, row: Mapping[str, Json]) -> str:
    found = row.get("then")
    then: Mapping[str, Json] = found if isinstance(found, dict) else {}
    outcome = _outcome(then.get("outcome", Outcome.APPROVE.value))
    conditions = _(" and ").join(
        f"{phrase.fact} {phrase.operator} {phrase.value}" for phrase in row_phrases(document, row)
    )
    return _("Whenever %(conditions)s, every version must at least %(effect)s.") % {
        "conditions": conditions or _("a tool in scope is called"),
        "effect": MISSING if outcome is None else say.effect_words(outcome, _asked(then)),
    }


def _asked(then: Mapping[str, Json]) -> Obligations:
    votes, roles = then.get("votes"), then.get("roles")
    return Obligations(
        votes=votes if isinstance(votes, int) else 0,
        roles=tuple(str(each) for each in roles) if isinstance(roles, list | tuple) else (),
        step_up=then.get("step_up") is True,
    )


def _outcome(value: Json) -> Outcome | None:
    return Outcome(value) if isinstance(value, str) and value in list(Outcome) else None


def _condition(found: Mapping[str, Json]) -> Condition:
    operator = operator_in(found)
    value = found.get(operator.value) if operator else None
    if isinstance(value, list | tuple):
        value = tuple(value) or (MISSING,)
    if value is None or value == "":
        value = MISSING
    fact = found.get("fact")
    return Condition(str(fact) if fact else MISSING, operator or Operator.IS, value)


def group_words(group: str) -> str:
    """Return what one row of a group is called."""
    return {"rules": _("Row"), "limits": _("Limit"), "invariants": _("Promise")}[group]


def numbered(group: str, index: int) -> str:
    """Return how people name a row, such as ``Row 4``."""
    return f"{group_words(group)} {index + 1}"


def outcome_of(group: str, row: Mapping[str, Json]) -> str:
    """Return the outcome a row states, as its code; empty where it states none."""
    if group != "invariants":
        return str(row.get("outcome", ""))
    then = row.get("then")
    return str(then.get("outcome", Outcome.APPROVE.value)) if isinstance(then, dict) else ""


def plain_fact(name: str) -> str:
    """Return the name of a fact in words; an amount without its unit."""
    return words.plain(name.removesuffix("_minor"))
