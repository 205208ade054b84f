"""Version history that knows who acted, also outside a web request.

django-simple-history learns the person from the request; a worker, a command or an agent
has none. Every history row therefore carries the actor, taken from an explicit context;
a tracked write without one fails instead of being nobody's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import models
from simple_history.models import HistoricalRecords

from orchestra.core import clock
from orchestra.core.actors import Actor

_acting: ContextVar[Actor | None] = ContextVar("acting", default=None)


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Name who makes the tracked changes inside the block."""
    token = _acting.set(actor)
    try:
        yield
    finally:
        _acting.reset(token)


def current_actor() -> Actor:
    """Return who acts.

    Raises:
        LookupError: No actor was named; wrap the write in ``acting(actor)``.
    """
    actor = _acting.get()
    if actor is None:
        raise LookupError("a tracked change needs an actor: wrap the write in acting(actor)")
    return actor


def actor_kind() -> str:
    """Return the kind of who acts, for a history row."""
    return str(current_actor().kind)


def actor_id() -> str:
    """Return the public id of who acts, for a history row."""
    return current_actor().id


def actor_label() -> str:
    """Return the name of who acts, for a history row."""
    return current_actor().label


class ActingHistory(models.Model):
    """The columns that every history table has besides the tracked ones."""

    actor_kind = models.CharField(max_length=20, default=actor_kind, editable=False)
    actor_id = models.CharField(max_length=100, default=actor_id, editable=False)
    actor_label = models.CharField(max_length=200, default=actor_label, editable=False)

    class Meta:
        abstract = True


def _set_history_user(historical: Any, _user: Any) -> None:
    actor = current_actor()
    historical.history_user_id = actor.pk if actor.is_human else None


def _get_history_user(historical: Any) -> str:
    return str(historical.actor_label)


def tracked(**kwargs: Any) -> HistoricalRecords:
    """Return the history of a model: actor, reason, time, and what stood."""
    return HistoricalRecords(
        bases=[ActingHistory],
        history_user_id_field=models.BigIntegerField(null=True, editable=False),
        history_user_getter=_get_history_user,
        history_user_setter=_set_history_user,
        history_change_reason_field=models.TextField(null=True),
        **kwargs,
    )


def save_as(instance: models.Model, *, actor: Actor, reason: str = "") -> None:
    """Save a tracked row and its history row in the name of an actor.

    Args:
        instance: A row of a model that has ``tracked()`` history.
        actor: Who makes the change.
        reason: Why, for the reader of the history.
    """
    with acting(actor):
        instance._change_reason = reason or None  # type: ignore[attr-defined]  # noqa: SLF001  simple-history's documented attribute
        instance.save()


def write_history(instance: models.Model, *, actor: Actor, reason: str = "") -> None:
    """Write the history row of a change made by a conditional update.

    Args:
        instance: The row as it now stands; its model has ``tracked()`` history.
        actor: Who made the change.
        reason: Why, for the reader of the history.
    """
    record = type(instance).history.model  # type: ignore[attr-defined]
    with acting(actor):
        record._default_manager.create(  # noqa: SLF001  Django's documented entry for generic code
            history_date=clock.now(),
            history_type="~",
            history_user=None,
            history_change_reason=reason or None,
            **{field.attname: getattr(instance, field.attname) for field in record.tracked_fields},
        )
