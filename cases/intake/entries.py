"""The ledger kinds that intake writes."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

CASE_CLASSIFIED = "case.classified"
INTAKE_CONFIRMED = "case.intake_confirmed"
INTAKE_CORRECTED = "case.intake_corrected"
INTAKE_SUGGESTED = "case.intake_suggested"
INTENT_HELD = "case.intent_held"
INTENT_CONFIRMED = "case.intent_confirmed"
INTENT_RELEASED = "case.intent_released"
PRIORITY_SET = "case.priority_set"
TABLE_PUBLISHED = "priority_table.published"
TABLE_RETIRED = "priority_table.retired"
TRAINING_ASKED = "classifier.training_asked"
TRAINING_ENDED = "classifier.training_ended"
PUBLISHED = "classifier.published"
RETIRED = "classifier.retired"

KINDS = (
    EntryKind(CASE_CLASSIFIED, _("{actor} read the case as {title}, priority {priority}")),
    EntryKind(INTAKE_CONFIRMED, _("{actor} confirmed that the case is {title}")),
    EntryKind(INTAKE_CORRECTED, _("{actor} said that the case is {title}, not {was}")),
    EntryKind(INTAKE_SUGGESTED, _("{actor} suggested that the case is {title}")),
    EntryKind(INTENT_HELD, _("{actor} waits until somebody confirms that the case is {title}")),
    EntryKind(
        INTENT_CONFIRMED, _("{actor} recorded the word of the customer that the case is {title}")
    ),
    EntryKind(INTENT_RELEASED, _("{actor} let the case go on as {title}")),
    EntryKind(
        PRIORITY_SET,
        _(
            "{actor} set impact {impact_words} and urgency {urgency_words}, "
            "which makes priority {priority}"
        ),
    ),
    EntryKind(TABLE_PUBLISHED, _("{actor} published version {number} of the table {title}")),
    EntryKind(TABLE_RETIRED, _("{actor} took version {number} of the table {title} out of force")),
    EntryKind(TRAINING_ASKED, _("{actor} had the classifier learn from its examples again")),
    EntryKind(TRAINING_ENDED, _("{actor} ended the learning of the classifier: {outcome}")),
    EntryKind(PUBLISHED, _("{actor} published version {number} of the classifier {title}")),
    EntryKind(RETIRED, _("{actor} took version {number} of the classifier {title} out of force")),
)
