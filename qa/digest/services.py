"""Send what is due: take it with a lease, send it outside of any transaction, write it down."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

import structlog
from django.utils import timezone

from governance.access.models import User
from governance.access.types import Capability, Role
from governance.ledger.services import one_act
from governance.notifications.mail import Mailer, Postbox, failure_of
from governance.notifications.selectors import preferences_of
from governance.notifications.telling.people import who_may
from governance.notifications.types import NO_RISK, Failure, Manner, Preferences, Topic
from qa.digest.mail import build
from qa.digest.models import OutcomeDigest
from qa.digest.rules import LEASE, MOST_ATTEMPTS, due_week
from qa.digest.types import DigestState
from qa.measurement.showing import SIX, Shown, list_shown
from qa.targets.models import OutcomeAlert
from qa.targets.selectors import list_open_alerts

log = structlog.get_logger(__name__)

#: Who answers for outcomes, and is sent them.
LEADERS: Final = (
    Role.QA_LEAD,
    Role.SUPERVISOR,
    Role.POLICY_OWNER,
    Role.COMPLIANCE_OFFICER,
)


def send_digests(*, now: datetime, mailer: Mailer | None = None) -> int:
    """Send the week that is over to every leader who has an address and was not sent it yet.

    Whoever wants no news of the record is sent none. Must not be called inside an act.

    Args:
        now: When, UTC.
        mailer: What sends; None for Django's mail.

    Returns:
        How many left.
    """
    people = _leaders()
    if not people:
        return 0
    shown = list_shown(now=now)
    is_computed = bool(shown) and all(one.now for one in shown if one.spec.key in SIX)
    wanted = preferences_of(people)
    due = [
        (person, wanted[person.pk], week)
        for person in people
        if wanted[person.pk].manners[Topic.PROOF, NO_RISK] is not Manner.OFF
        and (week := due_week(now=now, zone=wanted[person.pk].zone, is_computed=is_computed))
    ]
    taken = [
        (digest, preferences)
        for person, preferences, week in _unsent(due)
        if (digest := _take(person, week, now)) is not None
    ]
    if not taken:
        return 0
    return _send(taken, shown, list(list_open_alerts()), now, mailer or Postbox())


def _leaders() -> list[User]:
    ids = sorted(who_may(Capability.METRIC_READ, roles=LEADERS))
    return list(User.objects.filter(public_id__in=ids).exclude(email="").order_by("pk"))


def _unsent(
    due: Iterable[tuple[User, Preferences, date]],
) -> list[tuple[User, Preferences, date]]:
    told = list(due)
    done = set(
        OutcomeDigest.objects.filter(
            person__in=[person for person, _wanted, _week in told],
            state__in=[DigestState.SENT, DigestState.FAILED],
        ).values_list("person_id", "week")
    )
    return [one for one in told if (one[0].pk, one[2]) not in done]


@one_act(durable=True)
def _take(person: User, week: date, now: datetime) -> OutcomeDigest | None:
    """Return the digest where it is this run's to send; None where another has it, or had."""
    made, is_new = OutcomeDigest.objects.get_or_create(
        person=person, week=week, defaults={"lease_until_at": now + LEASE}
    )
    if not is_new:
        # Whoever comes first after the lease has run out takes it; the row says so.
        again = OutcomeDigest.objects.filter(
            pk=made.pk, state=DigestState.SENDING, lease_until_at__lte=now, attempts=made.attempts
        ).update(attempts=made.attempts + 1, lease_until_at=now + LEASE)
        if not again:
            return None
        made.attempts += 1
    made.person = person
    return made


def _send(
    taken: Iterable[tuple[OutcomeDigest, Preferences]],
    shown: list[Shown],
    alerts: list[OutcomeAlert],
    now: datetime,
    mailer: Mailer,
) -> int:
    sent = 0
    try:
        for digest, preferences in taken:
            with timezone.override(preferences.zone):
                message = build(digest, shown, alerts)
            failure: Failure | None = None
            try:
                mailer.send(message)
            except (OSError, ValueError) as error:
                failure = failure_of(error)
                log.warning("digest.not_sent", error=failure.code)
            _record(digest, failure, now)
            sent += failure is None
    finally:
        mailer.close()
    return sent


@one_act(durable=True)
def _record(digest: OutcomeDigest, failure: Failure | None, now: datetime) -> None:
    """Write down what became of one attempt; only where no other took it meanwhile."""
    changes: dict[str, object] = {"state": DigestState.SENT, "sent_at": now, "error": ""}
    if failure is not None:
        is_over = failure.is_final or digest.attempts >= MOST_ATTEMPTS
        state = DigestState.FAILED if is_over else DigestState.SENDING
        changes = {"state": state, "error": failure.code}
    OutcomeDigest.objects.filter(
        pk=digest.pk, state=DigestState.SENDING, attempts=digest.attempts
    ).update(**changes)
