"""What intake holds of a customer: the words and identifiers it found in what was said."""

from django.utils.translation import gettext_lazy as _

from cases.intake.models import ClassificationRecord, IntentExample
from governance.privacy.rows import Rows, of_cases

HOLDERS = (
    Rows(
        code="classifications",
        title=_("Words and identifiers that intake found in messages"),
        model=ClassificationRecord,
        reach=of_cases(),
        blank={
            "entities": [],
            "leaned_on": [],
            "further": [],
            "priority_words": [],
            "flag_words": {},
        },
        at="at",
        told=("intent", "priority", "risk_flags"),
    ),
    Rows(
        code="intent_examples",
        title=_("Messages that intake learns from, with personal data masked"),
        model=IntentExample,
        reach=of_cases(),
        blank={"text": ""},
        at="at",
        told=("intent",),
    ),
)
