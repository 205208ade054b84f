"""From a case, an order or a customer to the ledger's entries about it."""

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.admin import reads
from cases.memory import selectors as memory
from governance.access.types import Capability
from governance.admin.visit import Visit, page

_LABEL = re.compile(r"\s*C-(\d{1,18})\s*", re.IGNORECASE)


@page("ledger/case/", name="ledger_case", capability=Capability.LEDGER_READ)
def ledger_case(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Go to the entries of the case that a text names, the newest where several match."""
    text = request.GET.get("q", "").strip()[:200]
    link = reverse("admin:ledger")
    if not text:
        return HttpResponseRedirect(link)
    rows = memory.list_cases(authority=visit.authority)
    label = _LABEL.fullmatch(text)
    found = rows.filter(pk=int(label[1])) if label else rows.filter(reads.matches(text))
    case = found.order_by("-pk").first()
    if case is None:
        messages.warning(
            request, _("No case that you may read matches “%(text)s”.") % {"text": text}
        )
        return HttpResponseRedirect(link)
    return HttpResponseRedirect(f"{link}?stream={case.stream}")
