"""Since when and by whom each grant stands, and when it was last used, as far as it is recorded."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Max

from governance.access.entries import ROLE_GIVEN, USER_SIGNED_IN
from governance.access.models import (
    AgentQueueGrant,
    ApiCredential,
    QueueGroupGrant,
    QueueUserGrant,
)
from governance.access.types import QueueGrant
from governance.access_reviews.types import Given, GrantKind, HeldGrant, Use, Used
from governance.approvals.models import ApprovalVote
from governance.ledger.entries import ACT_REFUSED, ACTOR_LABEL
from governance.ledger.selectors import list_entries, payload_of

_VERSIONS: Mapping[GrantKind, Any] = {
    GrantKind.PERSON_QUEUE: QueueUserGrant,
    GrantKind.ROLE_QUEUE: QueueGroupGrant,
    GrantKind.AGENT_QUEUE: AgentQueueGrant,
    GrantKind.TOKEN: ApiCredential,
}
#: What is in the ledger without anybody having used an authority.
_NO_USE = (USER_SIGNED_IN, ACT_REFUSED)


def read_given(grants: Iterable[HeldGrant]) -> Mapping[str, Given]:
    """Return who gave each grant and when, by key; five queries whatever their number.

    From version history, and for roles from the ledger.
    """
    by_kind: dict[GrantKind, list[HeldGrant]] = {}
    for one in grants:
        by_kind.setdefault(one.kind, []).append(one)
    found = _roles_given(by_kind.get(GrantKind.ROLE, ()))
    for kind, model in _VERSIONS.items():
        rows = model.history.filter(history_type="+").values_list(
            "id", "history_date", "actor_label"
        )
        given = {str(pk): Given(at=at, by=by) for pk, at, by in rows}
        found |= {one.key: given.get(one.ref, Given()) for one in by_kind.get(kind, ())}
    return found


def _roles_given(roles: Iterable[HeldGrant]) -> dict[str, Given]:
    keys = {one.key for one in roles}
    found: dict[str, Given] = dict.fromkeys(keys, Given())
    for entry in list_entries().filter(kind=ROLE_GIVEN).order_by("id"):
        payload = payload_of(entry=entry)
        if payload is None:
            continue
        key = f"role:{entry.subject_id}:{payload.get('role')}"
        if key in keys:
            found[key] = Given(at=entry.at, by=str(payload.get(ACTOR_LABEL, "")))
    return found


def read_used(grants: Iterable[HeldGrant]) -> Mapping[str, Used]:
    """Return when each grant was last used, by key, in two queries.

    A grant to vote is used by a vote in its queue. A role, and a grant to read or work, by
    whatever the holder last did: which queue it was for stands nowhere. What a whole role or
    a token was used for is not recorded.
    """
    held = list(grants)
    acts = _last_acts({one.holder_id for one in held})
    votes = _last_votes()
    return {one.key: _used(one, acts, votes) for one in held}


def _used(
    one: HeldGrant, acts: Mapping[str, datetime], votes: Mapping[tuple[str, str], datetime]
) -> Used:
    if one.kind in {GrantKind.ROLE_QUEUE, GrantKind.TOKEN}:
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
