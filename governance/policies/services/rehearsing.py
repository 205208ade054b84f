"""Rehearse a draft: start, run in steps that a dead worker cannot spoil, cancel, finish."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Q
from django.utils.translation import gettext as _

from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.policies import entries, registry
from governance.policies.changes import Change, Filters
from governance.policies.compiled import compile_tables
from governance.policies.decision import ENGINE
from governance.policies.loading import DOCUMENT_KIND, read_table, versions_in_force
from governance.policies.models import PolicyVersion, Rehearsal, RehearsedDecision
from governance.policies.parsing import parse_policy
from governance.policies.rehearsal import Rehearser
from governance.policies.selectors import list_rehearsable
from governance.policies.tally import add, cell_of, new_tally
from governance.policies.types import PolicyTable, RehearsalState
from governance.reviews.rules import document_digest
from orchestra.core import clock
from orchestra.core.actors import Actor, system
from orchestra.core.canonical import digest
from orchestra.core.clock import rfc3339
from orchestra.core.dispatch import enqueue
from orchestra.core.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    NotPermittedError,
    OrchestraError,
)
from orchestra.core.locking import compare_and_set, lock_one

Json = Any
Clock = Callable[[], datetime]

log = structlog.get_logger(__name__)

REHEARSE_TASK = "governance.policies.rehearse"
REHEARSAL_DOMAIN = "orchestra.rehearsal.v1"
#: Who runs a rehearsal once a person began it.
REHEARSAL = system("rehearsal")
LACKING = "lacking"
CHUNK = 2000
#: A task gives way to others after this long and rings for itself.
TURN_SECONDS = 20.0
_OPEN = (RehearsalState.QUEUED, RehearsalState.RUNNING)


def start_rehearsal(
    *,
    actor: Actor,
    now: datetime,
    policy_key: str,
    document: Mapping[str, Json],
    since: datetime,
    until: datetime | None = None,
    filters: Filters | None = None,
) -> Rehearsal:
    """Begin to rehearse a draft over the decisions of a span; a worker runs it.

    Args:
        actor: Who asks; a person who may edit policies, or a part of the system.
        now: When, UTC.
        policy_key: Key of the policy; one that is not there yet is rehearsed beside the others.
        document: The draft.
        since: From this moment on.
        until: Before this moment; None for now.
        filters: Which decisions; None for all.

    Raises:
        InvalidInputError: The draft or the span is wrong, with every error at once.
        NotPermittedError: The actor may not edit policies.
    """
    _check_actor(actor)
    until = min(until or now, now)
    held = document_digest(kind=DOCUMENT_KIND, document=document)
    catalogue = registry.present_catalogue()
    table = parse_policy(document=document, version=1, digest=held, catalogue=catalogue)
    _check(table, policy_key, since, until)
    with one_act():
        rehearsal = Rehearsal.objects.create(
            policy_key=policy_key,
            document=dict(document),
            document_digest=held,
            base={key: list(version) for key, version in versions_in_force().items()},
            since_at=since,
            until_at=until,
            filters=asdict(filters or Filters()),
            total=list_rehearsable(since=since, until=until).count(),
            tally=new_tally(),
            by_kind=actor.kind,
            by_id=actor.id,
            by_label=actor.label,
            created_at=now,
        )
        more = {"total": rehearsal.total, "since": rfc3339(since), "until": rfc3339(until)}
        _append(actor, now, rehearsal, entries.REHEARSAL_STARTED, more)
        enqueue(REHEARSE_TASK, rehearsal.pk)
    return rehearsal


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
    rehearsal = _claim(rehearsal_pk, begun)
    if rehearsal is None:
        return RehearsalState(Rehearsal.objects.get(pk=rehearsal_pk).state)
    try:
        rehearser = _rehearser(rehearsal)
        while _step(rehearsal, rehearser, chunk, read_clock):
            if (read_clock() - begun).total_seconds() >= TURN_SECONDS:
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
    due = Rehearsal.objects.filter(state__in=_OPEN).filter(
        Q(lease_until_at__isnull=True) | Q(lease_until_at__lte=now)
    )
    keys = list(due.order_by("pk").values_list("pk", flat=True))
    for pk in keys:
        enqueue(REHEARSE_TASK, pk)
    return len(keys)


@one_act()
def cancel_rehearsal(*, actor: Actor, now: datetime, rehearsal_pk: int) -> Rehearsal:
    """Stop a rehearsal; what it found so far is no result.

    Raises:
        ConflictError: It has ended.
        NotPermittedError: The actor may not edit policies.
    """
    _check_actor(actor)
    rehearsal = lock_one(Rehearsal.objects.filter(pk=rehearsal_pk))
    if rehearsal.state not in _OPEN:
        raise ConflictError(_("The rehearsal has ended already."), code="rehearsal.ended")
    changes = {"state": RehearsalState.CANCELLED, "ended_at": now, "lease_until_at": None}
    compare_and_set(rehearsal, expected={"state": rehearsal.state}, changes=changes, actor=actor)
    _append(actor, now, rehearsal, entries.REHEARSAL_CANCELLED, {"done": rehearsal.done})
    return rehearsal


def _check_actor(actor: Actor) -> None:
    if actor.is_agent:
        raise NotPermittedError(_("An AI agent rehearses no policy."), code="policy.agent")
    if actor.is_human:
        require(authority=authority_of(actor), capability=Capability.POLICY_EDIT)


def _check(table: PolicyTable, policy_key: str, since: datetime, until: datetime) -> None:
    errors = []
    if table.key != policy_key:
        message = f"the document is that of {table.key}, not of {policy_key}"
        errors.append(FieldError("draft.key", "other_policy", message))
    if since >= until:
        errors.append(FieldError("since", "range", _("The span holds no time.")))
    if errors:
        raise InvalidInputError(
            _("The draft cannot be rehearsed; see the errors."),
            code="rehearsal.invalid",
            errors=errors,
        )


def _lease(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.ORCHESTRA["LEASE_SECONDS"])


def _claim(pk: int, now: datetime) -> Rehearsal | None:
    with one_act(durable=True):
        rehearsal = lock_one(Rehearsal.objects.filter(pk=pk))
        lease = rehearsal.lease_until_at
        if rehearsal.state not in _OPEN or (lease is not None and lease > now):
            return None
        compare_and_set(
            rehearsal,
            expected={"state": rehearsal.state, "attempt": rehearsal.attempt},
            changes={
                "state": RehearsalState.RUNNING,
                "attempt": rehearsal.attempt + 1,
                "lease_until_at": _lease(now),
                "started_at": rehearsal.started_at or now,
            },
            actor=REHEARSAL,
        )
    return rehearsal


def _rehearser(rehearsal: Rehearsal) -> Rehearser:
    history = _tables(rehearsal.base.keys() | {rehearsal.policy_key})
    base = [_base_table(history, key, held) for key, held in sorted(rehearsal.base.items())]
    draft = parse_policy(
        document=rehearsal.document,
        version=1 + max((n for key, n in history if key == rehearsal.policy_key), default=0),
        digest=rehearsal.document_digest,
    )
    others = [table for table in base if table.key != rehearsal.policy_key]
    return Rehearser(
        base=compile_tables(base),
        draft=compile_tables([*others, draft]),
        declared=registry.declared_facts(),
        history=history,
        filters=Filters(**rehearsal.filters),
    )


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
    rows = list_rehearsable(since=rehearsal.since_at, until=rehearsal.until_at)
    # Rows as tuples: making model instances would cost more than comparing does.
    wanted = rows.filter(pk__gt=rehearsal.cursor).values_list("pk", "public_id", "body", "digest")
    records = list(wanted[:chunk])
    if not records:
        return False
    tally, cases = rehearsal.tally, []
    for pk, public_id, body, held in records:
        compared = rehearser.compare(body=bytes(body), digest=held)
        add(tally, compared=compared, decision_id=str(public_id))
        if compared is not None and (compared.change.lacks or compared.change.differs):
            cases.append(_case(rehearsal, pk, compared.change))
    with one_act(durable=True):
        _advance(
            rehearsal,
            {
                "tally": tally,
                "cursor": records[-1][0],
                "done": rehearsal.done + len(records),
                "lease_until_at": _lease(read_clock()),
            },
        )
        RehearsedDecision.objects.bulk_create(cases, batch_size=500)
    return len(records) == chunk


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
    result = {
        "policy": rehearsal.policy_key,
        "draft": rehearsal.document_digest,
        "base": rehearsal.base,
        "since": rfc3339(rehearsal.since_at),
        "until": rfc3339(rehearsal.until_at),
        "filters": rehearsal.filters,
        "engine": ENGINE,
        "decisions": rehearsal.done,
        **rehearsal.tally,
    }
    changes = {
        "state": RehearsalState.DONE,
        "result": result,
        "result_digest": digest(REHEARSAL_DOMAIN, result),
        "ended_at": now,
        "lease_until_at": None,
    }
    with one_act(durable=True):
        _advance(rehearsal, changes)
        changed = rehearsal.cases.exclude(cell=LACKING).count()
        more = {
            "done": rehearsal.done,
            "changed": changed,
            "lacking": rehearsal.tally["lacking"],
            "result": rehearsal.result_digest,
        }
        _append(REHEARSAL, now, rehearsal, entries.REHEARSAL_FINISHED, more)


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


def _append(
    actor: Actor, now: datetime, rehearsal: Rehearsal, kind: str, more: Mapping[str, Json]
) -> None:
    draft = EntryDraft(
        stream=f"rehearsal:{rehearsal.public_id}",
        kind=kind,
        payload={
            "policy": rehearsal.policy_key,
            "draft": rehearsal.document_digest,
            "rehearsal": str(rehearsal.public_id),
            **more,
        },
        subject_kind="rehearsal",
        subject_id=str(rehearsal.public_id),
        policy=rehearsal.document_digest,
    )
    append_entry(actor=actor, now=now, draft=draft)
