"""Everything that changes targets and alerts."""

from qa.targets.services.answering import acknowledge_alert, close_alert
from qa.targets.services.publishing import publish_target, retire_target
from qa.targets.services.watching import watch_targets

__all__ = [
    "acknowledge_alert",
    "close_alert",
    "publish_target",
    "retire_target",
    "watch_targets",
]
