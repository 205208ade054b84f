"""The kinds of entries that notifications write."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

FAILED = "notification.failed"
RETRIED = "notification.retried"
UNREADABLE = "notification.unreadable"
SETTINGS_SAVED = "notification.settings_saved"
TESTED = "notification.tested"

KINDS = (
    EntryKind(FAILED, _("A message about {label} did not reach its person: {code}")),
    EntryKind(RETRIED, _("{actor} had a message about {label} sent again")),
    EntryKind(UNREADABLE, _("Nobody could be told of entry {index} ({kind}): {code}")),
    EntryKind(SETTINGS_SAVED, _("{actor} changed how they are told of news")),
    EntryKind(TESTED, _("{actor} sent themselves a test message")),
)
