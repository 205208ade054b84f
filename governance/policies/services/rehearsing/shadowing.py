"""Let a draft run beside the version in force: start, follow the decisions made, end.

A worker reads what was recorded; whoever proposes waits for nothing and asks nothing more.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import DatabaseError
from django.db.models import Q
from django.utils.translation import gettext as _

from governance.ledger.services import one_act
from governance.policies import entries
from governance.policies.loading import versions_in_force
from governance.policies.models import Rehearsal
from governance.policies.selectors import list_since
from governance.policies.services.rehearsing.running import (
    REHEARSAL_DOMAIN,
    claim,
    compare_records,
    make_rehearser,
    result_of,
)
from governance.policies.services.rehearsing.shared import LACKING, OPEN, append
from governance.policies.services.rehearsing.starting import lock_policy_change, rehearsal_of
from governance.policies.tally import new_tally
from governance.policies.types import RehearsalState, ShadowEnd
from governance.reviews import rules
from governance.reviews.models import ChangeRequest
from governance.reviews.services import lock_to_rehearse
from orchestra.core import clock, turns
from orchestra.core.actors import Actor, system
from orchestra.core.canonical import digest
from orchestra.core.clock import rfc3339
from orchestra.core.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    OrchestraError,
)
from orchestra.core.locking import compare_and_set, lock

Json = Any
Clock = Callable[[], datetime]

log = structlog.get_logger(__name__)

#: Who follows and ends a shadow that no person ends.
SHADOW = system("shadow")
#: A decision is read once every transaction that began before it has surely ended.
SETTLE: Final = timedelta(seconds=30)
LONGEST: Final = timedelta(days=90)
CHUNK: Final = 500


@one_act()
def start_shadow(*, actor: Actor, now: datetime, change_id: UUID, until: datetime) -> Rehearsal:
    """Let the draft of a change run beside the version in force.

    Args:
        actor: Who asks; a person who may edit policies.
        now: When, UTC.
        change_id: Public id of a change of a policy.
        until: When it ends by itself.

    Raises:
        NotFoundError: There is no such change of a policy, or the actor may not know of it.
        NotPermittedError: The actor may not edit policies.
        ConflictError: The change has ended, stands on a version no longer in force, or runs
            beside it already.
        InvalidInputError: The draft is wrong, or the end is past or too far away.
    """
    change = lock_policy_change(actor, change_id)
    if _running(change):
        raise ConflictError(_("It runs beside the version in force already."), code="shadow.runs")
    if not now < until <= now + LONGEST:
        message = _("Choose an end between now and %(days)d days from now.") % {
            "days": LONGEST.days
        }
        raise InvalidInputError(message, errors=[FieldError("until", "range", message)])
    shadow = rehearsal_of(change, now, until)
    shadow.live, shadow.read_at, shadow.tally = True, now, new_tally()
    shadow.base = _base()
    shadow.state, shadow.started_at, shadow.created_at = RehearsalState.RUNNING, now, now
    shadow.by_kind, shadow.by_id, shadow.by_label = actor.kind, actor.id, actor.label
    shadow.save(force_insert=True)
    more = {"until": rfc3339(until), "change": change.label}
    append(actor, now, shadow, entries.SHADOW_STARTED, more)
    return shadow


@one_act()
def stop_shadow(*, actor: Actor, now: datetime, change_id: UUID) -> Rehearsal:
    """End what runs beside the version in force; what it saw so far stays readable.

    Raises:
        NotFoundError: There is no such change, or the actor may not know of it.
        NotPermittedError: The actor may not edit policies.
        ConflictError: The change has ended, or nothing of it runs.
    """
    change = lock_to_rehearse(actor=actor, change_id=change_id)
    found = _running(change)
    if not found:
        raise ConflictError(_("Nothing of it runs beside the version in force."), code="shadow.off")
    _end(found[0], actor, now, ShadowEnd.STOPPED)
    return found[0]


def follow_shadows(*, read_clock: Clock = clock.now, chunk: int = CHUNK) -> int:
    """Compare what was decided since the last time with every draft that runs, in a worker.

    Must not be called inside a transaction.

    Args:
        read_clock: Tells the time, which passes.
        chunk: How many decisions between two writes.

    Returns:
        How many decisions were compared.
    """
    now = read_clock()
    due = Rehearsal.objects.filter(live=True, state__in=OPEN).filter(
        Q(lease_until_at__isnull=True) | Q(lease_until_at__lte=now)
    )
    return sum(_follow(pk, read_clock, chunk) for pk in due.values_list("pk", flat=True))


def _follow(pk: int, read_clock: Clock, chunk: int) -> int:
    shadow = claim(pk, read_clock(), live=True)
    if shadow is None:
        return 0
    begun = shadow.done
    try:
        why = _why_over(shadow)
        if why is None:
            _read_on(shadow, read_clock, chunk)
            why = ShadowEnd.TIME if _is_read_up(shadow) else None
        with one_act(durable=True):
            if why is None:
                _write(shadow, {"lease_until_at": None})
            else:
                _end(shadow, SHADOW, read_clock(), why)
    except (ConflictError, InvalidInputError) as error:
        # A person stopped it meanwhile, or another worker has it: nothing was written.
        log.info("shadow.not_followed", shadow=pk, error=type(error).__name__)
    except (OrchestraError, ValueError, DatabaseError) as error:
        log.warning("shadow.failed", shadow=pk, error=type(error).__name__)
    return shadow.done - begun


def _read_on(shadow: Rehearsal, read_clock: Clock, chunk: int) -> None:
    base = _base()
    if shadow.base != base:
        with one_act(durable=True):
            _write(shadow, {"base": base})
    rehearser = make_rehearser(shadow)
    more = True
    while more:
        until = min(shadow.until_at, read_clock() - SETTLE)
        assert shadow.read_at is not None  # noqa: S101  a shadow has it from its start
        rows = list_since(at=shadow.read_at, after_pk=shadow.cursor, until=until)
        found = list(rows.values_list("pk", "public_id", "body", "digest", "at")[:chunk])
        more = len(found) == chunk
        tally, cases = compare_records(shadow, rehearser, [row[:4] for row in found])
        # A decision made at the very end of what was read may still be written.
        place = (found[-1][4], found[-1][0]) if more else (max(until, shadow.read_at), 0)
        if not found and place == (shadow.read_at, shadow.cursor):
            return
        changes = {
            "tally": tally,
            "read_at": place[0],
            "cursor": place[1],
            "done": shadow.done + len(found),
            "total": shadow.done + len(found),
            "lease_until_at": turns.lease_end(read_clock()),
        }
        with one_act(durable=True):
            _write(shadow, changes)
            shadow.cases.bulk_create(cases, batch_size=500)


def _write(shadow: Rehearsal, changes: dict[str, Json]) -> None:
    """Write to a shadow that is still this worker's, at the place it read last."""
    expected = {
        "state": RehearsalState.RUNNING,
        "attempt": shadow.attempt,
        "cursor": shadow.cursor,
        "read_at": shadow.read_at,
    }
    compare_and_set(shadow, expected=expected, changes=changes, actor=SHADOW)


