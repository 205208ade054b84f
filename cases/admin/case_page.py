"""The case page: what is going on, what was done, and what comes next."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from cases.admin.assist import describe_assist
from cases.admin.bundles import describe_bundle
from cases.admin.calls import describe_calls
from cases.admin.case_ask import describe_consults
from cases.admin.case_desk import describe_desk
from cases.admin.case_drafts import draft_of, summary_draft, was_answered
from cases.admin.case_files import describe_files
from cases.admin.case_intake import describe_intake
from cases.admin.case_merge import describe_merges
from cases.admin.case_privacy import describe_privacy
from cases.admin.case_reading import read_case, read_more
from cases.admin.case_refer import describe_referral
from cases.admin.case_work import describe_work
from cases.admin.conversation import describe_conversation
from cases.admin.masking import asks_unmasked, masked, may_unmask
from cases.admin.presence import who_is_here
from cases.admin.upstream import describe_unseen
from cases.handoff.models import Handoff
from cases.handoff.skilled import lacked_by
from cases.handoff.types import BundlePart, HandoffState
from cases.journeys import selectors as journeys
from cases.journeys.models import Journey, StepRun
from cases.journeys.services.ending import find_gaps
from cases.journeys.skilled import lacked_by as lacked_for
from cases.journeys.types import Stage, StepState
from cases.memory import disclosures
from cases.memory import selectors as memory
from cases.memory import services as memory_services
from cases.memory.models import Case, Message
from cases.memory.types import CaseStatus, DisclosureShown, Disposition, Speaker, TimelineItem
from governance.access.types import Capability
from governance.admin.in_ledger import in_ledger
from governance.admin.stops import describe_touching
from governance.admin.visit import Crumb, Visit, page, render
from governance.skills.models import Skill
from governance.switches.models import Stop
from orchestra.core import words

_BAD = frozenset({StepState.REFUSED, StepState.FAILED})
_MOVING = frozenset({StepState.READY, StepState.RUNNING, StepState.WAITING})
_HEADLINE_WORDS = 14


@page("cases/<str:case_id>/", name="case")
def case_page(request: HttpRequest, visit: Visit, case_id: str) -> HttpResponse:
    """Show one case; opening it is recorded, and showing personal data unmasked is too."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    unmasked = asks_unmasked(request, visit)
    memory_services.record_read(
        authority=visit.authority, now=visit.now, case=case, unmasked=unmasked
    )
    read = read_case(case, visit)
    more = read_more(case, visit, read)
    handoff = next(iter(read.newest), None)
    said, running, asked = list(read.said), list(read.running), read.asked
    told = disclosures.shown_among(read.entries)
    steps = journeys.by_journey(read.steps)
    calls = describe_calls(
        case=case, visit=visit, unmasked=unmasked, asked=asked, attempts=read.attempts
    )
    timeline = memory.as_timeline(
        authority=visit.authority,
        entries=more.entries,
        unmasked=unmasked,
        absorbed={one.stream: one.label for one in read.absorbed},
    )
    own = [item for item in timeline if not item.from_case]
    work = describe_work(case=case, steps=read.steps, known=more.known, visit=visit)
    referral = describe_referral(
        case,
        visit,
        may=bool(work["hand_on_link"]),
        waiting=handoff is not None and handoff.state == HandoffState.OFFERED,
    )
    return render(
        request,
        "cases/case.html",
        {
            "title": case.label,
            "crumbs": [
                Crumb(_("Work")),
                Crumb(_("Cases"), reverse("admin:cases")),
                Crumb(case.label),
            ],
            "case": case,
            "stops": _stops(case, running, calls, read.stops),
            "upstream": describe_unseen([one.tool for one in asked if not one.settled_at], visit),
            "headline": masked(_headline(case), unmasked=unmasked),
            "verification": memory.verification_among(read.checks, case=case),
            "stages": _stages(running, steps),
            "journeys": masked(
                [_journey(one, steps.get(one.pk, []), visit) for one in running], unmasked=unmasked
            ),
            "handoff": masked(_handoff(handoff, visit, said), unmasked=unmasked),
            "bundle": describe_bundle(handoff, unmasked=unmasked, items=own) if handoff else [],
            "conversation": describe_conversation(case, said, calls, told, unmasked=unmasked),
            "intake": describe_intake(
                case,
                visit,
                records=read.records,
                intents=read.intents,
                settled=read.settled,
                unmasked=unmasked,
            ),
            "untold": _is_untold(said, told),
            "calls": calls,
            "memory": describe_files(
                case,
                visit,
                evidence=read.evidence,
                facts=memory.as_facts(read.facts),
                unmasked=unmasked,
            ),
            "one_matter": describe_merges(
                case, visit, absorbed=read.absorbed, alike=more.alike, unmasked=unmasked
            ),
            "timeline": [_told(item) for item in timeline],
            "unmasked": unmasked,
            "may_unmask": may_unmask(visit),
            "work": work,
            "referral": referral,
            "consults": describe_consults(
                case,
                visit,
                kinds={item.kind for item in own},
                has_case=bool(referral["link"]),
                unmasked=unmasked,
            ),
            "dispositions": list(Disposition) if work["resolve_link"] else [],
            "gaps": find_gaps(case=case) if work["close_link"] else [],
            "assist": describe_assist(case, visit, offered=read.offered, pauses=read.pauses),
            "reply_draft": draft_of(handoff, said) if work["talks"] else "",
            "summary_draft": summary_draft(case, calls, handoff) if work["resolve_link"] else "",
            "desk": describe_desk(case, handoff, said, visit),
            "here": who_is_here(case=case, visit=visit),
            "history_link": reverse("admin:history", args=["case", case.pk]),
            "articles_link": f"{reverse('admin:knowledge')}?case={case.public_id}"
            if visit.may(Capability.KNOWLEDGE_READ)
            else "",
            "privacy": describe_privacy(case, visit, holds=read.holds),
            "ledger_link": in_ledger(visit, stream=case.stream),
            "findings_link": f"{reverse('admin:findings')}?show=all&case={case.public_id}"
            if visit.may(Capability.QUALITY_READ)
            else "",
            "review_link": reverse("admin:quality_units", args=[case.public_id])
            if visit.may(Capability.QUALITY_REVIEW)
            else "",
            "playback_link": reverse("admin:case_playback", args=[case.public_id])
            if visit.may(Capability.LEDGER_READ)
            else "",
        },
    )


