"""Over columns every metric comes to what it is row by row."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from qa.calendars.types import Calendar, Change, Opening
from qa.measurement.catalogue import FORMULAS
from qa.measurement.columns.clocks import business_lengths, calendar_lengths
from qa.measurement.columns.codes import DRAFTS, EXCEPTIONS, LEFT_OUT, OWNERS, TRANSFERS, WAITS_FOR
from qa.measurement.columns.flattening import name_of, tables_of
from qa.measurement.facts.types import CaseFacts
from qa.measurement.measured import Period
from qa.measurement.measuring import list_behind, measure
from qa.measurement.metrics.durations import business_clock
from qa.measurement.parsing import parse_metric
from qa.measurement.rows import (
    Contact,
    Dimensions,
    Episode,
    FactState,
    Handover,
    Issue,
    Matter,
    OwnerKind,
    RequiredFact,
    Segment,
    StepExecution,
    Wait,
    Work,
    WrapEnd,
)
from qa.measurement.types import Breakdown, ExceptionKind, LeftOut, Metric, MetricSpec, Settings
from tests.factories.measured import BEGIN, case_id
from tests.factories.quality import metric
from tests.qa.measurement.columns import by_rows

PERIOD = Period(BEGIN, BEGIN + timedelta(days=14), BEGIN + timedelta(days=20))
OFFICE = Calendar("Europe/Berlin", (*((Opening(480, 1080),),) * 5, (), ()))
CHANGES = (
    Change(BEGIN, OFFICE),
    Change(BEGIN + timedelta(days=6), replace(OFFICE, week=((Opening(0, 1440),),) * 7)),
)


def spec_of(formula: Metric) -> MetricSpec:
    known = FORMULAS[formula]
    settings = Settings(
        exceptions=(ExceptionKind.TOOL_ERROR, ExceptionKind.OFF_PLAN), return_minutes=30
    )
    return replace(
        parse_metric(document=metric()),
        formula=formula,
        measure=known.measure,
        settings=settings,
        left_out=(LeftOut.MERGED, LeftOut.SPAM),
        breakdowns=(Breakdown.JOURNEY, Breakdown.CHANNEL, Breakdown.RISK),
        minimum_cases=4,
    )


class Dice(random.Random):
    """Cases of which everything is thrown, within what a ledger can tell."""

    def maybe(self, share: float) -> bool:
        return self.random() < share

    def later(self, at: datetime, hours: float) -> datetime:
        return at + timedelta(seconds=self.randrange(int(hours * 3600)), microseconds=7)

    def dimensions(self) -> Dimensions:
        return Dimensions(
            self.choice(("returns", "billing")), self.choice(("chat", "voice", "")), "ai_first",
            "1", "care", "bot", self.choice(("low", "high")),
        )  # fmt: skip

    def cases(self, count: int) -> list[CaseFacts]:
        return [self.case(number) for number in range(count)]

    def case(self, number: int) -> CaseFacts:
        case, of = case_id(number), self.dimensions()
        left_out = self.choice((None,) * 6 + tuple(LeftOut))
        issue = Issue(f"cust-{self.randrange(4)}", self.choice(("a", "b")))
        known = None if self.maybe(0.1) else issue
        opened = self.later(BEGIN - timedelta(days=4), 24 * 22)
        episodes = self.episodes(case, opened, known, left_out, of)
        contacts = [
            self.contact(case, f"{case}-k{place}", opened, known, left_out, of)
            for place in range(self.randrange(1, 4))
        ]
        segments = (Segment(case, self.choice(OWNERS), "x", opened, None, of),)
        return CaseFacts(
            case=case,
            opened_at=opened,
            issue=known,
            closed_at=self.later(opened, 200) if self.maybe(0.6) else None,
            left_out=left_out,
            migrated=self.maybe(0.2),
            episodes=episodes,
            contacts=tuple(contacts),
            segments=segments,
            handovers=tuple(self.handover(one, of) for one in contacts if self.maybe(0.6)),
            work=tuple(self.work(one, left_out, of) for one in contacts if self.maybe(0.6)),
            steps=tuple(self.step(case, left_out, of) for _one in range(self.randrange(3))),
            required=tuple(
                RequiredFact(case, f"{place}", f"k{place % 2}", self.choice(list(FactState)))
                for place in range(self.randrange(4))
                if self.maybe(0.7)
            ),
            waits=self.waits(case, opened),
            of=of,
        )

    def waits(self, case: str, opened: datetime) -> tuple[Wait, ...]:
        found = []
        for _one in range(self.choice((0, 0, 1, 3))):
            begin = self.later(opened, 300)
            end = self.choice((None, self.later(begin, 60)))
            found.append(Wait(case, self.choice(WAITS_FOR), begin, end))
        return tuple(found)

    def episodes(
        self, case: str, opened: datetime, issue: Issue | None, left_out: LeftOut | None, of: Any
    ) -> tuple[Episode, ...]:
        found, at = [], opened
        for number in range(1, self.randrange(1, 5)):
            ended = self.later(at, 60) if self.maybe(0.8) else None
            found.append(
                Episode(
                    case, number, at, ended, issue, assumed=self.maybe(0.2),
                    same_cause=self.maybe(0.7), without_contact=self.maybe(0.2),
                    withdrawn=self.maybe(0.15), contacts=("k",) * self.randrange(3),
                    transferred=self.maybe(0.3), left_out=left_out, of=of,
                )
            )  # fmt: skip
            if ended is None:
                break
            at = self.later(ended, 50)
        return tuple(found)

    def contact(
        self, case: str, name: str, at: datetime, issue: Any, left_out: Any, of: Dimensions
    ) -> Contact:
        promised = self.later(at, 300) if self.maybe(0.2) else None
        return Contact(
            name, case, self.later(at, 400), issue, by_customer=self.maybe(0.8),
            matter=self.choice((Matter.MATTER,) * 5 + tuple(Matter)), promised_at=promised,
            handled=self.maybe(0.8), left_out=left_out, of=of,
        )  # fmt: skip

    def handover(self, contact: Contact, of: Dimensions) -> Handover:
        kinds = (OwnerKind.AI, OwnerKind.HUMAN)
        at = self.later(contact.at, 1)
        return Handover(
            f"{contact.id}-h", contact.id, at, self.choice(kinds), "x", self.choice("ab"),
            self.choice(kinds), self.choice("xy"), self.choice("ab"), taken=self.maybe(0.8),
            planned=self.maybe(0.2), keeps_owner=self.maybe(0.1), leaves_house=self.maybe(0.1),
            handled_before=self.maybe(0.9), since=self.choice((None, contact.at)),
            previous_owner=self.choice(("", "y")), reason=self.choice(("one", "two")),
            transfer=self.choice((None, *TRANSFERS)), of=of,
        )  # fmt: skip

    def work(self, contact: Contact, left_out: LeftOut | None, of: Dimensions) -> Work:
        end = self.later(contact.at, 1)
        return Work(
            f"{contact.id}-w", contact.id, contact.case, "ben",
            contact.at if self.maybe(0.9) else None, end if self.maybe(0.95) else None,
            ended_by=self.choice(list(WrapEnd)), handle_seconds=self.randrange(5000),
            focus_seconds=self.choice((None, 40.0)), open_items=self.randrange(1, 3),
            back_office_seconds=self.randrange(9), draft_offered=self.maybe(0.5),
            draft_accepted=self.maybe(0.3), left_out=left_out, of=of,
        )  # fmt: skip

    def step(self, case: str, left_out: LeftOut | None, of: Dimensions) -> StepExecution:
        key = f"key-{self.randrange(40)}"
        return StepExecution(
            key, case, "refund", self.choice(OWNERS[:2]), self.later(BEGIN, 24 * 21),
            self.choice((None, None, *EXCEPTIONS[:9])), recovered=self.maybe(0.3),
            root=self.choice(("", "other")), left_out=left_out, of=of,
        )  # fmt: skip


def alike(found: Any, wanted: Any) -> bool:
    """Whether two results are the same, numbers to nine digits."""
    if isinstance(wanted, Mapping):
        return found.keys() == wanted.keys() and all(alike(found[k], wanted[k]) for k in wanted)
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        return len(found) == len(wanted) and all(map(alike, found, wanted))
    if isinstance(wanted, float):
        return bool(found == pytest.approx(wanted, rel=1e-9, abs=1e-9))
    return bool(found == wanted)


@pytest.mark.parametrize("formula", list(Metric))
def test_every_formula_comes_to_what_its_rows_come_to(formula: Metric) -> None:
    spec = spec_of(formula)
    for seed in range(12):
        cases = Dice(seed).cases(60 if seed else 0)
        found = measure(spec=spec, cases=tables_of(cases), period=PERIOD)
        wanted = by_rows.measure(spec=spec, cases=cases, period=PERIOD)
        for part, value in asdict(wanted).items():
            assert alike(asdict(found)[part], value), (seed, part)


@pytest.mark.parametrize("formula", [Metric.RECONTACT_RATE, Metric.EXCEPTION_RATE_CASES])
def test_what_stands_behind_a_number_is_the_same(formula: Metric) -> None:
    spec, cases = spec_of(formula), Dice(5).cases(60)
    found = list_behind(spec=spec, cases=tables_of(cases), period=PERIOD)
    wanted = by_rows.list_behind(spec=spec, cases=cases, period=PERIOD)
    assert sorted((one.case, one.hit) for one in found) == sorted(
        (one.case, one.hit) for one in wanted
    )


def test_business_time_passes_alike_over_columns() -> None:
    dice = Dice(3)
    begins = [dice.later(BEGIN - timedelta(days=9), 24 * 30) for _one in range(200)]
    cases = [replace(dice.case(number), opened_at=at) for number, at in enumerate(begins)]
    spec, wide = spec_of(Metric.TIME_TO_RESOLUTION), replace(PERIOD, begin=BEGIN - timedelta(30))
    found = measure(spec=spec, cases=tables_of(cases), period=wide, clock=business_lengths(CHANGES))
    wanted = by_rows.measure(spec=spec, cases=cases, period=wide, clock=business_clock(CHANGES))
    assert alike(asdict(found), asdict(wanted))
    plain = measure(spec=spec, cases=tables_of(cases), period=wide, clock=calendar_lengths)
    assert plain.figure.beside != found.figure.beside


def test_every_word_has_its_number() -> None:
    assert set(LEFT_OUT) == set(LeftOut)
    assert set(EXCEPTIONS) == set(ExceptionKind)
    assert set(OWNERS) == set(OwnerKind)
    assert DRAFTS[0] == "none"
    assert name_of(case_id(1)) != name_of("a name that is no id")
