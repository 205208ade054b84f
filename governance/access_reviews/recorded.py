"""Since when and by whom each grant stands, and when it was last used, as far as it is recorded."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from django.db.models import Max

from governance.access.entries import USER_SIGNED_IN
from governance.access.models import ApiCredential
from governance.access.types import QueueGrant
from governance.access_reviews.types import Given, GrantKind, HeldGrant, Use, Used
from governance.approvals.models import ApprovalVote
from governance.ledger.entries import ACT_REFUSED
from governance.ledger.selectors import list_entries

#: Grants whose use stands nowhere: which of several was used, nobody writes down.
_NOT_RECORDED = frozenset(
    {GrantKind.ROLE_QUEUE, GrantKind.TOKEN, GrantKind.DOCUMENT, GrantKind.EVERY_DOCUMENT}
)
#: What is in the ledger without anybody having used an authority.
_NO_USE = (USER_SIGNED_IN, ACT_REFUSED)


def read_given(grants: Iterable[HeldGrant]) -> Mapping[str, Given]:
    """Return who gave each grant and when, by key, in one query.

    A grant says so itself; who issued a token stands in its version history.
    """
    issued = dict(ApiCredential.history.filter(history_type="+").values_list("id", "actor_label"))
    by = {str(pk): label for pk, label in issued.items()}
    return {
        one.key: replace(one.given, by=by.get(one.ref, ""))
        if one.kind is GrantKind.TOKEN
        else one.given
        for one in grants
    }


def read_used(grants: Iterable[HeldGrant]) -> Mapping[str, Used]:
    """Return when each grant was last used, by key, in two queries.

    A grant to vote is used by a vote in its queue. A role, and a grant to read or work, by
    whatever the holder last did: which queue it was for stands nowhere. What a whole role, a
    token or the right to change a document was used for is not recorded.
    """
    held = list(grants)
    acts = _last_acts({one.holder_id for one in held})
    votes = _last_votes()
    return {one.key: _used(one, acts, votes) for one in held}


def _used(
    one: HeldGrant, acts: Mapping[str, datetime], votes: Mapping[tuple[str, str], datetime]
) -> Used:
    if one.kind in _NOT_RECORDED:
        return Used()
    if one.kind is GrantKind.PERSON_QUEUE and one.code == QueueGrant.VOTE:
        return Used(how=Use.VOTE, at=votes.get((one.holder_id, one.place_id)))
    return Used(how=Use.ACT, at=acts.get(one.holder_id))


def _last_acts(holder_ids: Iterable[str]) -> dict[str, datetime]:
    rows = list_entries().filter(actor_id__in=sorted(holder_ids)).exclude(kind__in=_NO_USE)
    return dict(rows.order_by().values_list("actor_id").annotate(last=Max("at")))


def _last_votes() -> dict[tuple[str, str], datetime]:
    rows = ApprovalVote.objects.order_by()
    latest = rows.values_list("voter__public_id", "request__queue__public_id").annotate(
        last=Max("at")
    )
    return {(str(voter), str(queue)): last for voter, queue, last in latest}
