"""Who is told that their own authority changed, or that of what they answer for."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.access import entries
from governance.notifications.registry import NoticeRule
from governance.notifications.telling.people import only, owner_of
from governance.notifications.types import Happened, Telling, Told, Topic, Why

_USER_STREAM: Final = "user:"
_START: Final = "index"
Tell = Callable[[Happened, datetime], Telling | None]


def tell_person(key: str) -> Tell:
    """Return what tells the person in whose stream an entry stands.

    Args:
        key: Key of the payload that says what was given or taken.
    """

    def tell(happened: Happened, now: datetime) -> Telling | None:
        del now
        if not happened.stream.startswith(_USER_STREAM):
            # Given to a whole role: nobody's own.
            return None
        person = happened.stream.removeprefix(_USER_STREAM)
        what = str(happened.payload.get(key) or "").replace("_", " ")
        return Telling(
            people=only([Told(person, Why.YOURS)], besides=happened.actor_id),
            label=what[:100],
            page=_START,
        )

    return tell


def tell_both(happened: Happened, now: datetime) -> Telling | None:
    """Tell who handed over and who stands in, but not who did it."""
    del now
    giver = happened.stream.removeprefix(_USER_STREAM)
    both = [Told(str(happened.payload.get("delegate_id") or ""), Why.YOURS), Told(giver, Why.YOURS)]
    return Telling(only(both, besides=happened.actor_id), label="", page="delegations")


def tell_owner(happened: Happened, now: datetime) -> Telling | None:
    """Tell the owner of an AI agent."""
    del now
    owner = Told(owner_of(happened.subject_id), Why.OWNS_AGENT)
    label = str(happened.payload.get("agent") or "")[:100]
    return Telling(only([owner], besides=happened.actor_id), label=label, page="agents")


def tell_self(happened: Happened, now: datetime) -> Telling | None:
    """Tell who asked for a test message, by the way that every message takes."""
    del now
    told = (Told(happened.actor_id, Why.YOURS),)
    return Telling(told, label="", page="notice_settings", is_test=True)


def _rule(title: Promise, tell: Tell) -> NoticeRule:
    return NoticeRule(Topic.ACCESS, title, tell)


RULES: Final[Mapping[str, NoticeRule]] = {
    entries.ROLE_GIVEN: _rule(_("You were given the role “{label}”"), tell_person("role")),
    entries.ROLE_TAKEN: _rule(_("The role “{label}” was taken from you"), tell_person("role")),
    entries.QUEUE_GRANTED: _rule(
        _("You were given a grant on the queue “{label}”"), tell_person("queue")
    ),
    entries.QUEUE_REVOKED: _rule(
        _("A grant on the queue “{label}” was taken from you"), tell_person("queue")
    ),
    "document.granted": _rule(_("You were given a grant: {label}"), tell_person("what")),
    "document.revoked": _rule(_("A grant was taken from you: {label}"), tell_person("what")),
    "grant.ended": _rule(_("What you held has ended: {label}"), tell_person("what")),
    "grant.end_changed": _rule(
        _("Until when you hold this has changed: {label}"), tell_person("what")
    ),
    entries.DELEGATION_GIVEN: _rule(_("You are to act in the place of a colleague"), tell_both),
    entries.DELEGATION_ENDED: _rule(
        _("That one of you acts in the place of the other has ended"), tell_both
    ),
    entries.AGENT_DISABLED: _rule(_("Your AI agent “{label}” was disabled"), tell_owner),
    "notification.tested": _rule(_("This is the test message you asked for"), tell_self),
}
