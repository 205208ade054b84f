"""A page that tells when all of its evidence has been on screen."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from governance.access.types import Capability
from governance.admin.visit import Visit, page
from governance.approvals import services


@page(
    "approvals/<uuid:request_id>/evidence-seen/",
    name="approval_evidence_seen",
    capability=Capability.APPROVAL_VOTE,
    methods=("POST",),
)
def evidence_seen(request: HttpRequest, visit: Visit, request_id: UUID) -> HttpResponse:
    """Record that every part of a request has been on the person's screen."""
    del request
    services.record_evidence_seen(actor=visit.actor, now=visit.now, request_id=request_id)
    return HttpResponse(status=204)
