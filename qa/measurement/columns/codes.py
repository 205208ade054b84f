"""The numbers that stand for words in the columns of facts; pure.

They are stored, so a tuple only ever grows at its end; 0 stands for none.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Final

from cases.journeys.types import WaitsFor
from qa.measurement.rows import Issue, OwnerKind
from qa.measurement.types import ExceptionKind, LeftOut, Transfer

LEFT_OUT: Final[tuple[LeftOut, ...]] = (
    LeftOut.SPAM,
    LeftOut.TEST,
    LeftOut.DUPLICATE,
    LeftOut.INTERNAL,
    LeftOut.ABANDONED,
    LeftOut.MERGED,
)
TRANSFERS: Final[tuple[Transfer, ...]] = (
    Transfer.PLANNED_STEP,
    Transfer.ESCALATION,
    Transfer.CROSS_TEAM,
    Transfer.SAME_TEAM,
    Transfer.RETURN,
    Transfer.CONSULT,
    Transfer.EXTERNAL,
    Transfer.SYSTEM,
)
EXCEPTIONS: Final[tuple[ExceptionKind, ...]] = (
    ExceptionKind.TOOL_ERROR,
    ExceptionKind.TOOL_TIMEOUT,
    ExceptionKind.ANSWER_INVALID,
    ExceptionKind.POLICY_CHECK_FAILED,
    ExceptionKind.VERIFICATION_FAILED,
    ExceptionKind.LOW_CONFIDENCE,
    ExceptionKind.MISSING_INPUT,
    ExceptionKind.LIMIT_EXCEEDED,
    ExceptionKind.OFF_PLAN,
    ExceptionKind.APPROVAL_REJECTED,
    ExceptionKind.APPROVAL_EXPIRED,
    ExceptionKind.MANUAL_OVERRIDE,
    ExceptionKind.EVIDENCE_MISSING,
    ExceptionKind.DUPLICATE_BLOCKED,
)
OWNERS: Final[tuple[OwnerKind, ...]] = (OwnerKind.AI, OwnerKind.HUMAN, OwnerKind.QUEUE)
#: Why a contact is no return, beyond the reasons of ``LEFT_OUT`` which come first.
NO_RETURN: Final[tuple[str, ...]] = (
    *(str(one) for one in LEFT_OUT),
    "promised_call",
    "not_by_customer",
    "thanks",
    "survey",
    "auto_reply",
)
WAITS_FOR: Final[tuple[WaitsFor, ...]] = (WaitsFor.CUSTOMER, WaitsFor.THIRD_PARTY)
DRAFTS: Final[tuple[str, ...]] = ("none", "offered", "accepted")

#: A moment that never comes, in microseconds; also what PostgreSQL sends for its infinity.
NEVER: Final = 2**63 - 1
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def code_of(word: StrEnum | str | None, among: Sequence[str]) -> int:
    """Return the number of a word, 0 for none.

    Raises:
        ValueError: The word has no number yet.
    """
    return 0 if not word else among.index(word) + 1


def moment(at: datetime | None) -> int:
    """Return microseconds since 2000 in UTC; ``NEVER`` for none."""
    return NEVER if at is None else (at - _EPOCH) // _MICROSECOND


def told(microseconds: int) -> datetime:
    """Return a moment as it is told elsewhere; the other way round of ``moment``."""
    return _EPOCH + microseconds * _MICROSECOND


def digest(*parts: str) -> int:
    """Return the number that stands for a text, never 0.

    64 bits of a digest: the same text has the same number in every database, and two texts of
    a million have the same one with a chance of about 3 in 100 million.
    """
    told = blake2b("\x1f".join(parts).encode(), digest_size=8).digest()
    return int.from_bytes(told, "big", signed=True) or 1


def issue_of(issue: Issue | None) -> int:
    """Return the number of an issue; 0 where the customer is not known."""
    return 0 if issue is None else digest(issue.customer, issue.need, issue.entity)
