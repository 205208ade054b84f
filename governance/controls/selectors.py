"""Read what the reports rest on, in a number of queries that no row adds to."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from django.db.models import Prefetch
from django.db.models.functions import TruncDate

from governance.controls import rules
from governance.controls.incidents import halts, unknown_outcomes
from governance.controls.oversight import votes
from governance.controls.reading import each, pages
from governance.controls.types import Asked, ChangeSeen, ChangeVote, Line
from governance.ledger.registry import kinds
from governance.ledger.selection import EntrySelection, select
from governance.reviews.models import ChangeRequest, Review
from governance.reviews.rules import change_digest
from governance.reviews.types import ChangePurpose, ReviewChoice, RiskLevel
from orchestra.core.actors import ActorKind

#: So many changes, with their whole texts, are read at once.
_TEXTS = 100
_HIGH = (RiskLevel.HIGH, RiskLevel.CRITICAL)


def changes(*, since: datetime, until: datetime) -> tuple[Line, ...]:
    """Return the lines about changes published in a span: four queries, three more a page."""
    undone = each(Asked(since, until), ("change.rolled_back",))
    return rules.cover_changes(_published(since, until), undone)


def oversight(*, since: datetime, until: datetime) -> tuple[Line, ...]:
    """Return the lines about votes and requests of a span: four queries, three more a page."""
    wanted = ("approval.granted", "approval.rejected", "approval.expired", "vigilance.judged")
    ends = each(Asked(since, until), wanted)
    return rules.cover_oversight(votes(Asked(since, until)), ends)


def incidents(*, since: datetime, until: datetime) -> tuple[Line, ...]:
    """Return the lines about stops and findings of a span: three queries, four more a page."""
    asked = Asked(since, until)
    acts = (
        *("agent.stopped", "agent.started", "stop.begun", "stop.drilled"),
        *("ledger.verified", "ledger.reconciled"),
    )
    return rules.cover_incidents(each(asked, acts), halts(asked), unknown_outcomes(asked))


def access(*, since: datetime, until: datetime) -> tuple[Line, ...]:
    """Return the lines about authority given and taken in a span: one query a page."""
    wanted = ("role.given", "queue.granted", "document.granted", "agent.granted")
    acts = (*wanted, "delegation.given", "person.disabled", "access_review.finished")
    return rules.cover_access(each(Asked(since, until), acts))


def log_access(*, since: datetime, until: datetime) -> tuple[Line, ...]:
    """Return the lines about reads and exports of a span: one query a page."""
    wanted = ("ledger.read", "access.exported", "evidence.")
    return rules.cover_log_access(each(Asked(since, until), wanted))


def recording(*, since: datetime, until: datetime) -> tuple[Line, ...]:
    """Return the lines about recording in a span, by days of UTC: three queries."""
    rows = select(EntrySelection(since=since, until=until)).order_by()
    met = set(rows.values_list("kind", flat=True).distinct())
    on = rows.annotate(day=TruncDate("at", tzinfo=UTC)).values_list("day", flat=True).distinct()
    heard = {f"{day:%Y-%m-%d}" for day in on}
    days = _days(since, until)
    checks = each(Asked(since, until), ("ledger.verified",))
    return rules.cover_recording(
        days=days,
        quiet=[day for day in days if day not in heard],
        unknown=sorted(kind for kind in met if kind not in kinds),
        is_verified=any(one.payload.get("ok") is True for one in checks),
    )


def _days(since: datetime, until: datetime) -> list[str]:
    first, last = since.astimezone(UTC).date(), (until - timedelta(microseconds=1)).astimezone(UTC)
    count = (last.date() - first).days + 1
    return [f"{first + timedelta(days=number):%Y-%m-%d}" for number in range(max(0, count))]


def _published(since: datetime, until: datetime) -> Iterator[ChangeSeen]:
    votes = Review.objects.select_related("reviewer").filter(
        choice=ReviewChoice.APPROVE, voided_at__isnull=True
    )
    rows = ChangeRequest.objects.filter(
        published_at__gte=since, published_at__lt=until
    ).prefetch_related(Prefetch("reviews", votes, to_attr="approvals"))
    for page in pages(rows, most=_TEXTS):
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
