"""The demonstration's past is played through the services, each act at its own moment."""

from datetime import timedelta

import pytest

from cases.memory.models import Case
from governance.access.models import User
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from orchestra.management import past
from qa.figures.assembling import assemble
from qa.figures.selectors import read_periods
from qa.figures.types import Standing
from qa.sampling.models import FrameUnit, SamplePeriod
from qa.sampling.services import redraw_period
from qa.sampling.types import PeriodState


@pytest.mark.django_db
def test_two_weeks_are_sealed_held_drawn_and_reviewed_in_that_order() -> None:
    now = clock.now()

    assert past.play(now=now)

    drawn = SamplePeriod.objects.filter(state=PeriodState.DRAWN).order_by("starts_at")
    first, last = drawn
    assert now - last.ends_at < timedelta(days=8)
    for period in drawn:
        begun = FrameUnit.objects.filter(period=period).order_by("unit__started_at").first()
        assert begun is not None
        assert period.committed_at <= period.starts_at < begun.unit.started_at
    assert last.committed_at < last.starts_at == first.ends_at
    figures = [assemble(rows) for rows in read_periods(plan="weekly", as_of=now)]
    assert [one.standing for one in figures] == [Standing.NOT_DRAWN, Standing.KNOWN, Standing.KNOWN]
    assert 0 < figures[1].reviewed < figures[1].drawn < figures[1].size
    lead = User.objects.get(username="lead").as_actor()
    assert redraw_period(actor=lead, now=now, period_id=last.public_id)
    # Nothing is told to have happened later than it was written down.
    at = list(LedgerEntry.objects.order_by("id").values_list("at", flat=True))
    assert max(at) <= now
    assert not past.play(now=now)
    assert Case.objects.count() == sum(len(week) for week in past.read_story().weeks)
