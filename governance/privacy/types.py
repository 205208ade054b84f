"""Values of personal data: whose it is, and what a legal hold covers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

Json = Any

_SHORTEST = 3


class SubjectKind(StrEnum):
    """Whose data it is: a known customer's, or that of a case nobody was bound to."""

    CUSTOMER = "customer"
    CASE = "case"


class HoldScope(StrEnum):
    """What a legal hold covers."""

    CASE = "case"
    CUSTOMER = "customer"
    SPAN = "span"


class HoldState(StrEnum):
    """Where a legal hold stands; it blocks in all but the last three."""

    ASKED = "asked"
    STANDING = "standing"
    LIFTING = "lifting"
    LIFTED = "lifted"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


#: States in which a hold blocks: from the moment it is asked for, until two people ended it.
BLOCKING = frozenset({HoldState.ASKED, HoldState.STANDING, HoldState.LIFTING})


#: How long a request waits for its second person.
ASKED_FOR = timedelta(days=7)


class ErasureBasis(StrEnum):
    """Why personal data may be erased: the grounds of GDPR, Article 17(1)."""

    NO_LONGER_NEEDED = "no_longer_needed"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    OBJECTION = "objection"
    UNLAWFUL = "unlawful"
    LEGAL_DUTY = "legal_duty"
    CHILD = "child"


class ErasureState(StrEnum):
    """Where an erasure stands; ``confirmed`` is carried out, whatever happens to a worker."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    DONE = "done"
    STOPPED = "stopped"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


#: States in which an erasure is still to come.
COMING = frozenset({ErasureState.ASKED, ErasureState.CONFIRMED})


@dataclass(frozen=True, slots=True)
class SubjectCase:
    """One case of a subject, as far as a block may come from it.

    Attributes:
        id: Public id.
        label: Such as ``C-12``.
        closed_at: None while it is not closed.
    """

    id: str
    label: str
    opened_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose data is asked about.

    Attributes:
        id: Public id of the customer or the case.
        label: A name that is no personal data, such as ``Customer 4`` or ``C-12``.
        cases: All of them for a customer; the case itself for one that nobody was bound to.
        texts: What somebody types to find them: the reference, the name, ways of contact, and
            the references of the cases. They are personal data.
    """

    kind: SubjectKind
    id: str
    label: str
    cases: tuple[SubjectCase, ...] = ()
    texts: tuple[str, ...] = field(default=(), repr=False, compare=False)

    @property
    def case_ids(self) -> list[str]:
        """The public ids of the cases."""
        return [case.id for case in self.cases]

    @property
    def needles(self) -> list[str]:
        """The texts that are looked for elsewhere; a shorter one is found in too much."""
        return [text for text in self.texts if len(text) >= _SHORTEST]

    @property
    def streams(self) -> list[str]:
        """The ledger streams of the cases."""
        return [f"case:{case.id}" for case in self.cases]


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time under hold, both ends included."""

    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Holds:
    """All that is under legal hold.

    Attributes:
        cases: Public ids of cases.
        customers: Public ids of customers.
        spans: Spans; a case that was open in one is under hold.
    """

    cases: frozenset[str] = frozenset()
    customers: frozenset[str] = frozenset()
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonalRecord:
    """One thing that is held about a person, as the person may read it.

    Attributes:
        holder: Code of the holder, such as ``messages``.
        id: What names it among the records of its holder.
        at: When it came about, UTC; None where no time was kept.
        values: What it says, by the name of the field; JSON values.
    """

    holder: str
    id: str
    at: datetime | None
    values: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Held:
    """How much one holder has of a subject."""

    code: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What an erasure would take, and what stands against it.

    Attributes:
        held: How much each holder has; those that have nothing are left out.
        holds: Numbers of the legal holds that cover the subject.
        obstacles: What has to end first, a sentence each.
    """

    subject: Subject
    held: tuple[Held, ...]
    holds: tuple[str, ...] = ()
    obstacles: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """How much there is to erase."""
        return sum(one.count for one in self.held)

    @property
    def is_free(self) -> bool:
        """Whether nothing stands against it."""
        return not self.holds and not self.obstacles
