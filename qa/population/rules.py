"""How a unit is told apart, why it stands out, and why it is left out; pure."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from governance.reviews.types import RiskLevel
from orchestra.core.actors import ActorKind
from qa.population.types import Act, Decided, Flag, HandledBy, Known, Target

#: A customer who returns for the same within it came back; see the metric recontact_rate.
COMES_BACK: Final = timedelta(days=7)
#: Longest time in the job to its band; beyond the last one stands ``over_90_days``.
_BANDS: Final = ((timedelta(days=30), "under_30_days"), (timedelta(days=90), "30_to_90_days"))
_LONGEST_BAND: Final = "over_90_days"
_RISKS: Final = tuple(RiskLevel)


def handled_by(acts: Sequence[Act], *, otherwise: HandledBy) -> HandledBy:
    """Return who worked something: whoever did work that leads, not who voted on it.

    Args:
        acts: What was done.
        otherwise: The answer where nobody did anything.
    """
    kinds = {one.kind for one in acts if one.leads} - {ActorKind.SYSTEM}
    if not kinds:
        return otherwise
    if len(kinds) > 1:
        return HandledBy.MIXED
    return HandledBy.AI if ActorKind.AGENT in kinds else HandledBy.HUMAN


def main_worker(acts: Sequence[Act]) -> Act | None:
    """Return an act of whoever did most of the work; of equals, whoever was there first."""
    leading = [one for one in acts if one.leads and one.kind is not ActorKind.SYSTEM]
    counts = Counter(one.by for one in leading)
    most = max(counts.values(), default=0)
    return next((one for one in leading if counts[one.by] == most), None)


def workers(acts: Sequence[Act]) -> list[str]:
    """Return everybody who had a hand in it, each once, in order."""
    return list(dict.fromkeys(one.by for one in acts if one.kind is not ActorKind.SYSTEM))


def highest_risk(decided: Sequence[Decided]) -> RiskLevel:
    """Return the highest risk that was decided on; low where nothing was.

    A decision whose record names no risk counts as critical, as policies count it.
    """
    return max(
        (one.risk or RiskLevel.CRITICAL for one in decided),
        key=_RISKS.index,
        default=RiskLevel.LOW,
    )


def tenure(*, first: datetime | None, at: datetime) -> str:
    """Return the band of how long somebody has worked here.

    Args:
        first: When their first work here began; None for now.
        at: When they did what is told apart.
    """
    been = at - (first or at)
    return next((band for most, band in _BANDS if been < most), _LONGEST_BAND)


def comes_back(*, ended: datetime, contact: datetime) -> bool:
    """Return whether a contact for the same comes so soon after work that it counts as a return."""
    return ended < contact <= ended + COMES_BACK


def targets(known: Known) -> list[Target]:
    """Return why something may be worth a look; none of it says that it went badly.

    ``low_confidence``: intake was not sure enough to act on what it read.
    ``recontact``: the customer came back for the same within seven days.
    ``exception``: a step failed, was missed or left the plan, an approval was refused or ran
    out, or nobody took the case in time.
    ``policy_near_miss``: something was proposed that policy denied, so that it did not happen.
    ``complaint``: the customer's words were read as a complaint.
    """
    found = {
        Target.LOW_CONFIDENCE: bool(known.read) and known.read[-1].unsure,
        Target.RECONTACT: known.came_back,
        Target.EXCEPTION: known.went_wrong,
        Target.POLICY_NEAR_MISS: any(one.denied for one in known.decided),
        Target.COMPLAINT: any(one.complaint for one in known.read),
    }
    return [target for target, holds in found.items() if holds]


def flag_by_itself(known: Known) -> Flag | None:
    """Return why something is left out without anybody saying so; None where it counts.

    A test of attention is a test, what stands in a merged case is a duplicate, and what nobody
    answered is abandoned. Spam and what is internal only a person can tell.
    """
    if known.test:
        return Flag.TEST
    if known.merged:
        return Flag.DUPLICATE
    answered = any(one.leads and one.kind is not ActorKind.SYSTEM for one in known.acts)
    return None if answered else Flag.ABANDONED
