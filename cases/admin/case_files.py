"""Files and facts on the case page: added by a person, opened on the record."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from cases.admin.case_parts import link_of, refusal_of
from cases.admin.masking import masked
from cases.journeys import services
from cases.memory import selectors as memory
from cases.memory import services as memory_services
from cases.memory.facts import CUSTOMER_TOLD, FactSource, FactStanding, StatedFact, standing
from cases.memory.filetypes import allowed_words, too_large, type_named
from cases.memory.models import Case, Evidence
from cases.memory.rules import is_possible, may_see_unmasked
from cases.memory.services import FileContent
from cases.memory.types import CaseAct, CaseStatus
from governance.access.types import Capability
from governance.admin.visit import Visit, attempt, page
from orchestra.core.errors import ConflictError
from orchestra.core.handed import hand_out
from orchestra.core.uploads import TOO_LARGE

_SHORT: Final = 12


def describe_files(
    case: Case,
    visit: Visit,
    *,
    evidence: Iterable[Evidence],
    facts: Iterable[StatedFact],
    unmasked: bool,
) -> dict[str, Any]:
    """Return the evidence and the facts of a case as its page shows them.

    Args:
        case: The case.
        visit: Who looks.
        evidence: What was attached, in order.
        facts: What was stated, in order.
        unmasked: Whether personal data is shown as recorded.
    """
    adds = visit.may(Capability.CASE_WORK, case.queue_id) and is_possible(
        act=CaseAct.TALK, status=CaseStatus(case.status)
    )
    opens = may_see_unmasked(visit.authority.roles)
    rows = [_evidence(row, opens=opens) for row in evidence]
    stated = [_fact(one) for one in standing(facts)]
    return {
        "evidence": masked(rows, unmasked=unmasked),
        "facts": masked(stated, unmasked=unmasked),
        "attach_link": reverse("admin:case_files", args=[case.public_id]) if adds else "",
        "state_link": reverse("admin:case_facts", args=[case.public_id]) if adds else "",
        "allowed": allowed_words(),
        "largest": f"{settings.ORCHESTRA['EVIDENCE_FILE_BYTES'] / 2**20:g}",
    }


@page("cases/<str:case_id>/files/", name="case_files", methods=("POST",))
def attach(request: HttpRequest, visit: Visit, case_id: str) -> HttpResponse:
    """Attach a file that a person chose, with what it proves."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    sent = request.FILES.get("file")
    if sent is None:
        most = settings.ORCHESTRA["EVIDENCE_FILE_BYTES"]
        is_large = request.META.get(TOO_LARGE)
        messages.error(request, too_large(most).message if is_large else _("Choose a file first."))
        return HttpResponseRedirect(link_of(case) + "#evidence")
    file = FileContent(sent.name or "", sent.read(), sent.content_type or "")
    proves = request.POST.get("proves", "")
    error = attempt(
        request,
        lambda: services.attach_file(
            actor=visit.actor,
            now=visit.now,
            case=case,
            file=file,
            kind="document",
            title=request.POST.get("title", "").strip() or file.name,
            proves=proves,
        ),
        refusal=refusal_of(case, "evidence.attach"),
    )
    if error is None:
        messages.success(request, _("Attached. It cannot be taken away again, only erased."))
    return HttpResponseRedirect(link_of(case) + "#evidence")


@page("cases/<str:case_id>/files/<uuid:evidence_id>/", name="case_file")
def show(request: HttpRequest, visit: Visit, case_id: str, evidence_id: UUID) -> HttpResponse:
    """Hand a file out; that it was opened is an entry of the case."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    try:
        file, kind = memory_services.open_file(
            actor=visit.actor, now=visit.now, case=case, evidence_id=evidence_id
        )
    except ConflictError as error:
        messages.error(request, error.message)
        return HttpResponseRedirect(link_of(case) + "#evidence")
    return hand_out(
        content=file.content, name=file.name, media_type=kind.media_type, inline=kind.inline
    )


@page("cases/<str:case_id>/facts/", name="case_facts", methods=("POST",))
def state(request: HttpRequest, visit: Visit, case_id: str) -> HttpResponse:
    """Record what a person knows of the matter."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    error = attempt(
        request,
        lambda: services.state_fact(
            actor=visit.actor,
            now=visit.now,
            case=case,
            name="_".join(request.POST.get("name", "").lower().split()),
            value=request.POST.get("value", ""),
            source=request.POST.get("source", ""),
        ),
        refusal=refusal_of(case, "fact.state"),
    )
    if error is None:
        messages.success(request, _("Recorded as confirmed by you; what was said before stays."))
    place = "wrap-up" if request.POST.get("name") == CUSTOMER_TOLD else "facts"
    return HttpResponseRedirect(f"{link_of(case)}#{place}")


def _evidence(row: Evidence, *, opens: bool) -> dict[str, Any]:
    kind = type_named(row.media_type)
    return {
        "id": str(row.public_id),
        "title": row.title,
        "proves": row.proves,
        "trust": row.trust,
        "by": row.by_label,
        "at": row.at,
        "kind": kind.title if kind else "",
        "size": row.size,
        "digest": row.digest[:_SHORT],
        # A file of an absorbed case is opened where it lies.
        "link": reverse("admin:case_file", args=[row.case.public_id, row.public_id])
        if opens and row.has_file
        else "",
    }


_SOURCES: Final = {
    FactSource.MESSAGE: _lazy("said in the conversation"),
    FactSource.TOOL_CALL: _lazy("shown by the answer of a tool"),
    FactSource.EVIDENCE: _lazy("read from evidence"),
    FactSource.PERSON: _lazy("the word of a person"),
}


def _fact(one: FactStanding) -> dict[str, Any]:
    return {
        "name": one.stands.name,
        "earlier": one.earlier,
        **_stated(one.stands),
        "doubt": _stated(one.doubted_by) if one.doubted_by else None,
    }


def _stated(fact: StatedFact) -> dict[str, Any]:
    return {
        "value": fact.value,
        "trust": fact.trust,
        "source": _SOURCES[fact.source_kind],
        "by": fact.by_label,
        "at": fact.at,
    }
