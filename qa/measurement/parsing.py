"""A metric definition read into a value; all errors at once; pure."""

from collections.abc import Mapping
from typing import Any, Final

from governance.access.types import Role
from governance.policies.reading import KEY, named
from governance.reviews.types import RiskLevel
from qa.documents.reading import Reader, read_document
from qa.measurement.catalogue import FORMULAS
from qa.measurement.types import (
    Breakdown,
    Clock,
    Cohort,
    Direction,
    ExceptionKind,
    Formula,
    Goal,
    LeftOut,
    Measure,
    Metric,
    MetricSpec,
    Settings,
    Statistic,
    Transfer,
)

Json = Any

_MOST_DAYS: Final = 366
_MOST_MINUTES: Final = 60 * 24 * 31
#: Largest target of a unit.
_MOST: Final[Mapping[Measure, float]] = {
    Measure.PERCENT: 100,
    Measure.PER_100: 10_000,
    Measure.HOURS: 24 * 366,
    Measure.MINUTES: _MOST_MINUTES,
}
#: Setting to its largest value, for those that are one whole number.
_WHOLE: Final[Mapping[str, int]] = {
    "window_days": _MOST_DAYS,
    "return_minutes": 60 * 24,
    "continues_within_hours": 24 * 31,
    "horizon_days": _MOST_DAYS,
    "cap_minutes": 60 * 24,
    "evaluate_after_hours": 24 * 31,
}
_FIELDS: Final = (
    "key",
    "title",
    "meaning",
    "formula",
    "counted",
    "among",
    "unit",
    "better",
    "cohort",
    "clock",
    "time_zone",
    "statistics",
    "settings",
    "left_out",
    "not_counted",
    "beware",
    "breakdowns",
    "minimum_cases",
    "targets",
    "owner",
    "stale_after_minutes",
)
_TARGET: Final = ("at_most", "at_least", "statistic", "journey", "risk")
#: Who may answer for a number.
OWNERS: Final = (
    Role.QA_LEAD,
    Role.SUPERVISOR,
    Role.POLICY_OWNER,
    Role.COMPLIANCE_OFFICER,
    Role.ADMINISTRATOR,
)


def parse_metric(*, document: Mapping[str, Json]) -> MetricSpec:
    """Return the definition that a document states.

    Args:
        document: See ``qa/builtin`` for whole ones.

    Raises:
        InvalidInputError: With every error at once, each with its path, such as
            ``targets[0].at_most``.
    """
    return read_document(
        document, "metric definition", "metric_definition.invalid", lambda r: _metric(r, document)
    )


def _metric(reader: Reader, document: Json) -> MetricSpec:
    fields = reader.mapping(document, "", _FIELDS)
    metric = reader.code(fields, "formula", Metric)
    formula = FORMULAS[metric]
    owner = reader.choice(fields.get("owner"), "owner", tuple(one.value for one in OWNERS))
    left_out = reader.codes(fields, "left_out", LeftOut)
    if LeftOut.MERGED not in left_out:
        message = "must name merged: an absorbed case is counted with the one that survives"
        reader.add("left_out", "merged", message)
    return MetricSpec(
        key=reader.key(fields),
        title=reader.title(fields),
        meaning=reader.text(fields.get("meaning"), "meaning"),
        formula=metric,
        counted=reader.text(fields.get("counted"), "counted"),
        among=reader.text(fields.get("among"), "among"),
        measure=_fixed(reader, "unit", reader.code(fields, "unit", Measure), formula.measure),
        better=_fixed(reader, "better", reader.code(fields, "better", Direction), formula.better),
        cohort=_fixed(reader, "cohort", reader.code(fields, "cohort", Cohort), formula.cohort),
        clock=reader.code(fields, "clock", Clock),
        time_zone=reader.zone(fields),
        owner=Role(owner),
        statistics=_statistics(reader, fields, formula),
        settings=_settings(reader, fields.get("settings"), formula),
        left_out=left_out,
        not_counted=tuple(
            reader.text(one, f"not_counted[{index}]")
            for index, one in enumerate(reader.some(fields.get("not_counted"), "not_counted"))
        ),
        beware=reader.optional_text(fields, "beware"),
        breakdowns=reader.codes(fields, "breakdowns", Breakdown),
        minimum_cases=reader.count(fields, "minimum_cases", least=2, most=100_000, default=30),
        goals=tuple(
            _goal(reader, one, f"targets[{index}]", formula)
            for index, one in enumerate(_goals(reader, fields.get("targets")))
        ),
        stale_after_minutes=reader.count(
            fields, "stale_after_minutes", least=1, most=_MOST_MINUTES, default=60
        ),
    )


