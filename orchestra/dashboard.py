"""What the admin start page shows per role, read through selectors only."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.admin import reads
from cases.admin.approval_next import bounded
from cases.admin.approval_rows import describe_row
from cases.admin.at_work import describe_left_alone
from cases.admin.decisions import describe_subject
from cases.admin.desk import describe_exceptions, describe_lateness, describe_queues
from cases.admin.lines import as_handoff_lines, whose_handoff
from cases.admin.masking import masked
from cases.admin.queue_loads import count_changes, waiting_of
from cases.admin.reconciliation import describe_completeness
from cases.admin.unknown_outcomes import describe_overdue
from cases.handoff.types import BundlePart, HandoffState
from cases.memory import selectors as memory
from cases.memory.models import Case
from cases.memory.types import CaseStatus, label_of
from governance.access.types import Authority, Capability, Role
from governance.admin import reads as governed
from governance.admin.access_reviews import describe_open_review
from governance.admin.policies import describe_policy
from governance.admin.quality import describe_quality
from governance.admin.replays import describe_replays
from governance.admin.seal import describe_seal
from governance.admin.setup import describe_setup
from governance.admin.stops import describe_all
from governance.admin.visit import Crumb, Visit, way_to
from governance.approvals import inbox
from governance.approvals.inbox_conditions import DUE_SOON
from governance.knowledge.selectors import reading_freshness
from governance.knowledge.types import Freshness
from governance.liveness.selectors import reading_silence
from governance.policies.types import Outcome
from orchestra.core import words
from orchestra.core.bounded import in_short
from orchestra.core.together import Reading, all_of, answer, read
from orchestra.templatetags.parts import role
from qa.admin.finding_count import count_waiting

SHOWN = 7
_NOON, _EVENING = 12, 18


def title_of(authority: Authority) -> str:
    """Return a person's roles in words."""
    return ", ".join(role(each) for each in sorted(authority.roles)) or _("no role yet")


def badges(visit: Visit) -> dict[str, int | str]:
    """Return what waits, by page: the counts beside the sidebar's lines."""
    waiting = waiting_of(visit)
    counts: dict[str, int | str] = {
        "approvals": in_short(waiting.approvals),
        "handoffs": in_short(waiting.handoffs),
    }
    if visit.may(Capability.CHANGE_REVIEW):
        counts["changes"] = count_changes(visit)
    if visit.may(Capability.QUALITY_REVIEW):
        counts["findings"] = count_waiting(visit)
    return counts


def start_page(visit: Visit) -> dict[str, Any]:
    """Return what the start page places for this person's roles: its parts are asked together."""
    votes = visit.may(Capability.APPROVAL_VOTE)
    parts = {
        "waiting": _waiting(visit),
        "stops": describe_all(),
        "silence": reading_silence(visit.now),
        "left_alone": describe_left_alone(visit),
        **_worked(visit, votes=votes),
        **_governed(visit, shows_decisions=not votes),
    }
    found = answer(all_of(parts))
    front: inbox.Front = found["waiting"]
    greeting = _greeting(visit)
    if votes and "queues" in found:
        greeting = f"{greeting} {describe_lateness(found['queues'])}"
    if votes and not found.get("mine"):
        # Who votes comes for what waits; an empty list of own cases would only push it down.
        found.pop("mine", None)
    return {
        **found,
        "title": _("Start"),
        "crumbs": [Crumb(_("Work")), Crumb(_("Start"))],
        "headline": _headline(visit, front),
        "greeting": greeting,
        "handoff_count": in_short(sum(each["handoffs"] for each in found.get("queues", []))),
        "waiting": [describe_row(each, visit) for each in front.rows],
        "waiting_count": bounded(front.waiting),
        "votes": votes,
        "first_link": way_to("approval", front.rows[0].public_id) if front.rows else "",
        "ledger_first": Role.COMPLIANCE_OFFICER in visit.authority.roles,
    }


def _worked(visit: Visit, *, votes: bool) -> dict[str, Reading[Any]]:
    """Return the parts on the work itself: queues, handoffs, exceptions, own cases."""
    parts: dict[str, Reading[Any]] = {}
    if visit.may(Capability.CASE_READ):
        parts["queues"] = describe_queues(visit)
        parts["unknown"] = describe_overdue(visit)
        parts["handoffs"] = _handoffs(visit)
        parts["exceptions"] = describe_exceptions(visit, shown=SHOWN)
    if votes:
        parts["quality"] = describe_quality(visit)
    if visit.may(Capability.CASE_WORK):
        parts["mine"] = _mine(visit)
    return parts


