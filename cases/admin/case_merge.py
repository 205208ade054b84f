"""Duplicates on the case page: what looks alike, merging two cases, and taking that back."""

import re
from collections.abc import Iterable
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.admin.case_parts import link_of, refusal_of
from cases.admin.masking import masked
from cases.journeys import services
from cases.memory import selectors as memory
from cases.memory.models import Case
from cases.memory.rules import is_possible
from cases.memory.types import CaseAct, CaseStatus
from governance.access.types import Capability
from governance.admin.visit import Visit, attempt, page
from orchestra.core import words
from orchestra.core.errors import NotFoundError

_LABEL: Final = re.compile(r"\s*(?:C-)?(\d{1,18})\s*", re.IGNORECASE)


def describe_merges(
    case: Case,
    visit: Visit,
    *,
    absorbed: Iterable[Case],
    alike: Iterable[memory.Duplicate],
    unmasked: bool,
) -> dict[str, Any]:
    """Return what looks like the same matter, and what was merged already.

    Args:
        case: The case.
        visit: Who looks.
        absorbed: The cases it took in.
        alike: The cases that look like the same matter; shown to who may take them in.
        unmasked: Whether personal data is shown as recorded.
    """
    takes_in = may_take_in(case, visit)
    gives_back = visit.may(Capability.CASE_WORK, case.queue_id) and case.status == CaseStatus.MERGED
    lines = [
        {
            **_line(found.case),
            "why": ", ".join(_("same %(what)s") % {"what": words.plain(one)} for one in found.why),
        }
        for found in (alike if takes_in else ())
    ]
    return {
        "alike": masked(lines, unmasked=unmasked),
        "absorbed": masked([_line(one) for one in absorbed], unmasked=unmasked),
        "merged_into": _line(case.merged_into) if case.merged_into else None,
        "merge_link": reverse("admin:case_merge", args=[case.public_id]) if takes_in else "",
        "unmerge_link": reverse("admin:case_unmerge", args=[case.public_id]) if gives_back else "",
    }


def may_take_in(case: Case, visit: Visit) -> bool:
    """Return whether a person may take other cases into this one as it stands."""
    works = visit.may(Capability.CASE_WORK, case.queue_id)
    return works and is_possible(act=CaseAct.TAKE_IN, status=CaseStatus(case.status))


@page("cases/<str:case_id>/merge/", name="case_merge", methods=("POST",))
def merge(request: HttpRequest, visit: Visit, case_id: str) -> HttpResponse:
    """Take the case that a person named into this one."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    other = _named(visit, request.POST.get("case", ""))
    if other is None:
        messages.error(request, _("There is no such case; name it as on its page, such as C-12."))
        return HttpResponseRedirect(link_of(case) + "#one-matter")
    error = attempt(
        request,
        lambda: services.merge_cases(
            actor=visit.actor,
            now=visit.now,
            survivor=case,
            absorbed=other,
            reason=request.POST.get("reason", ""),
        ),
        refusal=refusal_of(case, "case.merge"),
    )
    if error is None:
        said = _("%(case)s is part of this case now. It can be taken back from its own page.")
        messages.success(request, said % {"case": other.label})
    return HttpResponseRedirect(link_of(case) + "#one-matter")


@page("cases/<str:case_id>/unmerge/", name="case_unmerge", methods=("POST",))
def unmerge(request: HttpRequest, visit: Visit, case_id: str) -> HttpResponse:
    """Give this case back as it was before it was merged."""
    case = memory.get_case(authority=visit.authority, case_id=case_id)
    error = attempt(
        request,
        lambda: services.unmerge_case(
            actor=visit.actor,
            now=visit.now,
            absorbed=case,
            reason=request.POST.get("reason", ""),
        ),
        refusal=refusal_of(case, "case.unmerge"),
    )
    if error is None:
        messages.success(request, _("A case of its own again, as it was before."))
    return HttpResponseRedirect(link_of(case) + "#one-matter")


def _named(visit: Visit, text: str) -> Case | None:
    """Return the case of a label that the person may see, or None."""
    found = _LABEL.fullmatch(text)
    row = Case.objects.filter(pk=int(found[1])).first() if found else None
    if row is None:
        return None
    try:
        return memory.get_case(authority=visit.authority, case_id=row.public_id)
    except NotFoundError:
        return None


def _line(case: Case) -> dict[str, Any]:
    return {
        "label": case.label,
        "subject": case.subject,
        "status": case.status,
        "channel": case.channel,
        "opened_at": case.opened_at,
        "link": link_of(case),
    }
