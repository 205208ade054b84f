"""The ledger kinds of change requests."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind
from governance.reviews.types import ChangeState

OPENED = "change.opened"
SAVED = "change.saved"
REBASED = "change.rebased"
SUBMITTED = "change.submitted"
WITHDRAWN = "change.withdrawn"
CHANGES_ASKED = "change.changes_asked"
REFUSED = "change.refused"
APPROVED = "change.approved"
SCHEDULED = "change.scheduled"
UNSCHEDULED = "change.unscheduled"
HELD = "change.held"
PUBLISHED = "change.published"
RETIRED = "change.retired"
ROLLED_BACK = "change.rolled_back"
EXPIRED = "change.expired"
COMMENTED = "change.commented"
COMMENT_RESOLVED = "change.comment_resolved"
REHEARSED = "change.rehearsed"

KINDS = (
    EntryKind(OPENED, _("{actor} opened {change}: {title}")),
    EntryKind(SAVED, _("{actor} saved the draft of {change}: {title}")),
    EntryKind(REBASED, _("{actor} put {change} on version {base}: {title}")),
    EntryKind(SUBMITTED, _("{actor} submitted {change} for review: {title}")),
    EntryKind(WITHDRAWN, _("{actor} withdrew {change}: {title}")),
    EntryKind(CHANGES_ASKED, _("{actor} asked for changes in {change}: {reason}")),
    EntryKind(REFUSED, _("{actor} refused {change} for good: {reason}")),
    EntryKind(APPROVED, _("{actor} approved {change}, {votes} of {votes_needed} votes: {title}")),
    EntryKind(SCHEDULED, _("{actor} planned to publish {change} at {publish_at}: {title}")),
    EntryKind(UNSCHEDULED, _("{actor} took back the planned time of {change}: {title}")),
    EntryKind(HELD, _("{change} was not published as planned: {reason}")),
    EntryKind(PUBLISHED, _("{actor} published {change}: {title}")),
    EntryKind(RETIRED, _("{change} is no longer in force: {title}")),
    EntryKind(ROLLED_BACK, _("{change} was rolled back: {title}")),
    EntryKind(EXPIRED, _("{change} lapsed without being published: {title}")),
    EntryKind(REHEARSED, _("{change} is bound to its rehearsal on {decisions} decisions: {title}")),
    EntryKind(COMMENTED, _("{actor} commented on {change}: {text}")),
    EntryKind(COMMENT_RESOLVED, _("{actor} resolved a comment by {author} on {change}")),
)

#: What a change request that goes out of force is recorded as.
ENDED: Final[Mapping[ChangeState, str]] = {
    ChangeState.RETIRED: RETIRED,
    ChangeState.ROLLED_BACK: ROLLED_BACK,
}
