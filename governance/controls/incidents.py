"""Stops of AI agents with the time to halt, drills among them, and the register of incidents."""

from collections.abc import Iterator, Sequence
from typing import Final

from django.db.models import Count, DateTimeField, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

from governance.controls.reading import PAGE, Entries, Pages, Whole, among, each, say, see
from governance.controls.types import Asked, Cell, EntryRef, Seen, Table
from governance.ledger.selection import EntrySelection, select
from orchestra.core.said import said

STOPS: Final = ("agent.stopped", "agent.disabled")
DRILLED: Final = "stop.drilled"
#: What is an incident wherever it stands in the ledger.
ALWAYS: Final = (
    "tool_call.unknown",
    "tool_call.stale_result",
    "ledger.difference_explained",
    "ledger.signing_stopped",
    "ledger.epoch_begun",
    "replay.mismatched",
    "user.locked_out",
    "notification.unreadable",
    "stop.begun",
    *STOPS,
)
#: What is one only where it found something, and the number that says so.
WHERE_FOUND: Final = {
    "ledger.reconciled": "unexplained",
    "ledger.verified": "problems",
    "replay.sampled": "differ",
}
#: What the guards held back, too many to list one by one.
HELD_BACK: Final = (
    "act.refused",
    "tool_call.denied",
    "tool_call.voided",
    "step.off_plan",
    "verification.refused",
)
_ACTED: Final = ("tool_call.proposed", "execution.claimed")
_DRILL: Final = "drill"
_TIME: Final = DateTimeField()


def tables(asked: Asked) -> tuple[Table, ...]:
    """Return the stops, the register of incidents, and what the guards held back."""
    stops, drills = each(asked, STOPS), each(asked, (DRILLED,))
    listed, held = each(asked, (*ALWAYS, *WHERE_FOUND)), _counts_held_back(asked)
    return (
        Table(
            "stops",
            said("Stops of AI agents"),
            (
                said("Agent"),
                said("Stopped"),
                said("By"),
                said("Why"),
                said("Drill"),
                said("Acts after the stop"),
                said("Time to halt, s"),
                said("Started again"),
                said("Entry"),
            ),
            _stops(stops),
            said(
                "The time to halt runs from the stop to the last act of the agent before it was "
                "started again; 0 where it did nothing more. A stop whose reason says drill "
                "counts as a drill."
            ),
            begins=(stops.pages,),
        ),
        Table(
            "drills",
            said("Drills of the kill switches"),
            (
                said("What was stopped"),
                said("When"),
                said("By"),
                said("Time to halt, s"),
                said("Began before"),
                said("Began after"),
                said("Held"),
                said("Ran once lifted"),
                said("In time"),
                said("Entry"),
            ),
            _drills(drills),
            said(
                "Each drill stops something while a stream of harmless calls runs. The time to "
                "halt runs from the stop to the last call that a worker began after it; 0 where "
                "none did."
            ),
            begins=(drills.pages,),
        ),
        Table(
            "incidents",
            said("Register of incidents"),
            (said("When"), said("What"), said("By"), said("Entry")),
            _incidents(listed),
            said("Unknown outcomes, findings, differences, stops and lock-outs, oldest first."),
            begins=(listed.pages,),
        ),
        Table(
            "held_back",
            said("What the guards held back"),
            (said("What"), said("Entries")),
            _held_back(held),
            begins=(held,),
        ),
    )


def unknown_outcomes(told: Entries) -> Iterator[tuple[Seen, bool]]:
    """Yield each unknown outcome, and whether it was settled later: two queries a page."""
    chunk: list[Seen] = []
    for one in told:
        chunk.append(one)
        if len(chunk) == PAGE:
            yield from _settled(chunk)
            chunk = []
    yield from _settled(chunk)


