"""What live assist holds of a customer: words it heard and drafts with their data."""

from django.utils.translation import gettext_lazy as _

from cases.assist.models import SuggestionRecord
from governance.privacy.rows import Rows, of_cases

HOLDERS = (
    Rows(
        code="suggestions",
        title=_("What live assist suggested, with the words it heard"),
        model=SuggestionRecord,
        reach=of_cases(),
        blank={"text": "", "heard": "", "source_label": "", "note": ""},
        at="at",
        told=("kind", "state"),
    ),
)
