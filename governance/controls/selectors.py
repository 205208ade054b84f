"""Read what the reports rest on, in a number of queries that no row adds to."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Min, Prefetch
from django.db.models.functions import TruncDate

from governance.approvals.entries import EVIDENCE_SEEN, OPENED
from governance.approvals.models import ApprovalVote
from governance.approvals.types import VIGILANCE, VoteChoice
from governance.controls import rules
from governance.controls.types import ChangeSeen, ChangeVote, Line, Seen, VoteSeen
from governance.ledger.registry import kinds
from governance.ledger.selection import EntrySelection, select
from governance.ledger.selectors import payload_of
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
    """Return the lines about votes and requests of a span: four queries."""
    rows = ApprovalVote.objects.filter(at__gte=since, at__lt=until).exclude(
        request__subject_kind=VIGILANCE
    )
    opened = _first(OPENED, since, until)
    seen = _first(EVIDENCE_SEEN, since, until)
    votes = []
    for row in rows.select_related("request", "voter").order_by("pk"):
        key = (str(row.request.public_id), str(row.voter.public_id))
        votes.append(
            VoteSeen(
                label=row.request.label,
                at=row.at,
                opened_at=opened.get(key),
                saw_evidence_at=seen.get(key),
                is_reasoned=row.choice != VoteChoice.REJECT or bool(row.reason or row.reason_code),
                has_role=bool(row.roles),
            )
        )
    wanted = ("approval.granted", "approval.rejected", "approval.expired", "vigilance.judged")
    return rules.cover_oversight(votes, _seen(kinds=wanted, since=since, until=until))


def incidents(*, since: datetime, until: datetime) -> tuple[Line, ...]:
    """Return the lines about stops and findings of a span: two queries."""
    acts = ("agent.stopped", "agent.started", "ledger.verified")
    found = _seen(kinds=acts, since=since, until=until)
    stopped = tuple({one.subject_id for one in found if one.kind == "agent.stopped"})
    calls = (
        _seen(kinds=("tool_call.proposed",), actor_ids=stopped, since=since, until=until)
        if stopped
        else []
    )
    return rules.cover_incidents(found, calls)


def access(*, since: datetime, until: datetime) -> tuple[Line, ...]:
    """Return the lines about authority given and taken in a span: one query."""
    wanted = ("role.given", "queue.granted", "document.granted", "agent.granted")
    acts = (*wanted, "delegation.given", "person.disabled", "access_review.finished")
    return rules.cover_access(_seen(kinds=acts, since=since, until=until))


def log_access(*, since: datetime, until: datetime) -> tuple[Line, ...]:
    """Return the lines about reads and exports of a span: one query."""
    wanted = ("ledger.read", "access.exported", "evidence.")
    return rules.cover_log_access(_seen(kinds=wanted, since=since, until=until))


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


def _first(kind: str, since: datetime, until: datetime) -> dict[tuple[str, str], datetime]:
    selection = EntrySelection(kinds=(kind,), since=since - _BEFORE, until=until)
    found = select(selection).order_by().values_list("subject_id", "actor_id")
    return {(subject, actor): at for subject, actor, at in found.annotate(first=Min("at"))}


def _seen(
    *,
    kinds: tuple[str, ...],
    subject_ids: tuple[str, ...] = (),
    actor_ids: tuple[str, ...] = (),
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Seen]:
    selection = EntrySelection(
        kinds=kinds, subject_ids=subject_ids, actor_ids=actor_ids, since=since, until=until
    )
    return [see(entry) for entry in select(selection).select_related("payload").order_by("id")]


def see(entry: Any) -> Seen:
    """Return an entry as the reports look at it."""
    payload = payload_of(entry=entry)
    return Seen(
        ref=f"{entry.stream} {entry.seq}",
        kind=entry.kind,
        at=entry.at,
        actor_kind=entry.actor_kind,
        actor_id=entry.actor_id,
        subject_id=entry.subject_id,
        payload=payload or {},
        erased=payload is None,
    )