def stops_in(asked: Asked) -> Pages:
    """Return the stops of a span, each with whether its agent acted until it was started again.

    What came after the span does not count.
    """
    span = EntrySelection(since=asked.since, until=asked.until)
    starts = select(span).filter(
        kind="agent.started", subject_id=OuterRef("subject_id"), at__gt=OuterRef("at")
    )
    calls = select(span).filter(
        kind="tool_call.proposed",
        actor_id=OuterRef("subject_id"),
        at__gt=OuterRef("at"),
        at__lt=OuterRef("awake_at"),
    )
    stops = among(asked, ("agent.stopped",)).annotate(
        awake_at=Coalesce(
            Subquery(starts.order_by("at").values("at")[:1]), asked.until, output_field=_TIME
        ),
        has_acted=Exists(calls),
    )
    return Pages(stops.select_related("payload"))


def halts(stops: Pages) -> Iterator[tuple[Seen, bool]]:
    """Yield each stop, and whether its agent proposed nothing until it was started: a query a page.

    Args:
        stops: What ``stops_in`` returned.
    """
    for page in stops:
        for row in page:
            yield see(row), not row.has_acted


def is_drill(entry: Seen) -> bool | None:
    """Return whether a stop says that it was a drill; None once its reason was erased."""
    return None if entry.erased else _DRILL in str(entry.payload.get("reason", "")).lower()


def _settled(chunk: Sequence[Seen]) -> Iterator[tuple[Seen, bool]]:
    if not chunk:
        return
    ends = EntrySelection(
        kinds=("tool_call.succeeded", "tool_call.failed", "tool_call.refused"),
        subject_ids=tuple({one.subject_id for one in chunk}),
    )
    last = dict(select(ends).order_by("id").values_list("subject_id", "at"))
    for one in chunk:
        yield one, one.subject_id in last and last[one.subject_id] >= one.at


def _stops(stops: Entries) -> Iterator[Sequence[Cell]]:
    for stop in stops:
        again = (
            select(EntrySelection(kinds=("agent.started",), subject_ids=(stop.subject_id,)))
            .filter(at__gt=stop.at)
            .order_by("at")
            .values_list("at", flat=True)
            .first()
        )
        after = select(
            EntrySelection(kinds=_ACTED, actor_ids=(stop.subject_id,), until=again)
        ).filter(at__gt=stop.at)
        last = after.order_by("-at").values_list("at", flat=True).first()
        drill = is_drill(stop)
        yield (
            str(stop.payload.get("agent") or stop.subject_id),
            stop.at,
            stop.actor,
            str(stop.payload.get("reason", "")) or None,
            said("erased") if drill is None else said("yes") if drill else said("no"),
            after.count(),
            round((last - stop.at).total_seconds()) if last else 0,
            again,
            stop.entry,
        )


def _drills(drills: Entries) -> Iterator[Sequence[Cell]]:
    for one in drills:
        told = one.payload
        yield (
            str(told.get("label", "")) or None,
            one.at,
            one.actor,
            str(told.get("seconds", "")) or None,
            *(_count(told.get(name)) for name in ("ran", "late", "held", "resumed")),
            said("yes") if told.get("passed") is True else said("no"),
            one.entry,
        )


def _incidents(listed: Entries) -> Iterator[Sequence[Cell]]:
    for row in listed.rows():
        one = see(row)
        number = WHERE_FOUND.get(one.kind)
        if number is None or _count(one.payload.get(number)):
            yield (one.at, say(row), one.actor, EntryRef(row.stream, row.seq))


def _count(value: object) -> int:
    if isinstance(value, list):
        return len(value)
    return value if isinstance(value, int) else 0


def _counts_held_back(asked: Asked) -> Whole:
    selection = EntrySelection(kinds=HELD_BACK, since=asked.since, until=asked.until)
    return Whole(select(selection).order_by().values_list("kind").annotate(number=Count("id")))


def _held_back(held: Whole) -> Iterator[Sequence[Cell]]:
    counts = dict(held.rows())
    titles = {
        "act.refused": said("Acts refused"),
        "tool_call.denied": said("Tool calls denied by policy"),
        "tool_call.voided": said("Approved calls voided since something changed"),
        "step.off_plan": said("Proposals off the plan"),
        "verification.refused": said("Customers not verified by the tool"),
    }
    for kind in HELD_BACK:
        yield (titles[kind], counts.get(kind, 0))
