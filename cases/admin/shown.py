"""Turns the stored view of an approval into what its page places; reads, never computes.

The view is what the vote binds, so nothing here looks anything up: a part that the view does
not hold is shown as not declared.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orchestra.core import words
from orchestra.core.clock import parse_rfc3339

Json = Any

#: Rows that did not fire and are named at once; the others unfold.
SILENT_SHOWN = 7
#: Who tells the customer something, and which sign they have.
_TELLS = {"ai": "agent", "human": "human"}
_MINOR = re.compile(r"(?P<name>.*) minor: (?P<minor>-?\d+)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of before and after."""

    label: str
    now: str
    after: str


@dataclass(frozen=True, slots=True)
class FiredLine:
    """One row of a policy that fired, in words."""

    short: str
    rule: str
    reason: str
    outcome: str
    saw: str
    policy_words: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One piece of evidence and how far it is trusted."""

    text: str
    trust: str
    source: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class LookTwice:
    """Something easily overlooked, as the view binds it."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, in the view's words."""

    owner: str
    acts_for: str
    rationale: str
    confidence: Json
    margin: Json


@dataclass(frozen=True, slots=True)
class Told:
    """What the customer was told last, before this was asked for."""

    text: str
    kind_of_actor: str
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Edited:
    """That a person edited what was asked for before."""

    editor: str
    at: datetime
    reason: str
    instead_of: str


@dataclass(frozen=True, slots=True)
class Shown:
    """All parts of a view in the order the page shows them."""

    title: str
    sentence: str
    closes_off: str
    outcome: str
    before_after: tuple[Line, ...]
    fired: tuple[FiredLine, ...]
    silent: tuple[str, ...]
    evidence: tuple[Fact, ...]
    customer_paragraph: str
    requester: Asker
    undo: str
    tool: str
    cue_sheet: str
    off_plan: bool
    look_twice: tuple[LookTwice, ...] = ()
    channel: str = ""
    told: Told | None = None
    edit: Edited | None = None

    @property
    def silent_more(self) -> int:
        """How many rows that did not fire are folded away."""
        return len(self.silent) - SILENT_SHOWN

    @property
    def rows_words(self) -> str:
        """How many rows fired, of how many in scope."""
        fired = len(self.fired)
        return ngettext(
            "%(fired)d of %(all)d row fired", "%(fired)d of %(all)d rows fired", fired
        ) % {"fired": fired, "all": fired + len(self.silent)}

    @property
    def evidence_words(self) -> str:
        """How much is confirmed, claimed and unknown."""
        confirmed = sum(fact.trust == "confirmed" for fact in self.evidence)
        claimed = sum(fact.trust == "claimed" for fact in self.evidence)
        unknown = len(self.evidence) - confirmed - claimed
        return _("%(confirmed)d confirmed, %(claimed)d claimed, %(unknown)d not known") % {
            "confirmed": confirmed,
            "claimed": claimed,
            "unknown": unknown,
        }


def read_view(view: Mapping[str, Json], *, title: str) -> Shown:
    """Return the parts of a stored view.

    Args:
        view: The JSON object as stored with the request.
        title: The request's title, where the view declares no effect.
    """
    effect, scope = _mapping(view.get("effect")), _mapping(view.get("scope"))
    rows, call = _mapping(view.get("rows")), _mapping(view.get("call"))
    money = _mapping(view.get("money"))
    currency = str(money.get("currency") or "")
    return Shown(
        title=str(effect.get("title") or title),
        sentence=str(effect.get("sentence") or effect.get("title") or title),
        closes_off=str(effect.get("closes_off") or ""),
        outcome=str(rows.get("outcome") or "approve"),
        before_after=tuple(
            Line(str(row["label"]), str(row["now"]), str(row["after"]))
            for row in _mapping(view.get("before_after")).get("rows", ())
        ),
        fired=tuple(_fired(_mapping(row), money) for row in rows.get("fired", ())),
        silent=tuple(str(row) for row in rows.get("silent", ())),
        evidence=tuple(_fact(_mapping(row), currency) for row in view.get("evidence", ())),
        customer_paragraph=str(_mapping(view.get("customer_paragraph")).get("text") or ""),
        requester=_asker(_mapping(view.get("requester"))),
        undo=str(scope.get("to_undo") or ""),
        tool=str(call.get("tool") or ""),
        cue_sheet=_cue_sheet(scope),
        off_plan=bool(scope.get("off_plan")),
        look_twice=tuple(
            LookTwice(str(row["title"]), words.with_clock(str(row["text"])))
            for row in view.get("look_twice", ())
        ),
        channel=str(_mapping(view.get("case")).get("channel") or ""),
        told=_told(view.get("conversation") or ()),
        edit=_edited(_mapping(view.get("edit"))),
    )


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _told(conversation: Json) -> Told | None:
    for row in reversed(conversation):
        said = _mapping(row)
        if said.get("speaker") in _TELLS and "at" in said:
            return Told(
                text=str(said.get("text") or ""),
                kind_of_actor=_TELLS[said["speaker"]],
                author=str(said.get("author") or ""),
                at=parse_rfc3339(said["at"]),
            )
    return None


