"""How news, its risk, why somebody is told and what became of a message read in words."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.notifications import registry
from governance.notifications.models import Notice, NoticeDelivery
from governance.notifications.types import (
    Channel,
    DeliveryState,
    Manner,
    SkipReason,
    Topic,
    Why,
)
from governance.policies.types import RiskLevel
from orchestra.core import words

_RISKS: Final[Mapping[str, Promise]] = {
    RiskLevel.LOW: _("low risk"),
    RiskLevel.MEDIUM: _("medium risk"),
    RiskLevel.HIGH: _("high risk"),
    RiskLevel.CRITICAL: _("critical risk"),
}
_WHY: Final[Mapping[str, Promise]] = {
    Why.MAY_VOTE: _("you may vote on it"),
    Why.STANDS_IN: _("you may vote on it, and stand in for somebody who is away"),
    Why.ASKED: _("you asked for it"),
    Why.CLAIMED: _("you held it"),
    Why.OWNS_AGENT: _("your AI agent asked for it"),
    Why.HANDED: _("a colleague handed it to you"),
    Why.MAY_REVIEW: _("you may review it"),
    Why.WROTE: _("you wrote it"),
    Why.WORKS_QUEUE: _("you work this queue"),
    Why.YOURS: _("it concerns you"),
    Why.LOOKS_AFTER: _("you look after it"),
}
TOPICS: Final[Mapping[Topic, tuple[Promise, Promise]]] = {
    Topic.DECIDE: (
        _("Requests to decide"),
        _("new, still waiting, handed to you, or gone to the next role"),
    ),
    Topic.OUTCOME: (
        _("What became of requests"),
        _("that you or your AI agent asked for, or that you held"),
    ),
    Topic.CHANGE: (
        _("Change requests"),
        _("a review is wanted, or yours was answered"),
    ),
    Topic.HANDOFF: (_("Cases handed to people"), _("in the queues you work")),
    Topic.ACCESS: (_("Your access"), _("roles, queues, and who stands in for whom")),
    Topic.PROOF: (
        _("The record"),
        _("the ledger or a decision does not hold"),
    ),
}
MANNERS: Final[Mapping[Manner, Promise]] = {
    Manner.AT_ONCE: _("Mail at once"),
    Manner.DIGEST: _("Mail digest"),
    Manner.IN_APP: _("Here only"),
    Manner.OFF: _("Off"),
}
_STATES: Final[Mapping[str, tuple[str, Promise]]] = {
    DeliveryState.WAITING: ("is-wait", _("mail waits")),
    DeliveryState.SENDING: ("is-run", _("mail is being sent")),
    DeliveryState.SENT: ("is-ok", _("mailed")),
    DeliveryState.FAILED: ("is-bad", _("mail failed")),
    DeliveryState.SKIPPED: ("is-off", _("not mailed")),
}
_SKIPPED: Final[Mapping[str, Promise]] = {
    SkipReason.ENDED: _("it had ended by then"),
    SkipReason.TOO_LATE: _("its deadline had passed"),
    SkipReason.READ: _("you had read it by then"),
    SkipReason.DISABLED: _("the access is disabled"),
    SkipReason.NO_ADDRESS: _("there is no e-mail address; ask an administrator to add one"),
}
_ERRORS: Final[Mapping[str, Promise]] = {
    "mail.unreachable": _("the mail server does not answer"),
    "mail.refused_by_server": _("the mail server refuses everything from here"),
    "mail.refused": _("the mail server refused the address or the message"),
    "mail.try_later": _("the mail server asked to try later"),
    "mail.unknown": _("sending was cut off again and again"),
}


def title_of(notice: Notice) -> str:
    """Return a piece of news in words."""
    rule = registry.rules.find(notice.kind)
    if rule is None:
        # A notice outlives the code that made it.
        return f"{words.plain(notice.kind)}: {notice.label}"
    return str(rule.title).replace("{label}", notice.label)


def risk_word(risk: str) -> str:
    """Return a risk in words; empty for news without one."""
    return str(_RISKS.get(risk, ""))


def why_told(why: str) -> str:
    """Return why somebody is told."""
    return str(_WHY.get(why, words.plain(why)))


def error_word(code: str) -> str:
    """Return why a message did not leave."""
    return str(_ERRORS.get(code, words.plain(code)))


def describe_delivery(delivery: NoticeDelivery) -> dict[str, str]:
    """Return where a message stands: a sign, a word, and the reason where there is one."""
    sign, word = _STATES[delivery.state]
    why = str(_SKIPPED.get(delivery.skipped_why, "")) if delivery.skipped_why else ""
    is_digest = delivery.channel == Channel.DIGEST
    if delivery.state in {DeliveryState.WAITING, DeliveryState.FAILED} and delivery.error:
        why = error_word(delivery.error)
    if delivery.state == DeliveryState.WAITING and is_digest and not why:
        why = str(_("for the digest"))
    return {"sign": sign, "word": str(word), "why": why}
