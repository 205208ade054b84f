"""A hold is placed by one and confirmed by another, and ends only by two."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from governance.access.models import User
from governance.access.types import Role, StepUpProof
from governance.ledger.models import LedgerEntry
from governance.privacy import selectors, services
from governance.privacy.models import LegalHold
from governance.privacy.services import Cover
from governance.privacy.types import HoldScope
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    OrchestraError,
)
from tests.conftest import NOW
from tests.factories.access import make_person
from tests.factories.cases import make_case, make_customer

pytestmark = pytest.mark.django_db
PROOF = StepUpProof(at=NOW, method="test")
DAY = timedelta(days=1)


@pytest.fixture
def ilse() -> User:
    return make_person("ilse", roles=[Role.COMPLIANCE_OFFICER])


@pytest.fixture
def oda() -> User:
    return make_person("oda", roles=[Role.ADMINISTRATOR])


def place(
    person: User, cover: Cover, reason: str = "Claim", reference: str = "4 O 12/26"
) -> LegalHold:
    return services.ask_hold(
        actor=person.as_actor(), now=NOW, cover=cover, reason=reason, reference=reference
    )


def kinds() -> list[str]:
    return list(LedgerEntry.objects.order_by("id").values_list("kind", flat=True))


def test_a_hold_is_placed_and_lifted_by_two_people_each(ilse: User, oda: User) -> None:
    case = make_case()
    hold = place(ilse, Cover(HoldScope.CASE, case.label))
    subject = selectors.find_subject(case.label)
    assert subject is not None
    assert selectors.holds_on(subject) == [hold]
    key = hold.public_id
    with pytest.raises(NotPermittedError):
        services.confirm_hold(actor=ilse.as_actor(), now=NOW, hold_id=key)
    services.confirm_hold(actor=oda.as_actor(), now=NOW, hold_id=key)
    services.ask_lift(actor=oda.as_actor(), now=NOW, hold_id=key, reason="Settled")
    assert selectors.holds_on(subject) == [hold]
    with pytest.raises(NotPermittedError):
        services.lift_hold(actor=oda.as_actor(), now=NOW, hold_id=key, proof=PROOF)
    with pytest.raises(NotPermittedError):
        services.lift_hold(actor=ilse.as_actor(), now=NOW, hold_id=key, proof=None)
    services.lift_hold(actor=ilse.as_actor(), now=NOW, hold_id=key, proof=PROOF)
    assert selectors.holds_on(subject) == []
    assert list(selectors.list_holds(ended=True)) == [hold]
    assert kinds() == [
        "legal_hold.asked",
        "legal_hold.placed",
        "legal_hold.lift_asked",
        "legal_hold.lifted",
    ]
    assert set(LedgerEntry.objects.values_list("stream", flat=True)) == {case.stream}


def test_a_lift_is_turned_down_and_a_hold_is_taken_back(ilse: User, oda: User) -> None:
    first = place(ilse, Cover(HoldScope.SPAN, begins_at=NOW - DAY, ends_at=NOW))
    services.withdraw_hold(actor=ilse.as_actor(), now=NOW, hold_id=first.public_id)
    second = place(ilse, Cover(HoldScope.SPAN, begins_at=NOW - DAY, ends_at=NOW))
    services.confirm_hold(actor=oda.as_actor(), now=NOW, hold_id=second.public_id)
    with pytest.raises(ConflictError):
        services.withdraw_hold(actor=ilse.as_actor(), now=NOW, hold_id=second.public_id)
    services.ask_lift(actor=ilse.as_actor(), now=NOW, hold_id=second.public_id, reason="Over")
    services.keep_hold(actor=oda.as_actor(), now=NOW, hold_id=second.public_id)
    assert list(selectors.list_holds()) == [second]
    assert list(selectors.list_holds().values_list("state", flat=True)) == ["standing"]


def test_a_customer_and_a_span_hold_their_cases(ilse: User) -> None:
    customer = make_customer("mia_1")
    mine = make_case(customer=customer)
    other = make_case(mine.queue)
    asked = [
        (
            str(one.public_id),
            str(one.customer.public_id) if one.customer else "",
            one.opened_at,
            None,
        )
        for one in (mine, other)
    ]
    assert selectors.held_among(asked) == frozenset()
    place(ilse, Cover(HoldScope.CUSTOMER, "mia_1"))
    assert selectors.held_among(asked) == {str(mine.public_id)}
    place(ilse, Cover(HoldScope.SPAN, begins_at=NOW - DAY, ends_at=NOW))
    assert selectors.held_among(asked) == {str(mine.public_id), str(other.public_id)}


@pytest.mark.parametrize(
    ("cover", "reason", "error"),
    [
        (Cover(HoldScope.CASE, "C-987654"), "Claim", NotFoundError),
        (Cover(HoldScope.CASE, "nobody"), "Claim", NotFoundError),
        (Cover(HoldScope.CUSTOMER, "x" * 9_999), "Claim", NotFoundError),
        (Cover(HoldScope.SPAN, begins_at=NOW, ends_at=NOW - DAY), "Claim", InvalidInputError),
        (Cover(HoldScope.SPAN, begins_at=NOW - DAY, ends_at=NOW), " ", InvalidInputError),
        (Cover(HoldScope.SPAN, begins_at=NOW - DAY, ends_at=NOW), "x" * 501, InvalidInputError),
    ],
)
def test_what_cannot_be_held_changes_nothing(
    ilse: User, cover: Cover, reason: str, error: type[OrchestraError]
) -> None:
    with pytest.raises(error):
        place(ilse, cover, reason)
    assert (LegalHold.objects.count(), kinds()) == (0, [])


def test_only_who_proves_the_record_places_holds() -> None:
    agent = make_person("lena", roles=[Role.HUMAN_AGENT])
    with pytest.raises(NotPermittedError):
        place(agent, Cover(HoldScope.SPAN, begins_at=NOW - DAY, ends_at=NOW))
    assert (LegalHold.objects.count(), kinds()) == (0, [])


@pytest.mark.parametrize("act", [services.confirm_hold, services.withdraw_hold, services.keep_hold])
def test_a_hold_that_is_not_there_is_not_found(ilse: User, act: Callable[..., LegalHold]) -> None:
    with pytest.raises(NotFoundError):
        act(actor=ilse.as_actor(), now=NOW, hold_id=uuid4())
    assert kinds() == []
