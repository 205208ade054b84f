"""What reviews hold of a customer: a reviewer's words about what was said, and where it stands."""

from django.utils.translation import gettext_lazy as _

from governance.privacy.rows import Rows, of_cases
from qa.reviewing.models import Review

HOLDERS = (
    Rows(
        code="quality_reviews",
        title=_("Reviews of conversations: the reviewers' words"),
        model=Review,
        reach=of_cases("unit__case__public_id"),
        # The score stands; what it rested on is gone with what was said.
        blank={"answers": {}, "comment": "", "asked_why": "", "stop_asked_why": ""},
        at="assigned_at",
        told=("percent", "passed"),
    ),
)
