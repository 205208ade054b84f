"""Let the model judge read what the rules have read, one interaction a call."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import structlog
from django.db.models import Exists, OuterRef

from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from orchestra.core.actors import system
from orchestra.core.errors import UpstreamError
from orchestra.core.locking import take_turn
from qa.findings import endpoint
from qa.findings.checks.base import Outcome, skipped
from qa.findings.entries import RAN
from qa.findings.gathering import read_units
from qa.findings.judging import MOST_CHARACTERS, RUBRIC, Asked, series_of
from qa.findings.licensing import LicenceState
from qa.findings.models import CheckLicence, Finding, UnitCheck, UnitVerdict
from qa.findings.rules import RULES_SERIES, why_unreadable
from qa.findings.selectors import ALL
from qa.findings.services.running import finding_of
from qa.findings.types import CheckResult
from qa.population.models import SamplingUnit
from qa.population.services import mark_days

log = structlog.get_logger(__name__)

#: Interactions judged in one run: each is a call to a model.
BATCH: Final = 20
#: Who judges.
JUDGE: Final = system("judge")


def judge_next(*, now: datetime, batch: int = BATCH) -> int:
    """Judge the next interactions that the rules read, and return how many were judged.

    Only what the rules looked at since the judge was set up is judged. Where the model does
    not answer, the run ends and nothing is lost: the next one asks again. No transaction is
    open while it is asked.
    """
    if not endpoint.is_configured():
        return 0
    judge = endpoint.judge_digest()
    rubric = _still_asked(judge)
    if not rubric:
        return 0
    units = _waiting(judge, batch)
    readings = read_units(units) if units else {}
    judged = 0
    for unit in units:
        reading = readings[unit.pk]
        why = why_unreadable(reading)
        if not why and sum(len(one.text) for one in reading.messages) > MOST_CHARACTERS:
            why = "too_long"
        try:
            said = (
                {asked.question: skipped(why) for asked in rubric}
                if why
                else endpoint.ask(reading, rubric)
            )
        except UpstreamError as error:
            if error.may_retry:
                log.warning("judge.no_answer", code=error.error_code)
                break
            said = {asked.question: skipped("model_answer") for asked in rubric}
        judged += _keep(unit, said, rubric, judge, now)
    return judged


def _still_asked(judge: str) -> list[Asked]:
    """Return the questions whose licence was not stopped under this judge."""
    names = {series_of(asked, judge): asked for asked in RUBRIC}
    rows = CheckLicence.objects.filter(series__in=names, state=LicenceState.STOPPED)
    stopped = set(rows.values_list("series", flat=True))
    return [asked for series, asked in names.items() if series not in stopped]


def _waiting(judge: str, batch: int) -> list[SamplingUnit]:
    whole = UnitCheck.objects.filter(unit=OuterRef("pk"), check_key=ALL, series=RULES_SERIES)
    done = UnitCheck.objects.filter(unit=OuterRef("pk"), check_key=ALL, series=f"judge/{judge}")
    rows = SamplingUnit.objects.filter(Exists(whole), ~Exists(done), left_out="")
    # The newest first: what ended before a judge was set up is judged when there is time.
    return list(rows.select_related("case__customer").order_by("-pk")[:batch])


def _keep(
    unit: SamplingUnit,
    said: Mapping[str, Outcome],
    rubric: Sequence[Asked],
    judge: str,
    now: datetime,
) -> int:
    series = f"judge/{judge}"
    with one_act():
        take_turn(f"checks:{series}")
        if UnitCheck.objects.filter(unit=unit, series=series).exists():
            return 0
        rows = [_row(unit, series_of(one, judge), one.check_key, said[one.question], now)
                for one in rubric]  # fmt: skip
        all_skipped = all(one.result is CheckResult.SKIPPED for one in said.values())
        result = CheckResult.SKIPPED if all_skipped else CheckResult.FINE
        UnitCheck.objects.bulk_create([*rows, UnitCheck(
            unit=unit, check_key=ALL, series=series, result=result, at=now
        )])  # fmt: skip
        findings = [
            finding_of(row, spotted, harm=asked.harm, now=now)
            for row, asked in zip(rows, rubric, strict=True)
            for spotted in said[asked.question].spotted
        ]
        Finding.objects.bulk_create(findings)
        _keep_verdict(unit, series, rubric, said, judge, now)
        mark_days(now=now, ended=[unit.ended_at])
        append_entry(
            actor=JUDGE,
            now=now,
            draft=EntryDraft(
                stream=SYSTEM_STREAM,
                kind=RAN,
                subject_kind="check_series",
                subject_id=series,
                payload={
                    "series": series,
                    "units": 1,
                    "first": str(unit.public_id),
                    "last": str(unit.public_id),
                    "found": len(findings),
                    "skipped": {},
                    "findings": [
                        {"id": str(one.public_id), "check": one.check_row.series}
                        for one in findings
                    ],
                },
            ),
        )
    return 1


def _row(unit: SamplingUnit, series: str, key: str, outcome: Outcome, now: datetime) -> UnitCheck:
    return UnitCheck(
        unit=unit, check_key=key, series=series, result=outcome.result, why=outcome.why, at=now
    )


def _keep_verdict(
    unit: SamplingUnit,
    series: str,
    rubric: Sequence[Asked],
    said: Mapping[str, Outcome],
    judge: str,
    now: datetime,
) -> None:
    """Write what rules and licensed questions come to: the judge may fail, never pass, a unit."""
    rules = UnitVerdict.objects.filter(unit=unit, series=RULES_SERIES).first()
    licensed = set(
        CheckLicence.objects.filter(
            series__in=[series_of(one, judge) for one in rubric], state=LicenceState.LICENSED
        ).values_list("series", flat=True)
    )
    counted = [one for one in rubric if series_of(one, judge) in licensed]
    if rules is None or not counted:
        return
    failed = any(said[one.question].result is CheckResult.FOUND for one in counted)
    UnitVerdict.objects.create(
        unit=unit, series=series, would_pass=rules.would_pass and not failed, at=now
    )
