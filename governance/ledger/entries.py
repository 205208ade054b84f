"""The ledger's own kinds: checkpoints, checks, reads, refusals and erasures."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.types import EntryKind

#: Stream of what concerns the installation as a whole.
SYSTEM_STREAM = "system"
#: Payload key that holds the name of who acted, since the leaf holds no personal data.
ACTOR_LABEL = "actor_label"

CHECKPOINT_PUBLISHED = "checkpoint.published"
LEDGER_VERIFIED = "ledger.verified"
LEDGER_READ = "ledger.read"
ACT_REFUSED = "act.refused"
#: A successor took over from the key that signs checkpoints.
KEY_ROTATED = "key.rotated"
#: The sequencer found that the ledger contradicts what was signed, and signs nothing.
SIGNING_STOPPED = "ledger.signing_stopped"
SIGNING_RESUMED = "ledger.signing_resumed"
#: An operator stated that what an earlier checkpoint counts is lost, and why.
EPOCH_BEGUN = "ledger.epoch_begun"
#: Written in a stream before payloads of that stream are deleted, in the same transaction.
SUBJECT_ERASED = "subject.erased"
#: Written last in a stream when what it tells of ends: how many entries stand before it.
STREAM_SEALED = "stream.sealed"
#: A person keeps a selection of entries under a name.
SEARCH_SAVED = "ledger.search_saved"
SEARCH_RENAMED = "ledger.search_renamed"
SEARCH_DELETED = "ledger.search_deleted"

KINDS = (
    EntryKind(CHECKPOINT_PUBLISHED, _("Checkpoint {size} signed and published")),
    EntryKind(LEDGER_VERIFIED, _("Ledger of {size} entries verified, {problems} findings")),
    EntryKind(LEDGER_READ, _("{actor} read the ledger: {what}")),
    EntryKind(SEARCH_SAVED, _("{actor} saved the search {name} of the ledger")),
    EntryKind(SEARCH_RENAMED, _("{actor} renamed the search {before} of the ledger to {name}")),
    EntryKind(SEARCH_DELETED, _("{actor} deleted the search {name} of the ledger")),
    EntryKind(ACT_REFUSED, _("{actor} was refused: {act} ({message})")),
    EntryKind(KEY_ROTATED, _("{actor} changed the signing key to {new_key_id}: {reason}")),
    EntryKind(SIGNING_STOPPED, _("Signing stopped: {message}")),
    EntryKind(SIGNING_RESUMED, _("Signing goes on, at {size} entries")),
    EntryKind(
        EPOCH_BEGUN,
        _("{actor} began epoch {number}; checkpoint {lost_size} is lost: {reason}"),
    ),
    EntryKind(STREAM_SEALED, _("The record was sealed at {count} entries")),
    EntryKind(SUBJECT_ERASED, _("{actor} erased personal data: {reason}")),
)
