"""Tests of attention: when one is drawn, what makes it wrong, and what seals it; pure.

A test is made from a real request of the same queue, with one thing in it made wrong in a way
that its own page shows. Everything random comes from a recorded seed.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from governance.access.types import Role
from orchestra.core.canonical import digest
from orchestra.core.currencies import digits_of

Json = Any

DOMAIN = "orchestra.vigilance.v1"
#: Rates a queue may be tested at, of a thousand requests: above it, people hunt for tests.
LOWEST, HIGHEST = 1, 50
#: A test comes so many seconds after the request it was drawn after, so that nobody can tell by it.
_SOONEST, _LATEST = 120, 1_800
_DIGIT = re.compile(r"\d")
#: A value shorter than this is met in a conversation by accident.
_SHORTEST = 4
_PERCENT_MORE = (30, 90)
_BOTH = frozenset({Role.ADMINISTRATOR, Role.COMPLIANCE_OFFICER})


@dataclass(frozen=True, slots=True)
class Wrong:
    """A view in which one thing was made wrong.

    Attributes:
        view: The whole of what the approver is shown.
        sign: What gives it away, in one sentence for the person.
        amount_minor: Money of the request, in minor units.
    """

    view: dict[str, Json]
    sign: str
    amount_minor: int | None


Template = Callable[[Mapping[str, Json], Random], Wrong | None]


def is_drawn(*, seed: str, request_id: str, per_thousand: int) -> bool:
    """Return whether a test follows a request.

    Args:
        seed: The queue's seed, hex.
        request_id: Public id of the request.
        per_thousand: The queue's rate.
    """
    return _number(seed, request_id, "draw") < per_thousand * 2**64 // 1000


def delay_of(*, seed: str, request_id: str) -> timedelta:
    """Return how long after the request its test is placed."""
    return timedelta(
        seconds=_SOONEST + _number(seed, request_id, "delay") % (_LATEST - _SOONEST + 1)
    )


def seed_of(*, seed: str, request_id: str) -> str:
    """Return the seed of one test, which gives the queue's seed away to nobody."""
    return hashlib.sha256(f"{DOMAIN}\n{seed}\n{request_id}\ntest".encode()).hexdigest()


def commit(*, test_id: str, template: str, model: str, seed: str, salt: str) -> str:
    """Return what stands in the ledger before a test is placed, and is opened after it."""
    sealed = {"model": model, "salt": salt, "seed": seed, "template": template, "test": test_id}
    return digest(DOMAIN, sealed)


def completes(*, asker: Collection[Role], agreer: Collection[Role]) -> bool:
    """Return whether two people together are an administrator and a compliance officer."""
    first, second = _BOTH & frozenset(asker), _BOTH & frozenset(agreer)
    return any({one, other} == _BOTH for one in first for other in second)


def make_wrong(view: Mapping[str, Json], *, seed: str) -> tuple[str, Wrong] | None:
    """Return the name of a template that fits a view and the view it made wrong, or None.

    Args:
        view: What the approver of a real request was shown.
        seed: The test's own seed; the same seed on the same view makes the same.
    """
    draw = Random(seed)  # noqa: S311  repeatable from its recorded seed, no secret
    names = sorted(TEMPLATES)
    draw.shuffle(names)
    for name in names:
        wrong = TEMPLATES[name](view, draw)
        if wrong is not None:
            return name, wrong
    return None


def amount_above(view: Mapping[str, Json], draw: Random) -> Wrong | None:
    """Pay out more than the evidence of the same page shows."""
    money = view.get("money") or {}
    minor, currency = money.get("amount_minor"), str(money.get("currency") or "")
    if not minor or money.get("direction") != "to_customer":
        return None
    more = minor * (100 + draw.randint(*_PERCENT_MORE)) // 100
    was, now = _amount(minor, currency), _amount(more, currency)
    proof = [str(line.get("text")) for line in view.get("evidence") or ()]
    if not any(was in text or f"minor: {minor}" in text for text in proof):
        return None
    made = _replaced(view, was, now)
    if made is None:
        return None
    made["money"]["amount_minor"] = more
    sign = f"it pays out {now} {currency}, and the evidence on its page shows {was} {currency}"
    return Wrong(made, sign, more)


def words_differ(view: Mapping[str, Json], draw: Random) -> Wrong | None:
    """Act on something else than the customer wrote: another order, another address."""
    said = " ".join(
        str(line.get("text"))
        for line in view.get("conversation") or ()
        if line.get("speaker") == "customer"
    )
    arguments = (view.get("call") or {}).get("arguments") or {}
    named = [
        value
        for _name, value in sorted(arguments.items())
        if isinstance(value, str)
        and len(value) >= _SHORTEST
        and _DIGIT.search(value)
        and value in said
    ]
    draw.shuffle(named)
    for value in named:
        other = _altered(value, draw)
        made = _replaced(view, value, other)
        if made is not None:
            sign = f"the customer wrote {value}, and it acts on {other}"
            return Wrong(made, sign, (view.get("money") or {}).get("amount_minor"))
    return None


#: Name to template.
TEMPLATES: Mapping[str, Template] = {"amount_above": amount_above, "words_differ": words_differ}


def _number(seed: str, request_id: str, what: str) -> int:
    text = f"{DOMAIN}\n{seed}\n{request_id}\n{what}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def _amount(minor: int, currency: str) -> str:
    digits = digits_of(currency)
    return f"{minor / 10**digits:,.{digits}f}"


def _altered(value: str, draw: Random) -> str:
    at = draw.choice([match.start() for match in _DIGIT.finditer(value)])
    other = draw.choice([digit for digit in "123456789" if digit != value[at]])
    return f"{value[:at]}{other}{value[at + 1 :]}"


def _replaced(view: Mapping[str, Json], was: str, now: str) -> dict[str, Json] | None:
    """Return the view with another value in all it would do, or None where it does not show.

    What was said and what was found stay: by them it can be told.
    """
    made: dict[str, Json] = deepcopy(dict(view))
    effect = made.get("effect") or {}
    shown = str(effect.get("sentence") or "")
    if was not in shown:
        return None
    made["effect"] = _swap(effect, was, now)
    rows = (made.get("before_after") or {}).get("rows") or []
    for row in rows:
        row["after"] = _swap(row.get("after"), was, now)
    for part in ("call", "customer_paragraph"):
        if part in made:
            made[part] = _swap(made[part], was, now)
    return made


def _swap(item: Json, was: str, now: str) -> Json:
    if isinstance(item, str):
        return item.replace(was, now)
    if isinstance(item, Mapping):
        return {key: _swap(value, was, now) for key, value in item.items()}
    if isinstance(item, list):
        return [_swap(value, was, now) for value in item]
    return item
