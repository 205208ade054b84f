"""Numbers of metrics as people read them."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from orchestra.core import words
from qa.measurement import sentences as say
from qa.measurement.standing import Reading, Verdict
from qa.measurement.types import LeftOut, Measure, MetricSpec

Json = Any

VERDICTS: Final = {
    Verdict.MET: (_lazy("met"), "is-met"),
    Verdict.MISSED: (_lazy("missed"), "is-miss"),
    Verdict.NOT_SHOWN: (_lazy("not shown"), "is-open"),
    Verdict.NOT_YET: (_lazy("not yet"), "is-open"),
}
_LEFT_OUT: Final = {str(key): text for key, text in say.LEFT_OUT.items()} | {
    "not_by_customer": _lazy("not begun by the customer"),
    "unknown_sender": _lazy("from an unknown sender"),
    "next_issue": _lazy("about a next issue"),
    "thanks": _lazy("thank-you notes"),
    "survey": _lazy("survey answers"),
    "auto_reply": _lazy("automatic replies"),
    "promised_call": _lazy("calls we had promised"),
    "not_handled": _lazy("handled by nobody"),
    "not_applicable": _lazy("without wrap-up: does not apply"),
    "nothing_required": _lazy("of which nothing is required: a fault of the cue sheet's set-up"),
}
_BESIDE: Final = {
    "reopened": _lazy("reopened"),
    "withdrawn": _lazy("withdrawn"),
    "without_contact": _lazy("closed again without a word to the customer"),
    "migrated": _lazy("moved to another version while they ran"),
    "assumed": _lazy("resolved as assumed, told apart"),
    "chasers": _lazy("called before we did as promised"),
    "full_windows": _lazy("seen for the whole window"),
    "attempts": _lazy("offers that nobody took"),
    "zeros": _lazy("needed none"),
    "consequences": _lazy("consequences of another exception"),
    "late": _lazy("records that came late and count"),
    "retention_over": _lazy("records past their time of retention"),
    "unconfigured": _lazy("cases of which nothing is required"),
    "strict_incomplete": _lazy("incomplete at high or critical risk"),
    "strict": _lazy("closed at high or critical risk"),
    "steps": _lazy("steps started"),
    "steps_with": _lazy("steps that ended in an exception nobody recovered"),
}


def amount(value: float | None, spec: MetricSpec) -> str:
    """Return a value with its unit, or that it is not known yet."""
    if value is None:
        return _("not yet")
    return f"{plain(value, spec)} {say.MEASURES[spec.measure]}"


def plain(value: float | None, spec: MetricSpec) -> str:
    """Return a value without its unit; minutes as 3:16."""
    if value is None:
        return _("not yet")
    if spec.measure is Measure.MINUTES:
        seconds = round(abs(value) * 60)
        sign = "-" if value < 0 and seconds else ""
        return f"{sign}{seconds // 60}:{seconds % 60:02d}"
    # The formatter cuts digits off; a number is rounded before.
    held = round(abs(value), 1)
    text: str = number_format(held, decimal_pos=1, use_l10n=True, force_grouping=True)
    return f"-{text}" if value < 0 and held else text


def span(reading: Reading, spec: MetricSpec) -> str:
    """Return an interval in words; an end that is not reached is said."""
    if reading.low is None and reading.high is None:
        return _("no interval yet")
    if reading.high is None:
        return _("%(low)s to no upper end") % {"low": plain(reading.low, spec)}
    return _("%(low)s to %(high)s") % {
        "low": plain(reading.low, spec),
        "high": plain(reading.high, spec),
    }


def change_words(apart: Reading | None, spec: MetricSpec) -> str:
    """Return the difference to the weeks before, with its interval."""
    if apart is None or apart.value is None:
        return _("No weeks before to hold it against.")
    unit = _("points") if spec.measure is Measure.PERCENT else say.MEASURES[spec.measure]
    sign = "+" if apart.value > 0 else ""
    return _("%(sign)s%(value)s %(unit)s against the four weeks before (%(span)s)") % {
        "sign": sign,
        "value": plain(apart.value, spec),
        "unit": unit,
        "span": span(apart, spec),
    }


def counted(figure: Mapping[str, Json]) -> str:
    """Return of how many a figure is, how many of them, and how many are open."""
    count: str = number_format(figure["n"], force_grouping=True)
    parts = [count]
    if figure["hits"] is not None:
        hits = number_format(figure["hits"], force_grouping=True)
        parts.append(_("%(hits)s of them counted") % {"hits": hits})
    if figure["open"]:
        left = number_format(figure["open"], force_grouping=True)
        parts.append(_("%(open)s not over yet, counted as long as seen") % {"open": left})
    return "; ".join(parts)


def left_out(figure: Mapping[str, Json]) -> str:
    """Return how many were left out for each reason."""
    return ", ".join(
        f"{number_format(count, force_grouping=True)} {_LEFT_OUT.get(reason, words.plain(reason))}"
        for reason, count in figure["left_out"].items()
    )


def beside(figure: Mapping[str, Json]) -> list[tuple[str, str]]:
    """Return the further counts that stand beside a figure."""
    found = [
        (str(_BESIDE[name]), number_format(value, decimal_pos=0, force_grouping=True))
        for name, value in figure["beside"].items()
        if name in _BESIDE and value is not None
    ]
    percent = {
        "timed_out": _("ended by the time-out"),
        "capped": _("held at the cap"),
        "recovered": _("recovered by a retry"),
        "with_planned": _("with planned steps counted too"),
    }
    for name, text in percent.items():
        value = figure["beside"].get(name)
        if value is not None:
            found.append((text, f"{value:.1f} %"))
    matched = figure["beside"].get("matched_share")
    if matched is not None:
        found.append((_("of contacts with a matched identity"), f"{100 * matched:.1f} %"))
    return found


def reasons() -> frozenset[str]:
    """Return every reason that has words."""
    return frozenset(_LEFT_OUT) | {str(one) for one in LeftOut}
