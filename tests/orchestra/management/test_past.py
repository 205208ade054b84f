"""The demonstration's past is played through the services, each act at its own moment."""

from datetime import datetime, timedelta

import pytest

from cases.memory.disclosures import list_conversations
from cases.memory.models import Case
from cases.memory.rules import is_in_time
from governance.access.models import User
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from orchestra.management import past, world
from qa.builtin.services import read_shipped
from qa.figures.assembling import assemble
from qa.figures.selectors import read_periods
from qa.figures.types import Standing
from qa.measurement.services import compute_due, follow_ledger, publish_metric
from qa.measurement.showing import SIX, list_shown
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
    # Conversations overlap, and each act is written down in its turn.
    of_cases = LedgerEntry.objects.filter(stream__startswith="case:").order_by("id")
    said = list(of_cases.filter(kind="message.added").values_list("at", flat=True))
    assert said == sorted(said)
    _check_told(first.starts_at, now)
    assert not past.play(now=now)
    assert Case.objects.count() == sum(len(week) for week in past.read_story().weeks)
    _check_outcomes(now)


def _check_told(since: datetime, now: datetime) -> None:
    """Check that each contact with an AI has the reviewed text of its first words on record."""
    (published,) = LedgerEntry.objects.filter(kind="article.published")
    shown_at = LedgerEntry.objects.filter(kind="disclosure.shown").order_by("id")
    spoke = list(list_conversations(since=since, until=now))
    assert published.at <= shown_at[0].at
    assert len(spoke) == shown_at.count() > 40
    assert all(is_in_time(one) for one in spoke)


def _check_outcomes(now: datetime) -> None:
    """Check that the six outcomes have something to say of the weeks."""
    for document in read_shipped(folder="metric_definitions"):
        publish_metric(actor=world.BUILDER, now=now, document=document)
    follow_ledger(now=now)
    compute_due(now=now)
    outcomes = {one.spec.key: one for one in list_shown(now=now)}
    for key in SIX:
        weeks = [
            cell for _begin, cell in outcomes[key].weeks[-3:] if cell and cell.body["figure"]["n"]
        ]
        assert len(weeks) >= (1 if key == "recontact_rate" else 2), key
    # Four were handed over without a next step, so their records are not whole.
    whole = outcomes["audit_completeness"].now
    assert whole is not None
    assert (whole.body["figure"]["hits"], whole.body["figure"]["n"]) == (29, 33)
    assert whole.body["counts"]["missing"] == {"bundle": 4}
    for key in ("recontact_rate", "transfer_rate"):
        assert outcomes[key].now is not None
        assert outcomes[key].now.body["figure"]["hits"] > 0, key
