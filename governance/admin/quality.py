"""One person's approvals of late, for their own start page: figures in words, no ranking."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Min
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.admin.visit import Visit
from governance.approvals import entries
from governance.approvals import selectors as approvals
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.approvals.quality import Quality, VoteTaken, summarise
from governance.approvals.types import VIGILANCE, ApprovalState, VoteChoice
from governance.ledger.selectors import list_entries
from orchestra.core.together import Reading, all_of, read

DAYS = 7
_MINUTE = 60
_NOTHING = "\N{EN DASH}"


def describe_quality(visit: Visit) -> Reading[dict[str, Any]]:
    """Come to the figures of the person's approvals in the last days."""
    since = visit.now - timedelta(days=DAYS)
    told = yield from all_of({"votes": _votes(visit, since), "unseen": _unseen(visit, since)})
    found = summarise(told["votes"])
    return {
        "days": DAYS,
        "hint": ngettext("%(count)d decided", "%(count)d decided", found.decided)
        % {"count": found.decided},
        "figures": [_speed(found), _haste(found), _rejections(found), told["unseen"]],
    }


def _votes(visit: Visit, since: datetime) -> Reading[list[VoteTaken]]:
    votes = ApprovalVote.objects.filter(voter_id=visit.actor.pk, at__gte=since).exclude(
        request__subject_kind=VIGILANCE
    )
    # A page may have been opened before the span and voted on within it.
    looked = list_entries().filter(
        kind=entries.OPENED, actor_id=visit.actor.id, at__gte=since - timedelta(days=1)
    )
    found = yield from all_of(
        {
            "votes": read(votes.values_list("request__public_id", "choice", "at")),
            "opened": read(looked.order_by().values_list("subject_id").annotate(first=Min("at"))),
        }
    )
    rows: list[tuple[UUID, str, datetime]] = found["votes"]
    opened: dict[str, datetime] = dict(found["opened"])
    return [
        VoteTaken(choice=VoteChoice(choice), took=_took(opened.get(str(request)), at))
        for request, choice, at in rows
    ]


def _took(opened_at: datetime | None, voted_at: datetime) -> timedelta | None:
    return None if opened_at is None or opened_at > voted_at else voted_at - opened_at


def _figure(label: str, value: str, unit: str, note: str) -> dict[str, str]:
    return {"label": label, "value": value, "unit": unit, "note": note}


def _speed(found: Quality) -> dict[str, str]:
    label = _("Median time to decide")
    if found.median_seconds is None:
        return _figure(label, _NOTHING, "", _("no vote from its page yet"))
    seconds = found.median_seconds
    note = _("from opening the page")
    if seconds < 2 * _MINUTE:
        return _figure(label, f"{seconds:.0f}", _("s"), note)
    return _figure(label, f"{seconds / _MINUTE:.0f}", _("min"), note)


def _haste(found: Quality) -> dict[str, str]:
    label = _("Decided under 5 seconds")
    if not found.timed:
        return _figure(label, _NOTHING, "", "")
    note = _("%(count)d of %(all)d") % {"count": found.too_fast, "all": found.timed}
    return _figure(label, f"{100 * found.too_fast / found.timed:.1f}", "%", note)


def _rejections(found: Quality) -> dict[str, str]:
    label = _("Rejected")
    if not found.decided:
        return _figure(label, _NOTHING, "", "")
    note = _("%(count)d of %(all)d; 95%% interval %(low).1f to %(high).1f") % {
        "count": found.rejected,
        "all": found.decided,
        "low": 100 * found.reject_low,
        "high": 100 * found.reject_high,
    }
    return _figure(label, f"{100 * found.rejected / found.decided:.1f}", "%", note)


def _unseen(visit: Visit, since: datetime) -> Reading[dict[str, str]]:
    """Come to how many requests expired in the person's queues and nobody had opened them."""
    ended = approvals.real(approvals.list_visible(authority=visit.authority)).filter(
        state=ApprovalState.EXPIRED, decided_at__gte=since, execute_by_at__isnull=True
    )
    ids = yield from read(ended.values_list("public_id", flat=True))
    expired = [str(public_id) for public_id in ids]
    looked = list_entries().filter(kind=entries.OPENED, subject_id__in=expired).order_by()
    seen = set((yield from read(looked.values_list("subject_id", flat=True))))
    count = sum(each not in seen for each in expired)
    return _figure(_("Expired unopened"), str(count), "", _("in your queues"))


def describe_voided(visit: Visit, *, shown: int) -> Reading[list[dict[str, Any]]]:
    """Come to the approvals that were voided in the last day, together by their reason."""
    voided = (
        approvals.real(approvals.list_visible(authority=visit.authority))
        .filter(state=ApprovalState.VOIDED, decided_at__gte=visit.now - timedelta(days=1))
        .order_by("-decided_at", "-pk")
    )
    # Told by their reason alone: who holds them and who voted is of no use here.
    plain = voided.prefetch_related(None).select_related(None)
    rows = yield from read(plain.only("public_id", "ended_reason", "decided_at")[: shown * shown])
    groups: dict[str, list[ApprovalRequest]] = {}
    for row in rows:
        groups.setdefault(row.ended_reason, []).append(row)
    return [
        {"reason": reason, "requests": found, "at": found[0].decided_at}
        for reason, found in list(groups.items())[:shown]
    ]
