"""Read what the reports rest on, in a number of queries that no row adds to."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db.models import Prefetch
from django.db.models.functions import TruncDate

from governance.controls import rules
from governance.controls.incidents import unknown_outcomes
from governance.controls.oversight import votes
from governance.controls.reading import each, see
from governance.controls.types import Asked, ChangeSeen, ChangeVote, Line, Seen
from governance.ledger.registry import kinds
from governance.ledger.selection import EntrySelection, select
from governance.reviews.models import ChangeRequest, Review
from governance.reviews.rules import change_digest
from governance.reviews.types import ChangePurpose, ReviewChoice, RiskLevel

#: A page may have been opened so long before the span in which the vote fell.
_BEFORE = timedelta(days=2)
_HIGH = (RiskLevel.HIGH, RiskLevel.CRITICAL)


def changes(*, since: datetime, until: datetime) -> tuple[Line, ...]:
    """Return the lines about changes published in a span: four queries."""
    votes = Review.objects.select_related("reviewer").filter(
        choice=ReviewChoice.APPROVE, voided_at__isnull=True
    )
    found = [
        _change(row)
        for row in ChangeRequest.objects.filter(published_at__gte=since, published_at__lt=until)
        .prefetch_related(Prefetch("reviews", votes, to_attr="approvals"))
        .order_by("pk")
    ]
    ids = tuple(one.id for one in found)
    acts = ("change.opened", "change.published")
    about = _seen(kinds=acts, subject_ids=ids) if ids else []
    ended = _seen(kinds=("change.rolled_back",), since=since, until=until)
    return rules.cover_changes(found, [*about, *ended])


def oversight(*, since: datetime, until: datetime) -> tuple[Line, ...]:
    """Return the lines about votes and requests of a span: four queries, three more a page."""
    wanted = ("approval.granted", "approval.rejected", "approval.expired", "vigilance.judged")
    ends = each(Asked(since, until), wanted)
    return rules.cover_oversight(votes(Asked(since, until)), ends)


def incidents(*, since: datetime, until: datetime) -> tuple[Line, ...]:
    """Return the lines about stops and findings of a span: three queries, two more a page."""
    acts = (
        *("agent.stopped", "agent.started", "stop.begun", "stop.drilled"),
        *("ledger.verified", "ledger.reconciled"),
    )
    found = _seen(kinds=acts, since=since, until=until)
    stopped = tuple({one.subject_id for one in found if one.kind == "agent.stopped"})
    wanted = EntrySelection(
        kinds=("tool_call.proposed",), actor_ids=stopped, since=since, until=until
    )
    calls = select(wanted).order_by().values_list("actor_id", "at").iterator() if stopped else ()
    return rules.cover_incidents(found, calls, unknown_outcomes(Asked(since, until)))


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
    checks = _seen(kinds=("ledger.verified",), since=since, until=until)
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


def _change(row: ChangeRequest) -> ChangeSeen:
    approvals: Iterable[Review] = getattr(row, "approvals", ())
    now = change_digest(kind=row.kind, purpose=ChangePurpose(row.purpose), document=row.document)
    return ChangeSeen(
        label=row.label,
        id=str(row.public_id),
        writer_ids=frozenset({row.author_id, row.editor_id}),
        needs_rehearsal=row.needs_rehearsal,
        is_rehearsed=row.rehearsal_digest == row.digest,
        is_text_kept=now == row.digest,
        is_high=row.risk in _HIGH,
        votes=tuple(
            ChangeVote(voter_id=str(one.reviewer.public_id))
            for one in approvals
            if one.digest == row.digest
        ),
    )


def _seen(
    *,
    kinds: tuple[str, ...],
    subject_ids: tuple[str, ...] = (),
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Seen]:
    selection = EntrySelection(kinds=kinds, subject_ids=subject_ids, since=since, until=until)
    return [see(entry) for entry in select(selection).select_related("payload").order_by("id")]
