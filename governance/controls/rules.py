"""What each report looks for in the record, and which records lack it; pure."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime

from governance.controls.types import ChangeSeen, Line, Seen, VoteSeen
from orchestra.core.said import said as _

HUMAN = "human"
#: How many references of what is missing a line names at most; its counts are of all.
MOST_NAMED = 500


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


def cover_oversight(votes: Sequence[VoteSeen], entries: Sequence[Seen]) -> tuple[Line, ...]:
    """Return the lines about people who oversee what an AI may do.

    Args:
        votes: Votes cast in the span, those on tests of attention left out.
        entries: Endings of requests and judged tests of attention in the span.
    """
    return (
        cover("role", _("The role voted in stands beside the vote"), _votes(votes, _has_role)),
        cover("opened", _("Voter opened the page before voting"), _votes(votes, _opened)),
        cover(
            "evidence",
            _("All evidence was on the voter's screen before voting"),
            _votes(votes, _saw_evidence),
        ),
        cover("reason", _("Rejection says why"), ((one.label, one.is_reasoned) for one in votes)),
        cover(
            "decided",
            _("Request was decided by people before it lapsed"),
            (
                (str(one.payload.get("approval") or one.ref), one.kind != "approval.expired")
                for one in entries
                if one.kind in {"approval.granted", "approval.rejected", "approval.expired"}
            ),
        ),
        cover(
            "attention",
            _("Test of attention was caught"),
            (
                (
                    str(one.payload.get("approval") or one.ref),
                    None if one.erased else one.payload.get("result") == "caught",
                )
                for one in entries
                if one.kind == "vigilance.judged"
            ),
        ),
    )


def cover_incidents(entries: Sequence[Seen], calls: Sequence[Seen]) -> tuple[Line, ...]:
    """Return the lines about stopped AI agents and what checks found.

    Args:
        entries: Stops, starts, replays and verifications in the span, oldest first.
        calls: What AI agents proposed in the span.
    """
    stops = [one for one in entries if one.kind == "agent.stopped"]
    return (
        cover("drill", _("A stop was used in the period"), (("-", bool(stops)),)),
        cover("reason", _("Stop or start says why"), _reasoned(entries, "agent.")),
        cover(
            "halted",
            _("A stopped agent proposed nothing until it was started again"),
            ((_agent(one), _is_halted(one, entries, calls)) for one in stops),
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


def cover_access(entries: Sequence[Seen]) -> tuple[Line, ...]:
    """Return the lines about who was given and lost authority.

    Args:
        entries: Entries about grants, people and access reviews in the span.
    """
    given = [one for one in entries if one.kind.endswith((".given", ".granted"))]
    left = [one for one in entries if one.kind == "person.disabled"]
    finished = [one for one in entries if one.kind == "access_review.finished"]
    return (
        cover(
            "giver",
            _("Authority was given by a named person"),
            ((one.ref, one.actor_kind == HUMAN) for one in given),
        ),
        cover(
            "reason",
            _("Authority was given for a stated reason"),
            ((one.ref, told(one, "reason")) for one in given),
        ),
        cover(
            "leavers",
            _("Disabling of a person says why"),
            ((one.ref, told(one, "reason")) for one in left),
        ),
        cover("reviewed", _("An access review was finished"), (("-", bool(finished)),)),
        cover(
            "decided",
            _("Access review left no line open"),
            ((one.ref, None if one.erased else not one.payload.get("open")) for one in finished),
        ),
    )


def cover_log_access(entries: Sequence[Seen]) -> tuple[Line, ...]:
    """Return the lines about reads and exports of the record.

    Args:
        entries: Reads and exports in the span.
    """
    return (
        cover(
            "reader",
            _("Read or export names who it was"),
            ((one.ref, bool(one.actor_id)) for one in entries),
        ),
        cover(
            "what",
            _("Read says what was read"),
            (
                (one.ref, told(one, "what"))
                for one in entries
                if one.kind in {"ledger.read", "access.exported"}
            ),
        ),
    )


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


def _votes(votes: Iterable[VoteSeen], wanted: Callable[[VoteSeen], bool]) -> list[tuple[str, bool]]:
    return [(one.label, wanted(one)) for one in votes]


def _has_role(vote: VoteSeen) -> bool:
    return vote.has_role


def _opened(vote: VoteSeen) -> bool:
    return vote.opened_at is not None and vote.opened_at <= vote.at


def _saw_evidence(vote: VoteSeen) -> bool:
    return vote.saw_evidence_at is not None and vote.saw_evidence_at <= vote.at


def _reasoned(entries: Iterable[Seen], beginning: str) -> list[tuple[str, bool | None]]:
    return [(_agent(one), told(one, "reason")) for one in entries if one.kind.startswith(beginning)]


def _agent(entry: Seen) -> str:
    return str(entry.payload.get("agent") or entry.subject_id)


def _is_halted(stop: Seen, entries: Sequence[Seen], calls: Sequence[Seen]) -> bool:
    again = [
        one.at
        for one in entries
        if one.kind == "agent.started" and one.subject_id == stop.subject_id and one.at > stop.at
    ]
    end: datetime | None = min(again, default=None)
    return not any(
        call.actor_id == stop.subject_id and call.at > stop.at and (end is None or call.at < end)
        for call in calls
    )
