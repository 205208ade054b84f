"""Numbers of metrics in words, the same on pages and in messages."""

from typing import Final

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from qa.measurement import sentences as say
from qa.measurement.standing import Reading, Verdict
from qa.measurement.types import Measure, MetricSpec

#: A verdict to its word and to the sign it bears on a page.
VERDICTS: Final = {
    Verdict.MET: (_lazy("met"), "is-ok"),
    Verdict.MISSED: (_lazy("missed"), "is-bad"),
    Verdict.NOT_SHOWN: (_lazy("not shown"), "is-q"),
    Verdict.NOT_YET: (_lazy("not yet"), "is-q"),
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
