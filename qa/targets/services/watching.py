"""Hold the numbers against the targets: open alerts, and close those that are over."""

from collections import defaultdict
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor, system
from orchestra.core.locking import compare_and_set, lock_one, take_turn
from qa.measurement.models import MetricCell
from qa.measurement.selectors import list_cells, list_in_force
from qa.measurement.selectors import spec_of as metric_of
from qa.measurement.services.computing import TREND_WEEKS
from qa.measurement.types import MetricSpec
from qa.targets import entries
from qa.targets.driving import find_driver
from qa.targets.models import OutcomeAlert, OutcomeTargetVersion
from qa.targets.selectors import cuts_of, list_open_alerts, list_targets, spec_of, weeks_of
from qa.targets.types import AlertState, Breach, Driver, Ending, TargetSpec
from qa.targets.watching import find_breach, is_kept_again

Json = Any

#: Who opens alerts, and closes those that the numbers end.
WATCH: Final = system("target watch")


def watch_targets(*, now: datetime) -> int:
    """Hold every target in force against the weeks that are computed; may run twice.

    Must not be called inside an act; each target is its own transaction. Three queries, and
    more only for targets whose alert changes.

    Args:
        now: When, UTC.

    Returns:
        How many alerts were opened or closed.
    """
    metrics = {version.metric.key: metric_of(version) for version in list_in_force()}
    cells: dict[str, list[MetricCell]] = defaultdict(list)
    for cell in list_cells(
        keys=sorted(metrics), since=(now - timedelta(weeks=TREND_WEEKS + 1)).date()
    ):
        cells[cell.key].append(cell)
    alerts = {alert.target_id: alert for alert in list_open_alerts()}
    done, seen = 0, set()
    for version in list_targets():
        spec = spec_of(version)
        metric = metrics.get(spec.metric)
        if metric is None:
            continue
        seen.add(version.target_id)
        done += _watch(
            version, spec, metric, cells[spec.metric], alerts.get(version.target_id), now
        )
    for target, alert in alerts.items():
        if target not in seen:
            done += _close(alert, Ending.TARGET_GONE, now)
    return done


def _watch(
    version: OutcomeTargetVersion,
    spec: TargetSpec,
    metric: MetricSpec,
    cells: list[MetricCell],
    alert: OutcomeAlert | None,
    now: datetime,
) -> int:
    weeks = weeks_of(cells, spec, metric)
    if alert is not None:
        return _close(alert, Ending.KEPT_AGAIN, now) if is_kept_again(weeks, spec) else 0
    breach = find_breach(weeks, spec)
    if breach is None:
        return 0
    driver = find_driver(
        cuts_of(cells, spec, metric), worse_is_more=spec.at_most, minimum=metric.minimum_cases
    )
    return _open(version, breach, driver, now)


@one_act(durable=True)
def _open(
    version: OutcomeTargetVersion, breach: Breach, driver: Driver | None, now: datetime
) -> int:
    take_turn(f"outcome_alert:{version.target_id}")
    last_week = breach.weeks[-1].begin
    earlier = OutcomeAlert.objects.filter(target=version.target)
    # What a person has closed stays closed until a newer week says it again.
    if (
        earlier.exclude(state=AlertState.CLOSED).exists()
        or earlier.filter(version=version, last_week__gte=last_week).exists()
    ):
        return 0
    alert = OutcomeAlert.objects.create(
        version=version,
        target=version.target,
        sign=breach.sign,
        last_week=last_week,
        weeks=[asdict(one) | {"begin": one.begin.isoformat()} for one in breach.weeks],
        driver=asdict(driver) if driver else {},
        opened_at=now,
    )
    record(
        actor=WATCH,
        now=now,
        alert=alert,
        kind=entries.OPENED,
        payload={
            "sign": str(alert.sign),
            "weeks": alert.weeks,
            "driver": alert.driver,
            "version": version.number,
        },
    )
    return 1


@one_act(durable=True)
def _close(alert: OutcomeAlert, ending: Ending, now: datetime) -> int:
    take_turn(f"outcome_alert:{alert.target_id}")
    fresh: OutcomeAlert = lock_one(
        OutcomeAlert.objects.select_related("target").filter(pk=alert.pk)
    )
    if fresh.state == AlertState.CLOSED:
        return 0
    compare_and_set(
        fresh,
        expected={"state": fresh.state},
        changes={"state": AlertState.CLOSED, "closed_at": now, "ending": ending},
        actor=WATCH,
    )
    payload = {"ending": str(ending), "note": ending.replace("_", " ")}
    record(actor=WATCH, now=now, alert=fresh, kind=entries.CLOSED, payload=payload)
    return 1


def record(
    *, actor: Actor, now: datetime, alert: OutcomeAlert, kind: str, payload: dict[str, Json]
) -> None:
    """Append one entry about an alert to the stream of its target."""
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=f"outcome_target:{alert.target.public_id}",
            kind=kind,
            payload={"outcome_target": alert.target.key, "title": alert.target.title, **payload},
            subject_kind="outcome_alert",
            subject_id=str(alert.public_id),
        ),
    )
