"""Calibration over a series of sessions: everybody, one person, or one automatic check."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, page, render
from qa.admin import finding_words as say
from qa.admin import trend
from qa.admin.calibration import sides_of
from qa.calibration.results import divided
from qa.calibration.selectors import Session, read_series
from qa.calibration.series import (
    FEWEST_SESSIONS,
    Agreed,
    Drift,
    Point,
    agreed,
    drift_of,
    judged_pairs,
    pairs_of,
    point_of,
    pooled,
)
from qa.calibration.types import FEWEST_UNITS, LIMIT
from qa.findings.services.licensing import list_judged

LEAD = Capability.QUALITY_LEAD
WEEKS = 12
#: Width of an interval's picture.
_WIDE = 120
_DIVIDED = 10


@dataclass(frozen=True, slots=True)
class _Row:
    """One question, person or check over its series."""

    key: str
    title: str
    points: Sequence[Point]
    link: str = ""


@page("calibrations/series/", name="calibration_series", capability=Capability.QUALITY_REVIEW)
def calibration_series(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show how agreement went over the sessions; who does not lead sees their own answers."""
    leads = visit.may(LEAD)
    person = request.GET.get("person", "")[:40] if leads else visit.actor.id
    judge = request.GET.get("judge", "")[:150] if leads else ""
    question = request.GET.get("question", "")[:100]
    sessions = read_series(scorecard=request.GET.get("scorecard", "")[:100])
    judges = _judges(visit.now) if leads else []
    people = _people(sessions)
    if judge:
        questions = [one for one in judges if one.key == judge]
    elif person:
        questions = _questions_of(sessions, person)
    else:
        questions = _questions(sessions)
    chosen = next((one for one in questions if one.key == question), None)
    charted = list(chosen.points if chosen else _together(questions))
    return render(
        request,
        "qa/calibration_series.html",
        {
            "title": _("Calibration over time"),
            "crumbs": [
                Crumb(_("Quality")),
                Crumb(_("Calibration"), reverse("admin:calibrations")),
                Crumb(_("Over time")),
            ],
            "headline": _headline(sessions, people, judges, leads=leads),
            "about": _about(people, judges, person=person, judge=judge),
            "narrowed": bool(leads and (person or judge)),
            "session_count": len(sessions),
            "chosen": chosen.title if chosen else "",
            "chart": _chart(charted, weekly=bool(judge)),
            "questions": [_shown(one, _query(person, judge, one.key)) for one in questions],
            "people": [_shown(one, _query(one.key, "", "")) for one in people] if leads else [],
            "judges": [_shown(one, _query("", one.key, "")) for one in judges],
            "divided": [] if person or judge else _divided(sessions),
            "limit": f"{LIMIT:.2f}",
            "limit_x": round(_WIDE * LIMIT, 1),
            "fewest_units": FEWEST_UNITS,
            "fewest_sessions": FEWEST_SESSIONS,
            "weeks": WEEKS,
        },
    )


def _questions(sessions: Sequence[Session]) -> list[_Row]:
    """Return each question with how far everybody agreed on it, session by session."""
    points: dict[str, list[Point]] = defaultdict(list)
    texts: dict[str, str] = {}
    for one, mark in _marked(sessions):
        for asked in one.asked:
            texts[asked.key] = asked.text
            found = agreed(asked.rows, len(asked.passing))
            points[asked.key].append(Point(_at(one), mark, found, None, 0.0))
    return [_Row(key, texts[key], found) for key, found in points.items()]


def _questions_of(sessions: Sequence[Session], person: str) -> list[_Row]:
    """Return each question with how one person agreed with the majority of the others."""
    points: dict[str, list[Point]] = defaultdict(list)
    texts: dict[str, str] = {}
    for one, mark in _marked(sessions):
        place = _place(one, person)
        if place is None:
            continue
        for asked in one.asked:
            texts[asked.key] = asked.text
            points[asked.key].append(point_of(_at(one), [pairs_of(asked, place)], mark=mark))
    return [_Row(key, texts[key], found) for key, found in points.items()]


def _people(sessions: Sequence[Session]) -> list[_Row]:
    """Return everybody by name, over all questions."""
    points: dict[str, list[Point]] = defaultdict(list)
    names: dict[str, str] = {}
    for one in sessions:
        for place, person in enumerate(one.people):
            key = str(person.public_id)
            names[key] = person.label
            pairs = [pairs_of(asked, place) for asked in one.asked]
            points[key].append(point_of(_at(one), pairs))
    return [_Row(key, names[key], points[key]) for key in sorted(names, key=lambda k: names[k])]


