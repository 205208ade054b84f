"""One row of a document, finished or not, as the sentence everyone will read."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from governance.admin.table_acts import Document, conditions_of
from governance.admin.table_forms import currency_in, operator_in
from governance.policies import sentences as say
from governance.policies.parsing import read_limit
from governance.policies.parsing_rows import read_obligations
from governance.policies.reading import Report
from governance.policies.types import Condition, Operator, Outcome, Rule

Json = Any

#: Stands where something is still missing.
MISSING = "…"


def row_sentence(document: Document, group: str, row: Mapping[str, Json], *, broken: bool) -> str:
    """Return a row as a sentence.

    Args:
        document: The document, for the currency of its amounts.
        group: ``rules`` or ``limits``.
        row: The row as it stands in the document.
        broken: Whether the row has errors; a limit is then not read, a rule as far as it goes.
    """
    if group == "limits":
        if broken:
            return _("This limit cannot be read yet.")
        return say.describe_limit(read_limit(Report(), row, "")).sentence
    outcome = _outcome(row.get("outcome"))
    rule = Rule(
        id="",
        title="",
        when=tuple(_condition(each) for each in conditions_of(dict(row))),
        outcome=outcome or Outcome.DENY,
        reason="",
        obligations=read_obligations(Report(), row.get("obligations"), "", outcome),
        disabled=row.get("disabled") is True,
    )
    if outcome is None:
        return _("This row does not say yet what happens then.")
    return say.describe_rule(rule, currency_in(document, row)).sentence


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
