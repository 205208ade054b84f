"""Run a rehearsal in steps that a dead worker cannot spoil, to its end."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import structlog
from django.db import DatabaseError
from django.utils.translation import gettext as _

from governance.ledger.services import one_act
from governance.policies import entries, registry
from governance.policies.changes import Change, Filters
from governance.policies.compiled import compile_tables
from governance.policies.decision import ENGINE
from governance.policies.loading import read_table
from governance.policies.models import PolicyVersion, Rehearsal, RehearsedDecision
from governance.policies.parsing import parse_policy
from governance.policies.rehearsal import Rehearser
from governance.policies.selectors import list_records, list_rehearsable
from governance.policies.services.rehearsing.shared import (
    LACKING,
    OPEN,
    REHEARSAL,
    REHEARSE_TASK,
    append,
)
from governance.policies.tally import add, cell_of
from governance.policies.types import PolicyTable, RehearsalState
from governance.reviews.services import bind_rehearsal
from governance.reviews.types import BoundRehearsal
from orchestra.core import clock, turns
from orchestra.core.canonical import digest
from orchestra.core.clock import rfc3339
from orchestra.core.dispatch import enqueue
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    OrchestraError,
)
from orchestra.core.locking import compare_and_set, lock_one

Json = Any
Clock = Callable[[], datetime]

log = structlog.get_logger(__name__)

REHEARSAL_DOMAIN = "orchestra.rehearsal.v1"
CHUNK = 2000


def run_rehearsal(
    *, rehearsal_pk: int, read_clock: Clock = clock.now, chunk: int = CHUNK
) -> RehearsalState:
    """Run a rehearsal for one turn; rings for the next where it is not at its end.

    Records are read and compared outside transactions. Each chunk is written with the place
    it began at and the attempt as fence, so that a worker that was taken over writes nothing.
    Must not be called inside a transaction.

    Args:
        rehearsal_pk: Internal key.
        read_clock: Tells the time, which passes.
        chunk: How many decisions between two writes.

    Returns:
        Where it stands afterwards.
    """
    begun = read_clock()
    rehearsal = claim(rehearsal_pk, begun)
    if rehearsal is None:
        return RehearsalState(Rehearsal.objects.get(pk=rehearsal_pk).state)
    try:
        rehearser = make_rehearser(rehearsal)
        while _step(rehearsal, rehearser, chunk, read_clock):
            if turns.is_over(begun=begun, now=read_clock()):
                _yield(rehearsal)
                return RehearsalState.RUNNING
        _finish(rehearsal, read_clock())
    except ConflictError:
        # Cancelled, or taken over after the lease: whoever has it now goes on.
        rehearsal.refresh_from_db(fields=["state"])
    except (OrchestraError, ValueError) as error:
        log.warning("rehearsal.failed", rehearsal=rehearsal_pk, error=type(error).__name__)
        _fail(rehearsal, read_clock(), str(error))
    return RehearsalState(rehearsal.state)


def run_due_rehearsals(*, now: datetime) -> int:
    """Ring for the rehearsals that no worker has: lost messages, and workers that are gone."""
    waiting = Rehearsal.objects.filter(state__in=OPEN, live=False)
    return turns.ring_due(waiting, task=REHEARSE_TASK, now=now)


def claim(pk: int, now: datetime, *, live: bool = False) -> Rehearsal | None:
    """Take a rehearsal that no worker has; None where one has it, or it has ended."""
    with one_act(durable=True):
        rehearsal = lock_one(Rehearsal.objects.filter(pk=pk, live=live))
        lease = rehearsal.lease_until_at
        if rehearsal.state not in OPEN or (lease is not None and lease > now):
            return None
        compare_and_set(
            rehearsal,
            expected={"state": rehearsal.state, "attempt": rehearsal.attempt},
            changes={
                "state": RehearsalState.RUNNING,
                "attempt": rehearsal.attempt + 1,
                "lease_until_at": turns.lease_end(now),
                "started_at": rehearsal.started_at or now,
            },
            actor=REHEARSAL,
        )
    return rehearsal


def make_rehearser(rehearsal: Rehearsal) -> Rehearser:
    """Return what compares recorded decisions with a draft, on the versions it began with."""
    history = _tables(rehearsal.base.keys() | {rehearsal.policy_key})
    base = [_base_table(history, key, held) for key, held in sorted(rehearsal.base.items())]
    others = [table for table in base if table.key != rehearsal.policy_key]
    return Rehearser(
        base=compile_tables(base),
        draft=compile_tables([*others, *_draft(rehearsal, history)]),
        declared=registry.declared_facts(),
        history=history,
        filters=Filters(**rehearsal.filters),
    )


def _draft(
    rehearsal: Rehearsal, history: Mapping[tuple[str, int], PolicyTable]
) -> list[PolicyTable]:
    """Return the table of the draft; none where the draft is to have no such policy."""
    if rehearsal.removes:
        return []
    last = max((number for key, number in history if key == rehearsal.policy_key), default=0)
    table = parse_policy(
        document=rehearsal.document, version=last + 1, digest=rehearsal.document_digest
    )
    return [table]


def _tables(keys: Iterable[str]) -> dict[tuple[str, int], PolicyTable]:
    rows = PolicyVersion.objects.filter(policy__key__in=list(keys), published_at__isnull=False)
    tables = ((row.policy.key, read_table(row)) for row in rows.select_related("policy"))
    return {(key, table.version): table for key, table in tables if table is not None}


def _base_table(
    history: Mapping[tuple[str, int], PolicyTable], key: str, held: list[Json]
) -> PolicyTable:
    table = history.get((key, held[0]))
    if table is None or table.digest != held[1]:
        raise InvalidInputError(
            _("Version %(number)d of the policy %(policy)s cannot be read.")
            % {"number": held[0], "policy": key},
            code="rehearsal.base_unreadable",
        )
    return table


def _step(rehearsal: Rehearsal, rehearser: Rehearser, chunk: int, read_clock: Clock) -> bool:
    """Compare a chunk and write what it came to; return whether there may be more."""
    since, until = rehearsal.since_at, rehearsal.until_at
    # A window of keys first: else each chunk would look for repeats among all that is left.
    ahead = list_records(since=since, until=until).filter(pk__gt=rehearsal.cursor)
    window = list(ahead.values_list("pk", flat=True)[:chunk])
    if not window:
        return False
    rows = list_rehearsable(since=since, until=until)
    rows = rows.filter(pk__gt=rehearsal.cursor, pk__lte=window[-1])
    # Rows as tuples: making model instances would cost more than comparing does.
    records = list(rows.values_list("pk", "public_id", "body", "digest"))
    tally, cases = compare_records(rehearsal, rehearser, records)
    with one_act(durable=True):
        _advance(
            rehearsal,
            {
                "tally": tally,
                "cursor": window[-1],
                "done": rehearsal.done + len(records),
                "lease_until_at": turns.lease_end(read_clock()),
            },
        )
        RehearsedDecision.objects.bulk_create(cases, batch_size=500)
    return len(window) == chunk


def compare_records(
    rehearsal: Rehearsal, rehearser: Rehearser, records: Iterable[tuple[Json, ...]]
) -> tuple[dict[str, Json], list[RehearsedDecision]]:
    """Return the tally with some more records in it, and the cases that differ, not stored yet.

    Args:
        rehearsal: Whose tally is added to.
        rehearser: Compares.
        records: Key, public id, body and digest of each.
    """
    tally, cases = rehearsal.tally, []
    for pk, public_id, body, held in records:
        compared = rehearser.compare(body=bytes(body), digest=held)
        add(tally, compared=compared, decision_id=str(public_id))
        if compared is not None and (compared.change.lacks or compared.change.differs):
            cases.append(_case(rehearsal, pk, compared.change))
    return tally, cases


def _case(rehearsal: Rehearsal, record_pk: int, change: Change) -> RehearsedDecision:
    return RehearsedDecision(
        rehearsal=rehearsal,
        record_id=record_pk,
        cell=LACKING if change.lacks else cell_of(change),
        gained=list(change.gained),
        lost=list(change.lost),
        votes_before=change.votes_before,
        votes_after=change.votes_after,
        lacks=list(change.lacks),
    )


def _advance(rehearsal: Rehearsal, changes: Mapping[str, Json]) -> None:
    """Write to a rehearsal that is still this worker's, at the place it read last."""
    expected = {
        "state": RehearsalState.RUNNING,
        "attempt": rehearsal.attempt,
        "cursor": rehearsal.cursor,
    }
    compare_and_set(rehearsal, expected=expected, changes=changes, actor=REHEARSAL)