def _fixed(reader: Reader, name: str, given: Any, fixed: Any) -> Any:
    """Return what a formula fixes; note a document that says otherwise."""
    if given != fixed and not any(error.field == name for error in reader.errors):
        reader.add(name, "fixed", f"is {fixed} for this formula, not {given}")
    return fixed


def _statistics(
    reader: Reader, fields: Mapping[str, Json], formula: Formula
) -> tuple[Statistic, ...]:
    if not formula.statistics:
        if fields.get("statistics"):
            reader.add("statistics", "not_applicable", f"means nothing for a {formula.title}")
        return ()
    known = tuple(one.value for one in formula.statistics)
    given = reader.some(fields.get("statistics"), "statistics")
    if Statistic.MEAN.value in given and Statistic.MEAN not in formula.statistics:
        message = (
            "cannot have a plain mean: the cases still open would be left out, and they are "
            "the long ones; use the median, or the mean up to a horizon"
        )
        reader.add("statistics", "mean_of_closed", message)
        return ()
    found = reader.names(fields, "statistics", known)
    reader.needed(found, "statistics", "of " + ", ".join(known))
    return tuple(Statistic(one) for one in found)


def _settings(reader: Reader, value: Json, formula: Formula) -> Settings:
    path = "settings"
    fields = reader.mapping(value, path, tuple(sorted(formula.settings)))
    numbers = {
        name: reader.count(fields, name, path, least=1, most=most)
        for name, most in _WHOLE.items()
        if name in formula.settings
    }
    transfers = reader.codes(fields, "transfers", Transfer, path)
    exceptions = reader.codes(fields, "exceptions", ExceptionKind, path)
    for name, found in (("transfers", transfers), ("exceptions", exceptions)):
        if name in formula.settings:
            reader.needed(found, named(path, name), "kind")
    days = reader.some(fields.get("curve_days"), named(path, "curve_days"))
    return Settings(
        **numbers,
        curve_days=tuple(
            reader.whole(one, f"{path}.curve_days[{index}]", 1, _MOST_DAYS)
            for index, one in enumerate(days)
        ),
        transfers=transfers,
        exceptions=exceptions,
    )


def _goals(reader: Reader, value: Json) -> list[Json]:
    found = reader.some(value, "targets")
    seen: list[Json] = []
    for index, one in enumerate(found):
        scope = [one.get(name) for name in _TARGET[2:]] if isinstance(one, Mapping) else None
        if scope is not None and scope in seen:
            message = "is for the same cases as one before; keep one of them"
            reader.add(f"targets[{index}]", "repeated", message)
        seen.append(scope)
    return found


def _goal(reader: Reader, value: Json, path: str, formula: Formula) -> Goal:
    fields = reader.mapping(value, path, _TARGET)
    name, other = ("at_most", "at_least")
    if formula.better is Direction.HIGHER:
        name, other = other, name
    if fields.get(other) is not None:
        message = f"{formula.better} is better here, so a target says {name}"
        reader.add(named(path, other), "direction", message)
    journey = fields.get("journey")
    risk = fields.get("risk")
    return Goal(
        value=reader.number(fields.get(name), named(path, name), 0, _MOST[formula.measure]),
        statistic=_statistic(reader, fields, path, formula),
        journey="" if journey is None else reader.text(journey, named(path, "journey"), KEY),
        risk="" if risk is None else reader.code(fields, "risk", RiskLevel, path),
    )


def _statistic(
    reader: Reader, fields: Mapping[str, Json], path: str, formula: Formula
) -> Statistic | None:
    where = named(path, "statistic")
    if not formula.statistics:
        if fields.get("statistic") is not None:
            reader.add(where, "not_applicable", f"means nothing for a {formula.title}")
        return None
    known = tuple(one.value for one in formula.statistics)
    return Statistic(reader.choice(fields.get("statistic"), where, known))
