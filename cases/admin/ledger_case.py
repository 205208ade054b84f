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
    """Go to the entries that a text names.

    A customer's are those about them and of all their cases; where several customers or none
    are of that name, it is the newest case that matches.
    """
    text = request.GET.get("q", "").strip()[:200]
    link = reverse("admin:ledger")
    if not text:
        return HttpResponseRedirect(link)
    rows = memory.list_cases(authority=visit.authority)
    label = _LABEL.fullmatch(text)
    if not label:
        named = rows.filter(reads.is_customers(text)).order_by("customer_id")
        customers = list(named.values_list("customer__public_id", flat=True).distinct()[:2])
        if len(customers) == 1:
            return HttpResponseRedirect(f"{link}?customer={customers[0]}")
    found = rows.filter(pk=int(label[1])) if label else reads.search_cases(rows, text, most=1)
    case = next(iter(found), None)
    if case is None:
        messages.warning(
            request, _("No case that you may read matches “%(text)s”.") % {"text": text}
        )
        return HttpResponseRedirect(link)
    return HttpResponseRedirect(f"{link}?stream={case.stream}")
