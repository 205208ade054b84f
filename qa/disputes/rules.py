"""Who may decide a dispute, and what a decision changes; pure."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Final

from orchestra.core.errors import NotPermittedError
from qa.disputes.types import DisputeState, Unfit

#: How long the judged may answer, and how long a lead has to decide.
ANSWER_WITHIN: Final = timedelta(days=5)
DECIDE_WITHIN: Final = timedelta(hours=48)


def check_decider(*, person: str, reviewer: str, judged: Mapping[str, bool]) -> None:
    """Refuse whoever reviewed it, is judged by it, or owns the AI that is.

    Args:
        person: Public id of who decides.
        reviewer: Public id of who reviewed; empty where nobody is known.
        judged: Public ids of those judged, and whether as an owner.

    Raises:
        NotPermittedError: Saying which.
    """
    if person == reviewer:
        raise NotPermittedError(
            "You scored this review. Someone else decides.", code="dispute.own_review"
        )
    if person in judged:
        raise NotPermittedError(
            "You own this AI. Someone else decides."
            if judged[person]
            else "This is about your own work. Someone else decides.",
            code="dispute.own_work",
        )


def why_unfit(
    *, person: str, current: str, reviewer: str, judged: Mapping[str, bool]
) -> Unfit | None:
    """Return why a lead cannot be given a dispute, or None.

    Args:
        person: Public id of who is to decide.
        current: Public id of whose turn it is; empty for nobody's.
        reviewer: Public id of who reviewed; empty where nobody is known.
        judged: Public ids of those judged, and whether as an owner.
    """
    if person == reviewer:
        return Unfit.SCORED
    if person in judged:
        return Unfit.OWNS if judged[person] else Unfit.WORKED
    return Unfit.HAS_IT if person == current else None


def barred(*, reviewer: str, judged: Collection[str]) -> frozenset[str]:
    """Return the public ids of everybody who may not decide."""
    return frozenset({reviewer, *judged} - {""})


def state_after(*, first: str, decided: str) -> DisputeState:
    """Return what a decision is: the answer is kept, or another takes its place."""
    return DisputeState.KEPT if first == decided else DisputeState.CHANGED
