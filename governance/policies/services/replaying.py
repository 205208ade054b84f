"""Decide recorded decisions again: one, and a sample every night."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import structlog

from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.selectors import list_stream
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.policies import entries, selectors
from governance.policies.models import DecisionRecord
from governance.policies.replay import replay
from orchestra.core.actors import system

log = structlog.get_logger(__name__)

#: Who decides again at night.
REPLAY = system("replay")
SAMPLE = 200
#: Differences that get an entry of their own; their number is always recorded.
MAX_ALERTS = 20


@dataclass(frozen=True, slots=True)
class Sampled:
    """What a night's sample came to.

    Attributes:
        seed: What the sample was drawn with; the same seed on the same records draws alike.
        differ: Public id to why, of decisions that do not come out as recorded.
        lacking: How many cannot be decided again; they count neither way.
    """

    seed: str
    sampled: int
    agree: int
    differ: dict[str, str]
    lacking: int


def judge_record(*, record: DecisionRecord, shelf: selectors.TableShelf) -> tuple[str, str]:
    """Return how a record comes out and, where it does not agree, why.

    Args:
        record: What was decided.
        shelf: Keeps the tables that records name.

    Returns:
        ``agree``, ``differ`` or ``lacking``, and one sentence.
    """
    # What replay does not compare, such as the moment, is held by the digest alone.
    if not selectors.is_intact(record):
        return "differ", "the record no longer has its digest"
    found = replay(body=bytes(record.body), tables=shelf.tables_of(record))
    if found.agrees:
        return "agree", ""
    return ("lacking", "; ".join(found.lacks)) if found.lacks else ("differ", found.difference)


def replay_nightly(*, now: datetime, size: int = SAMPLE) -> Sampled | None:
    """Decide a sample again, once a day, and record what was drawn and what differs.

    Args:
        now: The moment of the task; its date is the seed.
        size: How many at most.

    Returns:
        What it came to; None where this day has its sample already.
    """
    seed = now.date().isoformat()
    done = list_stream(stream=SYSTEM_STREAM).filter(kind=entries.REPLAY_SAMPLED)
    if done.filter(subject_id=seed).exists():
        return None
    shelf, ids, counts = selectors.TableShelf(), [], {"agree": 0, "lacking": 0}
    differ: dict[str, str] = {}
    for record in _draw(seed, size):
        ids.append(str(record.public_id))
        verdict, why = judge_record(record=record, shelf=shelf)
        if verdict == "differ":
            differ[ids[-1]] = why
            log.error("replay.mismatch", decision=ids[-1], why=why)
        else:
            counts[verdict] += 1
    found = Sampled(seed, len(ids), counts["agree"], differ, counts["lacking"])
    _record(now, found, ids)
    return found


def _draw(seed: str, size: int) -> Iterator[DecisionRecord]:
    """Yield records drawn by their keys, each once, in the order of their keys."""
    rows = DecisionRecord.objects.order_by("pk")
    first, last = rows.first(), rows.last()
    if first is None or last is None:
        return
    drawn = random.Random(seed)  # noqa: S311  a sample that anybody can draw again
    span = range(first.pk, last.pk + 1)
    keys = sorted(drawn.sample(span, min(size, len(span))))
    # A key between two records is no record; a gap makes the sample smaller, not uneven.
    yield from rows.filter(pk__in=keys).iterator(chunk_size=100)


def _record(now: datetime, found: Sampled, ids: list[str]) -> None:
    with one_act():
        _append(
            now,
            entries.REPLAY_SAMPLED,
            found.seed,
            {
                "seed": found.seed,
                "sampled": found.sampled,
                "agree": found.agree,
                "differ": len(found.differ),
                "lacking": found.lacking,
                "decisions": ids,
                "findings": dict(list(found.differ.items())[:MAX_ALERTS]),
            },
        )
        for decision, why in list(found.differ.items())[:MAX_ALERTS]:
            _append(now, entries.REPLAY_MISMATCHED, decision, {"decision": decision, "why": why})


def _append(now: datetime, kind: str, subject: str, payload: dict[str, object]) -> None:
    draft = EntryDraft(
        stream=SYSTEM_STREAM,
        kind=kind,
        payload=payload,
        subject_kind="decision" if kind == entries.REPLAY_MISMATCHED else "replay",
        subject_id=subject,
    )
    append_entry(actor=REPLAY, now=now, draft=draft)
