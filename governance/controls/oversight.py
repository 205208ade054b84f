"""Who oversaw what an AI may do: each vote with what was open before it, and figures a person."""

from array import array
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Min, QuerySet

from governance.access.models import User
from governance.access_reviews.rules import roles_by_person, voters_by_queue
from governance.approvals.entries import EVIDENCE_SEEN, OPENED
from governance.approvals.figures import quantile
from governance.approvals.models import ApprovalVote
from governance.approvals.registry import reversals
from governance.approvals.types import VIGILANCE, VigilanceResult, VoteChoice
from governance.controls.reading import Pages, Past, Whole
from governance.controls.types import Asked, Cell, Table, VoteSeen
from governance.ledger.selection import EntrySelection, select
from orchestra.core.said import said
from orchestra.core.together import read_together

#: A page may have been opened so long before the span in which the vote fell.
_BEFORE: Final = timedelta(days=2)
_EDITED: Final = "tool_call.edited"


@dataclass(slots=True)
class _Person:
    """What one approver did in a span; times are seconds."""

    label: str
    votes: int = 0
    rejected: int = 0
    undone: int = 0
    edited: int = 0
    tests: int = 0
    caught: int = 0
    took: "array[float]" = field(default_factory=lambda: array("d"))


def votes_between(since: datetime, until: datetime) -> QuerySet[ApprovalVote]:
    """Return the query of all votes of a span."""
    return ApprovalVote.objects.filter(at__gte=since, at__lt=until)


def votes_cast(asked: Asked) -> Pages:
    """Return the votes of a span, tests of attention left out, yet to be read."""
    rows = (
        votes_between(asked.since, asked.until)
        .exclude(request__subject_kind=VIGILANCE)
        .select_related("request", "voter")
        .defer("request__view")
    )
    return Pages(rows)


def votes(cast: Pages, asked: Asked) -> Iterator[VoteSeen]:
    """Yield votes with what their voters had opened and seen before: two statements a page."""
    for page in cast:
        yield from _told(page, asked)


def tables(asked: Asked) -> tuple[Table, ...]:
    """Return what each approver did and how long it took, and who may approve."""
    cast, tests, edits = votes_cast(asked), _tests(asked), _edits(asked)
    past = Past(asked)
    return (
        Table(
            "approvers",
            said("Approvers"),
            (
                said("Approver"),
                said("Votes"),
                said("Votes with a time"),
                said("Median time to decide, s"),
                said("90 of 100 within, s"),
                said("Rejected"),
                said("Changed before approval"),
                said("Approved and undone later"),
                said("Tests of attention"),
                said("Tests caught"),
            ),
            _figures(cast, tests, edits, asked),
            said(
                "The time runs from first opening the page to the vote; a vote without an opened "
                "page has none. A count of few says little of a person."
            ),
            adds_up=True,
            begins=(cast, tests, edits),
        ),
        Table(
            "roster",
            said("Who may approve at the end of the span"),
            (said("Queue"), said("Person"), said("Roles")),
            _roster(past),
            said("Read back from the record of grants. A day that is not over counts as now."),
            begins=past.parts,
        ),
    )


def _told(page: Sequence[ApprovalVote], asked: Asked) -> Iterator[VoteSeen]:
    if not page:
        return
    ids = tuple({str(row.request.public_id) for row in page})
    rows = [_first(kind, ids, asked) for kind in (OPENED, EVIDENCE_SEEN)]
    read_together(*rows)
    opened, seen = ({(subject, actor): at for subject, actor, at in one} for one in rows)
    for row in page:
        key = (str(row.request.public_id), str(row.voter.public_id))
        is_rejection = row.choice == VoteChoice.REJECT
        yield VoteSeen(
            label=row.request.label,
            at=row.at,
            opened_at=opened.get(key),
            saw_evidence_at=seen.get(key),
            is_reasoned=not is_rejection or bool(row.reason or row.reason_code),
            has_role=bool(row.roles),
            voter_id=key[1],
            voter=row.voter.label,
            request_id=key[0],
            subject_id=row.request.subject_id,
            is_rejection=is_rejection,
        )


