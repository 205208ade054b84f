"""The facts of a trial: which there are, as typed inputs, and read back."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext as _

from governance.admin.table_inputs import Kind, kind_of, minor, typed_money
from governance.policies.catalogue import FactSpec, FactType, known_facts
from governance.policies.compiled import LIMIT_FACT, CompiledPolicies
from governance.policies.types import FactSet, PolicyTable
from orchestra.core import words

Json = Any

UNKNOWN: Final = "?"
NOTHING_IN_IT: Final = "[]"
CURRENCY: Final = "currency"
_MINOR: Final = "_minor"
#: What every verdict rests on, whatever the rows name.
_ALWAYS: Final = (
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


class TrialFacts:
    """The facts that a verdict under some policies can rest on.

    Args:
        policies: What judges: in force, and the draft where there is one.
    """

    def __init__(self, *policies: CompiledPolicies) -> None:
        tables = [table for each in policies for table in each.tables]
        named = {test.fact for table in tables for rule in table.rules for test in rule.when}
        known = known_facts()
        ordered = [*_ALWAYS, *sorted(named - set(_ALWAYS))]
        self._limits = _currencies(tables)
        self.specs: dict[str, FactSpec] = {name: known[name] for name in ordered if name in known}
        self.specs.update(_totals(tables))

    def given(self, request: HttpRequest) -> tuple[FactSet, dict[str, str]]:
        """Return the facts that were filled in, and name to what is wrong with it."""
        values: dict[str, Json] = {}
        unknown: set[str] = set()
        problems: dict[str, str] = {}
        typed = {name: request.GET.get(f"f.{name}", "").strip() for name in self.specs}
        for name, spec in self.specs.items():
            text = typed[name]
            if text == UNKNOWN:
                unknown.add(name)
            elif text:
                try:
                    values[name] = self._read(spec, text, typed.get(CURRENCY, ""))
                except ValueError as error:
                    problems[name] = f"{_label(name)}: {error}"
        return FactSet(values=values, unknown=frozenset(unknown)), problems

    def describe(self, facts: FactSet, problems: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the inputs with their values.

        Args:
            facts: What was read; what it does not hold is empty.
            problems: Name of each input that could not be read to what was typed.
        """
        return [self._field(spec, facts, problems) for spec in self.specs.values()]

    def _money(self, spec: FactSpec, currency: str) -> str | None:
        """Return the currency of a fact that is money, empty where it is not said; else None."""
        if spec.name in self._limits:
            return self._limits[spec.name] or None
        return currency if kind_of(spec, ()) is Kind.MONEY else None

    def _read(self, spec: FactSpec, text: str, currency: str) -> Json:
        money = self._money(spec, currency)
        if money is None:
            return _read_plain(spec, text)
        if not money:
            raise ValueError(_("say the currency too."))
        read = minor(text, money.upper())
        if isinstance(read, str):
            message = _("“%(text)s” is no amount in %(currency)s; write one such as 500.00.")
            raise ValueError(message % {"text": text[:60], "currency": money.upper()})  # noqa: TRY004  the text is wrong, not a type
        return read

    def _field(self, spec: FactSpec, facts: FactSet, problems: Mapping[str, str]) -> dict[str, Any]:
        choices = ("true", "false") if spec.type is FactType.FLAG else spec.choices
        value, known = facts.values.get(spec.name), spec.name not in facts.unknown
        money = self._money(spec, str(facts.values.get(CURRENCY) or ""))
        text = _text(value) if money is None else typed_money(value, money)[0]
        return {
            "name": f"f.{spec.name}",
            "label": _label(spec.name),
            "unit": spec.unit if money is None else money,
            "meaning": spec.meaning,
            "choices": () if spec.type is FactType.LIST else choices,
            "is_number": spec.type in (FactType.WHOLE, FactType.NUMBER),
            "value": problems.get(spec.name, text if known else UNKNOWN),
            "is_wrong": spec.name in problems,
        }


def _label(name: str) -> str:
    return words.plain(name.removeprefix(LIMIT_FACT).removesuffix(_MINOR))


def _currencies(tables: list[PolicyTable]) -> dict[str, str]:
    return {LIMIT_FACT + limit.key: limit.currency for each in tables for limit in each.limits}


def _totals(tables: list[PolicyTable]) -> dict[str, FactSpec]:
    return {
        LIMIT_FACT + limit.key: FactSpec(
            LIMIT_FACT + limit.key,
            FactType.WHOLE,
            limit.currency or _("calls"),
            _("Total of the limit “%(title)s”, this call included.") % {"title": limit.title},
        )
        for table in tables
        for limit in table.limits
    }


def _read_plain(spec: FactSpec, text: str) -> Json:
    try:
        match spec.type:
            case FactType.WHOLE:
                return int(text)
            case FactType.NUMBER:
                return float(text)
            case FactType.FLAG:
                return {"true": True, "false": False}[text]
            case FactType.LIST:
                parts = (part.strip() for part in text.split(","))
                return [] if text == NOTHING_IN_IT else [part for part in parts if part]
            case _:
                return text
    except (ValueError, KeyError):
        wanted = {
            FactType.WHOLE: _("give a whole number."),
            FactType.NUMBER: _("give a number such as 0.8."),
        }.get(spec.type, _("give yes or no."))
        message = _("“%(text)s” does not fit; %(wanted)s") % {"text": text[:60], "wanted": wanted}
        raise ValueError(message) from None


def _text(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or NOTHING_IN_IT
    return "" if value is None else str(value)
