"""A case at a past moment as its page places it; everything from the record up to then."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.admin.playback_known import describe_known, moved_so_far
from cases.admin.playback_reading import PlaybackRead
from cases.admin.shown import read_view
from cases.journeys.types import StepState
from cases.memory.types import CaseEntry
from cases.playback import selectors
from cases.playback.fold import state_after
from cases.playback.types import ApprovalThen, CallThen, CaseThen, DecisionThen
from governance.access.types import Capability
from governance.access_reviews.past import past_of
from governance.access_reviews.rules import voters_by_queue
from governance.access_reviews.types import Given, HeldGrant
from governance.admin.access_words import what_words
from governance.admin.visit import Visit
from governance.approvals.rules import view_digest
from governance.approvals.types import ApprovalState
from governance.ledger.names import named_in, telling
from governance.policies.models import DecisionRecord
from governance.policies.selectors import TableShelf
from governance.policies.services.replaying import judge_record
from orchestra.core import words
from orchestra.core.actors import ActorKind
from orchestra.core.canonical import loads_strict
from orchestra.core.clock import parse_rfc3339
from orchestra.core.redaction import mask_text, mask_value
from orchestra.core.together import read_together

_ACTIVE = frozenset({StepState.READY, StepState.RUNNING, StepState.WAITING})
_VERDICTS = {"agree": "is-ok", "differ": "is-bad", "lacking": "is-q"}


def describe(
    before: Sequence[CaseEntry], read: PlaybackRead, *, moment: datetime, visit: Visit
) -> dict[str, Any]:
    """Return every part of the page but the time line: one statement.

    Args:
        before: The entries of the case until then; at least one.
        read: What stands beside them.
        moment: The moment.
        visit: Who looks.
    """
    plans, tools = selectors.as_plans(read.sheets), selectors.as_tools(read.versions)
    then = state_after(before, plans)
    if then is None:
        raise ValueError("no case stood there yet")
    shelf, holders = TableShelf(), _holders(then, read, moment)
    tables = shelf.missing(read.records)
    read_together(tables, holders.telling, holders.called)
    shelf.keep(tables or ())
    records = {str(row.public_id): row for row in read.records}
    return {
        "who": mask_text(then.customer_name or then.customer_ref),
        "sheets": dict.fromkeys((one.title, one.version) for one in then.journeys),
        "situation": _situation(then),
        "known": describe_known(then, plans=plans, tools=tools, records=records),
        "stood": _stood(then, moved=moved_so_far(then, tools=tools, records=records)),
        "said": [
            {"at": one.at, "who": one.who, "text": mask_text(one.text), "speaker": one.speaker}
            for one in then.said
            if one.speaker in {"ai", "human"}
        ],
        "approvals": _approvals(then, read.views),
        "decisions": _decisions(then, records, shelf, visit),
        "calls": [_call(call) for call in then.calls],
        "in_force": _in_force(then, read),
        "permissions": _permissions(then, read, holders),
        "erased": len(then.erased),
    }


def _situation(then: CaseThen) -> str:
    waiting = next((a for a in then.approvals if a.state == ApprovalState.PENDING), None)
    running = next((one for one in then.calls if one.state == "executing"), None)
    offered = then.handoffs[-1] if then.handoffs else None
    if running is not None:
        return _("%(what)s was being carried out.") % {"what": running.title}
    if waiting is not None:
        return _waiting_words(waiting)
    if then.status in {"resolved", "closed"}:
        return _("The case was %(status)s.") % {"status": words.plain(then.status)}
    if offered is not None and offered.state == "offered":
        return _("It waited for a person of %(queue)s.") % {"queue": words.plain(offered.queue)}
    if then.holder:
        return _("%(who)s held the case.") % {"who": then.holder_label}
    return _("No approval was waiting and nothing was running.")


def _waiting_words(waiting: ApprovalThen) -> str:
    if waiting.opened and not waiting.votes:
        return _("%(who)s had the approval open. Nothing had moved by it yet.") % {
            "who": waiting.opened[-1].who
        }
    return _("An approval was waiting. Nothing had moved by it yet.")


def _stood(then: CaseThen, *, moved: str) -> dict[str, Any]:
    journey = then.journeys[-1] if then.journeys else None
    steps = journey.steps if journey else ()
    active = next((one for one in steps if one.state in _ACTIVE), None)
    calls = [one for one in then.calls if not one.has_ended] or list(then.calls[-1:])
    waiting = next((a for a in then.approvals if a.state == ApprovalState.PENDING), None)
    return {
        "status": then.status,
        "queue": then.queue,
        "verification": then.verification,
        "holder": then.holder_label,
        "step": _("%(at)d of %(all)d, %(stage)s: %(title)s")
        % {
            "at": active.position + 1,
            "all": len(steps),
            "stage": active.stage,
            "title": active.title,
        }
        if active
        else _("none was open"),
        "steps": steps,
        "calls": [{"title": one.title, "state": _state(one)} for one in calls],
        "waiting": _waits_for(waiting) if waiting else "",
        "deadline": parse_rfc3339(waiting.deadline_at) if waiting and waiting.deadline_at else None,
        "moved": moved,
        "flags": then.risk_flags,
    }


def _waits_for(approval: ApprovalThen) -> str:
    left = max(approval.votes_needed - sum(one.counts for one in approval.votes), 0)
    roles = ", ".join(words.plain(role) for role in approval.roles) or _("anyone who votes there")
    votes = ngettext("%(count)d vote", "%(count)d votes", left) % {"count": left}
    return f"{votes}, {roles}"


def _state(call: CallThen) -> str:
    return "refused" if call.refused else str(call.state)


def _approvals(then: CaseThen, rows: Iterable[tuple[UUID, bytes, str]]) -> list[dict[str, Any]]:
    views = {str(public_id): (bytes(view), digest) for public_id, view, digest in rows}
    return [_approval(one, views.get(one.id)) for one in reversed(then.approvals)]


def _approval(approval: ApprovalThen, stored: tuple[bytes, str] | None) -> dict[str, Any]:
    shown, intact = None, False
    if stored is not None:
        view = loads_strict(stored[0])
        intact = view_digest(view) == approval.view_digest
        shown = read_view(mask_value(view), title=approval.title) if intact else None
    return {
        "label": approval.label,
        "title": approval.title,
        "state": str(approval.state),
        "at": approval.at,
        "opened": approval.opened,
        "votes": approval.votes,
        "view_digest": approval.view_digest,
        "action_digest": approval.action_digest,
        "shown": shown,
        "altered": stored is not None and not intact and bool(approval.view_digest),
        "link": reverse("admin:approval", args=[approval.id]),
    }


def _decisions(
    then: CaseThen, records: Mapping[str, DecisionRecord], shelf: TableShelf, visit: Visit
) -> list[dict[str, Any]]:
    links = visit.may(Capability.DECISION_READ)
    found = []
    for decision in then.decisions:
        verdict, why = _again(decision, records.get(decision.id), shelf)
        call = then.call(decision.call)
        found.append(
            {
                "at": decision.at,
                "outcome": decision.outcome,
                "reasons": decision.reasons,
                "title": call.title if call else "",
                "again": decision.again,
                "policies": ", ".join(
                    _("%(policy)s, version %(number)d")
                    % {"policy": words.plain(key), "number": held[0]}
                    for key, held in sorted(decision.policies.items())
                ),
                "verdict": verdict,
                "sign": _VERDICTS[verdict],
                "why": why,
                "link": reverse("admin:decision", args=[decision.id]) + "?replay"
                if links and decision.id in records
                else "",
            }
        )
    return found


def _again(
    decision: DecisionThen, record: DecisionRecord | None, shelf: TableShelf
) -> tuple[str, str]:
    if record is None:
        return "lacking", _("Its record is not here any more, or was erased.")
    if decision.digest and decision.digest != record.digest:
        return "differ", _("The record is not the one that the ledger names.")
    verdict, why = judge_record(record=record, shelf=shelf)
    first = why.partition(";")[0].replace('"', "").strip()
    return verdict, first


def _call(call: CallThen) -> dict[str, Any]:
    return {
        "id": call.id,
        "title": mask_text(call.effect) or call.title,
        "tool": call.title,
        "state": _state(call),
        "at": call.proposed_at,
        "requester_kind": call.requester_kind,
        "requester_label": call.requester_label,
        "rationale": mask_text(call.rationale),
        "off_plan": call.off_plan,
        "arguments": mask_value(call.arguments),
        "erased": call.arguments is None,
        "result": mask_value(call.result),
        "attempts": call.attempts,
        "confirmed": call.confirmed,
        "confirmed_by": words.plain(call.confirmed_by),
        "reason": mask_text(call.reason),
        "ended_at": call.ended_at,
    }


def _in_force(then: CaseThen, read: PlaybackRead) -> dict[str, Any]:
    policies = selectors.as_policies(read.policies)
    judged = {key for one in then.decisions for key in one.policies}
    return {
        "policies": [
            {
                "title": one.title,
                "number": one.number,
                "since": one.since,
                "link": reverse("admin:policy", args=[one.key]) + f"?version={one.number}",
            }
            for one in policies
            if not judged or one.key in judged
        ],
        "sheets": [
            {
                "title": one.title,
                "number": one.version,
                "link": reverse("admin:cue_sheet", args=[one.cue_sheet]),
            }
            for one in {each.cue: each for each in then.journeys}.values()
        ],
        "tools": selectors.as_tools_in_force(read.tools),
        "off": selectors.switched_off(read.switches),
    }


@dataclass(frozen=True, slots=True)
class _Holders:
    """Who could do what on the case's queue at the moment, and what they are named by.

    Attributes:
        given: Who gave each grant when, by its key.
        people: Public ids of people among them.
        robots: Public ids of AI agents among them.
        telling: The entries that tell the names of the people.
        called: What the AI agents were called until then.
    """

    grants: Sequence[HeldGrant]
    given: Mapping[str, Given]
    voters: Collection[str]
    stopped: Collection[str]
    people: Collection[str]
    robots: Collection[str]
    telling: QuerySet[Any]
    called: QuerySet[Any, Any]


def _holders(then: CaseThen, read: PlaybackRead, moment: datetime) -> _Holders:
    """Return who could do what on the case's queue then, and which agents were stopped."""
    holdings, given = past_of(read.past, at=moment)
    queue = next((one for one in read.past.queues if one.key == then.queue), None)
    place = str(queue.public_id) if queue else ""
    voters = voters_by_queue(holdings).get(place, frozenset())
    grants = [one for one in holdings.grants if one.place_id == place and place]
    stopped = {one.id for one in holdings.agents if place in one.queue_ids and not one.active}
    people = {*voters, *(one.holder_id for one in grants if one.holder_kind == ActorKind.HUMAN)}
    robots = {*stopped, *(one.holder_id for one in grants if one.holder_kind == ActorKind.AGENT)}
    return _Holders(
        grants=grants,
        given=given,
        voters=voters,
        stopped=stopped,
        people=people,
        robots=robots,
        telling=telling(ids=people, bound=next(iter(read.last), None)),
        called=selectors.agents_until(moment, robots),
    )


def _permissions(then: CaseThen, read: PlaybackRead, holders: _Holders) -> dict[str, Any]:
    """Return who could do what on the case's queue then, and which agents were stopped."""
    names = _names(holders)
    return {
        "queue": next(iter(read.titles), then.queue),
        "voters": sorted((names[one] for one in holders.voters), key=lambda one: one["name"]),
        "grants": [
            {
                "who": names.get(one.holder_id) or {"name": one.holder_label, "is_known": True},
                "kind": one.holder_kind,
                "what": what_words(one.kind, one.code),
                "since": holders.given[one.key].at,
            }
            for one in holders.grants
        ],
        "stopped": sorted(names[one]["name"] for one in holders.stopped),
    }


def _names(holders: _Holders) -> dict[str, dict[str, Any]]:
    """Return what people and AI agents were called, by public id; today's name is no help.

    A role has no id and is left out: its word is the interface's own.
    """
    known = named_in(holders.people, holders.telling)
    known |= {str(public_id): name for public_id, name in holders.called}
    return {
        one: {"name": known.get(one, one), "is_known": one in known}
        for one in {*holders.people, *holders.robots}
    }
