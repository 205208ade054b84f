"""The demonstration's change request: a policy owner asks for more votes, with a rehearsal."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any, Final

from governance.access.models import User
from governance.policies.selectors import list_rehearsable
from governance.policies.services import rehearse_change
from governance.reviews import services as reviews
from governance.reviews.models import ChangeRequest
from governance.reviews.registry import documents

Json = Any

#: Decisions to rehearse on before the change is worth reading.
ENOUGH_DECISIONS: Final = 150
KIND: Final = "policy"
KEY: Final = "retail_returns"
_SPAN = timedelta(days=30)
#: Minor units; from here on, the author wants a supervisor to look.
_FROM = 30_000


def propose_change(*, author: User, now: datetime) -> bool:
    """Open, rehearse and submit one change, as soon as there are decisions to rehearse it on.

    Args:
        author: The policy owner who writes it; somebody else has to approve it.
        now: When, UTC.

    Returns:
        Whether nothing is left to propose; False while too little was decided.
    """
    present = documents.get(KIND).rows.present(KEY)
    if present is None or ChangeRequest.objects.filter(kind=KIND).exists():
        return True
    decided = list_rehearsable(since=now - _SPAN, until=now)
    if decided[:ENOUGH_DECISIONS].count() < ENOUGH_DECISIONS:
        return False
    actor = author.as_actor()
    change = reviews.open_change(
        actor=actor,
        now=now,
        kind=KIND,
        document_key=KEY,
        title="Look at returns from $300.00, and at a customer's total from $600.00",
        summary="A look costs minutes; a refund that has to be taken back costs the customer.",
        document=_stricter(present[1]),
    )
    rehearse_change(actor=actor, now=now, change_id=change.public_id, since=now - _SPAN)
    reviews.submit(actor=actor, now=now, change_id=change.public_id)
    return True


def _stricter(document: Mapping[str, Json]) -> dict[str, Json]:
    """Return the table with a lower amount to look at, and a lower total of one customer."""
    draft = deepcopy(dict(document))
    draft["thresholds"] = {"USD": _FROM}
    for rule in draft["rules"]:
        if rule["id"] == "above_500":
            rule["title"] = "The refund is at most $300.00"
            rule["when"] = [{"fact": "amount_minor", "above": _FROM}]
            rule["reason"] = "The refund is above $300.00."
    for limit in draft["limits"]:
        limit["at_most"] = 2 * _FROM
        limit["reason"] = "Returns by this customer come to more than $600.00 within 30 days."
    return draft
