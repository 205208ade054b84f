"""The kinds of entries that policies write."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

POLICY_PUBLISHED = "policy.published"
POLICY_RETIRED = "policy.retired"
DECISION_RECORDED = "decision.recorded"
DECISION_REAFFIRMED = "decision.reaffirmed"

REHEARSAL_STARTED = "rehearsal.started"
REHEARSAL_FINISHED = "rehearsal.finished"
REHEARSAL_CANCELLED = "rehearsal.cancelled"
SHADOW_STARTED = "shadow.started"
SHADOW_ENDED = "shadow.ended"
REPLAY_SAMPLED = "replay.sampled"
REPLAY_MISMATCHED = "replay.mismatched"

KINDS = (
    EntryKind(POLICY_PUBLISHED, _("{actor} published version {number} of {title}")),
    EntryKind(POLICY_RETIRED, _("{actor} took version {number} of {title} out of force")),
    EntryKind(DECISION_RECORDED, _("Policy said {outcome}: {reasons}")),
    EntryKind(DECISION_REAFFIRMED, _("Policy still says {outcome}")),
    EntryKind(
        REHEARSAL_STARTED,
        _("{actor} began to rehearse a draft of {policy} on {total} decisions"),
    ),
    EntryKind(
        REHEARSAL_FINISHED,
        _("A draft of {policy} was rehearsed on {done} decisions: {changed} would change"),
    ),
    EntryKind(REHEARSAL_CANCELLED, _("{actor} cancelled the rehearsal of a draft of {policy}")),
    EntryKind(
        SHADOW_STARTED,
        _("{actor} lets a draft of {policy} run beside the version in force until {until}"),
    ),
    EntryKind(
        SHADOW_ENDED,
        _("A draft of {policy} ran beside {done} decisions, {changed} of which would differ"),
    ),
    EntryKind(
        REPLAY_SAMPLED,
        _("{sampled} decisions decided again: {agree} agree, {differ} differ, {lacking} cannot"),
    ),
    EntryKind(REPLAY_MISMATCHED, _("A decision does not come out as it was recorded: {why}")),
)
