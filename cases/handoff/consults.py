"""Questions to colleagues, as the ledger of their case tells them; reads only."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from django.db.models import Q, QuerySet

from cases.handoff.entries import CONSULT_ANSWERED, CONSULTED
from cases.handoff.models import OpenQuestion
from cases.handoff.types import Asked, Consult
from cases.memory.models import Case
from cases.memory.types import CaseStatus
from governance.access.models import Queue
from governance.access.rules import may
from governance.access.selectors import readable_queue_ids
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


def consults_of(*, questions: Iterable[OpenQuestion]) -> dict[str, Consult]:
    """Return what was asked, by the id of the question: one query; none for no question."""
    ids = tuple(str(one.public_id) for one in questions)
    found = _told(EntrySelection(kinds=_KINDS, subject_ids=ids)) if ids else []
    return {one.id: one for one in found}


def list_open(*, authority: Authority, asked: Asked) -> QuerySet[OpenQuestion]:
    """Return questions nobody answered yet, on cases that are not closed, oldest first.

    Args:
        authority: What the reader holds; a question of a case they may not read is not there.
        asked: Those others asked of the reader, by name or by a queue they work, or those the
            reader asked.
    """
    rows = OpenQuestion.objects.exclude(case__status=CaseStatus.CLOSED)
    rows = rows.filter(_within("case__queue", readable_queue_ids(authority, Capability.CASE_READ)))
    actor = authority.actor
    mine = Q(asker_kind=actor.kind, asker_id=actor.id)
    if asked == Asked.BY_ME:
        rows = rows.filter(mine)
    elif actor.is_human:
        works = readable_queue_ids(authority, Capability.HANDOFF_ACCEPT)
        of_queue = Q(queue__isnull=False) & _within("queue", works)
        rows = rows.filter(Q(person__public_id=actor.id) | of_queue).exclude(mine)
    else:
        rows = rows.none()
    return rows.select_related("case__queue", "case__customer").order_by("pk")


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


def _within(column: str, queue_ids: frozenset[int] | None) -> Q:
    return Q() if queue_ids is None else Q(**{f"{column}__in": queue_ids})


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
