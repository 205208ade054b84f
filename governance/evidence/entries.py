"""The ledger kinds of evidence exports: asked for, explained, built, taken out, gone."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

REQUESTED = "evidence.requested"
EXPLAINED = "evidence.explained"
BUILT = "evidence.built"
FAILED = "evidence.failed"
CANCELLED = "evidence.cancelled"
DOWNLOADED = "evidence.downloaded"
DELETED = "evidence.deleted"

KINDS = (
    EntryKind(REQUESTED, _("{actor} asked for an export of evidence: {title}")),
    EntryKind(EXPLAINED, _("{actor} explained a gap in the evidence of {title}: {gap}")),
    EntryKind(
        BUILT, _("Evidence of {title} built and verified: {entries} entries, file {file_sha256}")
    ),
    EntryKind(FAILED, _("Evidence of {title} could not be built: {problem}")),
    EntryKind(CANCELLED, _("{actor} cancelled the export of evidence of {title}")),
    EntryKind(DOWNLOADED, _("{actor} downloaded the evidence of {title}")),
    EntryKind(DELETED, _("The file with the evidence of {title} was deleted: {because}")),
)