def _is_read_up(shadow: Rehearsal) -> bool:
    return shadow.read_at is not None and shadow.read_at >= shadow.until_at


def _why_over(shadow: Rehearsal) -> ShadowEnd | None:
    change = shadow.change
    if change is None or change.state not in rules.OPEN:
        return ShadowEnd.CLOSED
    if change.digest != shadow.document_digest:
        return ShadowEnd.EDITED
    _number, held = versions_in_force().get(shadow.policy_key, (0, ""))
    return ShadowEnd.MOVED if held != change.base_digest else None


def _end(shadow: Rehearsal, actor: Actor, now: datetime, why: ShadowEnd) -> None:
    result = result_of(shadow)
    compare_and_set(
        shadow,
        expected={"state": shadow.state, "attempt": shadow.attempt, "cursor": shadow.cursor},
        changes={
            "state": RehearsalState.DONE,
            "ended_by": why,
            "ended_at": now,
            "result": result,
            "result_digest": digest(REHEARSAL_DOMAIN, result),
            "lease_until_at": None,
        },
        actor=actor,
    )
    more = {
        "done": shadow.done,
        "changed": shadow.cases.exclude(cell=LACKING).count(),
        "why": str(why),
        "result": shadow.result_digest,
    }
    append(actor, now, shadow, entries.SHADOW_ENDED, more)


def _running(change: ChangeRequest) -> list[Rehearsal]:
    return lock(change.rehearsals.filter(live=True, state__in=OPEN))


def _base() -> dict[str, list[Json]]:
    return {key: list(version) for key, version in versions_in_force().items()}
