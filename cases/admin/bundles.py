"""Turns a stored handoff bundle into its seven parts as the page places them."""

from collections.abc import Callable, Iterable, Mapping
from itertools import zip_longest
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.admin.bundle_entries import Entries
from cases.handoff.models import Handoff
from cases.handoff.types import BundlePart
from cases.memory.types import TimelineItem
from orchestra.core import words
from orchestra.core.redaction import mask_text

Json = Any
Line = dict[str, str]

_TITLES = {
    BundlePart.INTENT: gettext_lazy("What the customer wants"),
    BundlePart.ENTITIES: gettext_lazy("Key entities"),
    BundlePart.COMPLETED_STEPS: gettext_lazy("Already done"),
    BundlePart.POLICY_CHECKS: gettext_lazy("Policy checks"),
    BundlePart.RISK_AND_VERIFICATION: gettext_lazy("Risk flags and verification"),
    BundlePart.NEXT_STEP: gettext_lazy("Suggested next step"),
    BundlePart.CUSTOMER_PARAGRAPH: gettext_lazy("What to tell the customer, in one paragraph"),
}
_VERIFIED = frozenset({"basic", "strong"})


def describe_bundle(
    handoff: Handoff, *, unmasked: bool, items: Iterable[TimelineItem] = ()
) -> list[dict[str, Any]]:
    """Return the seven parts in their order; a missing one keeps its place and says so.

    Args:
        handoff: The handoff with its stored bundle.
        unmasked: Whether personal data is shown as recorded.
        items: The record of the case, oldest first, to point each claim at its entry.
    """
    entries = Entries(handoff, items)
    described = []
    for number, part in enumerate(BundlePart, start=1):
        content = handoff.bundle.get(str(part))
        described.append(
            {
                "number": number,
                "key": str(part),
                "title": _TITLES[part],
                "missing": content is None,
                "lines": []
                if content is None
                else _pointed(
                    _shown(_LINES[part](content), unmasked=unmasked),
                    entries.of_part(part, content),
                ),
                "wide": part is BundlePart.INTENT,
                "quote": part is BundlePart.CUSTOMER_PARAGRAPH,
            }
        )
    return described


def title_of_part(part: str) -> str:
    """Return the title of a part of a bundle as the page places it."""
    return str(_TITLES[BundlePart(part)])


def _pointed(lines: list[Line], entries: list[int | None]) -> list[dict[str, Any]]:
    """Return the lines with the number of the entry that shows each."""
    return [{**line, "seq": entry} for line, entry in zip_longest(lines, entries[: len(lines)])]


def _shown(lines: list[Line], *, unmasked: bool) -> list[Line]:
    if unmasked:
        return lines
    return [
        {**line, "text": mask_text(line["text"]), "detail": mask_text(line["detail"])}
        for line in lines
    ]


def paragraph_of(handoff: Handoff) -> str:
    """Return what the bundle would tell the customer, empty where that is missing."""
    return str((handoff.bundle.get(str(BundlePart.CUSTOMER_PARAGRAPH)) or {}).get("text", ""))


def _line(text: str, *, trust: str = "", source: str = "", outcome: str = "") -> Line:
    return {"text": text, "trust": trust, "source": source, "outcome": outcome, "detail": ""}


def _intent(part: Mapping[str, Json]) -> list[Line]:
    said = str(part.get("customer_words", ""))
    return [{**_line(str(part.get("title", ""))), "detail": f"“{said}”" if said else ""}]


def _entities(part: list[Mapping[str, Json]]) -> list[Line]:
    return [
        _line(
            f"{words.plain(str(entity['kind']))} {entity['value']}",
            trust="confirmed" if entity.get("confirmed") else "claimed",
            source=str(entity.get("source", "")),
        )
        for entity in part
    ]


def _completed(part: Mapping[str, Json]) -> list[Line]:
    lines = [_step(step) for step in part.get("steps", ())]
    if part.get("nothing_changed"):
        return [*lines, {**_line(_("Nothing was changed."), trust="strong"), "detail": ""}]
    return lines or [_line(str(part.get("summary", "")))]


def _step(step: Mapping[str, Json]) -> Line:
    confirmation = str(step.get("confirmation") or "")
    trust = "confirmed" if confirmation else "unknown" if step.get("changed") else ""
    return _line(str(step.get("title", "")), trust=trust, source=confirmation)


def _checks(part: Mapping[str, Json]) -> list[Line]:
    lines = [
        {
            **_line(str(check["action"]), outcome=str(check["outcome"])),
            "detail": " ".join(str(reason) for reason in check.get("reasons", ())),
        }
        for check in part.get("checks", ())
    ]
    return lines or [_line(str(part.get("summary", "")))]


def _risk(part: Mapping[str, Json]) -> list[Line]:
    known = part.get("verification") in _VERIFIED
    lines = [_line(str(part.get("summary", "")), trust="confirmed" if known else "unknown")]
    for flag in part.get("risk_flags", ()):
        leaned_on = ", ".join(f"“{word}”" for word in flag.get("words", ()))
        lines.append({**_line(words.plain(str(flag["flag"])), trust="flag"), "detail": leaned_on})
    return lines


def _next_step(part: Mapping[str, Json]) -> list[Line]:
    return [{**_line(str(part.get("title", ""))), "detail": str(part.get("why", ""))}]


def _paragraph(part: Mapping[str, Json]) -> list[Line]:
    return [_line(str(part.get("text", "")))]


_LINES: Mapping[BundlePart, Callable[[Any], list[Line]]] = {
    BundlePart.INTENT: _intent,
    BundlePart.ENTITIES: _entities,
    BundlePart.COMPLETED_STEPS: _completed,
    BundlePart.POLICY_CHECKS: _checks,
    BundlePart.RISK_AND_VERIFICATION: _risk,
    BundlePart.NEXT_STEP: _next_step,
    BundlePart.CUSTOMER_PARAGRAPH: _paragraph,
}