def _edited(edit: Mapping[str, Json]) -> Edited | None:
    if not edit:
        return None
    return Edited(
        editor=str(_mapping(edit.get("by")).get("label") or ""),
        at=parse_rfc3339(edit["at"]),
        reason=str(edit.get("reason") or ""),
        instead_of=str(edit.get("instead_of") or ""),
    )


def _asker(requester: Mapping[str, Json]) -> Asker:
    return Asker(
        owner=str(requester.get("owner") or ""),
        acts_for=str(requester.get("acts_for") or ""),
        rationale=str(requester.get("rationale") or ""),
        confidence=requester.get("confidence"),
        margin=requester.get("margin"),
    )


def _fired(row: Mapping[str, Json], money: Mapping[str, Json]) -> FiredLine:
    policy, rule = str(row.get("policy", "")), str(row.get("rule", ""))
    is_floor = policy == "floor"
    return FiredLine(
        short="floor" if is_floor else rule,
        rule=f"{policy}:{rule}",
        reason=str(row.get("reason") or row.get("title") or ""),
        outcome=str(row.get("outcome", "")),
        saw=_saw(row, money),
        policy_words=""
        if is_floor
        else _("Policy %(policy)s, version %(version)s")
        % {"policy": words.plain(policy), "version": row.get("version")},
    )


def _saw(row: Mapping[str, Json], money: Mapping[str, Json]) -> str:
    parts = [_seen(name, value, money) for name, value in _mapping(row.get("saw")).items()]
    parts += [
        _("%(fact)s not known") % {"fact": words.plain(str(name))}
        for name in row.get("unknown", ())
    ]
    return ", ".join(parts)


def _seen(name: str, value: Json, money: Mapping[str, Json]) -> str:
    currency = str(money.get("currency") or "")
    if name.startswith("limit:") and isinstance(value, int):
        # A total includes this call, so one below the call's own amount counts calls.
        is_amount = currency and value >= (money.get("amount_minor") or 0) > 0
        total = words.money(minor=value, currency=currency) if is_amount else str(value)
        return _("total with this one %(total)s") % {"total": total}
    return f"{words.plain(name.removesuffix('_minor'))} {fact_text(name, value, currency)}"


def fact_text(name: str, value: Json, currency: str) -> str:
    """Return a fact's value as a person reads it; minor units become an amount."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name.endswith("_minor") and isinstance(value, int) and currency:
        return words.money(minor=value, currency=currency)
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value) or _("none")
    if value is None or value == "":
        return _("none")
    return str(value)


def _fact(row: Mapping[str, Json], currency: str) -> Fact:
    at, text = row.get("at"), str(row.get("text", ""))
    amount = _MINOR.fullmatch(text) if currency else None
    if amount:
        text = f"{amount['name']}: {words.money(minor=int(amount['minor']), currency=currency)}"
    return Fact(
        text=text,
        trust=str(row.get("trust", "unknown")),
        source=str(row.get("source") or ""),
        at=parse_rfc3339(at) if at else None,
    )


def _cue_sheet(scope: Mapping[str, Json]) -> str:
    sheet, step = _mapping(scope.get("cue_sheet")), _mapping(scope.get("step"))
    title = str(sheet.get("title") or "")
    if not title:
        return ""
    parts = [title]
    if sheet.get("version"):
        parts.append(_("version %(version)s") % {"version": sheet["version"]})
    if step.get("title"):
        parts.append(_("step “%(step)s”") % {"step": step["title"]})
    return ", ".join(parts)


def changed_lines(*, old: Shown, new: Shown) -> list[dict[str, Json]]:
    """Return what differs between what was read and what would run now, by label.

    Args:
        old: The view that was voted on.
        new: The view of the request that stands now.
    """
    before = {line.label: line.after for line in old.before_after}
    after = {line.label: line.after for line in new.before_after}
    rows: list[dict[str, Json]] = [
        {"label": _("Effect"), "old": old.sentence, "new": new.sentence}
    ] * (old.sentence != new.sentence)
    for label in [*before, *(name for name in after if name not in before)]:
        was, now = before.get(label, ""), after.get(label, "")
        rows.append({"label": label, "old": was, "new": now, "same": was == now})
    return rows
