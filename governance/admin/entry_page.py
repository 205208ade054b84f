"""The page of one ledger entry, at an address that stays: its stream and its place there."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.admin.entry_shown import describe_entry, reading_of
from governance.admin.visit import Crumb, Visit, page, render
from governance.ledger import around, services
from orchestra.core.errors import NotFoundError
from orchestra.core.together import answer


@page(
    "ledger/streams/<str:stream>/<int:seq>/", name="ledger_entry", capability=Capability.LEDGER_READ
)
def ledger_entry(request: HttpRequest, visit: Visit, stream: str, seq: int) -> HttpResponse:
    """Show one entry, in words and raw, with what it names; the reading is itself recorded.

    Raises:
        NotFoundError: The stream has no such entry.
    """
    entry = around.find_in_stream(stream=stream, seq=seq)
    if entry is None:
        raise NotFoundError(_("There is no such entry."))
    unmasked = "unmasked" in request.GET and visit.may(Capability.LEDGER_VERIFY)
    shown = answer(describe_entry(entry, visit=visit, unmasked=unmasked))
    services.record_read(
        actor=visit.actor, now=visit.now, what=reading_of(entry, unmasked=unmasked)
    )
    here = request.path
    return render(
        request,
        "governance/ledger_entry_page.html",
        {
            "title": _("Ledger entry"),
            "crumbs": [
                Crumb(_("Prove")),
                Crumb(_("Ledger"), reverse("admin:ledger")),
                Crumb(_("Entry")),
            ],
            "entry": shown,
            "alone": True,
            "may_verify": visit.may(Capability.LEDGER_VERIFY),
            "unmasked": unmasked,
            "mask_link": here if unmasked else f"{here}?unmasked=1",
            "stream_link": f"{reverse('admin:ledger')}?{urlencode({'stream': stream})}",
        },
    )
