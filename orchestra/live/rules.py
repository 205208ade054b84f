"""What of the ledger is news to whom; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from governance.access.rules import queues_where
from governance.access.types import Authority, Capability

CASE_STREAM = "case:"
#: That somebody looked, or was refused, changes no page.
UNTOLD = frozenset({"case.read", "approval.opened", "approval.evidence_seen", "act.refused"})
_APPROVALS = "approval."
_LONGEST_PLACE = 18


@dataclass(frozen=True, slots=True)
class Head:
    """What the stream may know of an entry.

    Attributes:
        index: Its place in the tree, from 0.
        kind: Its dotted kind.
        case_id: Public id of the case in whose stream it stands.
        queue_id: Primary key of the case's queue.
        actor_id: Who did it.
    """

    index: int
    kind: str
    case_id: str
    queue_id: int
    actor_id: str


def news_for(authority: Authority, heads: Iterable[Head], *, after: int) -> dict[str, list[str]]:
    """Return the kinds that are news to a person, by case.

    What the person did is none: their page shows it already. Who may read a case is told of
    all in it; who may only read approvals on its queue, of those alone.

    Args:
        authority: What the person holds now.
        heads: What is new, in order.
        after: The place from which on the person has been told nothing.
    """
    reads_cases = queues_where(authority, Capability.CASE_READ)
    reads_approvals = queues_where(authority, Capability.APPROVAL_READ)
    found: dict[str, dict[str, None]] = {}
    for head in heads:
        if head.index < after or head.actor_id == authority.actor.id or head.kind in UNTOLD:
            continue
        may = _holds(reads_cases, head.queue_id) or (
            head.kind.startswith(_APPROVALS) and _holds(reads_approvals, head.queue_id)
        )
        if may:
            found.setdefault(head.case_id, {})[head.kind] = None
    return {case: list(kinds) for case, kinds in found.items()}


def case_of(stream: str) -> str:
    """Return the public id of the case whose stream this is; empty for another stream."""
    return stream.removeprefix(CASE_STREAM) if stream.startswith(CASE_STREAM) else ""


def place_of(last_event_id: str) -> int | None:
    """Return the place a browser had come to, None where it says none that can be."""
    is_place = (
        last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) <= _LONGEST_PLACE
    )
    return int(last_event_id) if is_place else None


def begin_of(places: Sequence[int], *, size: int, most: int) -> int:
    """Return from where to read for those who have come to some places, at most so far back."""
    return max(min(places, default=size), size - most)


def _holds(queues: frozenset[int] | None, queue_id: int) -> bool:
    return queues is None or queue_id in queues


def text_of(event: str, *, place: int | None = None, data: str = "{}") -> bytes:
    """Return one event as it is sent (HTML Living Standard, 9.2.6).

    Args:
        event: Its name.
        place: What the browser sends as ``Last-Event-ID`` when it comes back.
        data: One line.
    """
    identity = "" if place is None else f"id: {place}\n"
    return f"{identity}event: {event}\ndata: {data}\n\n".encode()
