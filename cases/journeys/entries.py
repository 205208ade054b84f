"""The ledger kinds that journeys write."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from cases.journeys.types import StepState
from governance.ledger.types import EntryKind

CUE_SHEET_PUBLISHED = "cue_sheet.published"
#: Written before cue sheets went through change requests; such entries must stay readable.
CUE_SHEET_SUBMITTED = "cue_sheet.submitted"
CUE_SHEET_RETIRED = "cue_sheet.retired"
JOURNEY_STARTED = "journey.started"
JOURNEY_COMPLETED = "journey.completed"
JOURNEY_HANDED_OFF = "journey.handed_off"
JOURNEY_REOPENED = "journey.reopened"
JOURNEY_PAUSED = "journey.paused"
JOURNEY_RESUMED = "journey.resumed"
JOURNEY_CANCELLED = "journey.cancelled"
JOURNEY_TIMED_OUT = "journey.timed_out"
JOURNEY_MOVED = "journey.moved"
STEP_MISSED = "step.missed"
REVERSAL_NEEDED = "reversal.needed"
REVERSAL_ENDED = "reversal.ended"
STEP_REOPENED = "step.reopened"
STEP_READY = "step.ready"
STEP_DONE = "step.done"
STEP_SKIPPED = "step.skipped"
STEP_REFUSED = "step.refused"
STEP_FAILED = "step.failed"
STEP_HANDED_OFF = "step.handed_off"
STEP_OFF_PLAN = "step.off_plan"
VERIFICATION_REFUSED = "verification.refused"

KINDS = (
    EntryKind(CUE_SHEET_PUBLISHED, _("{actor} published version {version} of {title}")),
    EntryKind(CUE_SHEET_SUBMITTED, _("{actor} submitted version {version} of {title} for review")),
    EntryKind(CUE_SHEET_RETIRED, _("{actor} took version {version} of {title} out of force")),
    EntryKind(JOURNEY_STARTED, _("Journey “{title}” began, version {version}")),
    EntryKind(JOURNEY_COMPLETED, _("Journey “{title}” is complete: {reason}")),
    EntryKind(JOURNEY_HANDED_OFF, _("Journey “{title}” goes to a person: {reason}")),
    EntryKind(JOURNEY_REOPENED, _("Journey “{title}” goes on: {reason}")),
    EntryKind(JOURNEY_PAUSED, _("{actor} paused the journey “{title}”: {reason}")),
    EntryKind(JOURNEY_RESUMED, _("{actor} let the journey “{title}” go on: {reason}")),
    EntryKind(JOURNEY_CANCELLED, _("{actor} cancelled the journey “{title}”: {reason}")),
    EntryKind(JOURNEY_TIMED_OUT, _("Journey “{title}” was ended: {reason}")),
    EntryKind(
        JOURNEY_MOVED, _("{actor} moved the journey “{title}” to version {version}: {reason}")
    ),
    EntryKind(STEP_MISSED, _("Past its deadline: {title} ({owner})")),
    EntryKind(REVERSAL_NEEDED, _("To be taken back: {effect}. {reason}")),
    EntryKind(REVERSAL_ENDED, _("Taking back {effect} ended: {outcome}. {reason}")),
    EntryKind(STEP_REOPENED, _("Open again: {title}")),
    EntryKind(STEP_READY, _("Ready: {title} ({owner})")),
    EntryKind(STEP_DONE, _("Done: {title}")),
    EntryKind(STEP_SKIPPED, _("Left out: {title}, because {reason}")),
    EntryKind(STEP_REFUSED, _("Refused: {title}. {reason}")),
    EntryKind(STEP_FAILED, _("Failed: {title}. {reason}")),
    EntryKind(STEP_HANDED_OFF, _("Handed over: {title}")),
    EntryKind(STEP_OFF_PLAN, _("{actor} proposed {tool}, which no ready step asks for")),
    EntryKind(VERIFICATION_REFUSED, _("{tool} did not verify the customer: {reason}")),
)

#: The entry that says a step came to this state; the others have none of their own.
KIND_OF: Final[Mapping[StepState, str]] = {
    StepState.PENDING: STEP_REOPENED,
    StepState.READY: STEP_READY,
    StepState.DONE: STEP_DONE,
    StepState.SKIPPED: STEP_SKIPPED,
    StepState.REFUSED: STEP_REFUSED,
    StepState.FAILED: STEP_FAILED,
    StepState.HANDED_OFF: STEP_HANDED_OFF,
}
