"""The live parts of the case page: who has the case, what is new, knowledge, the verdict."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.admin.calls import describe_calls
from cases.admin.conversation import describe_conversation
from cases.admin.masking import masked
from cases.admin.presence import who_is_here
from cases.handoff import selectors as handoffs
from cases.handoff.models import Handoff
from cases.handoff.rules import is_possible
from cases.handoff.skilled import asked_of, unmet_of
from cases.handoff.types import BundlePart, HandoffState
from cases.journeys import services
from cases.memory import disclosures
from cases.memory import selectors as memory
from cases.memory.models import Case, Message
from cases.memory.types import OPEN_STATUSES, Speaker
from governance.access.types import Capability
from governance.admin.knowledge import article_link
from governance.admin.visit import Visit, attempt, fragment, page
from governance.knowledge import selectors as knowledge
from governance.ledger.refusals import Refusal
from orchestra.core import words
from orchestra.core.errors import OrchestraError

#: Articles beside a conversation.
SHOWN = 4


def describe_desk(
    case: Case, handoff: Handoff | None, said: Sequence[Message], visit: Visit
) -> dict[str, Any]:
    """Return who has the case and what that means for the person who looks.

    Args:
        case: The case, with its holder.
        handoff: Its newest handoff.
        said: Its utterances in their order.
        visit: Who looks.
    """
    mine = case.holder is not None and str(case.holder.public_id) == visit.actor.id
    last = said[-1] if said else None
    # What ends with the case was not left by the customer.
    left = last.interaction.ended_at if last and case.status in OPEN_STATUSES else None
    return {
        "seen": len(said),
        "mine": mine,
        "taken_by": case.holder.label if case.holder and not mine else "",
        "taken_at": handoff.accepted_at if handoff and not mine else None,
        "left_at": left,
        "who_left": masked(case.who) or _("The customer"),
        "after_contact": words.length(visit.now - last.at) if last and mine else "",
        "waits_for_us": bool(last and last.speaker == Speaker.CUSTOMER),
        "gated": case.gated_at,
        "live_link": reverse("admin:case_live", args=[case.public_id]),
        "articles_link": reverse("admin:case_articles", args=[case.public_id])
        if visit.may(Capability.KNOWLEDGE_READ)
        else "",
        **_answers(handoff, visit),
    }


def _answers(handoff: Handoff | None, visit: Visit) -> dict[str, Any]:
    """Return what the person may still say about the handoff: not mine, or what it was worth."""
    if handoff is None:
        return {"judge_link": "", "refuse_link": "", "asked": ""}
    state = HandoffState(handoff.state)
    skills = asked_of(handoff=handoff) if state is HandoffState.OFFERED else []
    taker = handoff.accepted_by
    judges = (
        is_possible(act="judge", state=state)
        and handoff.judged_at is None
        and taker is not None
        and str(taker.public_id) == visit.actor.id
    )
    refuses = is_possible(act="refuse", state=state) and visit.may(
        Capability.HANDOFF_ACCEPT, handoff.queue_id
    )
    return {
        "judge_link": reverse("admin:handoff_judge", args=[handoff.public_id]) if judges else "",
        "refuse_link": reverse("admin:handoff_refuse", args=[handoff.public_id]) if refuses else "",
        "asked": handoff.to_person.label if handoff.to_person else "",
        "warm": handoff.warmth == "warm" and state is HandoffState.OFFERED,
        "skills": [skill.title for skill in skills],
        "nobody_has": unmet_of(handoff=handoff) if skills else [],
        "judged": handoff.judged_at,
        "sufficient": handoff.is_sufficient,
        "said_missing": ", ".join(words.plain(part) for part in handoff.said_missing),
    }


@page("cases/<str:case_id>/live/", name="case_live")
def live(request: HttpRequest, visit: Visit, case_id: str) -> HttpResponse:
    """Return who has the case now and what was said, for a page that is open already."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    said = list(memory.list_messages(case=case).order_by("at", "pk"))
    calls = describe_calls(case=case, visit=visit, unmasked=False)
    told = disclosures.list_shown(case=case)
    return fragment(
        request,
        "cases/case_live.html",
        {
            "case": case,
            "desk": describe_desk(case, handoffs.find_latest_handoff(case=case), said, visit),
            "here": who_is_here(case=case, visit=visit),
            "conversation": describe_conversation(case, said, calls, told, unmasked=False),
        },
    )


@page("cases/<str:case_id>/articles/", name="case_articles")
def articles(request: HttpRequest, visit: Visit, case_id: str) -> HttpResponse:
    """Return the published articles that fit what the case is about, or what is asked for."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    asked = request.GET.get("q", "").strip()
    text = asked or f"{words.plain(case.intent)} {case.subject}".strip()
    found = knowledge.search_articles(
        authority=visit.authority, now=visit.now, text=text[:300], limit=SHOWN
    )
    return fragment(
        request,
        "cases/case_articles.html",
        {
            "rows": [
                {"hit": hit, "link": article_link(hit.key, case=str(case.public_id))}
                for hit in found.hits
            ],
            "asked": asked,
            "because": asked or words.plain(case.intent) or case.subject,
        },
    )


@page("handoffs/<uuid:handoff_id>/judge/", name="handoff_judge", methods=("POST",))
def judge(request: HttpRequest, visit: Visit, handoff_id: UUID) -> HttpResponse:
    """Say whether the bundle was enough, or which parts were missing or wrong."""
    found = handoffs.get_handoff(authority=visit.authority, handoff_id=handoff_id)
    missing = tuple(
        str(each) for each in BundlePart if str(each) in request.POST.getlist("missing")
    )
    error = attempt(
        request,
        lambda: services.judge_handoff(
            actor=visit.actor,
            now=visit.now,
            handoff_id=handoff_id,
            sufficient=request.POST.get("verdict") == "sufficient",
            missing=missing,
        ),
        refusal=_refusal(found, "handoff.judge"),
    )
    if error is None:
        messages.success(request, _("Recorded. It counts for whoever prepared the bundle."))
    return _back(found)


@page("handoffs/<uuid:handoff_id>/refuse/", name="handoff_refuse", methods=("POST",))
def refuse(request: HttpRequest, visit: Visit, handoff_id: UUID) -> HttpResponse:
    """Say that one does not take the case; it waits on for the others of its queue."""
    found = handoffs.get_handoff(authority=visit.authority, handoff_id=handoff_id)
    error = attempt(
        request,
        lambda: services.refuse_handoff(
            actor=visit.actor,
            now=visit.now,
            handoff_id=handoff_id,
            reason=request.POST.get("reason", ""),
        ),
        refusal=_refusal(found, "handoff.refuse"),
    )
    if error is None:
        messages.success(request, _("Noted. The case waits on for the others of its queue."))
        return HttpResponseRedirect(reverse("admin:handoffs"))
    return _back(found)


def _back(found: Handoff) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:case", args=[found.case.public_id]))


def _refusal(found: Handoff, act: str) -> Callable[[OrchestraError], Refusal]:
    def name(error: OrchestraError) -> Refusal:
        return Refusal(
            act=act,
            code=error.error_code,
            message=error.message,
            case_id=str(found.case.public_id),
            subject_id=str(found.public_id),
        )

    return name
