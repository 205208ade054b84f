"""Put an approved change in force, now or at a planned time, and let the rest lapse."""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

import structlog
from django.db import DatabaseError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from governance.access.selectors import authority_of
from governance.ledger.services import one_act
from governance.reviews import entries, rules, voting
from governance.reviews.models import ChangeRequest
from governance.reviews.selectors import (
    digest_in_force,
    eligible_standing,
    get_change,
    kind_of,
    standing_of,
)
from governance.reviews.services.locked import (
    REVIEWS,
    lock_change,
    lock_with_siblings,
    move,
    record,
    require_publishing,
)
from governance.reviews.types import ChangePurpose, ChangeState
from orchestra.core.actors import Actor
from orchestra.core.clock import rfc3339
from orchestra.core.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    NotPermittedError,
    OrchestraError,
)
from orchestra.core.locking import take_turn

log = structlog.get_logger(__name__)
REASON_LENGTH = 500


@one_act()
def schedule(
    *, actor: Actor, now: datetime, change_id: UUID, publish_at: datetime
) -> ChangeRequest:
    """Plan when an approved change comes into force; again to plan another time.

    Raises:
        NotFoundError: There is none, or the actor may not know of it.
        NotPermittedError: The actor may not publish.
        ConflictError: It is not approved, or could not be published as it stands.
        InvalidInputError: The time has passed.
    """
    change, authority = lock_change(actor=actor, change_id=change_id)
    require_publishing(authority, change)
    if publish_at <= now:
        message = _("This time has passed already.")
        raise InvalidInputError(message, errors=[FieldError("publish_at", "range", message)])
    _check_publishing(change, now)
    move(
        change,
        actor=actor,
        wanted=ChangeState.SCHEDULED,
        changes={"publish_at": publish_at, "held_reason": ""},
        reason="planned",
    )
    payload = {"publish_at": rfc3339(publish_at)}
    record(change, actor=actor, now=now, kind=entries.SCHEDULED, payload=payload)
    return change


@one_act()
def unschedule(*, actor: Actor, now: datetime, change_id: UUID) -> ChangeRequest:
    """Take the planned time of a change back; it stays approved, and lapses when it would.

    Raises:
        NotFoundError: There is none, or the actor may not know of it.
        NotPermittedError: The actor may not publish.
        ConflictError: No time is planned.
    """
    change, authority = lock_change(actor=actor, change_id=change_id)
    require_publishing(authority, change)
    if change.state != ChangeState.SCHEDULED or change.publish_at is None:
        raise ConflictError(_("No time is planned."), code="change.not_planned")
    planned = rfc3339(change.publish_at)
    move(
        change,
        actor=actor,
        wanted=ChangeState.APPROVED,
        changes={"publish_at": None},
        reason="planned time taken back",
    )
    payload = {"publish_at": planned}
    record(change, actor=actor, now=now, kind=entries.UNSCHEDULED, payload=payload)
    return change


@one_act()
def publish(*, actor: Actor, now: datetime, change_id: UUID) -> ChangeRequest:
    """Put an approved or planned change in force at once, and end what was in force before.

    Raises:
        NotFoundError: There is none, or the actor may not know of it.
        NotPermittedError: The actor may not publish; an AI agent never may.
        ConflictError: It is not approved, another version came into force meanwhile
            (``change.base_moved``), votes fell away, or another text was rehearsed.
        InvalidInputError: The text is no longer valid, with every error.
    """
    take_turn(rules.PUBLISHING)
    # Not locked here: the rows of a document are locked together, in one order.
    seen = get_change(authority=authority_of(actor), change_id=change_id)
    change, siblings = lock_with_siblings(pk=seen.pk)
    if actor.is_agent:
        raise NotPermittedError(_("An AI agent publishes nothing."), code="change.agent")
    require_publishing(authority_of(actor), change)
    _put_in_force(change, siblings, actor, now)
    return change


def _put_in_force(
    change: ChangeRequest, siblings: Iterable[ChangeRequest], actor: Actor, now: datetime
) -> None:
    _check_publishing(change, now)
    kind = kind_of(change)
    if change.purpose == ChangePurpose.RETIREMENT:
        number = kind.retire(actor, now, change.document_key)
    else:
        number = kind.publish(actor, now, change.document)
    _end_earlier(change, siblings, actor, now)
    move(
        change,
        actor=actor,
        wanted=ChangeState.PUBLISHED,
        changes={
            "published_at": now,
            "published_number": number,
            "publish_at": None,
            "expires_at": None,
            "held_reason": "",
        },
        reason="published",
    )
    record(change, actor=actor, now=now, kind=entries.PUBLISHED, payload={"number": number})


