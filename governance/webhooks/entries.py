"""The kinds of entries that webhooks write; a delivery that arrives is a row, and no entry."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

CREATED = "webhook.created"
CHANGED = "webhook.changed"
STOPPED = "webhook.stopped"
STARTED = "webhook.started"
GONE = "webhook.gone"
ROTATED = "webhook.secret_rotated"
TESTED = "webhook.tested"
FAILED = "webhook.failed"
REPLAYED = "webhook.replayed"

KINDS = (
    EntryKind(CREATED, _("{actor} has events sent to {label} ({host})")),
    EntryKind(CHANGED, _("{actor} changed which events go to {label} ({host})")),
    EntryKind(STOPPED, _("{actor} stopped sending events to {label}")),
    EntryKind(STARTED, _("{actor} started sending events to {label} again")),
    EntryKind(GONE, _("{label} answered that it takes no events any more; none is sent")),
    EntryKind(ROTATED, _("{actor} made a new secret for {label}")),
    EntryKind(TESTED, _("{actor} sent {label} a test event")),
    EntryKind(FAILED, _("An event ({type}) did not reach {label}: {code}")),
    EntryKind(REPLAYED, _("{actor} had events for {label} sent again: {count}")),
)
