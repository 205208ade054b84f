"""What stands at this moment, by the database's clock: the one filter of every reader of grants."""

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import connection
from django.db.models import CharField, F, Model, Q, QuerySet, Value
from django.db.models.functions import Now

from governance.access.models import (
    KindGroupGrant,
    KindUserGrant,
    QueueGroupGrant,
    QueueUserGrant,
    RoleHolding,
)
from governance.access.registry import DocumentGrants, document_grants
from orchestra.core.cursors import planning_cursor

ROLE = "a role"
QUEUE = "a queue"
KIND = "a kind of document"
FACTOR = "a second factor"

#: From a grant of a role to the rows of the people who hold it.
_PEOPLE = "group__role_holdings"

Row = tuple[int, str, int, str]


def live(path: str = "") -> Q:
    """Return the condition that a grant has not ended.

    The database's clock decides, not a worker and not the caller.

    Args:
        path: The lookup that leads to the grant; empty on its own rows.
    """
    until = f"{path}__until_at" if path else "until_at"
    return Q(**{f"{until}__isnull": True}) | Q(**{f"{until}__gt": Now()})


def live_rows(person_pks: Collection[int]) -> Iterable[Row]:
    """Return all that several people hold now, of their own and through a role, in one query.

    Args:
        person_pks: Internal keys of people.

    Returns:
        Rows of (person, what, number, code): a role with its name; a queue with its key and
        the grant; a kind of document all of which are granted; that the person has a second
        factor; or, under the kind's own name, the key of one document.
    """
    if not person_pks:
        return []
    kinds = tuple((kind, document_grants.get(kind)) for kind in document_grants)
    statement, values = _statement(connection.vendor, kinds, len(person_pks))
    people = dict(zip(_stand_ins(len(person_pks)), person_pks, strict=True))
    with planning_cursor() as cursor:
        cursor.execute(statement, [people.get(value, value) for value in values])
        rows: list[Row] = cursor.fetchall()
        return rows


@lru_cache(maxsize=64)
def _statement(
    vendor: str, kinds: tuple[tuple[str, DocumentGrants], ...], count: int
) -> tuple[str, tuple[Any, ...]]:
    """Return the query on so many people, who have yet to be put in the place of stand-ins.

    Building it costs several times what it takes to run, and every request of a person asks it.
    """
    del vendor, kinds  # What the query depends on besides its number of people.
    first, *others = _queries(_stand_ins(count))
    found: tuple[str, tuple[Any, ...]] = first.union(*others, all=True).query.sql_with_params()
    return found


def _stand_ins(count: int) -> list[int]:
    """Return numbers that no row of anybody has."""
    return [-number for number in range(1, count + 1)]


def _queries(person_pks: Collection[int]) -> Iterable["QuerySet[Model, Row]"]:
    queue, code = F("content_object_id"), F("permission__codename")
    yield _own(RoleHolding, person_pks, ROLE, Value(0), F("group__name"))
    yield _own(QueueUserGrant, person_pks, QUEUE, queue, code)
    yield _shared(QueueGroupGrant, person_pks, QUEUE, queue, code)
    yield _own(KindUserGrant, person_pks, KIND, Value(0), F("kind"))
    yield _shared(KindGroupGrant, person_pks, KIND, Value(0), F("kind"))
    factors = Authenticator.objects.filter(user_id__in=person_pks, type=Authenticator.Type.TOTP)
    yield _columns(factors, F("user_id"), FACTOR, Value(0), F("type"))
    for kind in document_grants:
        grants = document_grants.get(kind)
        key = F("content_object__key")
        yield _own(grants.by_person, person_pks, kind, Value(0), key)
        yield _shared(grants.by_role, person_pks, kind, Value(0), key)


def _own(
    model: type[Model], person_pks: Collection[int], what: str, number: F | Value, code: F
) -> "QuerySet[Model, Row]":
    rows = model._default_manager.filter(live(), user_id__in=person_pks)  # noqa: SLF001  Django's documented entry for generic code
    return _columns(rows, F("user_id"), what, number, code)


def _shared(
    model: type[Model], person_pks: Collection[int], what: str, number: F | Value, code: F
) -> "QuerySet[Model, Row]":
    holders = {f"{_PEOPLE}__user_id__in": person_pks}
    rows = model._default_manager.filter(live(), live(_PEOPLE), **holders)  # noqa: SLF001  Django's documented entry for generic code
    return _columns(rows, F(f"{_PEOPLE}__user_id"), what, number, code)


def _columns(
    rows: "QuerySet[Model]", person: F, what: str, number: F | Value, code: F
) -> "QuerySet[Model, Row]":
    told = rows.order_by().annotate(
        held_by=person,
        held_what=Value(what, output_field=CharField()),
        held_number=number,
        held_code=code,
    )
    columns: QuerySet[Model, Row] = told.values_list(
        "held_by", "held_what", "held_number", "held_code"
    )
    return columns
