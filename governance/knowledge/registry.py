"""What an article can be used for; filled by the rooms above at start-up."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from governance.access.types import Authority
from governance.knowledge.types import Seen
from orchestra.core.registry import Registry


@dataclass(frozen=True, slots=True)
class UseSubject:
    """What knowledge asks of the room that owns a kind of subject.

    Attributes:
        title: What it is called, ``case``; usually lazily translated.
        see: Public ids to those the reader may see; the others are left out.
    """

    title: object
    see: Callable[[Authority, Collection[str]], Seen]


subjects: Registry[UseSubject] = Registry("kind of what articles are used for")
