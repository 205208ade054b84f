"""A person's own filters of the inbox: save, rename, delete."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from cases.admin.approval_next import inbox_link
from governance.access.types import Capability
from governance.admin.visit import Visit, page
from governance.approvals import services
from governance.approvals.inbox_query import InboxQuery, parse_criteria
from orchestra.core.errors import InvalidInputError


@page(
    "approvals/views/",
    name="approvals_view_save",
    capability=Capability.APPROVAL_READ,
    methods=("POST",),
)
def save(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Keep the view that is open under a name."""
    criteria = request.POST.get("criteria", "")
    query = parse_criteria(criteria)
    try:
        view = services.save_view(
            actor=visit.actor, now=visit.now, name=request.POST.get("name", ""), criteria=criteria
        )
    except InvalidInputError as error:
        messages.error(request, error.in_full)
    else:
        messages.success(request, _("“%(name)s” is saved.") % {"name": view.name})
    return HttpResponseRedirect(inbox_link(query))


@page(
    "approvals/views/<uuid:view_id>/rename/",
    name="approvals_view_rename",
    capability=Capability.APPROVAL_READ,
    methods=("POST",),
)
def rename(request: HttpRequest, visit: Visit, view_id: UUID) -> HttpResponse:
    """Give one of the person's views another name."""
    try:
        services.rename_view(
            actor=visit.actor, now=visit.now, view_id=view_id, name=request.POST.get("name", "")
        )
    except InvalidInputError as error:
        messages.error(request, error.in_full)
    return HttpResponseRedirect(inbox_link(parse_criteria(request.POST.get("criteria", ""))))


@page(
    "approvals/views/<uuid:view_id>/delete/",
    name="approvals_view_delete",
    capability=Capability.APPROVAL_READ,
    methods=("POST",),
)
def delete(request: HttpRequest, visit: Visit, view_id: UUID) -> HttpResponse:
    """Forget one of the person's views."""
    services.delete_view(actor=visit.actor, now=visit.now, view_id=view_id)
    messages.success(request, _("The view is deleted. The requests in it are not touched."))
    return HttpResponseRedirect(inbox_link(InboxQuery()))