def _check_publishing(change: ChangeRequest, now: datetime) -> None:
    standing = eligible_standing(standing_of(change))
    _number, digest = digest_in_force(change)
    rules.check_verdict(voting.may_publish(standing=standing, present_digest=digest, now=now))
    purpose = ChangePurpose(change.purpose)
    stored = rules.change_digest(kind=change.kind, purpose=purpose, document=change.document)
    if stored != change.digest:
        raise ConflictError(
            _("The stored text is not the one that was approved."), code="change.text_altered"
        )


def _end_earlier(
    change: ChangeRequest, siblings: Iterable[ChangeRequest], actor: Actor, now: datetime
) -> None:
    is_rollback = change.purpose == ChangePurpose.ROLLBACK
    ended = ChangeState.ROLLED_BACK if is_rollback else ChangeState.RETIRED
    for one in siblings:
        if one.state == ChangeState.PUBLISHED:
            reason = f"{change.label} was published"
            move(one, actor=actor, wanted=ended, changes={}, reason=reason)
            payload = {"successor": change.label}
            record(one, actor=actor, now=now, kind=entries.ENDED[ended], payload=payload)


def publish_due(*, now: datetime, batch: int) -> int:
    """Publish what is planned for now, each in a transaction of its own, by the system.

    What can no longer be published is held with the reason, back among the approved, so that
    a person sees it; it does not hold up the others.

    Args:
        now: The moment of the sweep.
        batch: How many at most.

    Returns:
        How many were published.
    """
    due = ChangeRequest.objects.filter(state=ChangeState.SCHEDULED, publish_at__lte=now)
    return _sweep(due.order_by("publish_at", "pk"), now, batch, _publish_planned)


def expire_due(*, now: datetime, batch: int) -> int:
    """End what was not published in its time; what is in force stays so.

    Args:
        now: The moment of the sweep.
        batch: How many at most.

    Returns:
        How many ended.
    """
    due = ChangeRequest.objects.filter(state__in=rules.LAPSES, expires_at__lte=now)
    return _sweep(due.order_by("expires_at", "pk"), now, batch, _expire)


def _sweep(
    due: QuerySet[ChangeRequest],
    now: datetime,
    batch: int,
    act: Callable[[int, datetime], bool],
) -> int:
    return sum(act(pk, now) for pk in list(due.values_list("pk", flat=True)[:batch]))


def _publish_planned(pk: int, now: datetime) -> bool:
    try:
        with one_act():
            take_turn(rules.PUBLISHING)
            change, siblings = lock_with_siblings(pk=pk)
            planned = change.publish_at
            # A person may have been faster than this sweep.
            if change.state != ChangeState.SCHEDULED or planned is None or planned > now:
                return False
            _put_in_force(change, siblings, REVIEWS, now)
    except (OrchestraError, LookupError) as error:
        _hold(pk, now, error)
        return False
    except DatabaseError as error:
        # Nothing was written; the next sweep tries again.
        log.warning("reviews.publish_failed", change=pk, error=type(error).__name__)
        return False
    return True


def _hold(pk: int, now: datetime, error: Exception) -> None:
    reason = error.message if isinstance(error, OrchestraError) else str(error)
    with one_act():
        change, _siblings = lock_with_siblings(pk=pk)
        if change.state != ChangeState.SCHEDULED:
            return
        move(
            change,
            actor=REVIEWS,
            wanted=ChangeState.APPROVED,
            changes={"publish_at": None, "held_reason": reason[:REASON_LENGTH]},
            reason="not published as planned",
        )
        code = error.error_code if isinstance(error, OrchestraError) else "lookup"
        payload = {"reason": reason, "code": code}
        record(change, actor=REVIEWS, now=now, kind=entries.HELD, payload=payload)


def _expire(pk: int, now: datetime) -> bool:
    try:
        with one_act():
            change, _siblings = lock_with_siblings(pk=pk)
            if not rules.is_expired(standing_of(change), now):
                return False
            move(change, actor=REVIEWS, wanted=ChangeState.EXPIRED, changes={}, reason="lapsed")
            record(change, actor=REVIEWS, now=now, kind=entries.EXPIRED)
    except (OrchestraError, DatabaseError, LookupError) as error:
        log.warning("reviews.expire_failed", change=pk, error=type(error).__name__)
        return False
    return True
