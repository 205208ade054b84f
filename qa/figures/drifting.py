"""Drift that calibration and the licences of checks show, for whoever lists alerts."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from orchestra.core import words
from qa.calibration.models import CalibrationSession
from qa.calibration.results import lean
from qa.calibration.selectors import read_answers
from qa.calibration.types import SessionState
from qa.figures.registry import Alert
from qa.findings.licensing import LicenceState
from qa.findings.models import CheckLicence


def calibration_alerts() -> Sequence[Alert]:
    """Return who lay outside the control limits in the last closed session: five queries."""
    session = (
        CalibrationSession.objects.filter(state=SessionState.CLOSED)
        .select_related("scorecard")
        .order_by("-closed_at")
        .first()
    )
    if session is None:
        return ()
    people, units, asked = read_answers(session)
    found = []
    for place, person in enumerate(people):
        one = lean(asked, place)
        if not one.outside or one.points is None or one.low is None or one.high is None:
            continue
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
            "units": len(units),
        }
        link = reverse("admin:calibration", args=[session.public_id])
        found.append(Alert(title % {"name": person.label}, text % numbers, link))
    return found


def licence_alerts() -> Sequence[Alert]:
    """Return which checks lost the agreement with people that they count by: one query."""
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
        for row in rows
    ]
