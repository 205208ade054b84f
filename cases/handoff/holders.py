"""What handoffs hold of a customer: the bundle that travelled, and the note with it."""

from django.utils.translation import gettext_lazy as _

from cases.handoff.models import Handoff
from governance.privacy.rows import Rows, of_cases

HOLDERS = (
    Rows(
        code="handoffs",
        title=_("Handoffs: bundles and notes"),
        model=Handoff,
        reach=of_cases(),
        blank={"note": "", "bundle": {}, "bundle_digest": ""},
        at="offered_at",
        untold=("bundle_digest",),
    ),
)
