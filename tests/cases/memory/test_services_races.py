"""Many contacts at once: one case for one matter, one customer, one binding."""

from collections.abc import Callable
from datetime import datetime
from threading import Event
from typing import Any

import pytest
from django.db import transaction

from cases.memory import services
from cases.memory.locks import lock_case
from cases.memory.models import Case, Customer
from cases.memory.types import Trust, VerificationLevel
from orchestra.core.actors import system
from tests.factories.cases import contact, kinds_of, make_case
from tests.factories.races import race

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.usefixtures("committing"),
]
AT_ONCE = 8
TOOLS = system("tools")


def opening(centre: Any, now: datetime, **fields: str) -> Callable[[], object]:
    actor, draft = centre.agent.as_actor(), contact(queue="returns", **fields)
    return lambda: services.open_case(actor=actor, now=now, draft=draft)


def test_contacts_of_one_known_customer_share_a_case(centre: Any, now: datetime) -> None:
    services.open_case(
        actor=centre.agent.as_actor(), now=now, draft=contact(queue="returns", customer_ref="mia")
    )
    Case.objects.all().update(status="resolved")
    outcome = race([opening(centre, now, customer_ref="mia")] * AT_ONCE)
    assert outcome == {"ok": AT_ONCE}
    assert Case.objects.filter(status="open").count() == 1
    assert Case.objects.get(status="open").messages.count() == AT_ONCE


def test_first_contacts_of_a_customer_make_one_of_them(centre: Any, now: datetime) -> None:
    outcome = race([opening(centre, now, customer_ref="mia")] * AT_ONCE)
    assert outcome == {"ok": AT_ONCE}
    assert Customer.objects.count() == 1
    assert Case.objects.count() == 1


def test_one_external_reference_is_one_case(centre: Any, now: datetime) -> None:
    outcome = race([opening(centre, now, external_ref="chat-1")] * AT_ONCE)
    assert outcome["ok"] + outcome["conflict.external_ref"] == AT_ONCE
    assert outcome["ok"] >= 1
    case = Case.objects.get()
    assert case.messages.count() == outcome["ok"]


def test_a_case_is_bound_to_one_customer(centre: Any, now: datetime) -> None:
    case = make_case(centre.queue)
    actor = centre.person.as_actor()

    def verifying(number: int) -> Callable[[], object]:
        return lambda: services.record_verification(
            actor=actor,
            now=now,
            case=case,
            level=VerificationLevel.BASIC,
            method="called back",
            trust=Trust.HUMAN_CONFIRMED,
            customer_ref=f"customer-{number}",
        )

    outcome = race([verifying(number) for number in range(AT_ONCE)])
    assert outcome == {"ok": 1, "conflict.customer": AT_ONCE - 1}
    assert Customer.objects.count() == 1
    assert kinds_of(case.stream) == ["customer.bound", "verification.recorded"]


def test_who_waits_for_a_case_sees_where_it_went(centre: Any, now: datetime) -> None:
    """The lock is held while the case moves; the one who waited must still find it."""
    case = make_case(centre.queue)
    holding, moved = Event(), Event()

    def move() -> None:
        with transaction.atomic():
            services.move_case(actor=TOOLS, now=now, case=case, queue=centre.other)
            services.hold_case(actor=TOOLS, now=now, case=case, user=centre.stranger)
            holding.set()
            moved.wait(0.5)

    def wait() -> None:
        holding.wait(10)
        with transaction.atomic():
            found = lock_case(case.public_id)
            assert (found.queue, found.holder) == (centre.other, centre.stranger)

    assert race([move, wait]) == {"ok": 2}
