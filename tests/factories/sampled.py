"""Work that was sampled and reviewed, as rows."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from cases.memory.models import Interaction
from cases.memory.types import Channel
from governance.reviews.types import RiskLevel
from orchestra.core.actors import Actor
from qa.builtin.services import load_shipped
from qa.findings.models import UnitVerdict
from qa.population.models import SamplingUnit
from qa.population.types import HandledBy, Unit
from qa.reviewing.models import Review
from qa.reviewing.types import ReviewState
from qa.sampling.drawing import draw, frame_digest, seed_commitment
from qa.sampling.models import DrawnUnit, FrameUnit, SamplePeriod, SamplingPlanVersion
from qa.sampling.types import PeriodState
from qa.scorecards.models import ScorecardVersion
from tests.factories.access import MADE_AT
from tests.factories.cases import FACTORY, make_case

_numbers = count(1)
SEED = "orchestra-demo-seed"
WEEK = timedelta(days=7)


def load_quality(actor: Actor = FACTORY, now: datetime = MADE_AT) -> None:
    """Put the scorecards and plans that ship into force."""
    load_shipped(actor=actor, now=now)


def make_unit(**fields: Any) -> SamplingUnit:
    """One chat that an AI agent handled, with its case and interaction, unless told otherwise."""
    case = fields.pop("case", None) or make_case()
    started_at = fields.pop("started_at", MADE_AT)
    if "subject" not in fields:
        talk = Interaction.objects.create(
            case=case,
            channel=fields.get("channel", Channel.CHAT),
            started_at=started_at,
            ended_at=fields.get("ended_at", started_at + timedelta(minutes=9)),
        )
        fields["subject"] = str(talk.public_id)
    values = {
        "kind": Unit.INTERACTION,
        "label": f"{case.label}/{next(_numbers)}",
        "handled_by": HandledBy.AI,
        "risk": RiskLevel.LOW,
        "channel": Channel.CHAT,
        "ended_at": started_at + timedelta(minutes=9),
        **fields,
    }
    return SamplingUnit.objects.create(case=case, started_at=started_at, **values)


def make_period(key: str = "weekly", starts_at: datetime = MADE_AT, **fields: Any) -> SamplePeriod:
    """One period of the plan in force."""
    version = SamplingPlanVersion.objects.get(plan__key=key, state="published")
    values = {
        "ends_at": starts_at + WEEK,
        "state": PeriodState.DRAWN,
        "commitment": seed_commitment(SEED),
        "committed_at": starts_at - timedelta(hours=6),
        "sealed_seed": b"",
        "seed": SEED,
        "drawn_at": starts_at + WEEK,
        **fields,
    }
    return SamplePeriod.objects.create(version=version, starts_at=starts_at, **values)


def draw_units(
    period: SamplePeriod, strata: Mapping[str, list[SamplingUnit]], sizes: Mapping[str, int]
) -> list[DrawnUnit]:
    """Write the frame and the draw of a period, by the product's own formula."""
    units = {unit.subject: unit for rows in strata.values() for unit in rows}
    frame = {unit.subject: name for name, rows in strata.items() for unit in rows}
    plan, version = period.version.plan.key, period.version.number
    found = draw(
        frame=frame, sizes=sizes, seed=period.seed, plan=plan, version=version, reserve=len(units)
    )
    period.frame_size, period.frame_digest = len(frame), frame_digest(frame)
    period.save()
    for one in found:
        for row in (*one.drawn, *one.reserve):
            FrameUnit.objects.create(
                period=period,
                unit=units[row.unit],
                stratum=row.stratum,
                number=f"{row.number:016x}",
            )
    return [
        DrawnUnit.objects.create(
            period=period,
            unit=units[row.unit],
            stratum=row.stratum,
            place=row.place,
            number=f"{row.number:016x}",
            size_of_stratum=one.size,
            drawn_of_stratum=len(one.drawn),
        )
        for one in found
        for row in one.drawn
    ]


def make_review(unit: SamplingUnit, scorecard: str = "conversations", **fields: Any) -> Review:
    """One submitted review that passed."""
    version = ScorecardVersion.objects.get(scorecard__key=scorecard, state="published")
    at = fields.pop("at", MADE_AT + WEEK)
    values = {
        "state": ReviewState.SUBMITTED,
        "assigned_at": at,
        "due_at": at + WEEK,
        "taken_at": at,
        "submitted_at": at + timedelta(minutes=6),
        "seconds": 360,
        "percent": "100",
        "passed": True,
        **fields,
    }
    return Review.objects.create(unit=unit, scorecard=version, **values)


def make_verdict(unit: SamplingUnit, *, would_pass: bool, series: str = "rules/1") -> UnitVerdict:
    """What automatic checks would have said."""
    return UnitVerdict.objects.create(
        unit=unit, series=series, would_pass=would_pass, at=unit.ended_at
    )
