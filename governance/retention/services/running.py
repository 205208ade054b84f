"""Run over all classes in turns: a part at a time, holds read anew before each part goes."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.privacy.selectors import list_blocking
from governance.privacy.services.common import TURN
from governance.retention import registry, rules
from governance.retention.entries import RETENTION_RAN
from governance.retention.models import RetentionRun
from governance.retention.selectors import AT_ONCE, figures_of, last_run, list_schedule, with_oldest
from governance.retention.types import OPEN, Figures, RecordClass, RunState
from orchestra.core import clock
from orchestra.core.actors import Actor, ActorKind, system
from orchestra.core.crash import crash_point
from orchestra.core.dispatch import enqueue
from orchestra.core.errors import ConflictError
from orchestra.core.locking import compare_and_set, lock_one, take_turn

Json = Any
Clock = Callable[[], datetime]

RETENTION_TASK: Final = "governance.retention.run"
#: Who removes what nobody asked for by name.
KEEPER: Final = system("retention")
#: A task gives way to others after this long and rings for itself.
TURN_SECONDS: Final = 20.0
#: No second run on one day.
_APART: Final = timedelta(hours=20)


class _Gone(Exception):  # noqa: N818  no error: another worker has it
    """The run is no longer this worker's."""


def start_run(*, actor: Actor, now: datetime, is_dry: bool) -> RetentionRun:
    """Ask for a run, or for a dry one that only counts; a worker does it.

    Args:
        actor: Who may verify the ledger for a dry one, a compliance officer for a real one, or
            the system.
        now: The moment all its periods are counted back from.
        is_dry: Whether it only counts.

    Raises:
        NotPermittedError: The actor may not.
        ConflictError: One is under way.
    """
    if actor.kind is not ActorKind.SYSTEM:
        needed = Capability.LEDGER_VERIFY if is_dry else Capability.PRIVACY_MANAGE
        require(authority=authority_of(actor), capability=needed)
    figures = [Figures(line.kept.code, line.days) for line in list_schedule()]
    try:
        with one_act():
            run = RetentionRun.objects.create(
                is_dry=is_dry,
                by_kind=actor.kind,
                by_id=actor.id,
                by_label=actor.label,
                classes=[rules.as_json(one) for one in figures],
                created_at=now,
            )
            enqueue(RETENTION_TASK, run.pk)
    except IntegrityError as error:
        raise ConflictError(
            _("A run is under way. Wait until it has ended."), code="retention.under_way"
        ) from error
    return run


def run_due(*, now: datetime) -> int:
    """Begin the night's run where it is due, and ring for runs that no worker has.

    Returns:
        How many were rung for.
    """
    last = last_run(is_dry=False)
    if last is None or (last.state == RunState.DONE and last.created_at <= now - _APART):
        start_run(actor=KEEPER, now=now, is_dry=False)
        return 1
    lost = RetentionRun.objects.filter(state__in=OPEN).filter(
        Q(lease_until_at__isnull=True) | Q(lease_until_at__lte=now)
    )
    keys = list(lost.order_by("pk").values_list("pk", flat=True))
    for pk in keys:
        enqueue(RETENTION_TASK, pk)
    return len(keys)


def run_whole(*, actor: Actor, now: datetime, read_clock: Clock = clock.now) -> RetentionRun:
    """Ask for a real run and do it here, to its end.

    Raises:
        NotPermittedError: The actor may not.
        ConflictError: One is under way.
    """
    run = start_run(actor=actor, now=now, is_dry=False)
    while run_retention(run_pk=run.pk, read_clock=read_clock) is not RunState.DONE:
        pass
    run.refresh_from_db()
    return run


