"""Two cases never wait for each other on PostgreSQL; two appends to one case do."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, transaction

from governance.ledger import selectors, services
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from tests.factories.ledger import AT, PERSON, make_entry

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

HELD, OTHER = "case:held", "case:other"


def append_at_once(stream: str) -> None:
    """Append and commit, and fail rather than wait for any lock."""
    try:
        with one_act():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '250ms'; SET LOCAL statement_timeout = 0")
            append_entry(actor=PERSON, now=AT, draft=EntryDraft(stream, "act.refused"))
    finally:
        connection.close()


def in_another_connection(act: Callable[[], object]) -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(act).result(timeout=30)


@pytest.mark.parametrize("are_new", [False, True])
def test_another_case_is_appended_to_while_a_head_is_held(are_new: bool) -> None:
    if not are_new:
        make_entry(stream=HELD)
        make_entry(stream=OTHER)
    with transaction.atomic():
        append_entry(actor=PERSON, now=AT, draft=EntryDraft(HELD, "act.refused"))
        for _ in range(3):
            in_another_connection(lambda: append_at_once(OTHER))
        seen = selectors.list_stream(stream=OTHER).count()
    assert seen == 3 + (not are_new)
    assert selectors.list_stream(stream=HELD).count() == 1 + (not are_new)
    assert services.verify(now=AT).ok


def test_the_same_case_does_wait_so_the_locks_are_real() -> None:
    make_entry(stream=HELD)
    with transaction.atomic():
        append_entry(actor=PERSON, now=AT, draft=EntryDraft(HELD, "act.refused"))
        with pytest.raises(OperationalError, match="lock timeout"):
            in_another_connection(lambda: append_at_once(HELD))
    in_another_connection(lambda: append_at_once(HELD))
    assert [entry.seq for entry in selectors.list_stream(stream=HELD)] == [1, 2, 3]


def test_the_sequencer_waits_for_no_open_act() -> None:
    make_entry(stream=OTHER)

    def sequence_at_once() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '250ms'")
            assert services.sequence(now=AT, wait=True) == 1
        finally:
            connection.close()

    with transaction.atomic():
        append_entry(actor=PERSON, now=AT, draft=EntryDraft(HELD, "act.refused"))
        in_another_connection(sequence_at_once)
    assert services.verify(now=AT).ok