def _first(kind: str, request_ids: tuple[str, ...], asked: Asked) -> QuerySet[Any, Any]:
    selection = EntrySelection(
        kinds=(kind,),
        subject_ids=request_ids,
        since=asked.since - _BEFORE,
        until=asked.until,
    )
    found = select(selection).order_by().values_list("subject_id", "actor_id")
    told: QuerySet[Any, Any] = found.annotate(first=Min("at"))
    return told


def _figures(cast: Pages, tests: Whole, edits: Whole, asked: Asked) -> Iterator[Sequence[Cell]]:
    people: dict[str, _Person] = {}
    # What was undone of what a vote allowed was undone after it.
    undone = {one for key in reversals for one in reversals.get(key).find(asked.since)}
    _add(people, votes(cast, asked), undone)
    _add_tests(people, tests.rows())
    edited = Counter(dict(edits.rows()))
    whole = _Person(said("Everybody"))
    for key, one in people.items():
        one.edited = edited[key]
        whole.took.extend(one.took)
        for name in ("votes", "rejected", "undone", "edited", "tests", "caught"):
            setattr(whole, name, getattr(whole, name) + getattr(one, name))
    for one in [whole, *sorted(people.values(), key=lambda one: one.label)] if people else []:
        yield _row(one)


def _add(people: dict[str, _Person], seen: Iterable[VoteSeen], undone: Container[str]) -> None:
    for vote in seen:
        one = people.setdefault(vote.voter_id, _Person(vote.voter))
        one.votes += 1
        one.rejected += vote.is_rejection
        one.undone += not vote.is_rejection and vote.subject_id in undone
        if vote.opened_at is not None and vote.opened_at <= vote.at:
            one.took.append((vote.at - vote.opened_at).total_seconds())


def _tests(asked: Asked) -> Whole:
    tests = votes_between(asked.since, asked.until).filter(request__subject_kind=VIGILANCE)
    rows = tests.exclude(request__vigilance__result=VigilanceResult.OPEN)
    found = rows.values_list("voter__public_id", "request__vigilance__result")
    return Whole(found.annotate(number=Count("pk")).order_by())


def _add_tests(people: dict[str, _Person], counts: Sequence[tuple[UUID, str, int]]) -> None:
    voters = User.objects.filter(public_id__in={voter_id for voter_id, *_rest in counts})
    labels = {voter.public_id: voter.label for voter in voters}
    for voter_id, result, number in counts:
        one = people.setdefault(str(voter_id), _Person(labels[voter_id]))
        one.tests += number
        one.caught += number if result == VigilanceResult.CAUGHT else 0


def _edits(asked: Asked) -> Whole:
    selection = EntrySelection(kinds=(_EDITED,), since=asked.since, until=asked.until)
    found = select(selection).order_by().values_list("actor_id")
    return Whole(found.annotate(number=Count("id")))


def _row(one: _Person) -> Sequence[Cell]:
    took = sorted(one.took)
    return (
        one.label,
        one.votes,
        len(took),
        _whole(quantile(took, 0.5)),
        _whole(quantile(took, 0.9)),
        one.rejected,
        one.edited,
        one.undone,
        one.tests,
        one.caught,
    )


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds)


def _roster(past: Past) -> Iterator[Sequence[Cell]]:
    holdings, _given = past.read()
    roles = roles_by_person(holdings.grants)
    for queue, people in sorted(
        voters_by_queue(holdings).items(), key=lambda one: holdings.queues[one[0]]
    ):
        for person in sorted(people, key=lambda one: holdings.people[one].label):
            held = ", ".join(sorted(roles.get(person, ())))
            yield (holdings.queues[queue], holdings.people[person].label, held.replace("_", " "))
