"""What was known of a case at a moment, each with its source: confirmed, claimed, unknown."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.journeys.types import CueSheetSpec, StepState
from cases.playback.types import CallThen, CaseThen
from cases.tools.types import Effect, ToolSpec
from governance.policies.models import DecisionRecord
from governance.policies.replay import RecordError, RecordRead, read_record
from orchestra.core import words
from orchestra.core.redaction import mask_text, mask_value

Json = Any
CONFIRMED, CLAIMED, UNKNOWN = "confirmed", "claimed", "unknown"
#: Arguments by which a person recognises what was read.
_NAMING = ("order_id", "product_id", "item_id", "expression")
_FIELDS_SHOWN = 4
_UNKNOWN_SHOWN = 8
_CUSTOMER_CONFIRMED = "customer_confirmed"


def describe_known(
    then: CaseThen,
    *,
    plans: Mapping[str, CueSheetSpec],
    tools: Mapping[str, ToolSpec],
    records: Mapping[str, DecisionRecord],
) -> list[dict[str, Any]]:
    """Return what was known, a line each: label, text, how far it was trusted, and by whom."""
    return [
        *_intent(then),
        _customer(then),
        *_read(then, tools),
        *_yes(then, plans),
        *_attached(then),
        *_not_known(then, records),
    ]


def _line(
    label: str, text: str, trust: str, source: str = "", at: datetime | None = None
) -> dict[str, Any]:
    return {"label": label, "text": text, "trust": trust, "source": source, "at": at}


def _intent(then: CaseThen) -> Iterator[dict[str, Any]]:
    if then.intent_title:
        yield _line(_("Intent"), mask_text(then.intent_title), CLAIMED, "", then.intent_at)


def _customer(then: CaseThen) -> dict[str, Any]:
    label = _("Customer")
    who = mask_text(then.customer_name or then.customer_ref)
    if not then.verifications or then.verification == "none":
        return _line(label, who, CLAIMED) if who else _line(label, _("not known"), UNKNOWN)
    last = then.verifications[-1]
    if last.trust == "claimed":
        return _line(label, who or last.method, CLAIMED, last.by, last.at)
    call = then.call(last.tool_call) if last.tool_call else None
    text = f"{who}, {last.method}" if who else last.method
    return _line(label, text, CONFIRMED, call.title if call else last.by, last.at)


def _read(then: CaseThen, tools: Mapping[str, ToolSpec]) -> Iterator[dict[str, Any]]:
    """Yield what each read brought, the newest answer where one was asked twice."""
    found: dict[str, dict[str, Any]] = {}
    for call in then.calls:
        spec = tools.get(call.schema)
        is_read = spec is not None and spec.effect is Effect.READ and spec.verifies is None
        if is_read and call.state == "succeeded":
            label = _named(call)
            text = _summary(call.result)
            found[label] = _line(label, text, CONFIRMED, call.title, call.ended_at)
    yield from found.values()


def _named(call: CallThen) -> str:
    arguments = call.arguments if isinstance(call.arguments, Mapping) else {}
    name = next((str(arguments[key]) for key in _NAMING if key in arguments), "")
    return mask_text(name) or call.title


def _summary(value: Json) -> str:
    value = mask_value(value)
    if not isinstance(value, Mapping):
        return _part(value)
    plain = [
        f"{words.plain(str(name))} {_part(one)}"
        for name, one in sorted(value.items(), key=lambda item: item[0] != "status")
        if one not in (None, "", [])
        and not isinstance(one, Mapping)
        and name not in _NAMING
        and not str(name).endswith("_id")
    ]
    return ", ".join(plain[:_FIELDS_SHOWN]) or _("answered")


def _part(value: Json) -> str:
    if isinstance(value, list):
        count = len(value)
        return ngettext("%(count)d entry", "%(count)d entries", count) % {"count": count}
    return str(value)


def _yes(then: CaseThen, plans: Mapping[str, CueSheetSpec]) -> Iterator[dict[str, Any]]:
    for journey in then.journeys:
        plan = plans.get(journey.cue)
        checks = (
            {one.key for one in plan.steps if one.target == _CUSTOMER_CONFIRMED} if plan else ()
        )
        for step in journey.steps:
            if step.key in checks and step.state == StepState.DONE:
                yield _line(_("Explicit yes"), _("yes, in the conversation"), CONFIRMED, step.title)


def _attached(then: CaseThen) -> Iterator[dict[str, Any]]:
    for one in then.evidence:
        yield _line(_("Attached"), mask_text(one.title), CLAIMED, one.by, one.at)


def _not_known(then: CaseThen, records: Mapping[str, DecisionRecord]) -> Iterator[dict[str, Any]]:
    for decision in reversed(then.decisions):
        read = _record(records.get(decision.id))
        if read is not None:
            for name in sorted(read.facts.unknown)[:_UNKNOWN_SHOWN]:
                label = words.plain(name).capitalize()
                yield _line(label, _("not known when it was decided"), UNKNOWN)
            return


def moved_so_far(
    then: CaseThen, *, tools: Mapping[str, ToolSpec], records: Mapping[str, DecisionRecord]
) -> str:
    """Return what the calls that succeeded had moved by then, in their own currencies."""
    sums: dict[str, int] = {}
    for call in then.calls:
        spec, read = tools.get(call.schema), _record(records.get(call.decision))
        if call.state != "succeeded" or read is None or spec is None:
            continue
        amount = read.facts.values.get("amount_minor")
        currency = str(read.facts.values.get("currency") or "")
        if spec.effect is Effect.WRITE and isinstance(amount, int) and currency:
            sums[currency] = sums.get(currency, 0) + amount
    return ", ".join(
        words.money(minor=minor, currency=currency) for currency, minor in sorted(sums.items())
    )


def _record(record: DecisionRecord | None) -> RecordRead | None:
    try:
        return read_record(bytes(record.body)) if record is not None else None
    except RecordError:
        return None
