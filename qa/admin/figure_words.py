"""Figures of quality in words: periods, estimates, and why there is none."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orchestra.core import words
from qa.admin.trend import Point, percent
from qa.estimates.types import Estimate, Verdict
from qa.figures.assembling import half_of
from qa.figures.types import Figures, PeriodRows, Standing

_WEEK = timedelta(days=7)
#: A variance that clusters widen by less is not worth a word.
_NO_MORE = 0.005


def period_name(rows: PeriodRows) -> str:
    """Return how a period is called: its week, or the day it began on."""
    began = timezone.localtime(rows.starts_at)
    # A week that begins on a Sunday by the reader's clock is named after its Monday.
    middle = began + (rows.ends_at - rows.starts_at) / 2
    if rows.ends_at - rows.starts_at == _WEEK:
        return _("Week %(number)d") % {"number": middle.isocalendar().week}
    return date_format(began, "j M Y")


def period_label(rows: PeriodRows) -> str:
    """Return what stands below an axis for a period."""
    name = period_name(rows)
    return name.rsplit(" ", 1)[-1] if rows.ends_at - rows.starts_at == _WEEK else name[:-5]


def period_days(rows: PeriodRows) -> str:
    """Return from when to when, both days named."""
    began = timezone.localtime(rows.starts_at)
    ended = timezone.localtime(rows.ends_at - timedelta(seconds=1))
    return f"{date_format(began, 'j M')} – {date_format(ended, 'j M Y')}"  # noqa: RUF001  a span


def why_none(rows: PeriodRows, found: Figures) -> str:
    """Return why a period gives no number; empty where it does."""
    counts = {"done": found.reviewed, "all": found.drawn}
    said = {
        Standing.KNOWN: "",
        Standing.NOT_DRAWN: _("not drawn yet"),
        Standing.HELD: rows.held_reason or _("held until it is explained"),
        Standing.EMPTY: _("nothing ended in it"),
        Standing.UNCOVERED: _("a part of it was not drawn from"),
        Standing.WAITING: _("%(done)d of %(all)d reviewed") % counts,
    }
    return said[found.standing]


def headline(rows: PeriodRows, found: Figures) -> str:
    """Return the answer of a period as a sentence."""
    name = period_name(rows)
    if found.used is None or found.used.value is None:
        return _("%(period)s: no number, %(why)s") % {"period": name, "why": why_none(rows, found)}
    return ngettext(
        "%(period)s: %(share)s %% would pass review, give or take %(half)d point",
        "%(period)s: %(share)s %% would pass review, give or take %(half)d points",
        round(100 * (half_of(found.used) or 0)),
    ) % {
        "period": name,
        "share": percent(found.used.value),
        "half": round(100 * (half_of(found.used) or 0)),
    }


def say_estimate(found: Estimate | None) -> dict[str, str] | None:
    """Return an estimate as texts; None where there is none."""
    if found is None or found.value is None or found.interval is None:
        return None
    return {
        "value": percent(found.value),
        "low": percent(found.interval.low),
        "high": percent(found.interval.high),
        "half": percent(half_of(found) or 0),
        "reviews": str(found.reviews),
        "effective": f"{found.effective:.0f}" if found.effective else "",
        "clustered": f"{found.clustered:.2f}" if found.clustered > 1 + _NO_MORE else "",
    }


def stratum_name(name: str) -> str:
    """Return a stratum as people call it, ``low/ai`` as "low, ai"."""
    return ", ".join(words.plain(unquote(one)) or _("none") for one in name.split("/"))


def say_target(found: Figures) -> dict[str, str] | None:
    """Return what the interval shows of the target; None without one."""
    if found.target is None or found.verdict is None:
        return None
    told = {
        Verdict.MET: _("met: the whole interval lies above"),
        Verdict.MISSED: _("missed: the whole interval lies below"),
        Verdict.NOT_SHOWN: _("not shown: the interval holds it")
        if found.used is not None
        else _("not shown: there is no number yet"),
    }
    short = {
        Verdict.MET: _("met"),
        Verdict.MISSED: _("missed"),
        Verdict.NOT_SHOWN: _("not shown"),
    }
    return {
        "code": found.verdict.value,
        "share": f"{100 * found.target:g}",
        "text": told[found.verdict],
        "short": short[found.verdict],
    }


def points_of(periods: Sequence[tuple[PeriodRows, Figures]]) -> list[Point]:
    """Return a trend, oldest first, with what changed on the way.

    Args:
        periods: The newest first.
    """
    points, before = [], None
    for rows, found in reversed(periods):
        said = found.used
        mark = _changed(before, rows) if before else ""
        known = said is not None and said.value is not None and said.interval is not None
        points.append(
            Point(
                label=period_label(rows),
                value=said.value if said and known else None,
                low=said.interval.low if said and said.interval else 0.0,
                high=said.interval.high if said and said.interval else 0.0,
                note=_short(found),
                mark=mark,
            )
        )
        before = rows
    return points


def _short(found: Figures) -> str:
    if found.standing is Standing.WAITING:
        return _("%(done)d of %(all)d") % {"done": found.reviewed, "all": found.drawn}
    return {
        Standing.NOT_DRAWN: _("not yet"),
        Standing.HELD: _("held"),
        Standing.EMPTY: _("nothing"),
        Standing.UNCOVERED: _("no number"),
    }.get(found.standing, "")


def _changed(before: PeriodRows, rows: PeriodRows) -> str:
    """Return what makes a period another series than the one before; empty for nothing."""
    if rows.version != before.version:
        return _("plan version %(n)d") % {"n": rows.version}
    if rows.editions and before.editions and rows.editions != before.editions:
        return _("new scorecard")
    if rows.series and before.series and rows.series != before.series:
        return _("new checks")
    return ""


def say_ways(found: Figures) -> list[dict[str, Any]]:
    """Return the four ways to say it, and which is used and why."""
    if found.weighted is None or found.used is None:
        return []
    checked = found.judge_alone is not None
    weighted, used = say_estimate(found.weighted), say_estimate(found.used)
    ways: list[dict[str, Any]] = [
        {
            "title": _("Automatic checks alone, all %(n)s") % {"n": f"{found.checked:,}"},
            "value": percent(found.judge_alone) if found.judge_alone is not None else "",
            "note": _("Uncorrected: checks miss failures, and see some that are none."),
        },
        {
            "title": _("Reviews alone, unweighted"),
            "value": percent(found.unweighted or 0),
            "note": _("No fair picture: risky work is drawn more often."),
        },
        {
            "title": _("Reviews, weighted by the draw"),
            "value": weighted["value"] if weighted else "",
            "half": weighted["half"] if weighted else "",
            "note": _("Fair, but wide.") if checked else _("Used. Fair, from reviews alone."),
            "used": not checked,
        },
        {
            "title": _("Checks on all, corrected by reviews"),
            "value": used["value"] if checked and used else "",
            "half": used["half"] if checked and used else "",
            "note": _("Used. Fair, and as narrow as the checks are good."),
            "used": checked,
        },
    ]
    return [way for way in ways if way["value"]]


def say_reason(code: str) -> str:
    """Return why something was not checked, in words."""
    return _("never run") if code == "not_run" else words.plain(code)