def _governed(visit: Visit, *, shows_decisions: bool) -> dict[str, Reading[Any]]:
    """Return the parts on what keeps order: the record, the set-up, what is in force."""
    parts: dict[str, Reading[Any]] = {}
    if visit.may(Capability.LEDGER_READ):
        parts["seal"] = describe_seal(visit)
        parts["completeness"] = describe_completeness()
    if Role.COMPLIANCE_OFFICER in visit.authority.roles:
        parts["replays"] = describe_replays()
    if visit.may(Capability.ACCESS_REVIEW):
        parts["access_review"] = describe_open_review(visit)
    if visit.may(Capability.ACCESS_MANAGE):
        parts["setup"] = describe_setup(visit)
    if visit.may(Capability.POLICY_EDIT):
        parts["policies"] = _policies()
    if visit.may(Capability.KNOWLEDGE_EDIT):
        parts["stale_articles"] = _stale_articles(visit)
    if visit.may(Capability.DECISION_READ) and shows_decisions:
        parts["decisions"] = _decisions(visit)
    return parts


def _policies() -> Reading[list[dict[str, Any]]]:
    found = yield from read(governed.list_policies())
    return [describe_policy(policy) for policy in found]


def _stale_articles(visit: Visit) -> Reading[int]:
    counts = yield from reading_freshness(authority=visit.authority, now=visit.now)
    return counts[Freshness.STALE]


def _mine(visit: Visit) -> Reading[list[Case]]:
    cases = memory.list_cases(authority=visit.authority).filter(
        holder_id=visit.actor.pk, status__in=[CaseStatus.OPEN, CaseStatus.HANDED_OFF]
    )
    return (yield from read(cases[:SHOWN]))


def _waiting(visit: Visit) -> Reading[inbox.Front]:
    if not visit.may(Capability.APPROVAL_READ):
        return inbox.Front()
    return (yield from inbox.reading_front(authority=visit.authority, now=visit.now, most=SHOWN))


def _headline(visit: Visit, front: inbox.Front) -> str:
    if not visit.may(Capability.APPROVAL_VOTE):
        return _plain_headline(visit)
    if not front.rows:
        return _("Nothing waits for you")
    first = words.due(at=front.rows[0].deadline_at, now=visit.now)
    if front.soon:
        return ngettext(
            "%(count)s approval runs out before %(at)s, %(first)s",
            "%(count)s approvals run out before %(at)s, the first %(first)s",
            front.soon,
        ) % {
            "count": bounded(front.soon),
            "at": words.clock_time(visit.now + DUE_SOON),
            "first": first,
        }
    return ngettext(
        "%(count)s approval waits, its deadline %(first)s",
        "%(count)s approvals wait, the first deadline %(first)s",
        front.waiting,
    ) % {"count": bounded(front.waiting), "first": first}


def _plain_headline(visit: Visit) -> str:
    if visit.may(Capability.CASE_WORK):
        return _("Your cases, and what waits for a person")
    if visit.may(Capability.POLICY_EDIT):
        return _("What is in force, and what it decided")
    if visit.may(Capability.ACCESS_MANAGE):
        return _("What runs, and what the set-up lacks")
    return _("What happened, and whether the record holds")


def _greeting(visit: Visit) -> str:
    from_clock = words.local_hour(visit.now)
    if from_clock < _NOON:
        word = _("Good morning")
    elif from_clock < _EVENING:
        word = _("Good afternoon")
    else:
        word = _("Good evening")
    return f"{word}, {visit.actor.label.split()[0]}."


def _handoffs(visit: Visit) -> Reading[list[dict[str, Any]]]:
    rows = reads.list_handoffs(authority=visit.authority).filter(state=HandoffState.OFFERED)
    found = yield from read(as_handoff_lines(rows.order_by("reply_due_at", "pk"))[:SHOWN])
    return [_handoff(each) for each in found]


def _handoff(found: Any) -> dict[str, Any]:
    return {
        "who": masked(whose_handoff(found)) or label_of(found.case_id),
        "link": way_to("case", found.case__public_id),
        "queue": found.queue__title,
        "reason": words.plain(found.reason_code),
        "since": found.offered_at,
        "due": found.reply_due_at,
        "parts": len(BundlePart) - len(found.missing_parts),
        "missing": len(found.missing_parts),
    }


def _decisions(visit: Visit) -> Reading[list[dict[str, Any]]]:
    records = yield from read(governed.list_decisions().exclude(outcome=Outcome.ALLOW)[:SHOWN])
    calls = yield from reads.reading_calls_of(records)
    return [
        {
            "link": reverse("admin:decision", args=[record.public_id]),
            "at": record.at,
            "outcome": record.outcome,
            "call": describe_subject(calls.get(record.pk), visit),
        }
        for record in records
    ]
