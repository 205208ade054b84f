"""Everything that changes where events are sent, and everything that sends them."""

from governance.webhooks.services.endpoints import (
    Created,
    Wanted,
    create_endpoint,
    rotate_secret,
    save_endpoint,
    start_endpoint,
    stop_endpoint,
)
from governance.webhooks.services.placing import SEND_TASK, place, send_test
from governance.webhooks.services.replaying import replay, replay_span
from governance.webhooks.services.sending import body_of, message_id_of, send_due

__all__ = [
    "SEND_TASK",
    "Created",
    "Wanted",
    "body_of",
    "create_endpoint",
    "message_id_of",
    "place",
    "replay",
    "replay_span",
    "rotate_secret",
    "save_endpoint",
    "send_due",
    "send_test",
    "start_endpoint",
    "stop_endpoint",
]
