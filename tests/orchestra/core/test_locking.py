"""Compare-and-set: the slower of two writers changes nothing, with or without a lock."""

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from governance.access.models import Queue
from orchestra.core.actors import system
from orchestra.core.errors import ConflictError
from orchestra.core.history import acting
from orchestra.core.locking import compare_and_set, lock, lock_one, take_one, take_turn
from tests.factories.access import make_queue

WRITER = system("writer")

pytestmark = pytest.mark.django_db


def test_the_first_writer_wins_and_history_says_so() -> None:
    queue = make_queue("returns", title="Returns")
    seen, also_seen = Queue.objects.get(pk=queue.pk), Queue.objects.get(pk=queue.pk)

    compare_and_set(
        seen,
        expected={"title": "Returns"},
        changes={"title": "Returns and refunds"},
        actor=WRITER,
        reason="renamed",
    )
    versions = Queue.history.filter(id=queue.pk).count()
    with pytest.raises(ConflictError) as refused:
        compare_and_set(
            also_seen, expected={"title": "Returns"}, changes={"title": "Other"}, actor=WRITER
        )

    assert refused.value.error_code == "conflict.state_moved_on"
    assert refused.value.data == {"expected": {"title": "Returns"}}
    queue.refresh_from_db()
    assert (queue.title, seen.title, also_seen.title) == (
        "Returns and refunds",
        "Returns and refunds",
        "Returns",
    )
    assert Queue.history.filter(id=queue.pk).count() == versions
    assert Queue.history.filter(id=queue.pk).latest().history_change_reason == "renamed"


def test_a_row_that_is_gone_is_a_conflict() -> None:
    queue = make_queue("returns")
    with acting(WRITER):
        Queue.objects.filter(pk=queue.pk).delete()
    with pytest.raises(ConflictError):
        compare_and_set(queue, expected={}, changes={"title": "Other"}, actor=WRITER)


def test_rows_are_locked_in_the_order_of_their_keys() -> None:
    made = [make_queue(key) for key in ("b", "a", "c")]
    with transaction.atomic():
        assert lock(Queue.objects.order_by("key")) == made
        assert lock_one(Queue.objects.filter(key="a")) == made[1]
        with pytest.raises(ObjectDoesNotExist):
            lock_one(Queue.objects.filter(key__in=["a", "b"]))


@pytest.mark.parametrize("wait", [True, False])
def test_a_row_that_nobody_holds_is_taken(wait: bool) -> None:
    queue = make_queue("returns")
    with transaction.atomic():
        assert take_one(Queue.objects.filter(key="returns"), wait=wait) == queue


@pytest.mark.django_db(transaction=True)
def test_nothing_is_locked_outside_a_transaction() -> None:
    with pytest.raises(RuntimeError):
        lock(Queue.objects.all())
    for wait in (True, False):
        with pytest.raises(RuntimeError):
            take_one(Queue.objects.all(), wait=wait)


@pytest.mark.django_db(transaction=True)
def test_a_turn_is_taken_inside_a_transaction_only() -> None:
    with pytest.raises(RuntimeError):
        take_turn("publishing")
    with transaction.atomic():
        take_turn("publishing")
        take_turn("publishing")
