"""Through stored rows, the interval covers the truth as often as it says: 100 draws."""

import random
from datetime import timedelta

import pytest

from cases.memory.models import Case
from cases.memory.types import Channel
from qa.figures.assembling import assemble
from qa.figures.selectors import read_periods
from qa.findings.models import UnitVerdict
from qa.population.models import SamplingUnit
from qa.population.types import HandledBy, Unit
from qa.reviewing.models import Review
from qa.reviewing.types import ReviewState
from qa.sampling.drawing import draw
from qa.sampling.models import DrawnUnit, FrameUnit
from qa.scorecards.models import ScorecardVersion
from tests.conftest import NOW
from tests.factories.cases import make_case
from tests.factories.sampled import WEEK, make_period

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]
DRAWS = 100
#: Shaped like vector W2: stratum to (review, judge) and how many.
POPULATION = {
    "high": {(1, 1): 42, (1, 0): 3, (0, 1): 9, (0, 0): 6},
    "low": {(1, 1): 324, (1, 0): 6, (0, 1): 18, (0, 0): 12},
}
SIZES = {"high": 30, "low": 45}


def test_the_interval_covers_the_truth_through_stored_rows() -> None:
    truth = _write()
    period = make_period(starts_at=NOW - 2 * WEEK)
    frame = {unit.subject: unit.queue for unit in SamplingUnit.objects.all()}
    units = {unit.subject: unit for unit in SamplingUnit.objects.all()}
    FrameUnit.objects.bulk_create(
        FrameUnit(period=period, unit=unit, stratum=unit.queue, number="0" * 16)
        for unit in units.values()
    )
    scorecard = ScorecardVersion.objects.get(scorecard__key="conversations")
    covered = known = 0
    for turn in range(DRAWS):
        Review.objects.all().delete()
        DrawnUnit.objects.all().delete()
        strata = draw(frame=frame, sizes=SIZES, seed=f"turn {turn}", plan="weekly", version=1)
        drawn = DrawnUnit.objects.bulk_create(
            DrawnUnit(
                period=period, unit=units[row.unit], stratum=row.stratum, place=row.place,
                number=f"{row.number:016x}", size_of_stratum=one.size,
                drawn_of_stratum=len(one.drawn),
            )
            for one in strata
            for row in one.drawn
        )  # fmt: skip
        Review.objects.bulk_create(
            Review(
                unit=row.unit, drawn=row, scorecard=scorecard, state=ReviewState.SUBMITTED,
                assigned_at=NOW, due_at=NOW, submitted_at=NOW - timedelta(days=1),
                passed=row.unit.journey == "good",
            )
            for row in drawn
        )  # fmt: skip
        (rows,) = read_periods(plan="weekly", as_of=NOW)
        used = assemble(rows).used
        if used is not None and used.interval is not None:
            known += 1
            covered += used.interval.low <= truth <= used.interval.high
    assert known == DRAWS
    # Of 100 draws that cover with 95 %, fewer than 89 or all of them are seen once in a hundred.
    assert 89 <= covered < DRAWS


def _write() -> float:
    """Write the population; ``journey`` keeps what a review would find. Return the true share."""
    rows: list[SamplingUnit] = []
    says: list[bool] = []
    cases = _cases(sum(sum(cells.values()) for cells in POPULATION.values()))
    for stratum, cells in POPULATION.items():
        for (good, judged), count in cells.items():
            for _ in range(count):
                rows.append(_unit(cases[len(rows)], stratum, len(rows), good=bool(good)))
                says.append(bool(judged))
    random.Random(1).shuffle(rows)  # noqa: S311  the order of rows decides nothing
    made = SamplingUnit.objects.bulk_create(rows)
    by_label = dict(zip((f"u-{n}" for n in range(len(says))), says, strict=True))
    UnitVerdict.objects.bulk_create(
        UnitVerdict(unit=one, series="rules/1", would_pass=by_label[one.label], at=one.ended_at)
        for one in made
    )
    return sum(one.journey == "good" for one in made) / len(made)


def _cases(count: int) -> list[Case]:
    """Write one case for each unit, without a history: units of one case say less together."""
    first = make_case()
    return Case.objects.bulk_create(
        Case(
            queue=first.queue, channel=first.channel, opened_by_kind="system",
            opened_by_id="factory", opened_by_label="factory", opened_at=NOW - 2 * WEEK,
        )
        for _ in range(count)
    )  # fmt: skip


def _unit(case: Case, stratum: str, number: int, *, good: bool) -> SamplingUnit:
    return SamplingUnit(
        kind=Unit.INTERACTION, subject=f"subject-{number}", case=case, label=f"u-{number}",
        started_at=NOW - 2 * WEEK, ended_at=NOW - 2 * WEEK + timedelta(minutes=9),
        handled_by=HandledBy.AI, risk="low", queue=stratum, channel=Channel.CHAT,
        journey="good" if good else "bad",
    )  # fmt: skip
