"""Read what the reports rest on, in a number of queries that no row adds to."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from django.db.models import Prefetch
from django.db.models.functions import TruncDate

from governance.controls import rules
from governance.controls.incidents import halts, stops_in, unknown_outcomes
from governance.controls.oversight import votes, votes_cast
from governance.controls.reading import Pages, begin, each
from governance.controls.types import Asked, ChangeSeen, ChangeVote, Line
from governance.ledger.registry import kinds
from governance.ledger.selection import EntrySelection, select
from governance.reviews.models import ChangeRequest, Review
from governance.reviews.rules import change_digest
from governance.reviews.types import ChangePurpose, ReviewChoice, RiskLevel
from orchestra.core.actors import ActorKind
from orchestra.core.together import Reading, all_of, read

#: So many changes, with their whole texts, are read at once.
_TEXTS = 100
_HIGH = (RiskLevel.HIGH, RiskLevel.CRITICAL)


def changes(*, since: datetime, until: datetime) -> Reading[tuple[Line, ...]]:
    """Come to the lines about changes published in a span: three statements, three more a page."""
    undone = each(Asked(since, until), ("change.rolled_back",))
    published = _published(since, until)
    yield from begin(published, undone.pages)
    return rules.cover_changes(_changes(published), undone)


def oversight(*, since: datetime, until: datetime) -> Reading[tuple[Line, ...]]:
    """Come to the lines about votes and requests of a span: two statements, two more a page."""
    wanted = ("approval.granted", "approval.rejected", "approval.expired", "vigilance.judged")
    asked = Asked(since, until)
    ends, cast = each(asked, wanted), votes_cast(asked)
    yield from begin(cast, ends.pages)
    return rules.cover_oversight(votes(cast, asked), ends)


def incidents(*, since: datetime, until: datetime) -> Reading[tuple[Line, ...]]:
    """Come to the lines about stops and findings of a span: two statements, four more a page."""
    asked = Asked(since, until)
    acts = (
        *("agent.stopped", "agent.started", "stop.begun", "stop.drilled"),
        *("ledger.verified", "ledger.reconciled"),
    )
    told, stops, unknown = each(asked, acts), stops_in(asked), each(asked, ("tool_call.unknown",))
    yield from begin(told.pages, stops, unknown.pages)
    return rules.cover_incidents(told, halts(stops), unknown_outcomes(unknown))


def access(*, since: datetime, until: datetime) -> Reading[tuple[Line, ...]]:
    """Come to the lines about authority given and taken in a span: one query a page."""
    wanted = ("role.given", "queue.granted", "document.granted", "agent.granted")
    acts = (*wanted, "delegation.given", "person.disabled", "access_review.finished")
    told = each(Asked(since, until), acts)
    yield from begin(told.pages)
    return rules.cover_access(told)


def log_access(*, since: datetime, until: datetime) -> Reading[tuple[Line, ...]]:
    """Come to the lines about reads and exports of a span: one query a page."""
    wanted = ("ledger.read", "access.exported", "evidence.")
    told = each(Asked(since, until), wanted)
    yield from begin(told.pages)
    return rules.cover_log_access(told)


def recording(*, since: datetime, until: datetime) -> Reading[tuple[Line, ...]]:
    """Come to the lines about recording in a span, by days of UTC: one statement."""
    rows = select(EntrySelection(since=since, until=until)).order_by()
    on = rows.annotate(day=TruncDate("at", tzinfo=UTC)).values_list("day", flat=True).distinct()
    checks = each(Asked(since, until), ("ledger.verified",))
    told = yield from all_of(
        {
            "kinds": read(rows.values_list("kind", flat=True).distinct()),
            "days": read(on),
            "checks": begin(checks.pages),
        }
    )
    heard = {f"{day:%Y-%m-%d}" for day in told["days"]}
    days = _days(since, until)
    return rules.cover_recording(
        days=days,
        quiet=[day for day in days if day not in heard],
        unknown=sorted(kind for kind in set(told["kinds"]) if kind not in kinds),
        is_verified=any(one.payload.get("ok") is True for one in checks),
    )


def _days(since: datetime, until: datetime) -> list[str]:
    first, last = since.astimezone(UTC).date(), (until - timedelta(microseconds=1)).astimezone(UTC)
    count = (last.date() - first).days + 1
    return [f"{first + timedelta(days=number):%Y-%m-%d}" for number in range(max(0, count))]


def _published(since: datetime, until: datetime) -> Pages:
    votes = Review.objects.select_related("reviewer").filter(
        choice=ReviewChoice.APPROVE, voided_at__isnull=True
    )
    rows = ChangeRequest.objects.filter(
        published_at__gte=since, published_at__lt=until
    ).prefetch_related(Prefetch("reviews", votes, to_attr="approvals"))
    return Pages(rows, most=_TEXTS)


def _changes(published: Pages) -> Iterator[ChangeSeen]:
    for page in published:
        ids = tuple(str(row.public_id) for row in page)
        acts = _acts_on(ids) if ids else frozenset()
        yield from (_change(row, acts) for row in page)


def _acts_on(ids: tuple[str, ...]) -> frozenset[tuple[str, str, bool]]:
    """Return what was done to some changes: its kind, to which, and whether a person did it."""
    told = EntrySelection(kinds=("change.opened", "change.published"), subject_ids=ids)
    rows = select(told).order_by().values_list("kind", "subject_id", "actor_kind").distinct()
    return frozenset((kind, one, by == ActorKind.HUMAN) for kind, one, by in rows)


def _change(row: ChangeRequest, acts: frozenset[tuple[str, str, bool]]) -> ChangeSeen:
    approvals: Iterable[Review] = getattr(row, "approvals", ())
    now = change_digest(kind=row.kind, purpose=ChangePurpose(row.purpose), document=row.document)
    key = str(row.public_id)
    return ChangeSeen(
        label=row.label,
        id=key,
        writer_ids=frozenset({row.author_id, row.editor_id}),
        needs_rehearsal=row.needs_rehearsal,
        is_rehearsed=row.rehearsal_digest == row.digest,
        is_text_kept=now == row.digest,
        is_high=row.risk in _HIGH,
        is_opened_by_person=("change.opened", key, True) in acts,
        is_on_record=bool({("change.published", key, one) for one in (True, False)} & acts),
        votes=tuple(
            ChangeVote(voter_id=str(one.reviewer.public_id))
            for one in approvals
            if one.digest == row.digest
        ),
    )
