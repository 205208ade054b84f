"""The ledger kinds of subject access exports."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.types import EntryKind

ASKED = "subject_export.asked"
BUILT = "subject_export.built"
FAILED = "subject_export.failed"
DOWNLOADED = "subject_export.downloaded"
DELETED = "subject_export.deleted"

KINDS = (
    EntryKind(ASKED, _("{actor} asked for everything held about {label} ({reference})")),
    EntryKind(BUILT, _("Everything held about {label} was put together: {records} records")),
    EntryKind(FAILED, _("What is held about {label} could not be put together: {problem}")),
    EntryKind(DOWNLOADED, _("{actor} downloaded everything held about {label}")),
    EntryKind(DELETED, _("The file with everything held about {label} was deleted: {because}")),
)
