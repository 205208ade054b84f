"""What the pages of a case share: the way back to it, its forms, and the name of a refused act."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.memory.models import Case
from governance.access.selectors import with_a_role
from governance.access.types import Role
from governance.admin import reads as governed
from governance.admin.visit import Crumb, Visit, render
from governance.ledger.refusals import Refusal
from orchestra.core.errors import NotPermittedError, OrchestraError

#: Who of the house works on cases.
WORKING = (Role.HUMAN_AGENT, Role.SPECIALIST, Role.SUPERVISOR)


def link_of(case: Case) -> str:
    """Return the address of a case's page."""
    return reverse("admin:case", args=[case.public_id])


def refusal_of(case: Case, act: str) -> Callable[[OrchestraError], Refusal]:
    """Return what names a refused act on a case for the ledger."""

    def name(error: OrchestraError) -> Refusal:
        return Refusal(
            act=act,
            code=error.error_code,
            message=error.message,
            case_id=str(case.public_id),
            subject_id=str(case.public_id),
        )

    return name


def may_try_again(error: OrchestraError | None) -> bool:
    """Return whether a form is shown again with what was typed, which a way back would lose.

    Args:
        error: Why the act was refused; None where it was done.
    """
    return error is not None and not isinstance(error, NotPermittedError)


def case_form(
    request: HttpRequest, case: Case, *, template: str, title: str, shown: dict[str, Any]
) -> HttpResponse:
    """Return the page of one form about a case, with the way back to it.

    The template reads ``typed`` for what was typed before; a form not sent yet has none.
    """
    crumbs = [Crumb(_("Work")), Crumb(_("Cases"), reverse("admin:cases"))]
    return render(
        request,
        template,
        {
            "title": title,
            "crumbs": [*crumbs, Crumb(case.label, link_of(case)), Crumb(title)],
            "case": case,
            "case_link": link_of(case),
            "typed": request.POST,
            **shown,
        },
    )


def describe_whom(request: HttpRequest, visit: Visit, case: Case) -> dict[str, Any]:
    """Return the queues and the people that a form offers, with what was chosen before."""
    queue = request.POST.get("queue") or case.queue.key
    person = request.POST.get("person", "")
    return {
        "queues": [
            {"key": one.key, "title": one.title, "chosen": one.key == queue}
            for one in governed.list_all_queues()
        ],
        "people": [
            {
                "id": str(one.public_id),
                "label": one.label,
                "chosen": str(one.public_id) == person,
            }
            for one in with_a_role({str(role) for role in WORKING})
            if one.pk != visit.actor.pk
        ],
    }
