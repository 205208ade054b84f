"""A version goes into force and out of it, whatever kind its document is of."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from governance.policies.models import Policy, PolicyVersion
from governance.reviews.services.versions import (
    lock_document,
    next_place,
    put_in_force,
    retire_version,
    take_out_of_force,
)
from governance.reviews.types import DocumentState
from orchestra.core.errors import ConflictError
from tests.factories.access import FACTORY

pytestmark = pytest.mark.django_db


def put(policy: Policy, digest: str, now: datetime) -> PolicyVersion:
    place = next_place(policy.versions.all())
    new = PolicyVersion(policy=policy, document={"is": digest}, digest=digest)
    return put_in_force(place, new, actor=FACTORY, now=now)


@pytest.fixture
def policy() -> Policy:
    with transaction.atomic():
        return lock_document(Policy, actor=FACTORY, key="refunds", title="Refunds")


def test_a_document_is_made_once_and_renamed_with_history(policy: Policy) -> None:
    with transaction.atomic():
        same = lock_document(Policy, actor=FACTORY, key="refunds", title="Refunds and returns")

    assert same.pk == policy.pk
    assert list(same.history.order_by("history_id").values_list("title", flat=True)) == [
        "Refunds",
        "Refunds and returns",
    ]


def test_numbers_go_on_after_a_version_is_out_of_force(policy: Policy, now: datetime) -> None:
    first = put(policy, "a", now)
    gone = take_out_of_force(policy.versions.all(), actor=FACTORY, now=now, code="none")
    second = put(policy, "b", now + timedelta(days=1))

    assert (first.number, gone.pk, second.number) == (1, first.pk, 2)
    assert (second.author_label, second.created_at) == (FACTORY.label, now + timedelta(days=1))
    assert [one.state for one in policy.versions.order_by("number")] == [
        DocumentState.RETIRED,
        DocumentState.PUBLISHED,
    ]


def test_only_what_is_in_force_is_the_same(policy: Policy, now: datetime) -> None:
    first = put(policy, "a", now)

    assert next_place(policy.versions.all()).same("a") == first
    assert next_place(policy.versions.all()).same("b") is None
    take_out_of_force(policy.versions.all(), actor=FACTORY, now=now, code="none")
    assert next_place(policy.versions.all()).same("a") is None


def test_nothing_in_force_is_taken_out(policy: Policy, now: datetime) -> None:
    with pytest.raises(ConflictError) as caught:
        take_out_of_force(policy.versions.all(), actor=FACTORY, now=now, code="policy.none")

    assert caught.value.error_code == "policy.none"


def test_a_version_that_another_retired_first_is_left_as_it_is(
    policy: Policy, now: datetime
) -> None:
    seen = put(policy, "a", now)
    take_out_of_force(policy.versions.all(), actor=FACTORY, now=now, code="none")

    with pytest.raises(ConflictError):
        retire_version(seen, actor=FACTORY, now=now + timedelta(days=1), reason="Late.")

    assert policy.versions.get().retired_at == now
