"""Draft, review, plan and publish a change of a governed document; every act is an entry."""

from governance.reviews.services.beginning import begin_document
from governance.reviews.services.binding import bind_rehearsal, lock_to_rehearse
from governance.reviews.services.commenting import comment, resolve_comment
from governance.reviews.services.drafting import (
    open_change,
    rebase,
    save_draft,
    submit,
    withdraw,
)
from governance.reviews.services.publishing import (
    expire_due,
    publish,
    publish_due,
    schedule,
    unschedule,
)
from governance.reviews.services.returning import retire, roll_back
from governance.reviews.services.reviewing import approve, ask_for_changes, refuse

__all__ = [
    "approve",
    "ask_for_changes",
    "begin_document",
    "bind_rehearsal",
    "comment",
    "expire_due",
    "lock_to_rehearse",
    "open_change",
    "publish",
    "publish_due",
    "rebase",
    "refuse",
    "resolve_comment",
    "retire",
    "roll_back",
    "save_draft",
    "schedule",
    "submit",
    "unschedule",
    "withdraw",
]