def _judges(now: datetime) -> list[_Row]:
    """Return every version of every check against drawn reviews, week by week."""
    since = now - timedelta(weeks=WEEKS)
    said: dict[tuple[str, str], dict[int, list[tuple[bool, bool]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for one in list_judged(since=since, until=now):
        week = (one.at - since) // timedelta(weeks=1)
        said[one.key, one.series][min(week, WEEKS - 1)].append((not one.found, not one.failed))
    return [
        _Row(
            series,
            f"{say.check_title(key)} ({series.partition('/')[2]})",
            [
                point_of(since + timedelta(weeks=week), [judged_pairs(weeks[week])])
                for week in sorted(weeks)
            ],
        )
        for (key, series), weeks in sorted(said.items())
    ]


def _together(questions: Sequence[_Row]) -> list[Point]:
    """Return the points of all questions of one session as one."""
    found: dict[datetime, list[Point]] = defaultdict(list)
    for row in questions:
        for point in row.points:
            found[point.at].append(point)
    return [
        Point(at, points[0].mark, pooled([one.agreed for one in points]), None, 0.0)
        for at, points in sorted(found.items())
    ]


def _marked(sessions: Sequence[Session]) -> list[tuple[Session, str]]:
    """Return each session with the version of the scorecard that began with it."""
    found = []
    before = None
    for one in sessions:
        number = one.session.scorecard.number
        is_new = before is not None and number != before
        found.append((one, _("version %(n)d") % {"n": number} if is_new else ""))
        before = number
    return found


def _place(one: Session, person: str) -> int | None:
    ids = [str(each.public_id) for each in one.people]
    return ids.index(person) if person in ids else None


def _at(one: Session) -> datetime:
    return one.session.closed_at or one.session.due_at


def _shown(row: _Row, link: str) -> dict[str, Any]:
    whole = pooled([one.agreed for one in row.points])
    drift = drift_of(row.points)
    last = next((one for one in reversed(row.points) if one.points is not None), None)
    return {
        "title": row.title,
        "link": link,
        "sessions": len(row.points),
        "units": whole.units if whole else 0,
        "agreed": _number(whole),
        "bar": _bar(whole),
        "low": whole is not None and whole.high < LIMIT,
        "last": f"{last.points:+.1f}" if last and last.points is not None else "",
        "drift": drift,
        "drift_words": _drift_words(drift),
    }


def _drift_words(drift: Drift) -> str:
    if drift.sessions < FEWEST_SESSIONS:
        return _("too few sessions")
    if not drift.is_drifting:
        return _("steady")
    return _("grows kinder") if drift.smoothed > 0 else _("grows stricter")


def _number(one: Agreed | None) -> dict[str, str]:
    if one is None:
        return {"value": "", "span": ""}
    span = _("%(low).2f to %(high).2f") % {"low": one.low, "high": one.high}
    return {"value": f"{one.value:.2f}", "span": span}


def _bar(one: Agreed | None) -> dict[str, float] | None:
    if one is None:
        return None
    ends = {"at": one.value, "low": one.low, "high": one.high}
    return {name: round(_WIDE * min(1.0, max(0.0, end)), 1) for name, end in ends.items()}


def _chart(points: Sequence[Point], *, weekly: bool) -> dict[str, Any]:
    """Return the picture of a series, and the same numbers for its table."""
    drawn = trend.describe_trend(
        [
            trend.Point(
                label=date_format(timezone.localtime(one.at), "j M"),
                value=max(0.0, one.agreed.value) if one.agreed else None,
                low=max(0.0, one.agreed.low) if one.agreed else 0.0,
                high=max(0.0, one.agreed.high) if one.agreed else 0.0,
                note="" if one.agreed else _("too few"),
                mark=one.mark,
            )
            for one in points
        ]
    )
    drawn["lines"] = [{**line, "text": f"{line['label'] / 100:.2f}"} for line in drawn["lines"]]
    drawn["rows"] = [
        {
            "at": one.at,
            **_number(one.agreed),
            "units": one.agreed.units if one.agreed else "",
            "mark": one.mark,
        }
        for one in points
    ]
    return {**drawn, "weekly": weekly}


def _divided(sessions: Sequence[Session]) -> list[dict[str, Any]]:
    """Return what divided people most in all of the sessions, the worst first."""
    found = [(each, one) for one in sessions for each in divided(one.asked)]
    found.sort(key=lambda pair: (pair[0].same, -_at(pair[1]).timestamp(), pair[0].unit))
    rows = []
    for each, one in found[:_DIVIDED]:
        unit = one.units[each.unit]
        given = [answer for answer in each.answers if answer is not None]
        rows.append(
            {
                "label": unit.label,
                "link": reverse("admin:case", args=[unit.case.public_id]),
                "text": each.text,
                "at": _at(one),
                "session_link": reverse("admin:calibration", args=[one.session.public_id]),
                "sides": sides_of(given),
            }
        )
    return rows


def _headline(
    sessions: Sequence[Session], people: Sequence[_Row], judges: Sequence[_Row], *, leads: bool
) -> str:
    if not sessions and not judges:
        return _("No calibration was closed yet")
    if not leads:
        return _("How your answers went beside those of the others")
    found = [
        (one.title, drift)
        for one in (*people, *judges)
        if (drift := drift_of(one.points)).is_drifting
    ]
    if not found:
        return _("Nobody drifts, and no check does")
    if len(found) == 1:
        ((title, drift),) = found
        return f"{title} {_drift_words(drift)}"
    return _("%(n)d people or checks drift") % {"n": len(found)}


def _about(people: Sequence[_Row], judges: Sequence[_Row], *, person: str, judge: str) -> str:
    if judge:
        return next((one.title for one in judges if one.key == judge), judge)
    if person:
        return next((one.title for one in people if one.key == person), "")
    return ""


def _query(person: str, judge: str, question: str) -> str:
    named = {"person": person, "judge": judge, "question": question}
    return f"?{urlencode({name: value for name, value in named.items() if value})}"
