"""What disputes and coaching hold of a customer: words about what was said to them."""

from django.utils.translation import gettext_lazy as _

from governance.privacy.rows import Rows, of_cases
from qa.disputes.models import Coaching, Dispute

HOLDERS = (
    Rows(
        code="quality_disputes",
        title=_("Disputes of reviews: the words of both sides"),
        model=Dispute,
        reach=of_cases("review__unit__case__public_id"),
        blank={"words": "", "reason": ""},
        at="raised_at",
    ),
    Rows(
        code="coaching",
        title=_("What people were to learn from reviews"),
        model=Coaching,
        reach=of_cases("review__unit__case__public_id"),
        blank={"words": "", "note": ""},
        at="given_at",
    ),
)
