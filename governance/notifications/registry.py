"""Which events people are told of, and who else hears of events; filled at start-up.

The apps above add the kinds they write, and the interfaces their outbox.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from governance.notifications.types import Ends, Event, Happened, Telling, Topic
from orchestra.core.registry import Registry


@dataclass(frozen=True, slots=True)
class NoticeRule:
    """What one kind of entry means to people.

    Attributes:
        topic: What it is about.
        title: The news in words, with ``{label}`` for its subject.
        tell: Who is told; None where nobody is, and for kinds that only end earlier news.
        asks: Whether it asks people to do something, until somebody did or it is too late.
        ends: What it does to earlier news of the same subject that asks for something.
        ahead: Reads what ``tell`` needs of many entries of a window at once, and keeps it.
    """

    topic: Topic
    title: Promise
    tell: Callable[[Happened, datetime], Telling | None] | None = None
    asks: bool = False
    ends: Ends = Ends.NOTHING
    ahead: Callable[[Sequence[Happened]], None] | None = None


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Somebody else who hears of events: those that people can be told of, or its own.

    Each reads by a cursor of its own, so one that fails holds up nobody else and misses
    nothing: it is given the same event again.

    Attributes:
        take: Called in the cursor's transaction, in order, once for each event that commits.
        kinds: Which kinds it hears of at this moment; None for all that people are told of.
    """

    take: Callable[[Event], None]
    kinds: Callable[[], Collection[str]] | None = None


#: Kind of entry to what it means to people.
rules: Registry[NoticeRule] = Registry("notice rule")

#: Kind of subject to whether there is still something to do about one, by its public id.
still_open: Registry[Callable[[str], bool]] = Registry("open notice subject")

#: Name of a reader to who is given the events.
subscribers: Registry[Subscriber] = Registry("event subscriber")
