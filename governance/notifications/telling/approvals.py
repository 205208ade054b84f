"""Who is told of a request for approval, and of what became of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from governance.access.bearers import as_uuids
from governance.access.selectors import authorities_of, list_eligible_voters
from governance.access.types import Authority, Capability
from governance.approvals import entries
from governance.approvals import rules as voting
from governance.approvals.models import ApprovalRequest
from governance.approvals.selectors import find_by_public_id, list_by_public_ids, standing_of
from governance.approvals.types import ApprovalState
from governance.ledger.selectors import find_last
from governance.notifications.kept import keep, once
from governance.notifications.registry import NoticeRule
from governance.notifications.telling.people import only, whose_request, with_stand_ins
from governance.notifications.types import Ends, Happened, Telling, Told, Topic, Why
from governance.policies.types import RiskLevel

SUBJECT: Final = "approval"
PAGE: Final = "approval"


def is_open(request_id: str) -> bool:
    """Return whether a request still waits for somebody's vote."""
    waiting = ApprovalRequest.objects.filter(state=ApprovalState.PENDING, public_id=request_id)
    return waiting.exists()


def tell_voters(happened: Happened, now: datetime) -> Telling | None:
    """Tell everybody who may vote on a request now."""
    request = _waiting(happened)
    return None if request is None else _ask(request, _able(request, now), now)


def tell_who_holds_it(happened: Happened, now: datetime) -> Telling | None:
    """Remind who holds a request or was handed it, and where nobody does, all who may vote."""
    request = _waiting(happened)
    if request is None:
        return None
    able = _able(request, now)
    named = (happened.payload.get("claimed_by_id"), happened.payload.get("handed_to_id"))
    holders = {str(one) for one in named if one} & set(able)
    return _ask(request, holders or able, now)


def tell_receiver(happened: Happened, now: datetime) -> Telling | None:
    """Tell the person whom a request was handed to."""
    del now
    request = _waiting(happened)
    to = str(happened.payload.get("to_id") or "")
    if request is None or not to:
        return None
    return _telling(request, only([Told(to, Why.HANDED)], besides=happened.actor_id), asks=True)


def tell_outcome(happened: Happened, now: datetime) -> Telling | None:
    """Tell the person behind a request, and who held it when it ended under their hands."""
    del now
    request = _find(happened)
    if request is None:
        return None
    behind = whose_request(str(request.requester_kind), request.requester_id)
    # What an AI agent was allowed, it goes on to do; nothing is left to its owner.
    goes_on = happened.kind == entries.GRANTED and behind.why is Why.OWNS_AGENT
    told = [] if goes_on else [behind]
    if happened.kind in {entries.VOIDED, entries.EXPIRED}:
        told.append(Told(_holder(happened), Why.CLAIMED))
    return _telling(request, only(told, besides=happened.actor_id), asks=False)


def read_ahead(happened: Sequence[Happened]) -> None:
    """Read the requests of several entries at once."""
    wanted = {one.subject_id for one in happened}
    found = {str(one.public_id): one for one in list_by_public_ids(as_uuids(wanted))}
    keep({(SUBJECT, request_id): found[request_id] for request_id in wanted & found.keys()})


def _find(happened: Happened) -> ApprovalRequest | None:
    request_id = happened.subject_id
    return once((SUBJECT, request_id), lambda: find_by_public_id(UUID(request_id)))


def _waiting(happened: Happened) -> ApprovalRequest | None:
    """Return the request where it still waits; what ended meanwhile asks nothing of anybody."""
    request = _find(happened)
    return request if request and request.state == ApprovalState.PENDING else None


def _able(request: ApprovalRequest, now: datetime) -> list[str]:
    # Candidates by grant, then the one rule: whoever is told may in fact vote.
    held = once(("voters", request.queue_id, *sorted(request.roles)), lambda: _candidates(request))
    barred = {str(one) for one in as_uuids(request.barred)}
    standing = standing_of(request)
    return [
        person
        for person, authority in held.items()
        if person not in barred
        and voting.may_vote(standing=standing, authority=authority, now=now).allowed
    ]


def _candidates(request: ApprovalRequest) -> Mapping[str, Authority]:
    voters = list_eligible_voters(queue_id=request.queue_id, roles=request.roles, barred_ids=())
    return authorities_of([str(person.public_id) for person in voters])


def _ask(request: ApprovalRequest, able: Collection[str], now: datetime) -> Telling:
    told = with_stand_ins(able, why=Why.MAY_VOTE, capability=Capability.APPROVAL_VOTE, now=now)
    return _telling(request, tuple(told), asks=True)


def _holder(happened: Happened) -> str:
    last = find_last(subject_id=happened.subject_id, of_kinds=[entries.CLAIMED, entries.RELEASED])
    lasts = timedelta(minutes=settings.ORCHESTRA["CLAIM_MINUTES"])
    if last is None or last.kind != entries.CLAIMED or last.at < happened.at - lasts:
        return ""
    return str(last.actor_id)


def _telling(request: ApprovalRequest, people: tuple[Told, ...], *, asks: bool) -> Telling:
    return Telling(
        people=people,
        label=request.label,
        page=PAGE,
        page_id=str(request.public_id),
        risk=RiskLevel(request.risk),
        queue_id=request.queue_id,
        deadline_at=request.deadline_at if asks else None,
    )


_RULES: Final[Mapping[str, NoticeRule]] = {
    entries.REQUESTED: NoticeRule(
        Topic.DECIDE, _("{label} waits for your decision"), tell_voters, asks=True
    ),
    "approval.reminded": NoticeRule(
        Topic.DECIDE, _("{label} still waits for your decision"), tell_who_holds_it, asks=True
    ),
    "approval.escalated": NoticeRule(
        Topic.DECIDE, _("{label} went to the next role and waits"), tell_voters, asks=True
    ),
    "approval.handed_over": NoticeRule(
        Topic.DECIDE, _("{label} was handed to you"), tell_receiver, asks=True
    ),
    entries.VOTED: NoticeRule(Topic.DECIDE, _("Somebody voted on {label}"), ends=Ends.FOR_ACTOR),
    entries.GRANTED: NoticeRule(
        Topic.OUTCOME, _("{label} was approved"), tell_outcome, ends=Ends.FOR_ALL
    ),
    entries.REJECTED: NoticeRule(
        Topic.OUTCOME, _("{label} was rejected"), tell_outcome, ends=Ends.FOR_ALL
    ),
    entries.EXPIRED: NoticeRule(
        Topic.OUTCOME, _("{label} expired undecided; nothing ran"), tell_outcome, ends=Ends.FOR_ALL
    ),
    entries.VOIDED: NoticeRule(
        Topic.OUTCOME, _("{label} was voided"), tell_outcome, ends=Ends.FOR_ALL
    ),
}

RULES: Final[Mapping[str, NoticeRule]] = {
    kind: replace(rule, ahead=read_ahead if rule.tell else None) for kind, rule in _RULES.items()
}
