"""What each report looks for in the record, and which records lack it; pure."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta

from governance.controls.types import ChangeSeen, Line, Seen, VoteSeen
from orchestra.core.said import said as _

HUMAN = "human"
#: How many references of what is missing a line names at most; its counts are of all.
MOST_NAMED = 500
#: The span of a report that names none, and the longest that is read at once.
USUAL = timedelta(days=92)
LONGEST = timedelta(days=400)


def is_span(since: datetime, until: datetime) -> bool:
    """Whether a report can be read over a span: it begins before it ends, and is not too long."""
    return timedelta(0) < until - since <= LONGEST


class Tally:
    """Counts records one by one; of the names, only those that are missing are kept, and few.

    Args:
        code: Stable code of the line.
        title: What is looked for.
    """

    def __init__(self, code: str, title: str) -> None:
        self._code, self._title = code, title
        self._counts: dict[bool | None, int] = {True: 0, False: 0, None: 0}
        self._missing: dict[str, str] = {}

    def add(self, ref: str, *, has_it: bool | None, case_id: str = "") -> None:
        """Count one record.

        Args:
            ref: Its reference.
            has_it: Whether it has what is looked for; None where that was erased.
            case_id: Public id of the case that the reference names; empty for none.
        """
        self._counts[has_it] += 1
        if has_it is False and len(self._missing) < MOST_NAMED:
            self._missing[ref] = case_id

    def line(self) -> Line:
        """Return what was counted so far."""
        return Line(
            code=self._code,
            title=self._title,
            complete=self._counts[True],
            total=self._counts[True] + self._counts[False],
            missing=tuple(self._missing),
            erased=self._counts[None],
            cases={ref: case_id for ref, case_id in self._missing.items() if case_id},
        )


def cover(code: str, title: str, records: Iterable[tuple[str, bool | None]]) -> Line:
    """Return one line: how many of some records are complete, and which are not.

    Args:
        code: Stable code of the line.
        title: What was looked for.
        records: Reference of each record, and whether it has it; None where that was erased.
    """
    tally = Tally(code, title)
    for ref, has_it in records:
        tally.add(ref, has_it=has_it)
    return tally.line()


def told(entry: Seen, name: str) -> bool | None:
    """Return whether an entry's payload holds something; None once it was erased."""
    return None if entry.erased else bool(entry.payload.get(name))


def cover_changes(changes: Sequence[ChangeSeen], entries: Sequence[Seen]) -> tuple[Line, ...]:
    """Return the lines about changes that came into force.

    Args:
        changes: The changes published in the span.
        entries: Entries about them, ``change.opened`` and ``change.published`` at least.
    """
    opened = _subjects(entries, "change.opened", lambda one: one.actor_kind == HUMAN)
    published = _subjects(entries, "change.published")
    return (
        cover("proposer", _("Proposed by a named person"), _each(changes, opened)),
        cover(
            "text",
            _("Text kept as it was voted on, so that the difference can be told in words"),
            ((one.label, one.is_text_kept) for one in changes),
        ),
        cover(
            "rehearsal",
            _("Rehearsal bound to the published text, where one is needed"),
            ((one.label, one.is_rehearsed) for one in changes if one.needs_rehearsal),
        ),
        cover(
            "votes",
            _("Votes by people other than the author"),
            ((one.label, bool(one.votes) and not _voted_on_own(one)) for one in changes),
        ),
        cover(
            "two_votes",
            _("Two votes where the risk is high or critical"),
            (
                (one.label, len({vote.voter_id for vote in one.votes} - one.writer_ids) > 1)
                for one in changes
                if one.is_high
            ),
        ),
        cover("published", _("Publishing entry, by whom and when"), _each(changes, published)),
        cover(
            "rollback",
            _("Rollback names what took its place, where there was one"),
            (
                (str(one.payload.get("change") or one.ref), told(one, "successor"))
                for one in entries
                if one.kind == "change.rolled_back"
            ),
        ),
    )


