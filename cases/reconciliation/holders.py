"""What comparisons with the ledger hold of a customer: how people explained a difference."""

from django.utils.translation import gettext_lazy as _

from cases.reconciliation.models import Difference
from governance.privacy.rows import Rows, of_cases

HOLDERS = (
    Rows(
        code="differences",
        title=_("How differences between rows and ledger were explained"),
        model=Difference,
        reach=of_cases("case_public_id"),
        blank={"explanation": ""},
        at="found_at",
    ),
)
