"""Replacements, drawing again, holding, and what two people say of a frame that changed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from governance.access.models import User
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from qa.population.models import SamplingUnit
from qa.population.services import leave_out
from qa.population.types import Flag
from qa.sampling import redraw, registry
from qa.sampling.models import DrawnUnit, FrameUnit, SamplePeriod
from qa.sampling.proofs import frame_csv, proof_of, stored_frame
from qa.sampling.services import agree, explain, redraw_period, replace_unit
from qa.sampling.types import Explanation, ReplacedFor
from tests.factories.access import make_agent, make_person
from tests.factories.drawing import MONDAY, WEEK, draw_at, ended, run_plan, weekly

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]
NOW = MONDAY + WEEK + timedelta(hours=8)
ERASED = ReplacedFor.TEXT_ERASED


@pytest.fixture
def period() -> SamplePeriod:
    """A drawn one: 10 of 40."""
    found = run_plan(weekly())
    ended(30)
    ended(10, risk="high")
    draw_at()
    found.refresh_from_db()
    return found


def lead() -> User:
    return make_person(roles=[Role.QA_LEAD])


def lose(period: SamplePeriod, row: DrawnUnit, reason: ReplacedFor = ERASED, by: Any = None) -> Any:
    return replace_unit(
        actor=(by or lead()).as_actor(),
        now=NOW,
        drawn_id=row.pk,
        period_id=period.public_id,
        reason=reason,
    )


def again(period: SamplePeriod) -> bool:
    return redraw_period(actor=lead().as_actor(), now=NOW, period_id=str(period.public_id))


def flag_one(period: SamplePeriod, by: User | None = None) -> DrawnUnit:
    row = period.drawn.select_related("unit").order_by("pk")[0]
    actor = (by or lead()).as_actor()
    leave_out(actor=actor, now=NOW, subject=row.unit.subject, flag=Flag.DUPLICATE, reason="Twice.")
    return row


class TestReplacing:
    def test_the_next_number_takes_the_place_and_the_lost_one_stays(
        self, period: SamplePeriod, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told: list[DrawnUnit] = []

        def note(*, now: datetime, rows: Sequence[DrawnUnit]) -> None:
            del now
            told.extend(rows)

        monkeypatch.setattr(registry.drawn, "_items", {"test": note})
        line = list(FrameUnit.objects.filter(period=period, stratum="low").order_by("number"))
        row = period.drawn.filter(stratum="low").order_by("place")[2]
        written = lose(period, row)
        row.refresh_from_db()
        assert (row.lost_for, row.lost_at, row.replaced_by) == ("text_erased", NOW, written)
        assert (written.unit_id, written.place, written.replaces) == (line[7].unit_id, 8, row)
        assert told == [written]
        assert period.drawn.count() == 11
        assert LedgerEntry.objects.filter(kind="sample.replaced").count() == 1

    @pytest.mark.parametrize("reason", [ReplacedFor.LANGUAGE])
    def test_a_reason_the_plan_does_not_name_is_refused(
        self, period: SamplePeriod, reason: ReplacedFor
    ) -> None:
        with pytest.raises(InvalidInputError, match="replaces nothing for this reason"):
            lose(period, period.drawn.all()[0], reason)
        assert period.drawn.exclude(lost_for="").count() == 0

    def test_no_more_than_the_plan_allows_and_none_twice(self, period: SamplePeriod) -> None:
        first, second = period.drawn.all()[:2]
        lose(period, first)
        with pytest.raises(ConflictError, match="reported already"):
            lose(period, first)
        with pytest.raises(ConflictError, match="at most 1 of this sample"):
            lose(period, second)
        assert period.drawn.count() == 11

    def test_where_nobody_is_left_the_place_stays_empty(self) -> None:
        period = run_plan(weekly(replacements={"reasons": ["text_erased"], "at_most_percent": 50}))
        ended(3)
        draw_at()
        assert lose(period, period.drawn.all()[0]) is None
        assert period.drawn.count() == 3

    def test_who_does_not_review_replaces_nothing(self, period: SamplePeriod) -> None:
        for actor in (make_agent(), make_person(roles=[Role.HUMAN_AGENT])):
            with pytest.raises(NotPermittedError):
                lose(period, period.drawn.all()[0], by=actor)
        with pytest.raises(NotFoundError):
            replace_unit(actor=lead().as_actor(), now=NOW, drawn_id=0, period_id="x", reason=ERASED)
        assert period.drawn.count() == 10


class TestDrawingAgain:
    def test_the_same_comes_out_and_that_is_kept(self, period: SamplePeriod) -> None:
        lose(period, period.drawn.all()[0])
        assert again(period)
        period.refresh_from_db()
        assert (period.state, period.redrawn["same"], period.redrawn_at) == ("drawn", True, NOW)
        entry = LedgerEntry.objects.filter(kind="sample.redrawn").latest("id")
        assert entry.subject_id == str(period.public_id)

    def test_the_exported_files_prove_it_alone(self, period: SamplePeriod) -> None:
        lose(period, period.drawn.all()[0])
        frame = redraw.read_frame(frame_csv(stored_frame(period)))
        assert redraw.differences(frame, proof_of(period)) == []

    def test_a_flag_after_the_draw_holds_the_period(self, period: SamplePeriod) -> None:
        row = flag_one(period)
        assert not again(period)
        period.refresh_from_db()
        assert period.state == "held"
        (missing,) = period.redrawn["missing"]
        assert (missing["unit"], missing["was_drawn"]) == (row.unit.subject, True)
        assert (missing["flag"], missing["reason"]) == ("duplicate", "Twice.")
        assert (period.redrawn["frame_size"], period.redrawn["differ"]) == (39, 1)
        assert FrameUnit.objects.filter(period=period).count() == 40

    def test_rows_changed_behind_its_back_are_found(self, period: SamplePeriod) -> None:
        chosen = period.drawn.all()[0]
        other = FrameUnit.objects.filter(period=period, stratum=chosen.stratum).exclude(
            unit__draws__period=period
        )[0]
        DrawnUnit.objects.filter(pk=chosen.pk).update(unit=other.unit)
        assert not again(period)
        period.refresh_from_db()
        with pytest.raises(ConflictError, match="nothing can be kept"):
            say(period, lead())
        say(period, lead(), Explanation.CANCEL)

    def test_nothing_is_drawn_again_before_it_is_drawn(self) -> None:
        period = run_plan(weekly())
        with pytest.raises(ConflictError, match="no draw to repeat"):
            again(period)
        with pytest.raises(NotFoundError):
            redraw_period(actor=lead().as_actor(), now=NOW, period_id="none")
        with pytest.raises(NotPermittedError):
            redraw_period(actor=make_agent().as_actor(), now=NOW, period_id=period.public_id)


def say(
    period: SamplePeriod, by: User, explanation: Explanation = Explanation.KEEP, reason: str = "So."
) -> SamplePeriod:
    return explain(
        actor=by.as_actor(),
        now=NOW,
        period_id=period.public_id,
        explanation=explanation,
        reason=reason,
    )


class TestExplaining:
    def test_two_people_keep_the_frame_as_it_was_closed(self, period: SamplePeriod) -> None:
        flagger, one, two = lead(), lead(), lead()
        flag_one(period, by=flagger)
        again(period)
        with pytest.raises(ConflictError, match="Nobody has said yet"):
            agree(actor=two.as_actor(), now=NOW, period_id=period.public_id)
        say(period, one)
        for who in (one, flagger):
            with pytest.raises(NotPermittedError, match="A second person"):
                agree(actor=who.as_actor(), now=NOW, period_id=period.public_id)
        agree(actor=two.as_actor(), now=NOW, period_id=period.public_id)
        period.refresh_from_db()
        assert (period.state, period.agreed_by) == ("drawn", two)
        assert again(period)
        # What changes later still, is held again.
        unit = period.drawn.exclude(unit__left_out="duplicate").select_related("unit")[0].unit
        SamplingUnit.objects.filter(pk=unit.pk).update(left_out="spam")
        assert not again(period)

    def test_two_people_cancel_the_draw(self, period: SamplePeriod) -> None:
        flag_one(period)
        again(period)
        say(period, lead(), Explanation.CANCEL)
        agree(actor=lead().as_actor(), now=NOW, period_id=period.public_id)
        period.refresh_from_db()
        assert (period.state, period.drawn.count()) == ("cancelled", 10)
        with pytest.raises(ConflictError):
            again(period)

    @pytest.mark.parametrize("reason", ["", " ", "x" * 501])
    def test_a_reason_is_needed(self, period: SamplePeriod, reason: str) -> None:
        flag_one(period)
        again(period)
        with pytest.raises(InvalidInputError, match="Say what happened"):
            say(period, lead(), reason=reason)
        period.refresh_from_db()
        assert period.explanation == ""

    def test_only_who_leads_quality_explains_and_only_what_is_held(
        self, period: SamplePeriod
    ) -> None:
        with pytest.raises(ConflictError, match="not held"):
            say(period, lead())
        with pytest.raises(NotPermittedError):
            say(period, make_person(roles=[Role.QA_ANALYST]))
