"""Who is told of a target that is not kept; filled into the registry of notifications."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from governance.access.types import Capability
from governance.notifications.registry import NoticeRule
from governance.notifications.telling.people import only, who_may
from governance.notifications.types import Ends, Happened, Telling, Told, Topic, Why
from qa.targets import entries
from qa.targets.models import OutcomeAlert
from qa.targets.selectors import list_alerts, spec_of
from qa.targets.types import AlertState

SUBJECT: Final = "outcome_alert"


def tell_owners(happened: Happened, now: datetime) -> Telling | None:
    """Tell the people of the role that owns the target; nobody where it is answered already."""
    del now
    alert = _find(happened)
    if alert is None or alert.state != AlertState.OPEN:
        return None
    owners = who_may(Capability.METRIC_READ, roles=[spec_of(alert.version).owner])
    return Telling(
        people=only(
            [Told(person, Why.LOOKS_AFTER) for person in sorted(owners)],
            besides=happened.actor_id,
        ),
        label=alert.target.title,
        page="outcome_alert",
        page_id=str(alert.public_id),
    )


def _find(happened: Happened) -> OutcomeAlert | None:
    return list_alerts().filter(public_id=happened.subject_id).first()


RULES: Final[Mapping[str, NoticeRule]] = {
    entries.OPENED: NoticeRule(
        Topic.PROOF, _("The target “{label}” is not kept"), tell_owners, asks=True
    ),
    entries.ACKNOWLEDGED: NoticeRule(
        Topic.PROOF, _("The alert on “{label}” was acknowledged"), ends=Ends.FOR_ALL
    ),
    entries.CLOSED: NoticeRule(
        Topic.PROOF, _("The alert on “{label}” was closed"), ends=Ends.FOR_ALL
    ),
}
