"""The tables of facts as columns: one row for each thing that a metric counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Annotated, Any, Protocol, TypeVar, get_args, get_type_hints

import numpy as np
from numpy.typing import NDArray

from qa.measurement.rows import Dimensions


class Kind(StrEnum):
    """What a column holds."""

    KEY = "key"
    MOMENT = "moment"
    CODE = "code"
    FLAG = "flag"
    NUMBER = "number"
    NAME = "name"


#: How each is held in memory; a moment in microseconds, a number that is not there as NaN.
DTYPES: Mapping[Kind, Any] = {
    Kind.KEY: np.int64,
    Kind.MOMENT: np.int64,
    Kind.CODE: np.int16,
    Kind.FLAG: np.bool_,
    Kind.NUMBER: np.float64,
    Kind.NAME: np.dtype("V16"),
}

Keys = Annotated[NDArray[np.int64], Kind.KEY]
Moments = Annotated[NDArray[np.int64], Kind.MOMENT]
Codes = Annotated[NDArray[np.int16], Kind.CODE]
Flags = Annotated[NDArray[np.bool_], Kind.FLAG]
Numbers = Annotated[NDArray[np.float64], Kind.NUMBER]
Names = Annotated[NDArray[np.void], Kind.NAME]


@dataclass(frozen=True, slots=True)
class Cases:
    """One row a case.

    Attributes:
        id: What other tables name it by.
        name: Its public id, 16 bytes.
        required: Records that are required of it, without those whose retention is over.
        counted: Of those, present and valid.
        retired: Required once, and their retention is over.
        of: The dimensions, as everywhere below.
    """

    id: Keys
    name: Names
    opened_at: Moments
    closed_at: Moments
    left_out: Codes
    migrated: Flags
    required: Codes
    counted: Codes
    late: Codes
    retired: Codes
    of: Keys


@dataclass(frozen=True, slots=True)
class Episodes:
    """One row from an opening or reopening to the next resolution.

    Attributes:
        issue: 0 where the customer is not known.
        contacts: How many it held.
    """

    case: Keys
    number: Codes
    opened_at: Moments
    resolved_at: Moments
    issue: Keys
    customer: Keys
    assumed: Flags
    same_cause: Flags
    without_contact: Flags
    withdrawn: Flags
    transferred: Flags
    contacts: Codes
    left_out: Codes
    of: Keys


@dataclass(frozen=True, slots=True)
class Contacts:
    """One row a session with a customer.

    Attributes:
        no_return: Why it is no return whatever went before; 0 where it may be one.
        chaser: It came before the time for which a call was promised.
        by_ai: An AI held its case.
    """

    case: Keys
    contact: Keys
    at: Moments
    issue: Keys
    customer: Keys
    by_customer: Flags
    no_return: Codes
    chaser: Flags
    handled: Flags
    by_ai: Flags
    left_out: Codes
    of: Keys


@dataclass(frozen=True, slots=True)
class Handovers:
    """One row a change of owner, or an attempt at one.

    Attributes:
        transfer: What it is where it is no bounce; 0 for a mere attempt.
        back_seconds: How long it was held before it went back; NaN where it did not go back.
    """

    case: Keys
    handover: Keys
    contact: Keys
    at: Moments
    transfer: Codes
    back_seconds: Numbers
    warm: Flags
    reason: Keys


@dataclass(frozen=True, slots=True)
class Works:
    """One row a wrap-up of a person.

    Attributes:
        seconds: NaN where it does not apply.
        allocated: The time was divided among open items.
    """

    case: Keys
    contact: Keys
    wrapped_at: Moments
    seconds: Numbers
    handle_seconds: Numbers
    back_office_seconds: Numbers
    timed_out: Flags
    allocated: Flags
    draft: Codes
    left_out: Codes
    of: Keys


@dataclass(frozen=True, slots=True)
class Steps:
    """One row an execution of a step.

    Attributes:
        consequence: Another exception caused this one.
    """

    case: Keys
    step: Keys
    started_at: Moments
    exception: Codes
    recovered: Flags
    consequence: Flags
    by: Codes
    left_out: Codes
    of: Keys


@dataclass(frozen=True, slots=True)
class Gaps:
    """One row a kind of required record of which some are missing or not valid."""

    case: Keys
    record: Keys
    count: Codes


@dataclass(frozen=True, slots=True)
class Waits:
    """One row a stretch in which a case waited for somebody else.

    Attributes:
        end_at: ``NEVER`` while it lasts.
    """

    case: Keys
    waits_for: Codes
    begin_at: Moments
    end_at: Moments


class Facts(Protocol):
    """The tables that a formula may ask for; what it does not ask for need not be read."""

    @property
    def cases(self) -> Cases:
        """Cases."""

    @property
    def episodes(self) -> Episodes:
        """Their episodes."""

    @property
    def contacts(self) -> Contacts:
        """Their contacts."""

    @property
    def handovers(self) -> Handovers:
        """Their changes of owner."""

    @property
    def works(self) -> Works:
        """Their wrap-ups."""

    @property
    def steps(self) -> Steps:
        """Their executions of steps."""

    @property
    def gaps(self) -> Gaps:
        """Their missing records."""

    @property
    def waits(self) -> Waits:
        """Their waits for others."""

    @property
    def mixes(self) -> Mapping[int, Dimensions]:
        """Dimensions by key."""

    @property
    def words(self) -> Mapping[int, str]:
        """Reasons and kinds of record by key."""


TABLES: tuple[type[Any], ...] = (Cases, Episodes, Contacts, Handovers, Works, Steps, Gaps, Waits)
Table = TypeVar("Table")


def columns_of(table: type[Any]) -> Mapping[str, Kind]:
    """Return the columns of a table with what they hold, in order."""
    known = _KNOWN.get(table.__name__)
    return known or _KNOWN.setdefault(table.__name__, _read_columns(table))


_KNOWN: dict[str, Mapping[str, Kind]] = {}


def _read_columns(table: type[Any]) -> Mapping[str, Kind]:
    hints = get_type_hints(table, include_extras=True)
    return {one.name: get_args(hints[one.name])[1] for one in fields(table)}


def pick(table: Table, which: NDArray[Any]) -> Table:
    """Return some rows of a table: by a mask, or by places."""
    own: Any = table
    shape: Any = type(table)
    return shape(*(getattr(own, name)[which] for name in columns_of(shape)))  # type: ignore[no-any-return]


def joined(parts: Sequence[Table]) -> Table:
    """Return several tables of one kind as one."""
    shape: Any = type(parts[0])
    return shape(  # type: ignore[no-any-return]
        *(np.concatenate([getattr(one, name) for one in parts]) for name in columns_of(shape))
    )
