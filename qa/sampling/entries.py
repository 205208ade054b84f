"""The ledger kinds of sampling plans."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

PUBLISHED = "sampling_plan.published"
RETIRED = "sampling_plan.retired"
COMMITTED = "sample.seed_committed"
CLOSED = "sample.frame_closed"
DRAWN = "sample.drawn"
REPLACED = "sample.replaced"
REDRAWN = "sample.redrawn"
HELD = "sample.held"
EXPLAINED = "sample.explained"
RELEASED = "sample.released"
CANCELLED = "sample.cancelled"

KINDS = (
    EntryKind(PUBLISHED, _("{actor} published version {number} of the sampling plan {title}")),
    EntryKind(
        RETIRED, _("{actor} took version {number} of the sampling plan {title} out of force")
    ),
    EntryKind(
        COMMITTED, _("The seed of {title} from {starts_at} was committed, unseen: {commitment}")
    ),
    EntryKind(CLOSED, _("The frame of {title} from {starts_at} was closed with {size} in it")),
    EntryKind(DRAWN, _("{drawn} of {size} were drawn for {title} from {starts_at}")),
    EntryKind(REPLACED, _("{actor} reported {lost} as {reason}; {next} takes its place")),
    EntryKind(REDRAWN, _("{actor} drew {title} from {starts_at} again: {outcome}")),
    EntryKind(HELD, _("{title} from {starts_at} is held: {reason}")),
    EntryKind(EXPLAINED, _("{actor} explained why the frame of {title} changed: {reason}")),
    EntryKind(RELEASED, _("{actor} agreed that {title} from {starts_at} stands as drawn")),
    EntryKind(CANCELLED, _("{actor} agreed that {title} from {starts_at} is cancelled")),
)
