"""A sampling plan's document read into a value; all errors at once; pure."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from cases.journeys.types import Pattern
from cases.memory.types import Channel
from governance.access.types import Role
from governance.policies.reading import KEY, named
from governance.reviews.types import RiskLevel
from qa.documents.reading import Reader, read_document
from qa.population.types import Dimension, Flag, HandledBy, Target, Unit
from qa.sampling.parsing_parts import read_acceptance, read_allocation, read_discovery
from qa.sampling.rules import check_plan
from qa.sampling.types import (
    Cell,
    Claim,
    Filter,
    Moment,
    Period,
    PlanKind,
    PlanSpec,
    Population,
    Quotas,
    ReplacedFor,
    Replacements,
    Reviewing,
    Schedule,
    Strata,
)

Json = Any

MOST: Final = 100_000
_MOST_HOURS: Final = 24 * 31
_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
#: Who may be asked to review; nobody reviews their own work, whatever their role.
REVIEWERS: Final = (
    Role.QA_ANALYST,
    Role.QA_LEAD,
    Role.SUPERVISOR,
    Role.SPECIALIST,
    Role.COMPLIANCE_OFFICER,
)
_FIELDS: Final = (
    "key",
    "title",
    "purpose",
    "kind",
    "claim",
    "population",
    "frame",
    "strata",
    "allocation",
    "targets",
    "at_most",
    "target_percent",
    "schedule",
    "seed",
    "quotas",
    "reviewing",
    "replacements",
    "discovery",
    "acceptance",
)
_POPULATION: Final = ("unit", "handled_by", "leave_out")
_FILTER: Final = ("by", "is", "is_not")
_STRATA: Final = ("by", "minimum", "take_all")
_SCHEDULE: Final = ("every", "time_zone", "draw", "at")
_SEED: Final = ("committed_hours_before",)
_QUOTAS: Final = ("per_agent_at_least", "per_agent_at_most", "per_reviewer_at_most")
_REVIEWING: Final = ("scorecard", "roles", "blind", "second_percent", "gold_percent", "due_hours")
_REPLACEMENTS: Final = ("reasons", "at_most_percent")
#: Dimensions whose values are a closed list.
VALUES: Final[Mapping[Dimension, type[StrEnum]]] = {
    Dimension.RISK: RiskLevel,
    Dimension.HANDLED_BY: HandledBy,
    Dimension.CHANNEL: Channel,
    Dimension.PATTERN: Pattern,
}


def parse_plan(*, document: Mapping[str, Json]) -> PlanSpec:
    """Return the sampling plan that a document states.

    Args:
        document: See ``qa/builtin`` for whole ones.

    Raises:
        InvalidInputError: With every error at once, each with its path, such as
            ``strata.take_all[0].risk``; a plan that could not keep what it claims is refused
            with the reason.
    """
    return read_document(
        document, "sampling plan", "sampling_plan.invalid", lambda r: _plan(r, document)
    )


def _plan(reader: Reader, document: Json) -> PlanSpec:
    fields = reader.mapping(document, "", _FIELDS)
    plan = PlanSpec(
        key=reader.key(fields),
        title=reader.title(fields),
        purpose=reader.text(fields.get("purpose"), "purpose"),
        kind=reader.code(fields, "kind", PlanKind),
        claim=reader.code(fields, "claim", Claim),
        population=_population(reader, fields.get("population")),
        frame=tuple(
            _filter(reader, value, f"frame[{index}]")
            for index, value in enumerate(reader.some(fields.get("frame"), "frame"))
        ),
        strata=_strata(reader, fields.get("strata")),
        allocation=read_allocation(reader, fields.get("allocation"), _cell),
        targets=reader.codes(fields, "targets", Target),
        at_most=reader.optional_count(fields, "at_most", most=MOST),
        schedule=_schedule(reader, fields.get("schedule")),
        seed_hours=_seed(reader, fields.get("seed")),
        target_percent=_target(reader, fields.get("target_percent")),
        quotas=_quotas(reader, fields.get("quotas")),
        reviewing=_reviewing(reader, fields.get("reviewing")),
        replacements=_replacements(reader, fields.get("replacements")),
        discovery=read_discovery(reader, fields.get("discovery")),
        acceptance=read_acceptance(reader, fields.get("acceptance")),
    )
    if not reader.errors:
        # What a plan may claim is asked once it can be read; guesses would only mislead.
        reader.errors.extend(check_plan(plan))
    return plan


def _population(reader: Reader, value: Json) -> Population:
    fields = reader.mapping(value, "population", _POPULATION)
    return Population(
        unit=reader.code(fields, "unit", Unit, "population"),
        handled_by=reader.codes(fields, "handled_by", HandledBy, "population"),
        leave_out=reader.codes(fields, "leave_out", Flag, "population"),
    )


def _filter(reader: Reader, value: Json, path: str) -> Filter:
    fields = reader.mapping(value, path, _FILTER)
    by = reader.code(fields, "by", Dimension, path)
    if ("is" in fields) == ("is_not" in fields):
        reader.add(path, "filter", "must have either is or is_not, with the values")
        return Filter(by, ())
    name = "is" if "is" in fields else "is_not"
    values = _values(reader, fields, name, by, path)
    reader.needed(values, named(path, name), "value")
    return Filter(by, values, is_not=name == "is_not")


def _values(
    reader: Reader, fields: Mapping[str, Json], name: str, by: Dimension, path: str
) -> tuple[str, ...]:
    if by in VALUES:
        return tuple(str(one) for one in reader.codes(fields, name, VALUES[by], path))
    where = named(path, name)
    found = [
        reader.title({"value": one}, f"{where}[{index}]", "value")
        for index, one in enumerate(reader.some(fields.get(name), where))
    ]
    reader.no_repeats([one for one in found if one], where)
    return tuple(found)


def _cell(reader: Reader, value: Json, path: str) -> Cell:
    fields = reader.mapping(value, path, tuple(one.value for one in Dimension))
    found = []
    for name, given in fields.items():
        where = named(path, name)
        if name in {one.value for one in Dimension}:
            by = Dimension(name)
            known = VALUES.get(by)
            text = (
                reader.choice(given, where, tuple(one.value for one in known))
                if known
                else reader.text(given, where)
            )
            found.append((by, text))
    reader.needed(found, path, "dimension with its value")
    return Cell(tuple(sorted(found)))


def _strata(reader: Reader, value: Json) -> Strata:
    fields = reader.mapping(value, "strata", _STRATA)
    cells = reader.some(fields.get("take_all"), "strata.take_all")
    return Strata(
        by=reader.codes(fields, "by", Dimension, "strata"),
        minimum=reader.count(fields, "minimum", "strata", least=1, most=1000, default=2),
        take_all=tuple(
            _cell(reader, one, f"strata.take_all[{index}]") for index, one in enumerate(cells)
        ),
    )


def _schedule(reader: Reader, value: Json) -> Schedule:
    fields = reader.mapping(value, "schedule", _SCHEDULE)
    draw = reader.code(fields, "draw", Moment, "schedule")
    at = reader.optional_text(fields, "at", "schedule")
    if at and not _TIME.fullmatch(at):
        reader.add("schedule.at", "format", 'must be a time of day in quotes, such as "06:00"')
    if bool(at) != (draw is Moment.AFTER_PERIOD):
        message = "is needed for a draw after the period, and for no other"
        reader.add("schedule.at", "required", message)
    return Schedule(
        every=reader.code(fields, "every", Period, "schedule"),
        time_zone=reader.zone(fields, "schedule"),
        draw=draw,
        at=at,
    )


def _seed(reader: Reader, value: Json) -> int | None:
    if value is None:
        return None
    fields = reader.mapping(value, "seed")
    for name in fields:
        if name not in _SEED:
            message = (
                "has no place in a plan: the seed is made when it is committed, and nobody "
                "knows it before the frame is closed"
            )
            reader.add(named("seed", name), "seed_in_plan", message)
    return reader.count(fields, _SEED[0], "seed", least=1, most=_MOST_HOURS)


def _target(reader: Reader, value: Json) -> float | None:
    return None if value is None else reader.number(value, "target_percent", 1, 99.9)


def _quotas(reader: Reader, value: Json) -> Quotas:
    fields = reader.mapping(value, "quotas", _QUOTAS)
    least, most, reviewer = (
        reader.optional_count(fields, name, "quotas", most=MOST) for name in _QUOTAS
    )
    if least is not None and most is not None and least > most:
        reader.add("quotas.per_agent_at_least", "range", f"is above the most, {most}")
    return Quotas(least, most, reviewer)


def _reviewing(reader: Reader, value: Json) -> Reviewing:
    fields = reader.mapping(value, "reviewing", _REVIEWING)
    roles = reader.names(fields, "roles", tuple(one.value for one in REVIEWERS), "reviewing")
    reader.needed(roles, "reviewing.roles", "role")
    return Reviewing(
        scorecard=reader.text(fields.get("scorecard"), "reviewing.scorecard", KEY),
        roles=tuple(Role(one) for one in roles),
        blind=reader.optional_flag(fields, "blind", "reviewing", default=True),
        second_percent=reader.count(fields, "second_percent", "reviewing", most=100, default=0),
        gold_percent=reader.count(fields, "gold_percent", "reviewing", most=100, default=0),
        due_hours=reader.count(
            fields, "due_hours", "reviewing", least=1, most=_MOST_HOURS, default=168
        ),
    )


def _replacements(reader: Reader, value: Json) -> Replacements:
    fields = reader.mapping(value, "replacements", _REPLACEMENTS)
    reasons = reader.codes(fields, "reasons", ReplacedFor, "replacements")
    most = reader.count(fields, "at_most_percent", "replacements", most=50, default=0)
    if bool(reasons) != bool(most):
        message = "belong together: name the reasons and the most that may be replaced, or neither"
        reader.add("replacements", "incomplete", message)
    return Replacements(reasons, most)
