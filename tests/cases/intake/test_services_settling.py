"""A person's word for what a case is about: kept as an example, and it stands."""

from datetime import datetime
from typing import Any

import pytest

from cases.intake import services
from cases.intake.models import ClassificationRecord, IntentExample
from governance.access.types import Role
from orchestra.core.actors import system
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from tests.factories.access import make_person
from tests.factories.cases import kinds_of, last_payload, make_case, make_message
from tests.factories.intents import make_intents

INTAKE = system("intake")
WORDS = "I want to return the shoes of order #W2378156, write to ann@example.com"


@pytest.fixture
def read(centre: Any, now: datetime) -> ClassificationRecord:
    make_intents()
    case = make_case(centre.queue)
    message = make_message(case, WORDS)
    return services.classify_case(actor=INTAKE, now=now, case=case, message=message)


def settle(centre: Any, now: datetime, read: ClassificationRecord, intent: str) -> IntentExample:
    return services.settle_intent(
        actor=centre.person.as_actor(),
        now=now,
        case=read.case,
        classification_id=str(read.public_id),
        intent=intent,
    )


def test_what_was_found_is_confirmed(
    centre: Any, now: datetime, read: ClassificationRecord
) -> None:
    example = settle(centre, now, read, "return_items")
    assert (example.intent, example.guessed) == ("return_items", "return_items")
    assert "ann@example.com" not in example.text
    assert "return the shoes" in example.text
    assert kinds_of(read.case.stream)[-1] == "case.intake_confirmed"
    assert settle(centre, now, read, "return_items") == example
    assert IntentExample.objects.count() == 1


def test_what_was_found_is_corrected_and_stands_against_later_words(
    centre: Any, now: datetime, read: ClassificationRecord
) -> None:
    settle(centre, now, read, "exchange_items")
    assert last_payload(read.case.stream)["guessed"] == "return_items"
    later = make_message(read.case, "Please cancel my order.")
    again = services.classify_case(actor=INTAKE, now=now, case=read.case, message=later)
    read.case.refresh_from_db()
    assert (again.intent, read.case.intent) == ("cancel_order", "exchange_items")


def test_neither_priority_nor_flags_move_with_the_need(centre: Any, now: datetime) -> None:
    make_intents()
    case = make_case(centre.queue)
    message = make_message(case, "Somebody used my card, this is urgent. Return the shoes.")
    read = services.classify_case(actor=INTAKE, now=now, case=case, message=message)
    case.refresh_from_db()
    before = (case.priority, case.risk_flags)
    settle(centre, now, read, "")
    case.refresh_from_db()
    assert (case.priority, case.risk_flags, case.intent) == (*before, "")
    assert "fraud" in case.risk_flags


def test_what_is_not_the_latest_is_not_settled(
    centre: Any, now: datetime, read: ClassificationRecord
) -> None:
    message = make_message(read.case, "And I want to cancel the other order.")
    services.classify_case(actor=INTAKE, now=now, case=read.case, message=message)
    with pytest.raises(ConflictError, match="said more since"):
        settle(centre, now, read, "return_items")
    assert IntentExample.objects.count() == 0


def test_who_may_not_work_the_case_settles_nothing(
    centre: Any, now: datetime, read: ClassificationRecord
) -> None:
    for actor, refusal in (
        (make_person("eve", roles=[Role.HUMAN_AGENT]).as_actor(), NotFoundError),
        (INTAKE, NotPermittedError),
    ):
        with pytest.raises(refusal):
            services.settle_intent(
                actor=actor,
                now=now,
                case=read.case,
                classification_id=str(read.public_id),
                intent="return_items",
            )
    with pytest.raises(InvalidInputError, match="no such intent"):
        settle(centre, now, read, "nothing_of_ours")
    assert IntentExample.objects.count() == 0
