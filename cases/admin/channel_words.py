"""Channels in words: schemes, states, what was not taken in and why, how a payload is read."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.channels.models import InboundChannel
from cases.channels.rules import from_json
from cases.channels.types import ChannelState, Scheme

Json = Any

SCHEMES: Final[Mapping[Scheme, Promise]] = {
    Scheme.STANDARD: _("Any system that signs by Standard Webhooks"),
    Scheme.HEADER: _("Any system that signs in a header of its own"),
    Scheme.CHATWOOT: _("Chatwoot"),
    Scheme.ZENDESK: _("Zendesk"),
}
STATES: Final[Mapping[ChannelState, tuple[str, Promise]]] = {
    ChannelState.TRYING: ("is-wait", _("being tried")),
    ChannelState.LIVE: ("is-ok", _("sends")),
    ChannelState.STOPPED: ("is-off", _("stopped")),
}
ERRORS: Final[Mapping[str, Promise]] = {
    "channel.unsigned": _("a request without signature or time was refused"),
    "channel.signature": _("a request with a wrong signature was refused"),
    "channel.time": _("a request that was too old, or from the future, was refused"),
    "channel.not_json": _("a signed request was no JSON"),
    "channel.not_acceptable": _(
        "a message could not be taken in; see that its queue, or a default one, is there"
    ),
    "channel.lacks_message_id": _("a message had no id where one should stand"),
    "channel.lacks_thread": _("a message had no conversation where one should stand"),
    "channel.lacks_contact": _("a message had no contact where one should stand"),
    "channel.lacks_text": _("a message had no words where they should stand"),
    "channel.lacks_at": _("a message had no time where one should stand"),
    "channel.too_long": _("a message was too long"),
    "sealed.unreadable": _("its secret cannot be opened here; give it again"),
}
IGNORED: Final[Mapping[str, Promise]] = {
    "kind": _("Another kind of event: it would be counted, and nothing more."),
    "not_meant": _("Not for the customer, such as a private note: it would be left out."),
    "author": _("Said by nobody we know of, such as the system itself: it would be left out."),
    "lacks_message_id": _("No message id stands where it should."),
    "lacks_thread": _("No conversation stands where it should."),
    "lacks_contact": _("No contact stands where it should."),
    "lacks_text": _("No words stand where they should."),
    "lacks_at": _("No time that can be read stands where it should."),
    "too_long": _("An id or the words are too long."),
}
FIELDS: Final[Mapping[str, Promise]] = {
    "event": _("Kind of event"),
    "message_id": _("Id of the message"),
    "thread": _("Id of the conversation"),
    "customer_ref": _("Customer's reference in your systems"),
    "contact": _("Id of the contact"),
    "name": _("Contact's name"),
    "text": _("The words"),
    "at": _("When they were said"),
    "author": _("Who said them"),
    "channel": _("Where it happened"),
}


def read_words(found: InboundChannel) -> list[tuple[Promise, str]]:
    """Return where each part stands, in words."""
    fields = from_json(found.fields)
    return [
        (words, getattr(fields, name)) for name, words in FIELDS.items() if getattr(fields, name)
    ]