def _stops(
    case: Case,
    running: Sequence[Journey],
    calls: Sequence[dict[str, Any]],
    stops: Iterable[Stop],
) -> list[dict[str, Any]]:
    """Return the stops that hold up this case: its plans, whoever asked, what was asked for."""
    if case.status == CaseStatus.CLOSED:
        return []
    return describe_touching(
        agents=[call["requester_id"] for call in calls],
        tools=[call["tool"] for call in calls],
        cue_sheets=[one.version.cue_sheet.key for one in running],
        stops=stops,
    )


def _headline(case: Case) -> str:
    who = case.who
    subject = Truncator(case.subject or _("no subject")).words(_HEADLINE_WORDS)
    return f"{who}: {subject}" if who else subject


def _stages(running: Sequence[Journey], steps: dict[int, list[StepRun]]) -> list[dict[str, str]]:
    """Return the six stages of the newest journey and how each stands."""
    newest = steps.get(running[-1].pk, []) if running else []
    return [_stage(stage, [step for step in newest if step.stage == stage]) for stage in Stage]


def _stage(stage: Stage, steps: Sequence[StepRun]) -> dict[str, str]:
    states = {StepState(step.state) for step in steps}
    if states & _MOVING:
        sign, note = "is-now", _("now")
    elif states & _BAD:
        sign, note = "is-bad", _("refused") if StepState.REFUSED in states else _("failed")
    elif StepState.HANDED_OFF in states:
        sign, note = "is-wait", _("handed over")
    elif states and all(state.is_final for state in states):
        sign, note = "is-done", _("done")
    else:
        sign, note = "", "" if states else _("no step")
    return {"title": str(stage), "sign": sign, "note": note}


