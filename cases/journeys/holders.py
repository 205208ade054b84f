"""What journeys hold of a customer: the words a step ended with."""

from django.utils.translation import gettext_lazy as _

from cases.journeys.models import Reversal, StepRun
from governance.privacy.rows import Rows, of_cases

HOLDERS = (
    Rows(
        code="steps",
        title=_("Why steps of a journey ended"),
        model=StepRun,
        reach=of_cases("journey__case__public_id"),
        blank={"ended_reason": ""},
        at="ended_at",
        told=("title",),
    ),
    Rows(
        code="reversals",
        title=_("What became of taking back an effect"),
        model=Reversal,
        reach=of_cases("journey__case__public_id"),
        blank={"reason": ""},
        at="ended_at",
        told=("tool",),
    ),
)
