"""What a case page says of legal holds and of erasures, beside the case."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from cases.memory.models import Case
from cases.memory.subjects import subject_of_case
from governance.access.types import Capability
from governance.admin.visit import Visit
from governance.privacy import selectors
from governance.privacy.models import LegalHold


def describe_privacy(case: Case, visit: Visit, *, holds: Iterable[LegalHold]) -> dict[str, Any]:
    """Return which hold covers a case and since when, and where a person asks for more.

    Args:
        case: The case, its customer at hand.
        visit: Who looks.
        holds: Every hold in force, oldest first.
    """
    standing = selectors.holds_among(holds, subject_of_case(case))
    manages = visit.may(Capability.LEDGER_VERIFY)
    return {
        "since": min((hold.asked_at for hold in standing), default=None),
        "numbers": ", ".join(hold.number for hold in standing),
        "holds_link": reverse("admin:legal_holds") if manages else "",
        "hold_link": f"{reverse('admin:legal_holds')}?case={case.label}#place" if manages else "",
        "erase_link": f"{reverse('admin:erasures')}?case={case.label}"
        if manages and case.closed_at
        else "",
    }
