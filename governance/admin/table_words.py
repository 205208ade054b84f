"""Every error of a table in the words of its inputs: what is wrong, and what to do."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.admin import table_inputs as inputs
from governance.admin.table_acts import Document, conditions_of, rows_of
from governance.admin.table_reading import currency_in, row_phrases
from governance.policies.catalogue import Catalogue
from governance.policies.parsing import MAX_WINDOW_HOURS
from governance.policies.parsing_rows import MAX_DEADLINE_MINUTES, MAX_VALUES, MAX_VOTES, ROLES
from governance.policies.reading import MAX_TEXT
from governance.policies.soundness import MAX_ROWS
from orchestra.core import words
from orchestra.core.errors import FieldError

Json = Any

_CONDITION: Final = re.compile(r"(rules|invariants)\[(\d+)\]\.when\[(\d+)\](?:\.(\w+))?")
_ROW: Final = re.compile(r"(rules|limits|invariants)\[(\d+)\](?:\.(.*))?", re.DOTALL)
_AMOUNT: Final = re.compile(r"(?:thresholds\.(.*)|limits\[(\d+)\]\.at_most)", re.DOTALL)
_SHORT = 60


@dataclass(frozen=True, slots=True)
class _Place:
    """An error with what stands around it."""

    document: Document
    error: FieldError
    known: Catalogue

    @property
    def row(self) -> dict[str, Json]:
        found = _ROW.fullmatch(self.error.field)
        rows = rows_of(self.document, found[1]) if found else []
        return rows[int(found[2])] if found and int(found[2]) < len(rows) else {}

    @property
    def rest(self) -> str:
        found = _ROW.fullmatch(self.error.field)
        return (found[3] or "") if found else self.error.field

    @property
    def condition(self) -> tuple[dict[str, Json], str]:
        """The condition and the name of its field; empty where it is about none."""
        found = _CONDITION.fullmatch(self.error.field)
        conditions = conditions_of(self.row) if found else []
        if not found or int(found[3]) >= len(conditions):
            return {}, ""
        return conditions[int(found[3])], found[4] or ""


def explain_all(
    document: Document, errors: Sequence[FieldError], known: Catalogue
) -> list[FieldError]:
    """Return errors in the words of the inputs, each thing said once.

    Args:
        document: The document they are of.
        errors: As the reader of documents found them.
        known: Facts and tools that may be named.
    """
    unnamed = {each.field.removesuffix(".fact") for each in errors if each.field.endswith(".fact")}
    return [
        _explained(_Place(document, each, known))
        for each in errors
        # Without a fact there is nothing to compare yet.
        if not (each.code == "operator" and each.field in unnamed)
    ]


def _explained(place: _Place) -> FieldError:
    say = _SAID.get(place.error.code)
    said = say(place) if say else ""
    return replace(place.error, message=said) if said else place.error


def _typed(place: _Place) -> str:
    """Say what is wrong with the typed value of a condition; empty where nothing is known."""
    condition, name = place.condition
    if not name:
        return ""
    spec = place.known.facts.get(str(condition.get("fact")))
    return inputs.explain(condition.get(name), spec, currency_in(place.document, place.row))


def _required(place: _Place) -> str:
    if place.condition[1] == "fact":
        return _("Choose a fact.")
    if place.rest == "then":
        return _("Say what has to come out at least.")
    said = {
        "title": _("Say what should hold."),
        "reason": _("Give the reason, in plain words."),
        "currency": _("Say in which currency."),
        "id": _("Give it a name for the records."),
        "key": _("Give it a name for the records."),
    }
    return said.get(place.rest, _("Write something here."))


def _too_long(_place: _Place) -> str:
    return _("At most %(count)d characters.") % {"count": MAX_TEXT}


def _format(_place: _Place) -> str:
    return _(
        "Use lower-case letters, digits, points, dashes and underscores only; begin with a letter "
        "or a digit."
    )


def _repeated(place: _Place) -> str:
    if place.rest in {"id", "key"}:
        return _("“%(name)s” names another row as well; choose another name.") % {
            "name": place.row.get(place.rest)
        }
    return _("Something stands here twice.")


def _unknown_fact(place: _Place) -> str:
    return _(
        "No tool in scope reads “%(fact)s”. Pick a fact from the list, or ask the tool's owner to "
        "declare one."
    ) % {"fact": words.plain(str(place.condition[0].get("fact")))[:_SHORT]}


def _unknown_tool(place: _Place) -> str:
    condition, name = place.condition
    value = condition.get(name)
    named = value if isinstance(value, list | tuple) else [value]
    if not name:
        at = re.fullmatch(r"scope\.tools\[(\d+)\]", place.error.field)
        tools = (place.document.get("scope") or {}).get("tools") or []
        named = [tools[int(at[1])]] if at else []
    strange = [str(each) for each in named if each not in (place.known.tools or ())]
    if not strange:
        return ""
    return _("The tool %(tool)s is not registered.") % {
        "tool": ", ".join(words.plain(each) for each in strange)[:_SHORT]
    }


def _operator(place: _Place) -> str:
    return _("%(fact)s cannot be compared in this way; choose another.") % {
        "fact": words.plain(str(place.condition[0].get("fact", "")))[:_SHORT]
    }


def _contradiction(place: _Place) -> str:
    fact = place.condition[0].get("fact")
    alike = {
        **place.row,
        "when": [each for each in conditions_of(place.row) if each.get("fact") == fact],
    }
    phrases = row_phrases(place.document, alike)
    told = _(" and ").join(f"{phrase.operator} {phrase.value}" for phrase in phrases)
    return _("This row can never fire: %(fact)s %(told)s.") % {
        "fact": phrases[0].fact if phrases else "",
        "told": told,
    }


def _number(place: _Place) -> str:
    amount = _AMOUNT.fullmatch(place.error.field)
    if amount:
        counted = amount[2] is not None and place.row.get("measure") != "amount_minor"
        if counted:
            return _("Give a whole number of calls.")
        return _(
            "Write an amount from 0 such as 500.00, with no more digits than the currency has."
        )
    if place.rest.endswith("votes"):
        return _("Give a number of votes from 1 to %(most)d.") % {"most": MAX_VOTES}
    if place.rest.endswith("deadline_minutes"):
        return _("Give a time from 1 minute to %(days)d days.") % {
            "days": MAX_DEADLINE_MINUTES // (24 * 60)
        }
    if place.rest == "window_hours":
        return _("Give a time from 1 hour to %(days)d days.") % {"days": MAX_WINDOW_HOURS // 24}
    return _typed(place) or _("Give a number that is not too large.")


def _choice(place: _Place) -> str:
    if place.condition[1]:
        return _typed(place) or _("Choose one of the values that this fact can have.")
    return _("Choose one of the list.")


def _currency(place: _Place) -> str:
    amount = _AMOUNT.fullmatch(place.error.field)
    if amount and str(amount[1]).endswith(" "):
        return _("%(currency)s stands twice.") % {"currency": amount[1].strip()}
    if amount:
        return _("Write the three letters of a currency, such as USD.")
    known = _spoken(place.document)
    said = currency_in(place.document, place.row)
    if said:
        return _(
            "The amount is in %(said)s, and the table speaks of %(known)s; set a threshold in "
            "%(said)s."
        ) % {"said": said, "known": ", ".join(known)}
    return _(
        "Say in which currency, by a condition on it: the table speaks of %(known)s. Add a row "
        "for each."
    ) % {"known": ", ".join(known)}


def _spoken(document: Document) -> list[str]:
    thresholds = document.get("thresholds")
    named = [str(each).strip() for each in thresholds] if isinstance(thresholds, dict) else []
    named += [str(each["currency"]) for each in rows_of(document, "limits") if each.get("currency")]
    return list(dict.fromkeys(named))


def _unused(place: _Place) -> str:
    if place.rest.startswith("then"):
        return _("Votes, roles and the password can only be asked of an approval.")
    if place.rest == "currency":
        return _("A count has no currency; leave it out.")
    return _("The outcome %(outcome)s cannot ask for this; leave it out.") % {
        "outcome": words.plain(str(place.row.get("outcome", "")))
    }


def _impossible(place: _Place) -> str:
    duties = place.row.get("obligations") or {}
    roles = len(duties.get("roles") or ROLES)
    return ngettext(
        "%(votes)s votes cannot come from %(count)d role.",
        "%(votes)s votes cannot come from %(count)d different roles.",
        roles,
    ) % {"votes": duties.get("votes"), "count": roles}


def _role(_place: _Place) -> str:
    return _("Whoever holds this role cannot vote; use %(roles)s.") % {
        "roles": ", ".join(words.plain(role) for role in ROLES)
    }


def _empty(place: _Place) -> str:
    if any(rows_of(place.document, group) for group in ("rules", "limits")):
        return _("Every row is disabled. Enable one, or retire the policy.")
    return _("The table has no row. Add one: without a row there is nothing to judge.")


def _too_many(place: _Place) -> str:
    if place.condition[1]:
        return _("List at most %(most)d values.") % {"most": MAX_VALUES}
    count = len(rows_of(place.document, place.error.field))
    return _("%(count)d rows are too many; a table holds at most %(most)d, so divide it.") % {
        "count": count,
        "most": MAX_ROWS,
    }


def _type(place: _Place) -> str:
    return _typed(place) or ""


def _reserved(_place: _Place) -> str:
    return _("This is the name of the built-in floor; choose another.")


def _unknown_field(place: _Place) -> str:
    return _("“%(name)s” is no field here; mend it in the YAML.") % {
        "name": place.error.field.rpartition(".")[2][:_SHORT]
    }


_SAID: Final[Mapping[str, Callable[[_Place], str]]] = {
    "required": _required,
    "too_long": _too_long,
    "format": _format,
    "repeated": _repeated,
    "unknown_fact": _unknown_fact,
    "unknown_tool": _unknown_tool,
    "operator": _operator,
    "contradiction": _contradiction,
    "number": _number,
    "choice": _choice,
    "currency": _currency,
    "unused": _unused,
    "impossible": _impossible,
    "role": _role,
    "empty": _empty,
    "too_many": _too_many,
    "type": _type,
    "reserved": _reserved,
    "unknown_field": _unknown_field,
}
