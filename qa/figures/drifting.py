"""Drift that calibration and the licences of checks show, for whoever lists alerts."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from orchestra.core import words
from orchestra.core.together import Reading, read
from qa.calibration.results import lean
from qa.calibration.selectors import Session, reading_series
from qa.calibration.series import (
    FEWEST_SESSIONS,
    Drift,
    Point,
    drift_of,
    pairs_of,
    point_of,
)
from qa.figures.registry import Alert
from qa.findings.licensing import LicenceState
from qa.findings.models import CheckLicence


def reading_calibration_alerts() -> Reading[Sequence[Alert]]:
    """Come to who drifts over the sessions, in the last of which they took part: six queries.

    With fewer sessions than a drift needs, who lay outside the control limits of the last one.
    """
    sessions = yield from reading_series()
    if not sessions:
        return ()
    last = sessions[-1]
    found = []
    for place, person in enumerate(last.people):
        points = [
            point_of(one.session.opened_at, [pairs_of(each, at) for each in one.asked])
            for one in sessions
            for at, other in enumerate(one.people)
            if other == person
        ]
        drift = drift_of(points)
        if drift.sessions < FEWEST_SESSIONS:
            found += _outside(last, place)
        elif drift.is_drifting:
            found.append(_drifting(person.label, str(person.public_id), points, drift))
    return found


def _outside(last: Session, place: int) -> list[Alert]:
    one = lean(last.asked, place)
    if not one.outside or one.points is None or one.low is None or one.high is None:
        return []
    title = _("%(name)s scores lower than the others")
    if one.points > 0:
        title = _("%(name)s scores higher than the others")
    text = _(
        "%(points)+.1f points against the majority of the others (%(low)+.1f to %(high)+.1f), "
        "in %(units)d calibration units. For the next session, no correction of past scores."
    )
    numbers = {
        "points": one.points,
        "low": one.low,
        "high": one.high,
        "units": len(last.units),
    }
    link = reverse("admin:calibration", args=[last.session.public_id])
    return [Alert(title % {"name": last.people[place].label}, text % numbers, link)]


def _drifting(name: str, person: str, points: Sequence[Point], drift: Drift) -> Alert:
    title = _("%(name)s scores lower than the others, session after session")
    if drift.smoothed > 0:
        title = _("%(name)s scores higher than the others, session after session")
    leans = ", ".join(f"{one.points:+.1f}" for one in points if one.points is not None)
    text = _(
        "Points against the majority of the others, oldest session first: %(leans)s. Together "
        "they lie further off than chance allows. For the next session, no correction of past "
        "scores."
    )
    link = f"{reverse('admin:calibration_series')}?{urlencode({'person': person})}"
    return Alert(title % {"name": name}, text % {"leans": leans}, link)


def reading_licence_alerts() -> Reading[Sequence[Alert]]:
    """Come to which checks lost the agreement with people that they count by: one query."""
    rows = CheckLicence.objects.filter(state=LicenceState.STOPPED).order_by("-since", "pk")
    text = _(
        "It caught %(caught)d of %(failures)d failures that people saw, and passed %(passed)d of "
        "%(passes)d that they passed. None of it counts; the question is answered by people alone."
    )
    return [
        Alert(
            _("The check “%(name)s” counts no more") % {"name": words.plain(row.check_key)},
            text
            % {
                "caught": row.caught,
                "failures": row.failures,
                "passed": row.passed,
                "passes": row.passes,
            },
            reverse("admin:findings"),
        )
        for row in (yield from read(rows))
    ]
