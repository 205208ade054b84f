"""Intake on the case page: what was made of the words, on which of them, and a person's word."""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.intake import selectors as intake
from cases.intake.documents import percent
from cases.intake.models import ClassificationRecord, IntentExample
from cases.intake.priorities import DEGREE_WORDS
from cases.intake.types import Band, Degree
from cases.journeys import services
from cases.memory import selectors as memory
from cases.memory import services as memory_services
from cases.memory.models import Case
from governance.admin.visit import Visit, attempt, page
from governance.ledger.refusals import Refusal
from orchestra.core import words
from orchestra.core.errors import OrchestraError
from orchestra.core.redaction import mask_text

_SHOWN = 600
_BANDS = {Band.ACT: "is-ok", Band.VERIFY: "is-wait", Band.HAND_OFF: "is-bad"}


def describe_intake(
    case: Case,
    visit: Visit,
    *,
    records: Collection[ClassificationRecord],
    intents: Iterable[tuple[str, str]],
    settled: Iterable[IntentExample],
    unmasked: bool,
) -> dict[str, Any] | None:
    """Return what intake made of a case, and what this person may say to it; None for nothing.

    Args:
        case: The case.
        visit: Who looks.
        records: Every classification of the case, oldest first.
        intents: Key and title of every intent.
        settled: What people said about the messages of the case.
        unmasked: Whether personal data is shown.
    """
    found = intake.latest_among(records)
    if found is None:
        return None
    titles = dict(intents)
    told = intake.settled_among(settled, classification=found)
    may_settle = intake.may_settle(authority=visit.authority, case=case)
    suggestion = intake.suggestion_among(records, classification=found) if told is None else None
    return {
        "id": str(found.public_id),
        "need": titles.get(found.intent, found.intent),
        "intent": found.intent,
        "sure": percent(found.confidence),
        "ahead": percent(found.margin),
        "runner_up": titles.get(found.runner_up, found.runner_up),
        "band": _band(found),
        "band_sign": _BANDS.get(Band(found.band), "") if found.band else "",
        "classifier": found.classifier,
        "hold": case.intent_hold,
        "parts": list(_marked(found, unmasked=unmasked)),
        **_place(case, found),
        "flags": _flags(case, records),
        "told": _told(told, titles),
        "suggestion": _suggestion(suggestion, titles),
        "choices": sorted(titles.items(), key=lambda item: item[1]) if may_settle else [],
        "may_settle": may_settle,
        "settle_link": reverse("admin:case_intake", args=[case.public_id]),
        "clear_link": reverse("admin:case_flag_clear", args=[case.public_id]),
    }


def _place(case: Case, found: ClassificationRecord) -> dict[str, Any]:
    """Return the priority of a case, and what makes it: the words, or a person's choice."""
    degrees = [(int(degree), DEGREE_WORDS[degree]) for degree in Degree]
    said = dict(degrees)
    read = (found.impact, found.urgency) == (case.impact, case.urgency)
    return {
        "priority": case.priority,
        "priority_words": found.priority_words if read else [],
        "impact": said.get(case.impact or 0, ""),
        "urgency": said.get(case.urgency or 0, ""),
        "impact_of": case.impact,
        "urgency_of": case.urgency,
        "degrees": degrees,
        "priority_link": reverse("admin:case_priority", args=[case.public_id]),
    }


def _band(found: ClassificationRecord) -> str:
    said = {
        Band.ACT: _("sure enough to act on"),
        Band.VERIFY: _("to be confirmed"),
        Band.HAND_OFF: _("for a person"),
    }
    return said[Band(found.band)] if found.band else ""


def _told(told: IntentExample | None, titles: dict[str, str]) -> dict[str, Any] | None:
    if told is None:
        return None
    return {
        "need": titles.get(told.intent, told.intent),
        "intent": told.intent,
        "by": told.by_label,
        "at": told.at,
        "is_same": told.intent == told.guessed,
    }


def _suggestion(
    found: ClassificationRecord | None, titles: dict[str, str]
) -> dict[str, Any] | None:
    if found is None or not found.intent:
        return None
    return {
        "intent": found.intent,
        "need": titles.get(found.intent, found.intent),
        "by": found.classifier,
    }


def _flags(case: Case, records: Iterable[ClassificationRecord]) -> list[dict[str, Any]]:
    said = intake.flag_words_among(records)
    return [
        {"code": flag, "title": words.plain(flag), "words": list(said.get(flag, ()))}
        for flag in case.risk_flags
    ]


def _marked(found: ClassificationRecord, *, unmasked: bool) -> Iterator[dict[str, Any]]:
    """Yield the message in pieces, those marked that intake leaned on."""
    text = found.message.text if found.message else ""
    cut = text[:_SHOWN] + ("…" if len(text) > _SHOWN else "")
    shown = cut if unmasked else mask_text(cut)
    evidence = [*found.leaned_on, *found.priority_words]
    for several in found.flag_words.values():
        evidence += several
    end = 0
    for match in _pattern(evidence).finditer(shown) if evidence else ():
        if match.start() > end:
            yield {"text": shown[end : match.start()], "mark": False}
        yield {"text": match[0], "mark": True}
        end = match.end()
    if end < len(shown):
        yield {"text": shown[end:], "mark": False}


def _pattern(evidence: Iterable[str]) -> re.Pattern[str]:
    longest = sorted({one for one in evidence if one}, key=len, reverse=True)
    spaced = (r"\s+".join(re.escape(part) for part in one.split()) for one in longest)
    return re.compile(rf"(?<!\w)(?:{'|'.join(spaced)})(?!\w)", re.IGNORECASE)


@page("cases/<str:case_id>/intake/", name="case_intake", methods=("POST",))
def settle(request: HttpRequest, visit: Visit, case_id: str) -> HttpResponse:
    """Confirm or correct what the case is about."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    error = attempt(
        request,
        lambda: services.settle_intent(
            actor=visit.actor,
            now=visit.now,
            case=case,
            classification_id=request.POST.get("classification", ""),
            intent=request.POST.get("intent", ""),
        ),
        refusal=lambda error: _refusal(case, "case.settle_intent", error),
    )
    if error is None:
        messages.success(
            request, _("Noted. Intake learns from it the next time; choose again to change it.")
        )
    if request.POST.get("back") == "intake":
        return HttpResponseRedirect(reverse("admin:intake") + "#waiting")
    return HttpResponseRedirect(_link(case))


@page("cases/<str:case_id>/flags/clear/", name="case_flag_clear", methods=("POST",))
def clear_flag(request: HttpRequest, visit: Visit, case_id: str) -> HttpResponse:
    """Clear one risk flag, with the reason."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    error = attempt(
        request,
        lambda: memory_services.clear_risk_flag(
            actor=visit.actor,
            now=visit.now,
            case=case,
            flag=request.POST.get("flag", ""),
            reason=request.POST.get("reason", ""),
        ),
        refusal=lambda error: _refusal(case, "case.clear_flag", error),
    )
    if error is None:
        messages.success(request, _("Cleared, with your reason on the record."))
    return HttpResponseRedirect(_link(case))


def _refusal(case: Case, act: str, error: OrchestraError) -> Refusal:
    return Refusal(
        act=act,
        code=error.error_code,
        message=error.message,
        case_id=str(case.public_id),
        subject_id=str(case.public_id),
    )


def _link(case: Case) -> str:
    return f"{reverse('admin:case', args=[case.public_id])}#intake"
