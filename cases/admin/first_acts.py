"""What an AI agent did first and what it was refused last, from the ledger in one statement."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import BinaryField, CharField, F, QuerySet, Subquery, Value

from cases.journeys.entries import STEP_READY
from cases.memory.entries import CASE_OPENED
from cases.tools.entries import PROPOSED
from governance.access.entries import AGENT_STEPS_READ
from governance.ledger import selectors as ledger

REFUSED = "act.refused"
MOST_REFUSALS = 10
#: Proposals looked through, from the first for what was done first and from the last for denials.
MOST_CALLS = 200

#: Which rows of the one statement are which.
_OPENED, _READY, _READ, _TURNED_AWAY = "opened", "ready", "read", "refused"
_FIRST, _LAST = "first", "last"


@dataclass(frozen=True, slots=True)
class Act:
    """One entry, as far as the page needs it.

    Attributes:
        subject_id: What it was about.
        payload: What it said of itself; empty once that was erased.
    """

    at: datetime
    subject_id: str
    payload: dict[str, Any]


@dataclass(slots=True)
class FirstActs:
    """What one agent did.

    Attributes:
        opened: The first case it opened, or None.
        ready: The first step of that case that became ready, or None.
        read: When it first asked for its steps, or None.
        refused: The last refusals, newest first.
        first: Public ids of the calls that it proposed first.
        last: Public ids of the calls that it proposed last.
    """

    opened: Act | None = None
    ready: Act | None = None
    read: Act | None = None
    refused: list[Act] = field(default_factory=list)
    first: set[str] = field(default_factory=set)
    last: set[str] = field(default_factory=set)


def read_first_acts(agent_id: str) -> FirstActs:
    """Return what an agent did first, and what it was refused and proposed last.

    Args:
        agent_id: Public id of the agent.
    """
    found = FirstActs()
    first, *others = _parts(agent_id)
    rows: list[tuple[Any, ...]] = sorted(first.union(*others, all=True))
    for part, _number, at, subject_id, body in rows:
        act = Act(at, subject_id, json.loads(bytes(body)) if body is not None else {})
        if part == _FIRST:
            found.first.add(subject_id)
        elif part == _LAST:
            found.last.add(subject_id)
        elif part == _TURNED_AWAY:
            found.refused.insert(0, act)
        elif part == _OPENED:
            found.opened = act
        elif part == _READY:
            found.ready = act
        else:
            found.read = act
    return found


def _parts(agent_id: str) -> Iterator["QuerySet[Any, Any]"]:
    # By the index of who acted: nothing else finds the calls of one agent among all.
    mine = ledger.list_entries().filter(actor_id=agent_id)
    opened = mine.filter(kind=CASE_OPENED).order_by("id")[:1]
    ready = ledger.list_entries().filter(stream=Subquery(opened.values("stream")), kind=STEP_READY)
    proposed = mine.filter(kind=PROPOSED)
    body, nothing = F("payload__body"), Value(None, output_field=BinaryField())
    yield _part(_OPENED, opened, body)
    yield _part(_TURNED_AWAY, mine.filter(kind=REFUSED).order_by("-id")[:MOST_REFUSALS], body)
    yield _part(_READY, ready.order_by("seq")[:1], nothing)
    yield _part(_READ, mine.filter(kind=AGENT_STEPS_READ).order_by("id")[:1], nothing)
    yield _part(_FIRST, proposed.order_by("id")[:MOST_CALLS], nothing)
    yield _part(_LAST, proposed.order_by("-id")[:MOST_CALLS], nothing)


def _part(part: str, rows: "QuerySet[Any]", body: F | Value) -> "QuerySet[Any, Any]":
    # SQLite takes no limit within a union, so each is named by its numbers.
    told = ledger.list_entries().filter(pk__in=rows.values("pk")).order_by()
    return told.annotate(of_part=Value(part, output_field=CharField()), of_body=body).values_list(
        "of_part", "pk", "at", "subject_id", "of_body"
    )
