"""The ledger kinds that a case's memory writes."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

CASE_OPENED = "case.opened"
CASE_READ = "case.read"
CASE_GATED = "case.gated"
CASE_UNGATED = "case.ungated"
CUSTOMER_BOUND = "customer.bound"
INTERACTION_STARTED = "interaction.started"
INTERACTION_ENDED = "interaction.ended"
MESSAGE_ADDED = "message.added"
DISCLOSURE_SHOWN = "disclosure.shown"
EVIDENCE_ATTACHED = "evidence.attached"
EVIDENCE_OPENED = "evidence.opened"
FACT_STATED = "fact.stated"
VERIFICATION_RECORDED = "verification.recorded"
VERIFICATION_WITHDRAWN = "verification.withdrawn"
CASE_RESOLVED = "case.resolved"
CASE_CLOSED = "case.closed"
CASE_REOPENED = "case.reopened"
CASE_MERGED = "case.merged"
CASE_TOOK_IN = "case.took_in"
CASE_UNMERGED = "case.unmerged"
CASE_GAVE_BACK = "case.gave_back"
CASE_MOVED = "case.moved"
CASE_HELD = "case.held"
FLAG_CLEARED = "case.flag_cleared"

KINDS = (
    EntryKind(CASE_OPENED, _("{actor} opened case {case} on {channel}")),
    EntryKind(CASE_READ, _("{actor} opened the page of case {case}")),
    EntryKind(CUSTOMER_BOUND, _("{actor} bound the case to customer {customer}")),
    EntryKind(INTERACTION_STARTED, _("{actor} recorded a new contact on {channel}")),
    EntryKind(INTERACTION_ENDED, _("The contact on {channel} ended: nobody said anything more")),
    EntryKind(MESSAGE_ADDED, _("{actor} recorded what the {speaker!k} said: {text}")),
    EntryKind(
        DISCLOSURE_SHOWN,
        _(
            "{actor} told the customer on {channel} that an AI speaks, "
            "in version {version} of the text ({language})"
        ),
    ),
    EntryKind(EVIDENCE_ATTACHED, _("{actor} attached evidence: {title}")),
    EntryKind(EVIDENCE_OPENED, _("{actor} opened the file {file}")),
    EntryKind(FACT_STATED, _("{actor} recorded a fact ({trust}), {name}: {value}")),
    EntryKind(
        VERIFICATION_RECORDED,
        _("{actor} recorded verification {level} ({trust}) by {method}"),
    ),
    EntryKind(VERIFICATION_WITHDRAWN, _("{actor} withdrew the verification: {reason}")),
    EntryKind(CASE_RESOLVED, _("{actor} resolved the case: {outcome}")),
    EntryKind(CASE_CLOSED, _("{actor} closed the case")),
    EntryKind(CASE_REOPENED, _("{actor} reopened the case: {reason}")),
    EntryKind(CASE_MERGED, _("{actor} merged the case into {survivor}: {reason}")),
    EntryKind(CASE_TOOK_IN, _("{actor} took in case {absorbed}: {reason}")),
    EntryKind(CASE_UNMERGED, _("{actor} took the merge into {survivor} back: {reason}")),
    EntryKind(CASE_GAVE_BACK, _("{actor} gave case {absorbed} back: {reason}")),
    EntryKind(CASE_MOVED, _("{actor} moved the case from {from_queue} to {queue}: {reason}")),
    EntryKind(CASE_GATED, _("a critical risk took {case} to people; no AI agent reads it now")),
    EntryKind(CASE_UNGATED, _("{actor} let the AI agents back to {case}")),
    EntryKind(CASE_HELD, _("{actor} gave the case to {holder}")),
    EntryKind(FLAG_CLEARED, _("{actor} cleared the flag {flag}: {reason}")),
)