def _yield(rehearsal: Rehearsal) -> None:
    with one_act(durable=True):
        _advance(rehearsal, {"lease_until_at": None})
        enqueue(REHEARSE_TASK, rehearsal.pk)


def _finish(rehearsal: Rehearsal, now: datetime) -> None:
    result = result_of(rehearsal)
    report = digest(REHEARSAL_DOMAIN, result)
    changes = {
        "state": RehearsalState.DONE,
        "result": result,
        "result_digest": report,
        "ended_at": now,
        "lease_until_at": None,
    }
    with one_act(durable=True):
        # The change is locked before the rehearsal, as by whoever begins one.
        bound = _bind(rehearsal, report, now)
        _advance(rehearsal, changes)
        changed = rehearsal.cases.exclude(cell=LACKING).count()
        more = {
            "done": rehearsal.done,
            "changed": changed,
            "lacking": rehearsal.tally["lacking"],
            "result": rehearsal.result_digest,
            "bound": bound,
        }
        append(REHEARSAL, now, rehearsal, entries.REHEARSAL_FINISHED, more)


def result_of(rehearsal: Rehearsal) -> dict[str, Json]:
    """Return all that a rehearsal came to, as its digest names it."""
    return {
        "policy": rehearsal.policy_key,
        "draft": rehearsal.document_digest,
        "base": rehearsal.base,
        "since": rfc3339(rehearsal.since_at),
        "until": rfc3339(rehearsal.read_at or rehearsal.until_at),
        "filters": rehearsal.filters,
        "engine": ENGINE,
        "decisions": rehearsal.done,
        **rehearsal.tally,
    }


def _bind(rehearsal: Rehearsal, report: str, now: datetime) -> bool:
    """Bind the change that was rehearsed to what came out; return whether it is bound.

    A rehearsal whose filters left every decision out says nothing, so nothing is bound to it.
    """
    looked_at = rehearsal.tally["compared"] + rehearsal.tally["lacking"]
    if rehearsal.change_id is None or not looked_at:
        return False
    _number, base = rehearsal.base.get(rehearsal.policy_key, (0, ""))
    rehearsed = BoundRehearsal(rehearsal.document_digest, report, base, looked_at)
    return bind_rehearsal(
        actor=REHEARSAL, now=now, change_pk=rehearsal.change_id, rehearsed=rehearsed
    )


def _fail(rehearsal: Rehearsal, now: datetime, problem: str) -> None:
    changes = {
        "state": RehearsalState.FAILED,
        "problem": problem[:500],
        "ended_at": now,
        "lease_until_at": None,
    }
    try:
        with one_act(durable=True):
            _advance(rehearsal, changes)
    except (ConflictError, DatabaseError) as error:
        log.warning("rehearsal.not_ended", error=type(error).__name__)
