"""What each report looks for in the record, and which records lack it; pure."""

from collections.abc import Collection, Iterable
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


def cover_changes(changes: Iterable[ChangeSeen], undone: Iterable[Seen]) -> tuple[Line, ...]:
    """Return the lines about changes that came into force; each is read once.

    Args:
        changes: The changes published in the span.
        undone: Entries about changes rolled back in the span.
    """
    proposer = Tally("proposer", _("Proposed by a named person"))
    text = Tally(
        "text", _("Text kept as it was voted on, so that the difference can be told in words")
    )
    rehearsal = Tally("rehearsal", _("Rehearsal bound to the published text, where one is needed"))
    votes = Tally("votes", _("Votes by people other than the author"))
    two_votes = Tally("two_votes", _("Two votes where the risk is high or critical"))
    published = Tally("published", _("Publishing entry, by whom and when"))
    for one in changes:
        others = {vote.voter_id for vote in one.votes} - one.writer_ids
        proposer.add(one.label, has_it=one.is_opened_by_person)
        text.add(one.label, has_it=one.is_text_kept)
        if one.needs_rehearsal:
            rehearsal.add(one.label, has_it=one.is_rehearsed)
        votes.add(one.label, has_it=bool(one.votes) and not _voted_on_own(one))
        if one.is_high:
            two_votes.add(one.label, has_it=len(others) > 1)
        published.add(one.label, has_it=one.is_on_record)
    rollback = Tally("rollback", _("Rollback names what took its place, where there was one"))
    for entry in undone:
        name = str(entry.payload.get("change") or entry.ref)
        rollback.add(name, has_it=told(entry, "successor"))
    tallies = (proposer, text, rehearsal, votes, two_votes, published, rollback)
    return tuple(one.line() for one in tallies)


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
    entries: Iterable[Seen],
    halts: Iterable[tuple[Seen, bool]] = (),
    unknown: Iterable[tuple[Seen, bool]] = (),
) -> tuple[Line, ...]:
    """Return the lines about stopped AI agents and what checks found; each is read once.

    Args:
        entries: Stops, starts, comparisons and verifications in the span.
        halts: The stops, and whether the agent proposed nothing until it was started again.
        unknown: Unknown outcomes in the span, and whether each was settled later.
    """
    reconciled = Tally(
        "reconciled", _("Comparison of effects with entries left no difference open")
    )
    in_time = Tally("in_time", _("Drill ended new work within 2 s"))
    reason = Tally("reason", _("Stop or start says why"))
    verified = Tally("verified", _("Verification of the ledger found nothing"))
    is_stopped = is_drilled = False
    for one in entries:
        if one.kind == "ledger.reconciled":
            reconciled.add(
                one.ref, has_it=None if one.erased else not one.payload.get("unexplained")
            )
        elif one.kind == "ledger.verified":
            verified.add(one.ref, has_it=None if one.erased else one.payload.get("ok") is True)
        elif one.kind == "stop.drilled":
            is_drilled = True
            in_time.add(one.ref, has_it=None if one.erased else one.payload.get("passed") is True)
        elif one.kind == "stop.begun":
            is_stopped = True
        else:
            reason.add(_agent(one), has_it=told(one, "reason"))
        if one.kind == "agent.stopped":
            is_stopped = True
            is_drilled |= "drill" in str(one.payload.get("reason", "")).lower()
    settled = cover(
        "settled", _("Unknown outcome was settled later"), ((one.ref, is_) for one, is_ in unknown)
    )
    halted = cover(
        "halted",
        _("A stopped agent proposed nothing until it was started again"),
        ((_agent(one), has_halted) for one, has_halted in halts),
    )
    return (
        cover("stop", _("A stop was used in the period"), (("-", is_stopped),)),
        cover(
            "drill", _("A stop was a drill, measured or as its reason says"), (("-", is_drilled),)
        ),
        in_time.line(),
        settled,
        reconciled.line(),
        reason.line(),
        halted,
        verified.line(),
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


def _voted_on_own(change: ChangeSeen) -> bool:
    return any(vote.voter_id in change.writer_ids for vote in change.votes)


def _is_before(at: datetime | None, vote: VoteSeen) -> bool:
    return at is not None and at <= vote.at


def _agent(entry: Seen) -> str:
    return str(entry.payload.get("agent") or entry.subject_id)
