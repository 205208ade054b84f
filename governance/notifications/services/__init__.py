"""Everything that changes what people are told and how."""

from governance.notifications.services.following import event_of, follow_ledger
from governance.notifications.services.reading import mark_read
from governance.notifications.services.retrying import retry_delivery
from governance.notifications.services.sending import SEND_TASK, send_due
from governance.notifications.services.wanting import save_preferences, send_test

__all__ = [
    "SEND_TASK",
    "event_of",
    "follow_ledger",
    "mark_read",
    "retry_delivery",
    "save_preferences",
    "send_due",
    "send_test",
]
