"""The ledger kinds of checks and findings."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

RAN = "check.ran"
SETTLED = "finding.settled"
REOPENED = "finding.reopened"
LICENCE_CHANGED = "check.licence_changed"

KINDS = (
    EntryKind(RAN, _("{units} interactions checked by {series}, {found} findings")),
    EntryKind(SETTLED, _("{actor} looked at a finding of {check}: {state}")),
    EntryKind(REOPENED, _("{actor} took back what was said of a finding of {check}")),
    EntryKind(
        LICENCE_CHANGED,
        _("The licence of {series} is now {state}; {question} is answered by {answered_by}"),
    ),
)