def _journey(journey: Journey, steps: Sequence[StepRun], visit: Visit) -> dict[str, Any]:
    by_hand = [step for step in steps if _is_by_hand(step, visit)]
    lacked = lacked_for(authority=visit.authority, steps=by_hand)
    return {
        "id": str(journey.public_id),
        "title": journey.version.cue_sheet.title,
        "version": journey.version.number,
        "pattern": journey.version.pattern,
        "state": journey.state,
        "link": reverse("admin:cue_sheet", args=[journey.version.cue_sheet.key]),
        "steps": [_step(step, by_hand, lacked.get(step.pk, ())) for step in steps],
    }


def _is_by_hand(step: StepRun, visit: Visit) -> bool:
    """Tell whether a reader can do a step here: a person's, that waits for somebody like them."""
    waits = step.state == StepState.READY and step.tool_call is None and step.owner != "ai"
    return waits and journeys.may_fulfil(authority=visit.authority, step=step)


def _step(step: StepRun, by_hand: Sequence[StepRun], lacked: Sequence[Skill]) -> dict[str, Any]:
    return {
        "id": str(step.public_id),
        "title": step.title,
        "stage": step.stage,
        "owner": step.owner,
        "state": step.state,
        "due_at": step.due_at if step.state in _MOVING else None,
        "ended_at": step.ended_at,
        "reason": step.ended_reason,
        "tries": step.tries,
        "by_hand": step in by_hand and not lacked,
        "lacks": [skill.title for skill in lacked],
    }


def _handoff(
    handoff: Handoff | None, visit: Visit, said: Sequence[Message]
) -> dict[str, Any] | None:
    if handoff is None:
        return None
    count = len(BundlePart) - len(handoff.missing_parts)
    return {
        "state": handoff.state,
        "queue": handoff.queue.title,
        "reason": words.plain(handoff.reason_code),
        "note": handoff.note,
        "from_kind": handoff.from_kind,
        "from_label": handoff.from_label,
        "offered_at": handoff.offered_at,
        "reply_due_at": None if was_answered(handoff, said) else handoff.reply_due_at,
        "accepted_at": handoff.accepted_at,
        "accepted_by": handoff.accepted_by.label if handoff.accepted_by else "",
        "mine": handoff.accepted_by is not None
        and str(handoff.accepted_by.public_id) == visit.actor.id,
        "waiting": handoff.state == HandoffState.OFFERED,
        "parts_words": _("%(count)d of 7 parts") % {"count": count},
        "complete": not handoff.missing_parts,
        "digest": handoff.bundle_digest,
        "accept_link": reverse("admin:handoff_accept", args=[handoff.public_id])
        if handoff.state == HandoffState.OFFERED
        and visit.may(Capability.HANDOFF_ACCEPT, handoff.queue_id)
        and not lacked_by(authority=visit.authority, handoff=handoff)
        else "",
    }


def _is_untold(said: Sequence[Message], disclosed: Sequence[DisclosureShown]) -> bool:
    """Return whether an AI spoke in a contact in which no disclosure is on record."""
    spoken = {str(one.interaction.public_id) for one in said if one.speaker == Speaker.AI}
    return bool(spoken - {one.interaction_id for one in disclosed})


def _told(item: TimelineItem) -> dict[str, Any]:
    return {
        "at": item.at,
        "kind_of_actor": item.actor_kind,
        "text": _("Erased on request; the entry still verifies.")
        if item.erased
        else words.with_clock(item.sentence),
        # Numbers are of a stream each; only the case's own are places on its page.
        "seq": 0 if item.from_case else item.seq,
        "from_case": item.from_case,
    }
