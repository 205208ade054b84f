"""Connect an AI agent: whose it is, where it works, how much it may use, and its first token."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.access import services
from governance.access.models import Queue, User
from governance.access.types import Budget, Capability
from governance.admin import reads
from governance.admin.agent_acts import TOKEN_DAYS, show_once
from governance.admin.agents import BOUNDS, read_bound
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from orchestra.core.errors import FieldError, InvalidInputError


@page(
    "agents/connect/",
    name="agent_connect",
    capability=Capability.ACCESS_MANAGE,
    methods=("GET", "HEAD", "POST"),
)
def connect(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Make an agent with its first token, shown once; what is wrong keeps what was typed."""
    if request.method != "POST":
        return _show(request)
    issued: list[services.IssuedToken] = []
    error = attempt(
        request,
        lambda: issued.append(
            services.connect_agent(
                actor=visit.actor,
                now=visit.now,
                expires_at=visit.now + timedelta(days=TOKEN_DAYS),
                **_read(request),
            )
        ),
        refusal=as_refusal("agent.connect"),
    )
    if error is not None:
        return _show(request, status=422)
    return show_once(request, issued[0].credential.agent, issued[0])


def _read(request: HttpRequest) -> dict[str, Any]:
    posted = request.POST
    owner = _owner(posted.get("owner", ""))
    if owner is None:
        error = FieldError("owner", "required", _("Choose who answers for it."))
        raise InvalidInputError(_("The agent cannot be created."), errors=[error])
    return {
        "name": posted.get("name", "").strip(),
        "owner": owner,
        "queues": list(reads.list_all_queues().filter(key__in=posted.getlist("queues"))),
        "budget": Budget(**{name: read_bound(request, name) for name in BOUNDS}),
        "reason": posted.get("reason", ""),
    }


def _owner(text: str) -> User | None:
    try:
        return User.objects.filter(public_id=UUID(text)).first()
    except ValueError:
        return None


def _show(request: HttpRequest, *, status: int = 200) -> HttpResponse:
    typed = request.POST
    queues = list(reads.list_all_queues())
    return render(
        request,
        "governance/agent_connect.html",
        {
            "title": _("Connect an agent"),
            "crumbs": [Crumb(_("Agents"), reverse("admin:agents")), Crumb(_("Connect an agent"))],
            "typed": typed,
            "people": reads.list_owners(),
            "queues": [(queue, _is_chosen(request, queue)) for queue in queues],
            "arrival": next((queue.title for queue in queues if queue.is_default), ""),
            "bounds": [(name, title, typed.get(name, "")) for name, title in BOUNDS.items()],
            "token_days": TOKEN_DAYS,
        },
        status=status,
    )


def _is_chosen(request: HttpRequest, queue: Queue) -> bool:
    """Return whether a queue is ticked: as posted, else the one where contacts arrive."""
    if request.method == "POST":
        return queue.key in request.POST.getlist("queues")
    return queue.is_default
