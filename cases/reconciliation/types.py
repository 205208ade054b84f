"""What is compared when the rows are held against the ledger, and what can differ."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Gap(StrEnum):
    """In which way the rows, the ledger and a system of record can differ."""

    ENTRY_MISSING = "entry_missing"
    ENTRY_TOO_MANY = "entry_too_many"
    EFFECT_MISSING = "effect_missing"
    CAUSE_MISSING = "cause_missing"
    NOT_IN_SYSTEM = "not_in_system"
    ONLY_IN_SYSTEM = "only_in_system"


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that happened, as its row tells it.

    Attributes:
        kind: Kind of subject, as the entries about it name it.
        id: Public id.
        case_id: Public id of its case, or empty.
        needs: Kind of entry to how many of them must stand in the ledger.
        exact: Those of ``needs`` of which there may be no more either.
    """

    kind: str
    id: str
    case_id: str = ""
    needs: Mapping[str, int] = field(default_factory=dict)
    exact: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry about a subject: where it stands and what it says happened."""

    place: int
    kind: str


@dataclass(frozen=True, slots=True)
class Unexplained:
    """Differences that nobody explained: how many, and since when the oldest stands, UTC."""

    count: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference.

    Attributes:
        gap: In which way.
        kind: Kind of subject.
        id: Public id of the subject.
        wanted: The kind of entry that lacks, is too many, or has no cause; for a system of
            record the state of the call.
        case_id: Public id of the case, or empty.
    """

    gap: Gap
    kind: str
    id: str
    wanted: str
    case_id: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a system of record said of one write.

    Attributes:
        call_id: Public id of the call.
        case_id: Public id of its case.
        state: The call's state here.
        may_stand: Whether the effect may stand in the system, as this call's state has it.
        must_stand: Whether it has to.
        stands: What the system said.
    """

    call_id: str
    case_id: str
    state: str
    may_stand: bool
    must_stand: bool
    stands: bool
