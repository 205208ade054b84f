"""The searches of the ledger that a person keeps: save, rename, delete."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.admin.ledger_filters import link_to, read_wanted
from governance.admin.ledger_wanted import storable_of, wanted_of
from governance.admin.visit import Visit, page
from governance.ledger import services
from governance.ledger.saved import list_searches
from governance.ledger.selection import EntrySelection
from orchestra.core.errors import InvalidInputError
from orchestra.core.together import Reading, read


@page(
    "ledger/searches/",
    name="ledger_search_save",
    capability=Capability.LEDGER_READ,
    methods=("POST",),
)
def save(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Keep what the page is narrowed to under a name."""
    wanted = read_wanted(request.POST)
    try:
        selection, least = storable_of(wanted)
        search = services.save_search(
            actor=visit.actor,
            now=visit.now,
            name=request.POST.get("name", ""),
            selection=selection,
            least=least,
        )
    except InvalidInputError as error:
        messages.error(request, error.in_full)
    else:
        messages.success(request, _("“%(name)s” is saved.") % {"name": search.name})
    return HttpResponseRedirect(link_to(wanted, before="", after="", entry=""))


@page(
    "ledger/searches/<uuid:search_id>/rename/",
    name="ledger_search_rename",
    capability=Capability.LEDGER_READ,
    methods=("POST",),
)
def rename(request: HttpRequest, visit: Visit, search_id: UUID) -> HttpResponse:
    """Give one of the person's searches another name."""
    try:
        services.rename_search(
            actor=visit.actor,
            now=visit.now,
            search_id=search_id,
            name=request.POST.get("name", ""),
        )
    except InvalidInputError as error:
        messages.error(request, error.in_full)
    return HttpResponseRedirect(link_to(read_wanted(request.POST)))


@page(
    "ledger/searches/<uuid:search_id>/delete/",
    name="ledger_search_delete",
    capability=Capability.LEDGER_READ,
    methods=("POST",),
)
def delete(request: HttpRequest, visit: Visit, search_id: UUID) -> HttpResponse:
    """Forget one of the person's searches."""
    services.delete_search(actor=visit.actor, now=visit.now, search_id=search_id)
    messages.success(request, _("The search is deleted; its entries stay as they are."))
    return HttpResponseRedirect(link_to(read_wanted(request.POST)))


def describe_searches(visit: Visit, wanted: dict[str, str]) -> Reading[list[dict[str, Any]]]:
    """Come to the person's searches, each with the address that opens it."""
    nothing = dict.fromkeys(wanted, "")
    described = []
    for search in (yield from read(list_searches(owner_pk=visit.actor.pk or 0))):
        said = wanted_of(EntrySelection.from_json(search.selection), search.least)
        described.append(
            {
                "id": search.public_id,
                "name": search.name,
                "link": link_to(nothing, **said),
                "on": {name: text for name, text in wanted.items() if text} == said,
            }
        )
    return described
