"""What findings hold of a customer: the words in which a person said why one is not so."""

from django.utils.translation import gettext_lazy as _

from governance.privacy.rows import Rows, of_cases
from qa.findings.models import Finding

HOLDERS = (
    Rows(
        code="findings",
        title=_("Why people said that a finding of a check is not so"),
        model=Finding,
        reach=of_cases("unit__case__public_id"),
        blank={"settled_reason": ""},
        at="found_at",
        told=("harm", "state"),
    ),
)
