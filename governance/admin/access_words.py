"""Grants, their use and conflicts of duty in words."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from governance.access.types import QueueGrant
from governance.access_reviews.types import ConflictKind, GrantKind, Use
from orchestra.templatetags.parts import role as role_name

_QUEUE_WORDS: Mapping[str, Promise] = {
    QueueGrant.READ: gettext_lazy("Read cases"),
    QueueGrant.WORK: gettext_lazy("Work cases"),
    QueueGrant.VOTE: gettext_lazy("Vote on approvals"),
}
_DOCUMENT_WORDS: Mapping[str, Mapping[str, Promise]] = {
    GrantKind.DOCUMENT: {
        "policy": gettext_lazy("Change one policy"),
        "cue_sheet": gettext_lazy("Change one cue sheet"),
    },
    GrantKind.EVERY_DOCUMENT: {
        "policy": gettext_lazy("Change every policy"),
        "cue_sheet": gettext_lazy("Change every cue sheet"),
    },
}
#: What each conflict says; ``places`` and ``others`` are filled in.
_CONFLICTS: Mapping[str, Promise] = {
    ConflictKind.RULES_AND_VOTES: gettext_lazy(
        "writes the rules under which approvals of %(places)s are asked for, and could vote on "
        "them. No rule refuses such a vote; whether to hold both is for you to judge."
    ),
    ConflictKind.AGENT_AND_VOTES: gettext_lazy(
        "answers for %(others)s, whose actions the queue %(places)s approves. Votes on those are "
        "refused one by one; holding both is still for you to judge."
    ),
    ConflictKind.ACCESS_AND_VOTES: gettext_lazy(
        "gives access and could vote on %(places)s. Giving it to oneself is refused; naming the "
        "others who vote is not."
    ),
    ConflictKind.ACCESS_AND_REVIEW: gettext_lazy(
        "gives access and reviews it. Reviewing one's own is refused; what they gave to others "
        "they could confirm."
    ),
    ConflictKind.WRITES_AND_PUBLISHES: gettext_lazy(
        "drafts changes and may publish them. Voting on one's own is refused, and nothing is "
        "published without the votes of others."
    ),
    ConflictKind.SUPERUSER: gettext_lazy(
        "carries the superuser flag. No rule excepts it, and nobody needs it: take it away."
    ),
    ConflictKind.HANDS_ON: gettext_lazy(
        "acts in the place of %(giver)s and lets %(others)s act in their own. What was handed "
        "over goes no further; the chain is for you to judge."
    ),
}
_CONFLICT_NAMES: Mapping[ConflictKind, Promise] = {
    ConflictKind.RULES_AND_VOTES: gettext_lazy("Policy owner and approver in one queue"),
    ConflictKind.AGENT_AND_VOTES: gettext_lazy("Agent owner and approver in one queue"),
    ConflictKind.ACCESS_AND_VOTES: gettext_lazy("Gives access and approves"),
    ConflictKind.ACCESS_AND_REVIEW: gettext_lazy("Gives access and reviews it"),
    ConflictKind.WRITES_AND_PUBLISHES: gettext_lazy("Drafts changes and publishes"),
    ConflictKind.SUPERUSER: gettext_lazy("Superuser flag in use"),
    ConflictKind.HANDS_ON: gettext_lazy("Handed over twice in a row"),
}


def holder_words(kind: str, label: str) -> str:
    """Return whose a grant is."""
    if kind == "role":
        return _("Everybody with the role %(role)s") % {"role": role_name(label)}
    return label


def what_words(kind: str, code: str) -> str:
    """Return what a grant gives."""
    if kind in {GrantKind.ROLE, GrantKind.AGENT_QUEUE}:
        return role_name(code)
    if kind == GrantKind.TOKEN:
        return _("Token orc_%(prefix)s") % {"prefix": code}
    if kind in {GrantKind.DOCUMENT, GrantKind.EVERY_DOCUMENT}:
        return str(_DOCUMENT_WORDS[kind].get(code, code))
    return str(_QUEUE_WORDS.get(code, code))


def where_words(kind: str, place: str) -> str:
    """Return where a grant holds."""
    if kind == GrantKind.DOCUMENT:
        return place
    if kind == GrantKind.EVERY_DOCUMENT:
        return _("as far as the role allows")
    if place:
        return _("queue %(title)s") % {"title": place}
    if kind == GrantKind.TOKEN:
        return _("speaks for the agent")
    return _("the role; its grants say on which queues")


def used_words(how: str, at: datetime | None, *, now: datetime) -> str:
    """Return when a grant was last used."""
    if how == Use.NOT_RECORDED:
        return _("use not recorded")
    if at is None:
        return _("used never")
    told = {
        Use.VOTE: _("last vote %(day)s"),
        Use.ACT: _("last act %(day)s"),
    }[Use(how)]
    return told % {"day": day_words(at, now=now)}


def day_words(at: datetime, *, now: datetime) -> str:
    """Return a day as people say it: today, or its date, with the year where it is another."""
    local, today = timezone.localtime(at), timezone.localtime(now)
    if local.date() == today.date():
        return _("today")
    return date_format(local, "j M" if local.year == today.year else "j M Y")


def unused_words(at: datetime | None, *, now: datetime) -> str:
    """Return for how long nobody used it."""
    if at is None:
        return _("Never used.")
    days = (now - at).days
    return ngettext("Not used for %(days)d day.", "Not used for %(days)d days.", days) % {
        "days": days
    }


def conflict_words(conflict: Mapping[str, Any]) -> str:
    """Return a stored conflict as a sentence without its subject."""
    others = list(conflict.get("others", ()))
    giver = others.pop(0) if conflict["kind"] == ConflictKind.HANDS_ON and others else ""
    text = _CONFLICTS.get(conflict["kind"])
    if text is None:
        return str(conflict["kind"])
    return str(text) % {
        "places": _listed(conflict.get("places", ())),
        "others": _listed(others),
        "giver": giver,
    }


def conflict_name(kind: ConflictKind) -> str:
    """Return the name of a kind of conflict."""
    return str(_CONFLICT_NAMES[kind])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
