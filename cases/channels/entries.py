"""The kinds of entries that channels write; what arrives is an entry of its case."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

CREATED = "channel.created"
CHANGED = "channel.changed"
SECRET_CHANGED = "channel.secret_changed"  # noqa: S105  the name of an event, no secret
STARTED = "channel.started"
STOPPED = "channel.stopped"

KINDS = (
    EntryKind(CREATED, _("{actor} prepared the channel {label} ({scheme})")),
    EntryKind(CHANGED, _("{actor} changed how the channel {label} is read")),
    EntryKind(SECRET_CHANGED, _("{actor} changed the secret of the channel {label}")),
    EntryKind(STARTED, _("{actor} let the channel {label} send contacts")),
    EntryKind(STOPPED, _("{actor} stopped the channel {label}")),
)
