"""Questions to colleagues, as the ledger of their case tells them; reads only."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from cases.handoff.entries import CONSULT_ANSWERED, CONSULTED
from cases.handoff.types import Consult
from cases.memory.models import Case
from governance.access.models import Queue
from governance.access.rules import may
from governance.access.types import Authority, Capability
from governance.ledger.selection import EntrySelection, select
from governance.ledger.selectors import payload_of
from governance.notifications.telling.people import who_may
from orchestra.core.actors import ActorKind

_KINDS = (CONSULTED, CONSULT_ANSWERED)
SUBJECT = "consult"


def list_consults(*, case: Case) -> list[Consult]:
    """Return what was asked on a case, oldest first: one query."""
    return _told(EntrySelection(streams=(case.stream,), kinds=_KINDS))


def find_consult(*, case: Case, consult_id: UUID | str) -> Consult | None:
    """Return one question of a case, or None: one query."""
    wanted = EntrySelection(streams=(case.stream,), kinds=_KINDS, subject_ids=(str(consult_id),))
    return next(iter(_told(wanted)), None)


def is_open(consult_id: str) -> bool:
    """Return whether a question still waits for its answer: one query."""
    found = _told(EntrySelection(kinds=_KINDS, subject_ids=(consult_id,)))
    return bool(found) and not found[0].is_answered


def answerable(*, authority: Authority, consults: Iterable[Consult]) -> frozenset[str]:
    """Return the ids of what a person is asked, by name or by their queue: at most one query."""
    waiting = [one for one in consults if not one.is_answered and authority.actor.is_human]
    keys = {one.queue_key for one in waiting if one.queue_key}
    queues = Queue.objects.filter(key__in=keys) if keys else ()
    works = {row.key for row in queues if may(authority, Capability.HANDOFF_ACCEPT, row.pk)}
    mine = authority.actor.id
    return frozenset(one.id for one in waiting if one.person_id == mine or one.queue_key in works)


def people_of(*, queue: Queue, case: Case) -> set[str]:
    """Return the public ids of who works a queue and may read a case."""
    able = who_may(Capability.HANDOFF_ACCEPT, queue_id=queue.pk)
    return {one for one, held in able.items() if may(held, Capability.CASE_READ, case.queue_id)}


def _told(selection: EntrySelection) -> list[Consult]:
    found: dict[str, Consult] = {}
    for entry in select(selection).select_related("payload").order_by("id"):
        told = payload_of(entry=entry) or {}
        by = str(told.get("actor_label", ""))
        if entry.kind == CONSULTED:
            found[entry.subject_id] = Consult(
                id=entry.subject_id,
                at=entry.at,
                asked_by=by,
                asker_id=entry.actor_id if entry.actor_kind == ActorKind.HUMAN else "",
                who=told.get("who", ""),
                person_id=told.get("person", ""),
                queue_key=told.get("queue_key", ""),
                question=told.get("question", ""),
            )
        elif entry.subject_id in found:
            found[entry.subject_id] = replace(
                found[entry.subject_id],
                answer=told.get("answer", ""),
                answered_by=by,
                answered_at=entry.at,
            )
    return list(found.values())
