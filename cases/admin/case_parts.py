"""What the parts of a case page share: the way back to it, and the name of a refused act."""

from collections.abc import Callable

from django.urls import reverse

from cases.memory.models import Case
from governance.ledger.refusals import Refusal
from orchestra.core.errors import OrchestraError


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
