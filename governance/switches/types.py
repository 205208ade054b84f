"""What can be stopped, and what a proposed use of a tool touches."""

from dataclasses import dataclass
from enum import StrEnum


class StopScope(StrEnum):
    """How far a stop reaches."""

    AGENT = "agent"
    TOOL = "tool"
    CUE_SHEET = "cue_sheet"
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class Touched:
    """What one call touches: any stop on one of these stops it.

    Attributes:
        agent: Public id of whoever asks; a person's matches no stop.
        tool: Name of the tool.
        cue_sheet: Key of the cue sheet whose step it is; empty for none.
    """

    agent: str = ""
    tool: str = ""
    cue_sheet: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """Something that can be stopped, by its key and the name people know it by."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Drill:
    """What a drill measured.

    Attributes:
        seconds: From the stop to the last attempt that began after it; 0 where none did.
        ran: Attempts that began before the stop.
        late: Attempts that began after it.
        refused: Proposals refused while it stood.
        held: Calls that waited while it stood.
        resumed: Calls of these that ended once it was lifted.
    """

    seconds: float
    ran: int
    late: int
    refused: int
    held: int
    resumed: int
