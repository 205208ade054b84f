"""Check what ended since the last time, a batch at a time, each unit once for each series."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef

from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from orchestra.core.actors import system
from orchestra.core.locking import take_turn
from qa.findings.checks.base import Outcome, Spotted
from qa.findings.entries import RAN
from qa.findings.gathering import read_units
from qa.findings.models import CheckCursor, Finding, UnitCheck, UnitVerdict
from qa.findings.rules import BY_KEY, MOST_SPOTTED, RULES_SERIES, run_checks, would_pass
from qa.findings.selectors import ALL
from qa.findings.types import CheckResult
from qa.population.models import SamplingUnit
from qa.population.services import mark_days
from qa.population.types import Unit

Json = Any
#: Who checks.
CHECKER: Final = system("checks")
#: Units read at once.
BATCH: Final = 100
#: Units before the cursor that are looked at again: what began earlier may commit later.
OVERLAP: Final = 500


@dataclass(frozen=True, slots=True)
class Ran:
    """What one batch came to.

    Attributes:
        units: How many interactions were checked.
        found: How many findings there are new.
        more: Whether there may be units left.
    """

    units: int
    found: int
    more: bool


def run_next(*, now: datetime, batch: int | None = None) -> Ran:
    """Check the next units that ended; nothing to do writes nothing.

    The units are read before the writing begins; one that another worker checked meanwhile is
    left to it.

    Args:
        now: The moment of the task.
        batch: At most so many units; ``BATCH`` unless told.
    """
    batch = batch or BATCH
    units = _waiting(batch)
    readings = read_units(units)
    outcomes = {unit.pk: run_checks(readings[unit.pk]) for unit in units}
    if not units:
        return Ran(0, 0, more=False)
    with one_act():
        take_turn(f"checks:{RULES_SERIES}")
        before = UnitCheck.objects.filter(unit__in=units, check_key=ALL, series=RULES_SERIES)
        done = set(before.values_list("unit_id", flat=True))
        fresh = [unit for unit in units if unit.pk not in done]
        findings = _write(fresh, outcomes, now) if fresh else []
        _move_to(units[-1].pk, now)
        if fresh:
            mark_days(now=now, ended=[unit.ended_at for unit in fresh])
            _record(fresh, outcomes, findings, now)
    return Ran(len(fresh), len(findings), more=len(units) == batch)


def run_due(*, now: datetime, batches: int = 20) -> int:
    """Check batch after batch, at most so many, and return how many units were checked."""
    checked = 0
    for _batch in range(batches):
        ran = run_next(now=now)
        checked += ran.units
        if not ran.more:
            break
    return checked


def check_again(*, now: datetime, since: datetime) -> int:
    """Let the running series see what ended since a moment, and return how many units that is.

    A new series looks at what is new; this is how it is given what was before it.
    """
    rows = _units().filter(ended_at__gte=since)
    first = rows.order_by("pk").values_list("pk", flat=True).first()
    if first is not None:
        CheckCursor.objects.update_or_create(
            series=RULES_SERIES, defaults={"place": first - 1, "at": now}
        )
    return int(rows.count())


def _units() -> Any:
    return SamplingUnit.objects.filter(kind=Unit.INTERACTION, left_out="")


def _waiting(batch: int) -> list[SamplingUnit]:
    cursor = CheckCursor.objects.filter(series=RULES_SERIES).first()
    place = max(cursor.place - OVERLAP, 0) if cursor else _place_before()
    done = UnitCheck.objects.filter(unit=OuterRef("pk"), check_key=ALL, series=RULES_SERIES)
    rows = _units().filter(~Exists(done), pk__gt=place).order_by("pk")
    return list(rows.select_related("case__customer")[:batch])


def _move_to(place: int, now: datetime) -> None:
    cursor, _made = CheckCursor.objects.get_or_create(series=RULES_SERIES, defaults={"at": now})
    CheckCursor.objects.filter(pk=cursor.pk).update(place=max(place, cursor.place), at=now)


def _place_before() -> int:
    """Return where the series before this one stands; 0 where there is none."""
    rows = CheckCursor.objects.filter(series__startswith="rules/").order_by("-at")
    return rows.values_list("place", flat=True).first() or 0


def _write(
    units: Sequence[SamplingUnit], outcomes: Mapping[int, Mapping[str, Outcome]], now: datetime
) -> list[Finding]:
    known = _known(units)
    checks: list[UnitCheck] = []
    pairs: list[tuple[UnitCheck, Outcome]] = []
    verdicts = []
    for unit in units:
        said = outcomes[unit.pk]
        passes = would_pass(said)
        checks.append(_whole(unit, said, now))
        if passes is not None:
            verdicts.append(
                UnitVerdict(unit_id=unit.pk, series=RULES_SERIES, would_pass=passes, at=now)
            )
        for key, outcome in said.items():
            check = BY_KEY[key]
            if (unit.pk, check.series) in known:
                continue
            row = UnitCheck(
                unit_id=unit.pk,
                check_key=key,
                series=check.series,
                result=outcome.result,
                why=outcome.why,
                at=now,
            )
            checks.append(row)
            pairs.append((row, outcome))
    UnitCheck.objects.bulk_create(checks)
    UnitVerdict.objects.bulk_create(verdicts)
    findings = [
        finding_of(row, one, harm=BY_KEY[row.check_key].harm, now=now)
        for row, outcome in pairs
        for one in outcome.spotted[:MOST_SPOTTED]
    ]
    Finding.objects.bulk_create(findings)
    return findings


def finding_of(row: UnitCheck, spotted: Spotted, *, harm: str, now: datetime) -> Finding:
    """Return one thing found as a row that is not written yet."""
    return Finding(
        check_row=row,
        unit_id=row.unit_id,
        harm=harm,
        spans=[span.as_json() for span in spotted.spans],
        against=[one.as_json() for one in spotted.against],
        detail=spotted.detail,
        found_at=now,
    )


def _known(units: Sequence[SamplingUnit]) -> set[tuple[int, str]]:
    """Return what was said before by checks whose version a new set has taken over."""
    rows = UnitCheck.objects.filter(unit__in=units, check_key__in=list(BY_KEY))
    return set(rows.values_list("unit_id", "series"))


def _whole(unit: SamplingUnit, said: Mapping[str, Outcome], now: datetime) -> UnitCheck:
    """Return the row of the whole set: whether anything was found, or why nothing was read."""
    result, why = CheckResult.FINE, ""
    if would_pass(said) is None:
        result, why = CheckResult.SKIPPED, next(iter(said.values())).why
    elif any(one.spotted for one in said.values()):
        result = CheckResult.FOUND
    return UnitCheck(
        unit_id=unit.pk, check_key=ALL, series=RULES_SERIES, result=result, why=why, at=now
    )


def _record(
    units: Sequence[SamplingUnit],
    outcomes: Mapping[int, Mapping[str, Outcome]],
    findings: Sequence[Finding],
    now: datetime,
) -> None:
    skipped = Counter(
        why
        for unit in units
        for why in {
            one.why for one in outcomes[unit.pk].values() if one.result is CheckResult.SKIPPED
        }
    )
    append_entry(
        actor=CHECKER,
        now=now,
        draft=EntryDraft(
            stream=SYSTEM_STREAM,
            kind=RAN,
            subject_kind="check_series",
            subject_id=RULES_SERIES,
            payload={
                "series": RULES_SERIES,
                "units": len(units),
                "first": str(units[0].public_id),
                "last": str(units[-1].public_id),
                "found": len(findings),
                "skipped": dict(skipped),
                "findings": [
                    {"id": str(one.public_id), "check": one.check_row.series} for one in findings
                ],
            },
        ),
    )
