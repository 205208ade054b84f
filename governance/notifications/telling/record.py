"""Who is told that the record or the decisions in it do not hold."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from governance.access.types import Capability
from governance.ledger.entries import LEDGER_VERIFIED
from governance.notifications.registry import NoticeRule
from governance.notifications.telling.people import who_may
from governance.notifications.types import Happened, Telling, Told, Topic, Why
from governance.policies.entries import REPLAY_MISMATCHED


def tell_of_damage(happened: Happened, now: datetime) -> Telling | None:
    """Tell who may verify the ledger that it does not hold, once until they look."""
    del now
    if happened.payload.get("ok") is not False:
        return None
    people = _looking_after(Capability.LEDGER_VERIFY)
    return Telling(people, label="", page="ledger", is_once=True)


def tell_of_difference(happened: Happened, now: datetime) -> Telling | None:
    """Tell who keeps policies and who verifies of decisions that come out otherwise."""
    del now
    both = {*_looking_after(Capability.POLICY_EDIT), *_looking_after(Capability.LEDGER_VERIFY)}
    people = tuple(sorted(both, key=lambda one: one.person_id))
    return Telling(people, label="", page="decision", page_id=happened.subject_id, is_once=True)


def _looking_after(capability: Capability) -> tuple[Told, ...]:
    return tuple(Told(person, Why.LOOKS_AFTER) for person in sorted(who_may(capability)))


RULES: Final[Mapping[str, NoticeRule]] = {
    LEDGER_VERIFIED: NoticeRule(
        Topic.PROOF, _("The ledger does not verify: something in it was changed"), tell_of_damage
    ),
    REPLAY_MISMATCHED: NoticeRule(
        Topic.PROOF, _("A decision does not come out as it was recorded"), tell_of_difference
    ),
}
