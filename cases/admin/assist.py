"""Live assist beside a conversation: what to say next, and on what it rests."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.admin.masking import masked
from cases.assist import selectors, services
from cases.assist.models import AssistPause, SuggestionRecord
from cases.assist.types import Rests, SuggestionKind
from cases.memory import selectors as memory
from cases.memory.models import Case
from cases.memory.rules import is_possible
from cases.memory.types import CaseAct, CaseStatus
from governance.access.types import Capability
from governance.admin.visit import Visit, as_refusal, attempt, fragment, page
from orchestra.core.errors import NotFoundError

_ROUTE = "cases/<str:case_id>/assist/"


@page(f"{_ROUTE}live/", name="assist_live")
def assist_live(request: HttpRequest, visit: Visit, case_id: str) -> HttpResponse:
    """Return what is suggested now, for a page that asks again."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    return fragment(request, "cases/case_assist.html", {"assist": describe_assist(case, visit)})


@page(f"{_ROUTE}<uuid:suggestion_id>/<slug:act>/", name="assist_react", methods=("POST",))
def assist_react(
    request: HttpRequest, visit: Visit, case_id: str, suggestion_id: UUID, act: str
) -> HttpResponse:
    """Say a draft, use a suggestion, or say that it was of no use."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    who: dict[str, Any] = {
        "actor": visit.actor,
        "now": visit.now,
        "case": case,
        "suggestion_id": suggestion_id,
    }
    acts = {
        "say": lambda: services.say(**who, text=request.POST.get("text", "")),
        "use": lambda: services.react(**who, useful=True),
        "dismiss": lambda: services.react(**who, useful=False),
    }
    if act not in acts:
        raise NotFoundError(_("There is no such act."))
    error = attempt(
        request, acts[act], refusal=as_refusal(f"assist.{act}", case.public_id, case=case.public_id)
    )
    if error is None and act == "say":
        messages.success(request, _("Sent and recorded as your words."))
    return _back(case)


@page(f"{_ROUTE}<slug:act>/", name="assist_switch", methods=("POST",))
def assist_switch(request: HttpRequest, visit: Visit, case_id: str, act: str) -> HttpResponse:
    """Pause live assist on a case, or let it go on."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    acts = {"pause": services.pause, "go-on": services.go_on}
    if act not in acts:
        raise NotFoundError(_("There is no such act."))
    attempt(
        request,
        lambda: acts[act](actor=visit.actor, now=visit.now, case=case),
        refusal=as_refusal(f"assist.{act}", case.public_id, case=case.public_id),
    )
    return _back(case)


def is_helped(case: Case, visit: Visit) -> bool:
    """Return whether live assist helps a person on a case as it stands."""
    works = visit.may(Capability.CASE_WORK, case.queue_id)
    return works and is_possible(act=CaseAct.TALK, status=CaseStatus(case.status))


def describe_assist(
    case: Case,
    visit: Visit,
    *,
    offered: Iterable[SuggestionRecord] | None = None,
    pauses: Iterable[AssistPause] | None = None,
) -> dict[str, Any] | None:
    """Return what live assist shows a person on a case; None where nobody is helped by it.

    Args:
        case: The case.
        visit: Who looks.
        offered: What is suggested now, where the page has it already.
        pauses: That assist is paused, likewise.
    """
    if not is_helped(case, visit):
        return None
    if offered is None or pauses is None:
        offered = selectors.list_offered(case=case)
        pauses = selectors.list_pauses(case=case)
    offered = list(offered)
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for row in offered:
        by_kind.setdefault(row.kind, []).append(_row(case, row))
    return {
        "live": reverse("admin:assist_live", args=[case.public_id]),
        "pause_link": reverse("admin:assist_switch", args=[case.public_id, "pause"]),
        "go_on_link": reverse("admin:assist_switch", args=[case.public_id, "go-on"]),
        "pause": next(iter(pauses), None),
        "draft": next(iter(by_kind.get(SuggestionKind.DRAFT, [])), None),
        "cue": next(iter(by_kind.get(SuggestionKind.NEXT_CUE, [])), None),
        "articles": by_kind.get(SuggestionKind.ARTICLE, []),
        "similar": by_kind.get(SuggestionKind.SIMILAR_CASE, []),
        "since": offered[0].message.at if offered else None,
    }


def _row(case: Case, row: SuggestionRecord) -> dict[str, Any]:
    ids = [case.public_id, row.public_id]
    return {
        "row": row,
        "heard": masked(row.heard),
        "words": masked(row.text),
        "is_claimed": row.rests == Rests.CLAIMED,
        "link": _source(case, row),
        "say_link": reverse("admin:assist_react", args=[*ids, "say"]),
        "use_link": reverse("admin:assist_react", args=[*ids, "use"]),
        "dismiss_link": reverse("admin:assist_react", args=[*ids, "dismiss"]),
    }


def _source(case: Case, row: SuggestionRecord) -> str:
    if row.kind == SuggestionKind.ARTICLE:
        return f"{reverse('admin:article', args=[row.source_key])}?case={case.public_id}"
    if row.kind == SuggestionKind.SIMILAR_CASE:
        return reverse("admin:case", args=[row.source_key])
    return ""


def _back(case: Case) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:case", args=[case.public_id]) + "#assist")
