"""What differs between two texts of a tool, part by part, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from cases.tools import sentences as say
from cases.tools.parsing import parse_tool
from cases.tools.selectors import canonical_document
from cases.tools.types import ToolSpec
from governance.policies.types import RiskLevel
from governance.reviews.describing import describe_heads
from governance.reviews.types import Change
from orchestra.core import words

Json = Any


def describe_changes(
    before: Mapping[str, Json] | None, after: Mapping[str, Json]
) -> tuple[Change, ...]:
    """Return every difference between two texts of a tool: what it does, its arguments, facts.

    Args:
        before: The text in force; None for none.
        after: The text that would be.

    Raises:
        InvalidInputError: A text declares no tool.
    """
    new = parse_tool(document=canonical_document(after))
    old = parse_tool(document=canonical_document(before)) if before is not None else None
    return (
        *_describe_risk(old, new),
        *_heads(_head(old) if old else {}, _head(new)),
        *_describe_arguments(old, new),
        *_heads(_rest(old) if old else {}, _rest(new)),
    )


def _heads(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    # What only the earlier text has is gone, and says so.
    return describe_heads(before, {**dict.fromkeys(before, ""), **after})


def _describe_risk(old: ToolSpec | None, new: ToolSpec) -> Iterator[Change]:
    order = ["", *RiskLevel]
    place = _("Risk")
    if old is not None and old.risk and new.risk:
        place = _("Risk raised")
        if order.index(new.risk) < order.index(old.risk):
            place = _("Risk lowered")
    yield from _heads({place: old.risk} if old else {}, {place: new.risk})


def _describe_arguments(old: ToolSpec | None, new: ToolSpec) -> Iterator[Change]:
    before = say.argument_words(old) if old else {}
    after = say.argument_words(new)
    for name in [*after, *(name for name in before if name not in after)]:
        place = _("Argument %(name)s") % {"name": name}
        if old is not None and name in before and name in after:
            place += _now_required(name in _required(old), name in _required(new))
        yield from _heads({place: before.get(name, "")}, {place: after.get(name, "")})
    rules = _("Other rules for the arguments")
    yield from _heads({rules: say.other_rules(old)} if old else {}, {rules: say.other_rules(new)})


def _required(spec: ToolSpec) -> frozenset[str]:
    return frozenset(spec.arguments.get("required", ()))


def _now_required(was: bool, now: bool) -> str:  # noqa: FBT001  internal
    if was is now:
        return ""
    return _(", now required") if now else _(", no longer required")


def _head(spec: ToolSpec) -> dict[str, str]:
    return {
        _("Title"): spec.title,
        _("What it is for"): spec.description,
        _("What it does"): say.effect_words(spec.effect),
        _("System of record"): spec.connection,
        _("How it is called"): say.operation_words(spec),
    }


def _rest(spec: ToolSpec) -> dict[str, str]:
    """Return what a tool declares besides its arguments, each place with its words."""
    repeat = _("yes, it honours an idempotency key")
    return {
        **{
            _("Amount %(n)d") % {"n": n}: say.money_words(one)
            for n, one in enumerate(spec.money, 1)
        },
        _("Sensitive arguments"): ", ".join(say.path_words(path) for path in spec.sensitive),
        **{
            _("Read before deciding: %(name)s") % {"name": words.plain(read.name)}: say.read_words(
                read
            )
            for read in spec.reads
        },
        **{
            _("Fact for policies: %(name)s") % {"name": words.plain(name)}: say.source_words(source)
            for name, source in spec.facts.items()
        },
        _("Verifies the customer"): say.verifies_words(spec),
        _("Hands the case to"): say.hand_over_words(spec),
        _("What it will do, in words"): spec.effect_text,
        _("Before and after"): spec.before_after,
        _("Evidence in words"): spec.grounds,
        _("Confirmed by"): say.confirm_words(spec),
        _("To undo"): say.undo_words(spec),
        _("Safe to repeat"): repeat if spec.honours_idempotency_key else "",
        _("Effect can be looked up"): _("yes") if spec.lookup else "",
        _("Time and attempts"): say.trying_words(spec),
        _("The answer"): say.schema_words(spec.output) if spec.output is not None else "",
        **{
            _("Limit %(n)d") % {"n": n}: say.limit_words(limit)
            for n, limit in enumerate(spec.limits, 1)
        },
        **say.upstream_words(spec),
    }
