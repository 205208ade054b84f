"""What a case lacks before it can be closed, and where to add it; pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from cases.memory.types import VerificationLevel
from governance.reviews.types import RiskLevel

_STRICT = frozenset({RiskLevel.HIGH, RiskLevel.CRITICAL})


@dataclass(frozen=True, slots=True)
class Written:
    """A call that changed a system of record.

    Attributes:
        risk: As its tool declares it; None counts as critical.
        cites: How many messages and pieces of evidence it names.
        has_check: Whether its tool declares how the effect is confirmed.
        confirmed: Whether that check showed the effect; None where none was made.
    """

    title: str
    risk: RiskLevel | None
    cites: int
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
) -> list[Gap]:
    """Return what is missing of the evidence that changes of high or critical risk ask for.

    Each such change needs what it rested on, its confirmation where a check is declared, and a
    verified customer. Source: the required set of audit
    completeness in the definition of the metrics.

    Args:
        written: The calls that changed something.
        verification: How surely the customer is known.
    """
    strict = [call for call in written if call.is_strict]
    if not strict:
        return []
    found = [gap for call in strict for gap in _of_call(call)]
    if verification not in {VerificationLevel.BASIC, VerificationLevel.STRONG}:
        says = _("The customer is not verified. Verify them, or attach what shows who they are.")
        found.append(Gap("verification", says, "evidence"))
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
