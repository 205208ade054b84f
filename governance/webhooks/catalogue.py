"""Which events can be sent, in words. Each is a kind of entry; what is not here never leaves."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: Sent by hand to try an endpoint; nobody chooses it.
TEST: Final = "webhook.test"

#: Group to its events, each with its words.
GROUPS: Final[tuple[tuple[Promise, tuple[tuple[str, Promise], ...]], ...]] = (
    (
        _("Cases"),
        (
            ("case.opened", _("A case was opened")),
            ("case.moved", _("A case moved to another queue")),
            ("case.resolved", _("A case was resolved")),
            ("case.closed", _("A case was closed")),
            ("case.reopened", _("A case was opened again")),
            ("message.added", _("Somebody said something in a case")),
        ),
    ),
    (
        _("Steps and handoffs"),
        (
            ("step.ready", _("A step became ready")),
            ("step.done", _("A step was done")),
            ("step.failed", _("A step failed")),
            ("journey.completed", _("A journey was completed")),
            ("handoff.offered", _("A case was offered to somebody else")),
            ("handoff.accepted", _("A handoff was accepted")),
            ("handoff.returned", _("A handoff was returned")),
            ("handoff.completed", _("A handoff was completed")),
            ("handoff.consulted", _("A colleague was asked for a word")),
            ("handoff.consult_answered", _("A colleague answered what was asked")),
            ("handoff.referred_outside", _("A matter was referred to somebody outside")),
        ),
    ),
    (
        _("Approvals"),
        (
            ("approval.requested", _("An approval was asked for")),
            ("approval.escalated", _("An approval was escalated")),
            ("approval.granted", _("An approval was granted")),
            ("approval.rejected", _("An approval was rejected")),
            ("approval.expired", _("An approval ran out of time")),
            ("approval.voided", _("An approval became void")),
        ),
    ),
    (
        _("Tool calls"),
        (
            ("tool_call.proposed", _("A tool call was proposed")),
            ("tool_call.denied", _("A tool call was denied by a policy")),
            ("tool_call.succeeded", _("A tool call succeeded")),
            ("tool_call.refused", _("A system of record refused a tool call")),
            ("tool_call.failed", _("A tool call failed")),
            ("tool_call.unknown", _("Nobody knows yet whether a tool call took effect")),
            ("tool_call.voided", _("A tool call became void")),
            ("tool_call.cancelled", _("A tool call was cancelled")),
        ),
    ),
    (
        _("Documents"),
        (
            ("policy.published", _("A policy came into force")),
            ("policy.retired", _("A policy was retired")),
            ("cue_sheet.published", _("A cue sheet came into force")),
            ("tool.published", _("A tool came into force")),
            ("article.published", _("An article was published")),
        ),
    ),
    (
        _("Proof"),
        (
            ("ledger.signing_stopped", _("The ledger stopped signing")),
            ("ledger.signing_resumed", _("The ledger signs again")),
        ),
    ),
)
WORDS: Final[Mapping[str, Promise]] = MappingProxyType(
    {code: words for _title, events in GROUPS for code, words in events}
)
#: Why an attempt or a delivery failed, in words.
ERRORS: Final[Mapping[str, Promise]] = MappingProxyType(
    {
        "webhook.gone": _("the receiver says that it takes no events any more"),
        "webhook.redirected": _("the receiver pointed elsewhere; a webhook follows no redirect"),
        "webhook.asked_to_wait": _("the receiver asked to wait"),
        "webhook.refused": _("the receiver did not take it"),
        "webhook.unknown": _("it is unknown whether it arrived: the worker ended meanwhile"),
        "sealed.unreadable": _("its secret cannot be opened here; make a new secret"),
        "upstream.url_refused": _("the address is not allowed"),
        "upstream.address_refused": _("the address leads into a private network"),
        "upstream.host_not_found": _("the host was not found"),
        "upstream.unreachable": _("the host could not be reached"),
        "upstream.no_answer": _("no whole answer came in time"),
        "upstream.breaker_open": _("it failed several times in a row and is left alone a while"),
    }
)


def words_of(code: str) -> str:
    """Return an event in words; one that is no more reads as its code."""
    return str(_("A test") if code == TEST else WORDS.get(code, code))


def error_words(code: str) -> str:
    """Return why something failed, in words."""
    return str(ERRORS.get(code, code))
