"""What a case lacks before it can be closed, and where to add it; pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from cases.memory.types import VerificationLevel
from governance.reviews.types import RiskLevel

#: The code of the gap that a person's own word can fill.
TOLD_GAP: Final = "told"
_STRICT = frozenset({RiskLevel.HIGH, RiskLevel.CRITICAL})


@dataclass(frozen=True, slots=True)
class Written:
    """A call that changed a system of record.

    Attributes:
        risk: As its tool declares it; None counts as critical.
        cites: How many messages and pieces of evidence it names.
        at: When it had its effect.
        has_check: Whether its tool declares how the effect is confirmed.
        confirmed: Whether that check showed the effect; None where none was made.
    """

    title: str
    risk: RiskLevel | None
    cites: int
    at: datetime
    has_check: bool
    confirmed: bool | None

    @property
    def is_strict(self) -> bool:
        """Whether what it did is of high or critical risk."""
        return self.risk is None or self.risk in _STRICT


@dataclass(frozen=True, slots=True)
class Gap:
    """One piece of evidence that is missing.

    Attributes:
        code: Stable code.
        says: What is missing and what to do.
        place: The part of the case page where it is added.
    """

    code: str
    says: str
    place: str


def gaps_of(
    *,
    written: Iterable[Written],
    verification: VerificationLevel,
    told_at: datetime | None,
) -> list[Gap]:
    """Return what is missing of the evidence that changes of high or critical risk ask for.

    Each such change needs what it rested on, its confirmation where a check is declared, a
    verified customer, and that the customer was told after the last of them. Source: the
    required set of audit completeness in the definition of the metrics.

    Args:
        written: The calls that changed something.
        verification: How surely the customer is known.
        told_at: When the customer was last told something, or a person said how they were;
            None for never.
    """
    strict = [call for call in written if call.is_strict]
    if not strict:
        return []
    found = [gap for call in strict for gap in _of_call(call)]
    if verification not in {VerificationLevel.BASIC, VerificationLevel.STRONG}:
        says = _("The customer is not verified. Verify them, or attach what shows who they are.")
        found.append(Gap("verification", says, "evidence"))
    if told_at is None or told_at < max(call.at for call in strict):
        says = _(
            "Nobody told the customer since the last change. Write to them, or say how they were "
            "told."
        )
        found.append(Gap(TOLD_GAP, says, "wrap-up"))
    return found


def _of_call(call: Written) -> list[Gap]:
    found = []
    if call.has_check and call.confirmed is not True:
        says = _("%(call)s is not confirmed by its system of record. Look it up first.")
        found.append(Gap("confirmation", says % {"call": call.title}, "calls"))
    if not call.cites:
        says = _("%(call)s names nothing it rested on. Attach what it was decided on.")
        found.append(Gap("grounds", says % {"call": call.title}, "evidence"))
    return found
