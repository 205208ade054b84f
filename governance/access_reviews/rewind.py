"""What stood at a moment, from a record of what was given and taken; pure."""

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from governance.access_reviews.types import Given

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Change:
    """That something was given or taken.

    Attributes:
        at: When.
        by: Name of who did it.
        is_given: True where it was given, or changed and still stands; False where taken.
        until_at: When it ends by itself, as it was then set.
    """

    at: datetime
    by: str
    is_given: bool
    until_at: datetime | None = None


def rewind(
    *, now_held: Collection[K], changes: Mapping[K, Iterable[Change]], at: datetime
) -> dict[K, Given]:
    """Return what was held at a moment, going back from what is held now.

    The first change after the moment says how it stood until then: what was given later was
    not held, what was taken later was. Where nothing changed later, it stood as it stands, so
    that what was never recorded is not lost.

    Args:
        now_held: Keys of what is held now.
        changes: Key to the changes of it, oldest first.
        at: The moment.

    Returns:
        Key to who gave it and when, as far as that is recorded.
    """
    found: dict[K, Given] = {}
    for key in {*now_held, *changes}:
        past = list(changes.get(key, ()))
        later = next((one for one in past if one.at > at), None)
        was_held = key in now_held if later is None else not later.is_given
        if was_held:
            found[key] = _last_given(past, at)
    return found


def replay(changes: Iterable[Change], *, at: datetime) -> Given | None:
    """Return who gave what stood at a moment and when, going forward from the first change.

    Args:
        changes: All changes of one thing, oldest first.
        at: The moment.

    Returns:
        None where it did not stand.
    """
    before = [one for one in changes if one.at <= at]
    if not before or not before[-1].is_given:
        return None
    until = before[-1].until_at
    return None if until is not None and until <= at else _last_given(before, at)


def _last_given(changes: Iterable[Change], at: datetime) -> Given:
    """Return the last giving before a moment that was not followed by a taking."""
    found = Given()
    was_given = False
    for one in changes:
        if one.at > at:
            break
        if one.is_given and not was_given:
            found = Given(at=one.at, by=one.by)
        elif not one.is_given:
            found = Given()
        was_given = one.is_given
    return found