def run_retention(
    *, run_pk: int, read_clock: Clock = clock.now, at_once: int = AT_ONCE
) -> RunState:
    """Do a run for one turn; it rings for the next where it is not at its end.

    Each part is one transaction: the holds are read in it, what goes is removed in it, and how
    far the run is is written in it. A worker that dies loses no count and removes nothing twice.
    Must not be called inside a transaction.

    Args:
        run_pk: Internal key.
        read_clock: Tells the time, which passes.
        at_once: How many keys are looked at in one part.

    Returns:
        Where it stands afterwards.
    """
    begun = read_clock()
    run = _claim(run_pk, begun)
    try:
        while run is not None and run.place < len(run.classes):
            _do_part(run, read_clock(), at_once)
            crash_point("retention-after-part")
            if (read_clock() - begun).total_seconds() >= TURN_SECONDS:
                _give_way(run)
                return RunState.RUNNING
        if run is not None:
            _end(run, read_clock())
    except _Gone:
        pass
    return RunState(RetentionRun.objects.values_list("state", flat=True).get(pk=run_pk))


def _claim(pk: int, now: datetime) -> RetentionRun | None:
    """Take a run that no worker has."""
    with one_act(durable=True):
        run = lock_one(RetentionRun.objects.filter(pk=pk))
        leased = run.lease_until_at is not None and run.lease_until_at > now
        if run.state not in OPEN or leased:
            return None
        changes = {"state": RunState.RUNNING, "attempt": run.attempt + 1}
        compare_and_set(
            run,
            expected={"state": run.state, "attempt": run.attempt},
            changes={**changes, "lease_until_at": _lease(now)},
            actor=KEEPER,
        )
    return run


def _do_part(run: RetentionRun, now: datetime, at_once: int) -> None:
    kept, figures = _at(run)
    before = rules.ends_before(now=run.created_at, days=figures.days)
    # Payloads go beside an entry that is written before them, so this is no one_act.
    with transaction.atomic(durable=True):
        take_turn(TURN)
        batch = kept.find_due(before=before, after=run.cursor, most=at_once)
        going, held = rules.part(batch, list_blocking())
        if run.is_dry:
            gone = sum(due.rows for due in going)
        else:
            gone = kept.remove(actor=KEEPER, now=now, days=figures.days, due=going)
        figures = rules.add(figures, gone=gone, held=held)
        if batch.through is None:
            figures = with_oldest(figures, kept.oldest(before=before))
        stored = [*run.classes]
        stored[run.place] = rules.as_json(figures)
        place = run.place + (batch.through is None)
        changes = {"classes": stored, "place": place, "cursor": batch.through or 0}
        _set(run, {**changes, "lease_until_at": _lease(now)})


def _at(run: RetentionRun) -> tuple[RecordClass, Figures]:
    figures = figures_of(run)[run.place]
    return registry.classes.get(figures.name), figures


def _end(run: RetentionRun, now: datetime) -> None:
    with one_act(durable=True):
        _set(run, {"state": RunState.DONE, "ended_at": now, "lease_until_at": None})
        if run.is_dry:
            return
        found = figures_of(run)
        told = {
            **rules.recorded(found),
            "gone": sum(one.gone for one in found),
            "held": sum(one.held for one in found),
            "asked_by": run.by_label,
        }
        draft = EntryDraft(
            stream=SYSTEM_STREAM,
            kind=RETENTION_RAN,
            payload=told,
            subject_kind="retention_run",
            subject_id=str(run.public_id),
        )
        append_entry(actor=KEEPER, now=now, draft=draft)


def _give_way(run: RetentionRun) -> None:
    with one_act(durable=True):
        _set(run, {"lease_until_at": None})
        enqueue(RETENTION_TASK, run.pk)


def _set(run: RetentionRun, changes: Mapping[str, Json]) -> None:
    """Write to a run that is still this worker's; roll back what it did where it is not."""
    expected = {"state": RunState.RUNNING, "attempt": run.attempt}
    try:
        compare_and_set(run, expected=expected, changes=changes, actor=KEEPER)
    except ConflictError as error:
        raise _Gone from error


def _lease(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.ORCHESTRA["LEASE_SECONDS"])
