"""Fetch-and-lock in one order, and compare-and-set with history."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db import models, transaction

from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError
from orchestra.core.history import write_history
from orchestra.core.prepared import update_row

M = TypeVar("M", bound=models.Model)


def lock(queryset: "models.QuerySet[M]") -> list[M]:
    """Lock the rows of a queryset, ordered by primary key, and return them.

    On SQLite the IMMEDIATE transaction already holds the only write lock.

    Raises:
        RuntimeError: No transaction is open.
    """
    if not transaction.get_connection(queryset.db).in_atomic_block:
        raise RuntimeError("rows are locked inside a transaction only")
    return list(queryset.select_for_update(of=("self",)).order_by("pk"))


def hold(queryset: "models.QuerySet[M]") -> list[M]:
    """Lock rows against changes of themselves only; what refers to them may still be written.

    Raises:
        RuntimeError: No transaction is open.
    """
    if not transaction.get_connection(queryset.db).in_atomic_block:
        raise RuntimeError("rows are locked inside a transaction only")
    return list(queryset.select_for_update(of=("self",), no_key=True).order_by("pk"))


def lock_one(queryset: "models.QuerySet[M]") -> M:
    """Lock the single row of a queryset and return it.

    Raises:
        ObjectDoesNotExist: There is no such row.
    """
    rows = lock(queryset)
    if len(rows) != 1:
        raise ObjectDoesNotExist(f"{len(rows)} rows where one was expected")
    return rows[0]


def take_one(queryset: "models.QuerySet[M]", *, wait: bool) -> M | None:
    """Lock the single row of a queryset, and return it.

    Args:
        queryset: Of one row.
        wait: Whether to wait for it; if not, it is None while another transaction holds it.

    Raises:
        RuntimeError: No transaction is open.
        ObjectDoesNotExist: There is no such row, where it is waited for.
    """
    if wait:
        return lock_one(queryset)
    if not transaction.get_connection(queryset.db).in_atomic_block:
        raise RuntimeError("rows are locked inside a transaction only")
    return queryset.select_for_update(of=("self",), skip_locked=True).first()


def take_turn(name: str) -> None:
    """Let the transactions that name the same turn go on one after the other, until each ends.

    For what no row stands for, such as a check of one text beside everything in force. To be
    taken before any row is locked, so that nobody waits in a circle; again in the same
    transaction is nothing. On SQLite the IMMEDIATE transaction is the turn.

    Raises:
        RuntimeError: No transaction is open.
    """
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        raise RuntimeError("a turn is taken inside a transaction only")
    if connection.vendor == "postgresql":
        key = int.from_bytes(sha256(name.encode()).digest()[:8], "big", signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def compare_and_set(
    instance: models.Model,
    *,
    expected: Mapping[str, Any],
    changes: Mapping[str, Any],
    actor: Actor,
    reason: str = "",
) -> None:
    """Change a row only if it still stands as expected; write history where tracked.

    Args:
        instance: The row as loaded; updated in place on success.
        expected: Field values that must still hold in the database.
        changes: Field values to write.
        actor: Who makes the change.
        reason: Why, for the reader of the history.

    Raises:
        ConflictError: Another writer was faster; nothing was changed.
    """
    model = type(instance)
    if update_row(instance, expected=expected, changes=changes) != 1:
        name = str(model._meta.verbose_name)  # noqa: SLF001  Django's documented entry for generic code
        raise ConflictError(
            f"The {name} changed since it was read; look again and repeat if it still holds.",
            code="conflict.state_moved_on",
            data={"expected": {key: str(value) for key, value in expected.items()}},
        )
    for field, value in changes.items():
        setattr(instance, field, value)
    if hasattr(model, "history"):
        write_history(instance, actor=actor, reason=reason)