def cover_oversight(votes: Iterable[VoteSeen], entries: Iterable[Seen]) -> tuple[Line, ...]:
    """Return the lines about people who oversee what an AI may do; each is read once.

    Args:
        votes: Votes cast in the span, those on tests of attention left out.
        entries: Endings of requests and judged tests of attention in the span.
    """
    role = Tally("role", _("The role voted in stands beside the vote"))
    opened = Tally("opened", _("Voter opened the page before voting"))
    evidence = Tally("evidence", _("All evidence was on the voter's screen before voting"))
    reason = Tally("reason", _("Rejection says why"))
    for vote in votes:
        role.add(vote.label, has_it=vote.has_role)
        opened.add(vote.label, has_it=_is_before(vote.opened_at, vote))
        evidence.add(vote.label, has_it=_is_before(vote.saw_evidence_at, vote))
        if vote.is_rejection:
            reason.add(vote.label, has_it=vote.is_reasoned)
    decided = Tally("decided", _("Request was decided by people before it lapsed"))
    attention = Tally("attention", _("Test of attention was caught"))
    for one in entries:
        name = str(one.payload.get("approval") or one.ref)
        if one.kind == "vigilance.judged":
            caught = None if one.erased else one.payload.get("result") == "caught"
            attention.add(name, has_it=caught)
        else:
            decided.add(name, has_it=one.kind != "approval.expired")
    tallies = (role, opened, evidence, reason, decided, attention)
    return tuple(one.line() for one in tallies)


def cover_incidents(
    entries: Sequence[Seen],
    calls: Iterable[tuple[str, datetime]],
    unknown: Iterable[tuple[Seen, bool]] = (),
) -> tuple[Line, ...]:
    """Return the lines about stopped AI agents and what checks found.

    Args:
        entries: Stops, starts, comparisons and verifications in the span, oldest first.
        calls: Who proposed, and when, of the AI agents that were stopped.
        unknown: Unknown outcomes in the span, and whether each was settled later.
    """
    stops = [one for one in entries if one.kind == "agent.stopped"]
    awake = _still_acting(stops, entries, calls)
    used = [one for one in entries if one.kind in {"agent.stopped", "stop.begun"}]
    measured = [one for one in entries if one.kind == "stop.drilled"]
    drills = measured or [
        one for one in stops if "drill" in str(one.payload.get("reason", "")).lower()
    ]
    return (
        cover("stop", _("A stop was used in the period"), (("-", bool(used)),)),
        cover(
            "drill", _("A stop was a drill, measured or as its reason says"), (("-", bool(drills)),)
        ),
        cover(
            "in_time",
            _("Drill ended new work within 2 s"),
            (
                (one.ref, None if one.erased else one.payload.get("passed") is True)
                for one in measured
            ),
        ),
        cover(
            "settled",
            _("Unknown outcome was settled later"),
            ((one.ref, is_settled) for one, is_settled in unknown),
        ),
        cover(
            "reconciled",
            _("Comparison of effects with entries left no difference open"),
            (
                (one.ref, None if one.erased else not one.payload.get("unexplained"))
                for one in entries
                if one.kind == "ledger.reconciled"
            ),
        ),
        cover("reason", _("Stop or start says why"), _reasoned(entries, "agent.")),
        cover(
            "halted",
            _("A stopped agent proposed nothing until it was started again"),
            ((_agent(one), one.ref not in awake) for one in stops),
        ),
        cover(
            "verified",
            _("Verification of the ledger found nothing"),
            (
                (one.ref, None if one.erased else one.payload.get("ok") is True)
                for one in entries
                if one.kind == "ledger.verified"
            ),
        ),
    )


