"""What a draft would change of one recorded decision, as values; pure."""

from dataclasses import dataclass

from governance.policies.types import Outcome


@dataclass(frozen=True, slots=True)
class Filters:
    """Which decisions a rehearsal looks at; empty for all."""

    queue: str = ""
    tool: str = ""
    risk: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What was said, and what the draft says.

    Attributes:
        before: What was said; None where it cannot be told.
        after: What the draft would say; None where it cannot be told.
        gained: ``policy:rule`` of rows that fire now and did not then.
        lost: Rows that fired then and do not now.
        votes_before: Votes asked for then.
        lacks: What is missing to decide; then nothing else is said.
        decided_again: Whether ``before`` is the base on the recorded facts, because other
            versions judged at the time.
    """

    before: Outcome | None = None
    after: Outcome | None = None
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    votes_before: int = 0
    votes_after: int = 0
    lacks: tuple[str, ...] = ()
    decided_again: bool = False

    @property
    def differs(self) -> bool:
        """Whether outcome or votes would be others."""
        return self.before is not self.after or self.votes_before != self.votes_after


@dataclass(frozen=True, slots=True)
class Compared:
    """One recorded decision beside what the draft says of it.

    Attributes:
        hour: Hour of the day where the centre is; UTC where the record does not say.
        moves: Whether the call changes something, so that its amount counts as exposure.
    """

    change: Change
    queue: str = ""
    hour: int = 0
    amount_minor: int | None = None
    currency: str = ""
    moves: bool = False
