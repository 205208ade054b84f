"""Periods open with a committed seed, hold frames, and are drawn as anybody can draw them again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from qa.population.registry import tell_written
from qa.sampling import registry
from qa.sampling.drawing import draw, frame_digest, seed_commitment
from qa.sampling.models import DrawnUnit, FrameUnit, SamplePeriod
from qa.sampling.services import draw_due, open_due, publish_plan
from qa.sampling.services.framing import seed_of
from tests.factories.access import FACTORY
from tests.factories.drawing import MONDAY, WEEK, draw_at, ended, run_plan, weekly
from tests.factories.quality import shipped
from tests.factories.sampled import make_review, make_unit, make_verdict

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]
DAY = timedelta(days=1)


def payload(kind: str) -> dict[str, Any]:
    entry = LedgerEntry.objects.filter(kind=kind).latest("id")
    return payload_of(entry=entry) or {}


class TestOpening:
    def test_the_seed_is_committed_before_anything_and_shown_to_nobody(self) -> None:
        period = run_plan(weekly())
        assert (period.state, period.seed, period.starts_at) == ("open", "", MONDAY)
        assert period.ends_at == MONDAY + WEEK
        seed = seed_of(period)
        assert seed_commitment(seed) == period.commitment
        assert seed.encode() not in bytes(period.sealed_seed)
        said = payload("sample.seed_committed")
        assert said["commitment"] == period.commitment
        assert seed not in str(said)

    def test_the_next_period_is_committed_six_hours_before_it_begins(self) -> None:
        run_plan(weekly())
        last = MONDAY + WEEK - timedelta(hours=6)
        open_due(now=last - timedelta(seconds=1))
        assert SamplePeriod.objects.filter(version__plan__key="small").count() == 1
        open_due(now=last)
        open_due(now=last)
        second = SamplePeriod.objects.filter(version__plan__key="small").latest("starts_at")
        assert (second.state, second.starts_at) == ("committed", MONDAY + WEEK)
        open_due(now=MONDAY + WEEK)
        second.refresh_from_db()
        assert second.state == "open"

    def test_a_period_in_which_no_worker_ran_is_never_made_up(self) -> None:
        run_plan(weekly())
        late = MONDAY + 3 * WEEK + DAY
        open_due(now=late)
        second = SamplePeriod.objects.filter(version__plan__key="small").latest("starts_at")
        assert (second.starts_at, second.ends_at) == (late, MONDAY + 4 * WEEK)
        assert SamplePeriod.objects.filter(version__plan__key="small").count() == 2

    def test_a_period_keeps_the_version_it_began_under(self) -> None:
        first = run_plan(weekly())
        second = publish_plan(
            actor=FACTORY,
            now=MONDAY + DAY,
            document=weekly(allocation={"method": "proportional", "total": 20}),
        )
        open_due(now=MONDAY + WEEK)
        periods = SamplePeriod.objects.filter(version__plan__key="small").order_by("starts_at")
        assert [row.version_id for row in periods] == [first.version_id, second.pk]


class TestFrames:
    def test_a_unit_gets_its_number_once_when_it_ended(self) -> None:
        period = run_plan(weekly())
        (unit,) = ended(1, risk="high")
        row = FrameUnit.objects.get(period=period)
        found = draw(
            frame={unit.subject: "high"},
            sizes={"high": 1},
            seed=seed_of(period),
            plan="small",
            version=1,
        )
        assert (row.stratum, row.number) == ("high", f"{found[0].drawn[0].number:016x}")

    def test_what_ended_before_or_after_is_not_in_it(self) -> None:
        period = run_plan(weekly())
        ended(1, at=MONDAY - DAY)
        ended(1, at=MONDAY + WEEK)
        assert not period.frame.exists()

    def test_late_news_moves_a_unit_or_takes_it_out(self) -> None:
        period = run_plan(weekly())
        (unit,) = ended(1)
        number = period.frame.get().number
        unit.risk = "high"
        unit.save()
        tell_written(now=MONDAY + DAY, rows=[unit])
        assert (period.frame.get().stratum, period.frame.get().number) == ("high", number)
        unit.left_out = "duplicate"
        unit.save()
        tell_written(now=MONDAY + DAY, rows=[unit])
        assert not period.frame.exists()

    def test_writing_frames_costs_the_same_for_one_unit_and_many(
        self, django_assert_num_queries: Any
    ) -> None:
        run_plan(weekly())
        for count in (1, 20):
            rows = [make_unit(started_at=MONDAY + DAY) for _ in range(count)]
            with django_assert_num_queries(4):
                tell_written(now=MONDAY + DAY, rows=rows)


class TestDrawing:
    def test_the_draw_is_the_one_anybody_computes_from_the_frame(self) -> None:
        period = run_plan(weekly())
        low, high = ended(30), ended(10, risk="high")
        ended(3, left_out="test")
        assert draw_at() == 10
        period.refresh_from_db()
        frame = {row.subject: row.risk for row in [*low, *high]}
        found = draw(
            frame=frame,
            sizes={"low": 7, "high": 3},
            seed=period.seed,
            plan="small",
            version=1,
        )
        rows = DrawnUnit.objects.filter(period=period).select_related("unit")
        assert {(row.unit.subject, row.stratum, row.place) for row in rows} == {
            (one.unit, one.stratum, one.place) for each in found for one in each.drawn
        }
        assert {(r.stratum, r.drawn_of_stratum, r.size_of_stratum) for r in rows} == {
            ("low", 7, 30),
            ("high", 3, 10),
        }
        assert seed_commitment(period.seed) == period.commitment
        assert (period.state, period.frame_size) == ("drawn", 40)
        assert period.frame_digest == frame_digest(frame)
        assert period.left_out == {"test": 3}
        said = payload("sample.drawn")
        assert (said["drawn"], said["size"], said["seed"]) == (10, 40, period.seed)

    def test_nothing_is_drawn_before_its_time_or_twice(self) -> None:
        period = run_plan(weekly())
        ended(5)
        assert draw_at(MONDAY + WEEK - timedelta(seconds=1)) == 0
        assert draw_at() == 5
        assert draw_due(now=MONDAY + WEEK + DAY) == 0
        assert period.drawn.count() == 5

    def test_a_population_that_lags_behind_is_waited_for(self) -> None:
        run_plan(weekly())
        ended(5)
        assert draw_due(now=MONDAY + WEEK) == 0
        assert draw_at() == 5

    def test_an_empty_period_is_drawn_too(self) -> None:
        period = run_plan(weekly())
        assert draw_at() == 0
        period.refresh_from_db()
        assert (period.state, period.frame_size, period.shares) == ("drawn", 0, [])

    def test_those_above_are_told_in_the_same_transaction(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        period = run_plan(weekly())
        ended(5)
        told: list[int] = []

        def fails(*, now: datetime, rows: Sequence[DrawnUnit]) -> None:
            told.append(len(rows))
            raise ValueError(now)

        monkeypatch.setattr(registry.drawn, "_items", {"test": fails})
        with pytest.raises(ValueError, match="2026"):
            draw_at()
        period.refresh_from_db()
        assert (told, period.state, period.seed, period.drawn.count()) == ([5], "open", "", 0)

    def test_a_seed_that_was_not_committed_holds_the_period(self) -> None:
        period = run_plan(weekly())
        ended(5)
        SamplePeriod.objects.filter(pk=period.pk).update(commitment="0" * 64)
        assert draw_at() == 0
        period.refresh_from_db()
        assert (period.state, period.seed, period.drawn.count()) == ("held", "", 0)
        assert payload("sample.held")["reason"] == period.held_reason

    def test_the_spread_of_past_weeks_shares_out_the_next(self) -> None:
        allocation = {
            "method": "neyman", "total": 20, "spread": "review_minus_check", "weeks": 4,
        }  # fmt: skip
        first = run_plan(weekly(allocation=allocation))
        ended(40)
        ended(40, risk="high")
        draw_at()
        for number, row in enumerate(first.drawn.all()):
            # Checks agree with every review of low risk, and with every other of high.
            wrong = row.stratum == "high" and number % 2 == 0
            make_review(row.unit, drawn=row, passed=not wrong)
            make_verdict(row.unit, would_pass=True)
        open_due(now=MONDAY + WEEK)
        ended(40, at=MONDAY + WEEK + DAY)
        ended(40, at=MONDAY + WEEK + DAY, risk="high")
        draw_at(MONDAY + 2 * WEEK)
        second = SamplePeriod.objects.filter(version__plan__key="small").latest("starts_at")
        counts = {share["name"]: share["drawn"] for share in second.shares}
        assert counts == {"low": 2, "high": 18}


class TestLots:
    def test_failed_lots_are_followed_by_stricter_ones(self) -> None:
        document = weekly(
            kind="acceptance",
            claim="lot",
            frame=[{"by": "risk", "is_not": ["critical"]}],
            acceptance={
                "standard": "iso_2859_1",
                "level": "II",
                "aql_percent": "1.0",
                "lot": ["journey"],
                "expected_lot_size": 100,
            },
        )
        for part in ("strata", "allocation", "replacements"):
            document.pop(part)
        run_plan(document)
        found = []
        for number in range(3):
            begins = MONDAY + number * WEEK
            open_due(now=begins)
            ended(6, at=begins + DAY, journey="returns")
            draw_at(begins + WEEK)
            period = SamplePeriod.objects.get(version__plan__key="small", starts_at=begins)
            found.append(period.shares[0]["severity"])
            for row in period.drawn.all():
                make_review(row.unit, drawn=row, passed=False)
        assert found == ["normal", "normal", "tightened"]


class TestAtClose:
    def test_what_is_taken_whole_is_drawn_as_it_ends_and_its_sizes_settle_last(self) -> None:
        schedule = {"every": "week", "time_zone": "UTC", "draw": "at_close"}
        document = weekly(allocation={"method": "take_all"}, schedule=schedule)
        document.pop("replacements")
        period = run_plan(document)
        ended(2)
        assert draw_at(MONDAY + DAY) == 2
        ended(1)
        assert draw_at(MONDAY + 2 * DAY) == 1
        assert draw_at() == 0
        rows = period.drawn.order_by("place")
        assert [row.place for row in rows] == [1, 2, 3]
        assert [row.number for row in rows] == sorted(row.number for row in rows)
        assert {(row.drawn_of_stratum, row.size_of_stratum) for row in rows} == {(3, 3)}

    def test_a_targeted_plan_picks_at_most_so_many_and_so_many_of_one_agent(self) -> None:
        period = run_plan(_directed())
        ended(3, at=MONDAY, risk="high", targets=["complaint"], agent="agent:a")
        ended(3, at=MONDAY, risk="high", targets=["recontact"], agent="agent:b")
        ended(2, at=MONDAY, risk="high")
        draw_at(MONDAY + timedelta(hours=1))
        agents = sorted(row.unit.agent for row in period.drawn.select_related("unit"))
        assert agents in (["agent:a", "agent:a", "agent:b"], ["agent:a", "agent:b", "agent:b"])
        draw_at(MONDAY + timedelta(hours=2))
        assert period.drawn.count() == 3

    def test_a_reason_that_comes_late_is_picked_when_it_is_known(self) -> None:
        (unit,) = [make_unit(started_at=MONDAY - 2 * DAY, risk="high")]
        period = run_plan(_directed())
        unit.targets = ["recontact"]
        unit.save()
        for _turn in range(2):
            tell_written(now=MONDAY + timedelta(hours=1), rows=[unit])
        draw_at(MONDAY + timedelta(hours=2))
        assert period.drawn.get().unit == unit
        open_due(now=MONDAY + DAY)
        tell_written(now=MONDAY + DAY, rows=[unit])
        assert FrameUnit.objects.filter(period__version__plan__key="picked").count() == 1


def _directed() -> dict[str, Any]:
    document = next(one for one in shipped("sampling_plans") if one["key"] == "directed")
    return {
        **document,
        "key": "picked",
        "at_most": 3,
        "quotas": {"per_agent_at_most": 2},
        "schedule": {"every": "day", "time_zone": "UTC", "draw": "at_close"},
    }
