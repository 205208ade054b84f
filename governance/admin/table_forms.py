"""An editor's form read into a document, with every error of it; nothing typed is lost."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from governance.admin import table_inputs as inputs
from governance.admin.table_acts import (
    MAX_OPEN,
    NAMING,
    Document,
    act_on,
    parse_ref,
    rows_of,
)
from governance.admin.table_inputs import Posted
from governance.admin.table_reading import currency_in
from governance.admin.table_words import explain_all
from governance.policies.catalogue import OPERATORS, Catalogue
from governance.policies.parsing import parse_policy
from governance.policies.registry import present_catalogue
from governance.policies.types import Operator, Outcome
from governance.policies.yaml_text import from_yaml
from orchestra.core.canonical import check_text, loads_strict
from orchestra.core.errors import FieldError, InvalidInputError
from orchestra.core.words import in_words, worded

Json = Any

#: No row has more conditions than can be read in one sentence.
MAX_CONDITIONS: Final = 30
WINDOW_UNITS: Final = ("hours", "days")
DEADLINE_UNITS: Final = ("minutes", "hours", "days")
IMPORTED: Final = "yaml"
#: What a promise may ask of an approval.
_DEMANDS: Final = ("votes", "roles", "step_up")


def read_editor(
    post: Posted, *, catalogue: Catalogue | None = None, against: Document | None = None
) -> tuple[Document, list[FieldError]]:
    """Return the document that an editor's form states, after the button that was pressed.

    Args:
        post: The form's fields, such as ``request.POST``.
        catalogue: Facts and tools that may be named; the registered ones where left out.
        against: The text that a row taken away is put back from.

    Returns:
        The document, with what cannot be read as the text that was typed, and every error by
        its path. A text to import that has errors changes nothing.
    """
    known = catalogue or present_catalogue()
    document, unread = _typed_document(post, known)
    act = str(post.get("do", ""))
    if act == "import":
        return _imported(post, document, known)
    document, _opened = act_on(document, act, post.getlist("open"), against=against)
    return document, unread + find_errors(document, catalogue=known)


def opened_in(post: Posted, *, against: Document | None = None) -> list[str]:
    """Return the rows that stand open after the button that was pressed, such as ``rules.3``."""
    try:
        document = _base(post)
    except InvalidInputError:
        return []
    act = str(post.get("do", ""))
    if act == "import":
        return []
    return act_on(document, act, post.getlist("open"), against=against)[1]


def find_errors(document: Document, *, catalogue: Catalogue | None = None) -> list[FieldError]:
    """Return every error of a document, in the words of the inputs."""
    known = catalogue or present_catalogue()
    try:
        check_text(document, "")
        parse_policy(document=document, version=1, digest="", catalogue=known)
    except InvalidInputError as error:
        return explain_all(document, worded(error.errors), known)
    return []


def _base(post: Posted) -> Document:
    found = loads_strict(str(post.get("base", "")) or "{}")
    return found if isinstance(found, dict) else {}


def _typed_document(post: Posted, known: Catalogue) -> tuple[Document, list[FieldError]]:
    try:
        document = _base(post)
    except InvalidInputError:
        message = _("What the page held could not be read; load it again.")
        return {}, [FieldError("", "base", message)]
    if post.get("head", ""):
        # What is empty and was never said stays unsaid.
        document |= {name: said for name, said in _head(post).items() if said or name in document}
    for ref in post.getlist("open")[:MAX_OPEN]:
        place = parse_ref(ref, document)
        if place is None or not post.get(f"{ref}.shown", ""):
            continue
        group, index = place
        rows = rows_of(document, group)
        rows[index] = _READ[group](post, f"{ref}.", rows[index], document, known)
        document = {**document, group: rows}
    return document, []


def _imported(
    post: Posted, document: Document, known: Catalogue
) -> tuple[Document, list[FieldError]]:
    found, placed = from_yaml(str(post.get(IMPORTED, "")), catalogue=known)
    if found is not None and found.get("key") != document.get("key"):
        message = _("The text is that of another policy: %(key)s.") % {"key": found.get("key")}
        return document, [FieldError(IMPORTED, "other_policy", message)]
    if placed or found is None:
        return document, [FieldError(IMPORTED, each.code, in_words(str(each))) for each in placed]
    return found, []


def _head(post: Posted) -> Document:
    thresholds: dict[str, Json] = {}
    for index in range(_count(post, "thresholds", most=50)):
        currency = str(post.get(f"thresholds.{index}.currency", "")).strip().upper()
        amount = str(post.get(f"thresholds.{index}.amount", ""))
        if not currency and not amount.strip():
            continue
        while currency in thresholds:
            # The second of the same currency keeps its amount, under a name that is refused.
            currency += " "
        value = inputs.minor(amount, currency.strip())
        thresholds[currency] = value if value.__class__ is int else amount
    scope = {
        name: listed
        for name in ("tools", "queues", "cue_sheets")
        if (listed := _listed(post, f"scope.{name}"))
    }
    return {"title": str(post.get("title", "")), "scope": scope, "thresholds": thresholds}


def _listed(post: Posted, name: str) -> list[str]:
    chosen = [each for each in post.getlist(name) if each]
    lines = [line.strip() for line in str(post.get(f"{name}.lines", "")).splitlines()]
    return chosen + [line for line in lines if line]


def _count(post: Posted, name: str, *, most: int) -> int:
    said = str(post.get(f"{name}.count", ""))
    return (
        min(int(said), most)
        if said.isascii() and said.isdigit() and len(said) < len("10000")
        else 0
    )


def _rule(
    post: Posted, prefix: str, row: dict[str, Json], document: Document, known: Catalogue
) -> dict[str, Json]:
    read = {**row, "when": _when(post, prefix, document, known)}
    return _finished(post, prefix, read, "rules")


def _invariant(
    post: Posted, prefix: str, row: dict[str, Json], document: Document, known: Catalogue
) -> dict[str, Json]:
    read = {**row, "when": _when(post, prefix, document, known)}
    for name in (NAMING["invariants"], "title"):
        read[name] = str(post.get(f"{prefix}{name}", ""))
    duties = _obligations(post, f"{prefix}obligations.")
    then: dict[str, Json] = {name: duties[name] for name in _DEMANDS if name in duties}
    former, outcome = row.get("then"), str(post.get(f"{prefix}outcome", ""))
    if outcome != Outcome.APPROVE or not then or "outcome" in (former or {}):
        # Left out, the outcome is an approval; a text that left it out stays as it was.
        then = {"outcome": outcome, **then}
    return {**read, "then": then}


def _when(post: Posted, prefix: str, document: Document, known: Catalogue) -> list[Json]:
    typed = [
        _condition(post, f"{prefix}when.{index}.", known)
        for index in range(_count(post, f"{prefix}when", most=MAX_CONDITIONS))
    ]
    # The currency is said by another condition of the row, so it is read first.
    plain = [_valued(post, each, "", known) for each in typed]
    currency = currency_in(document, {"when": plain})
    return [_valued(post, each, currency, known) for each in typed]


Typed = tuple[str, str, Operator, bool]


def _condition(post: Posted, prefix: str, known: Catalogue) -> Typed:
    """Return prefix, fact and operator, and whether the inputs were those of this fact."""
    fact = str(post.get(f"{prefix}fact", ""))
    said = str(post.get(f"{prefix}operator", ""))
    spec = known.facts.get(fact)
    allowed = OPERATORS[spec.type] if spec else frozenset(Operator)
    operator = next((each for each in Operator if each.value == said), Operator.IS)
    if operator not in allowed:
        operator = next(each for each in Operator if each in allowed)
    shape = known.facts.get(str(post.get(f"{prefix}shape", "")))
    same = spec is None or (shape is not None and _alike(shape, spec, known))
    return prefix, fact, operator, same


def _alike(one: Any, other: Any, known: Catalogue) -> bool:
    choices = inputs.choices_of(one, known), inputs.choices_of(other, known)
    return one.type is other.type and one.unit == other.unit and choices[0] == choices[1]


def _valued(post: Posted, typed: Typed, currency: str, known: Catalogue) -> dict[str, Json]:
    prefix, fact, operator, same = typed
    if not fact:
        return {"fact": ""}
    value: Json = [] if operator in inputs.SEVERAL else ""
    if same:
        spec = known.facts.get(fact)
        value = inputs.read_value(
            post=post, prefix=prefix, spec=spec, operator=operator, currency=currency
        )
    if not value and value.__class__ is not int and value is not False and same:
        value = _carried(post, prefix, operator) or value
    return {"fact": fact, operator.value: value}


def _carried(post: Posted, prefix: str, operator: Operator) -> Json:
    """Return what stood in the other form of the input: one value becomes a list, and back."""
    listed = [each for each in post.getlist(f"{prefix}values") if each]
    listed += str(post.get(f"{prefix}lines", "")).split("\n")
    single = str(post.get(f"{prefix}value", ""))
    if operator in inputs.SEVERAL:
        return [single] if single else []
    return next((each.strip() for each in listed if each.strip()), "")


def _limit(
    post: Posted, prefix: str, row: dict[str, Json], document: Document, known: Catalogue
) -> dict[str, Json]:
    del document, known
    measure = str(post.get(f"{prefix}measure", ""))
    currency = str(post.get(f"{prefix}currency", "")).strip().upper()
    typed = str(post.get(f"{prefix}at_most", ""))
    read = {**row, "measure": measure, "per": str(post.get(f"{prefix}per", ""))}
    unit = str(post.get(f"{prefix}window_unit", "hours"))
    read["window_hours"] = inputs.length(str(post.get(f"{prefix}window", "")), unit, "hours")
    read.pop("currency", None)
    if measure == "amount_minor":
        amount = inputs.minor(typed, currency)
        read |= {"at_most": amount if amount.__class__ is int else typed, "currency": currency}
    else:
        read["at_most"] = inputs.whole(typed)
    return _finished(post, prefix, read, "limits")


def _finished(post: Posted, prefix: str, row: dict[str, Json], group: str) -> dict[str, Json]:
    for name in (NAMING[group], "title", "reason", "outcome"):
        row[name] = str(post.get(f"{prefix}{name}", ""))
    obligations = _obligations(post, f"{prefix}obligations.")
    row.pop("obligations", None)
    return {**row, "obligations": obligations} if obligations else row


def _obligations(post: Posted, prefix: str) -> dict[str, Json]:
    votes, level = str(post.get(f"{prefix}votes", "")), str(post.get(f"{prefix}verification", ""))
    deadline = str(post.get(f"{prefix}deadline", ""))
    unit = str(post.get(f"{prefix}deadline_unit", "minutes"))
    fields: dict[str, Json] = {
        "votes": inputs.whole(votes),
        "roles": [each for each in post.getlist(f"{prefix}roles") if each],
        "distinct_roles": bool(post.get(f"{prefix}distinct_roles", "")),
        "step_up": bool(post.get(f"{prefix}step_up", "")),
        "verification": level,
        "deadline_minutes": inputs.length(deadline, unit, "minutes"),
    }
    return {
        name: value
        for name, value in fields.items()
        if (value.strip() if isinstance(value, str) else value not in (False, []))
    }


def names_of(values: Json) -> Sequence[str]:
    """Return the texts of a list, whatever else stands in it."""
    return [str(each) for each in values] if isinstance(values, list | tuple) else []


Reads = Callable[[Posted, str, dict[str, Json], Document, Catalogue], dict[str, Json]]
_READ: Final[dict[str, Reads]] = {"rules": _rule, "limits": _limit, "invariants": _invariant}