def cover_access(entries: Iterable[Seen]) -> tuple[Line, ...]:
    """Return the lines about who was given and lost authority; each entry is read once.

    Args:
        entries: Entries about grants, people and access reviews in the span.
    """
    giver = Tally("giver", _("Authority was given by a named person"))
    reason = Tally("reason", _("Authority was given for a stated reason"))
    leavers = Tally("leavers", _("Disabling of a person says why"))
    decided = Tally("decided", _("Access review left no line open"))
    is_reviewed = False
    for one in entries:
        if one.kind.endswith((".given", ".granted")):
            giver.add(one.ref, has_it=one.actor_kind == HUMAN)
            reason.add(one.ref, has_it=told(one, "reason"))
        elif one.kind == "person.disabled":
            leavers.add(one.ref, has_it=told(one, "reason"))
        elif one.kind == "access_review.finished":
            is_reviewed = True
            decided.add(one.ref, has_it=None if one.erased else not one.payload.get("open"))
    reviewed = cover("reviewed", _("An access review was finished"), (("-", is_reviewed),))
    return (giver.line(), reason.line(), leavers.line(), reviewed, decided.line())


def cover_log_access(entries: Iterable[Seen]) -> tuple[Line, ...]:
    """Return the lines about reads and exports of the record; each entry is read once.

    Args:
        entries: Reads and exports in the span.
    """
    reader = Tally("reader", _("Read or export names who it was"))
    what = Tally("what", _("Read says what was read"))
    for one in entries:
        reader.add(one.ref, has_it=bool(one.actor_id))
        if one.kind in {"ledger.read", "access.exported"}:
            what.add(one.ref, has_it=told(one, "what"))
    return (reader.line(), what.line())


def cover_recording(
    *, days: Collection[str], quiet: Collection[str], unknown: Collection[str], is_verified: bool
) -> tuple[Line, ...]:
    """Return the lines about recording over the lifetime.

    Args:
        days: Every day of the span.
        quiet: Those of them on which nothing was recorded.
        unknown: Kinds met in the span that are no longer registered.
        is_verified: Whether a verification in the span found nothing.
    """
    return (
        cover("days", _("Day has entries"), ((day, day not in quiet) for day in sorted(days))),
        cover(
            "kinds", _("Kind of entry is still told in words"), ((one, False) for one in unknown)
        ),
        cover("verified", _("A verification found nothing"), (("-", is_verified),)),
    )


def _subjects(
    entries: Iterable[Seen], kind: str, wanted: Callable[[Seen], bool] = lambda _one: True
) -> frozenset[str]:
    return frozenset(one.subject_id for one in entries if one.kind == kind and wanted(one))


def _each(changes: Iterable[ChangeSeen], ids: frozenset[str]) -> list[tuple[str, bool]]:
    return [(one.label, one.id in ids) for one in changes]


def _voted_on_own(change: ChangeSeen) -> bool:
    return any(vote.voter_id in change.writer_ids for vote in change.votes)


def _is_before(at: datetime | None, vote: VoteSeen) -> bool:
    return at is not None and at <= vote.at


def _reasoned(entries: Iterable[Seen], beginning: str) -> list[tuple[str, bool | None]]:
    return [(_agent(one), told(one, "reason")) for one in entries if one.kind.startswith(beginning)]


def _agent(entry: Seen) -> str:
    return str(entry.payload.get("agent") or entry.subject_id)


def _still_acting(
    stops: Iterable[Seen], entries: Sequence[Seen], calls: Iterable[tuple[str, datetime]]
) -> set[str]:
    """Return the references of the stops after which their agent went on."""
    spans: dict[str, list[tuple[datetime, datetime | None, str]]] = {}
    for stop in stops:
        again = [
            one.at
            for one in entries
            if one.kind == "agent.started"
            and one.subject_id == stop.subject_id
            and one.at > stop.at
        ]
        span = (stop.at, min(again, default=None), stop.ref)
        spans.setdefault(stop.subject_id, []).append(span)
    return {
        ref
        for agent, at in calls
        for since, until, ref in spans.get(agent, ())
        if at > since and (until is None or at < until)
    }
