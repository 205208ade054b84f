"""Classifying a case: what is stored, what the ledger says, what is never lost."""

from datetime import datetime
from typing import Any

import pytest

from cases.intake import services
from cases.intake.models import ClassificationRecord
from cases.intake.types import (
    Classification,
    Degree,
    FlagFound,
    IntentGuess,
    PriorityFound,
    RiskFlag,
)
from governance.ledger.models import LedgerEntry
from orchestra.core.actors import system
from orchestra.core.errors import NotFoundError, NotPermittedError
from tests.factories.cases import kinds_of, last_payload, make_case, make_message
from tests.factories.intents import make_intents
from tests.factories.ledger import spared

INTAKE = system("intake")


#: Impact and urgency that the table which ships makes a priority of.
DEGREES = {
    1: (Degree.HIGH, Degree.HIGH),
    3: (Degree.MEDIUM, Degree.MEDIUM),
    4: (Degree.MEDIUM, Degree.LOW),
    5: (Degree.LOW, Degree.LOW),
}


class Canned:
    """A classifier that says what it was given."""

    name = "canned.v1"

    def __init__(self, *, intent: str = "", priority: int = 3, flags: tuple[RiskFlag, ...] = ()):
        self._answer = Classification(
            classifier=self.name,
            guess=IntentGuess(intent=intent, confidence=0.9, margin=0.5, leaned_on=("word",)),
            entities=(),
            priority=PriorityFound(priority, *DEGREES[priority], ()),
            flags=tuple(FlagFound(flag, ("word",)) for flag in flags),
        )

    def classify(self, text: str) -> Classification:  # noqa: ARG002  the port hands it the text
        return self._answer


@pytest.mark.usefixtures("centre")
def test_a_case_is_read(centre: Any, now: datetime) -> None:
    make_intents()
    case = make_case(centre.queue)
    message = make_message(
        case,
        "It is urgent: I want to return the shoes of order #W2378156."
        " I complained already, get me a real person.",
    )
    record = services.classify_case(actor=INTAKE, now=now, case=case, message=message)
    case.refresh_from_db()
    assert (record.classifier, record.intent) == ("examples.v1", "return_items")
    assert record.confidence > 0.6
    assert record.margin > 0.1
    assert record.leaned_on[0] == "return"
    assert record.entities == [{"kind": "order_id", "value": "#W2378156", "words": "#W2378156"}]
    assert record.risk_flags == ["complaint", "asked_for_human"]
    assert (case.intent, case.priority) == ("return_items", 2)
    assert case.risk_flags == ["asked_for_human", "complaint"]
    assert kinds_of(case.stream) == ["case.classified"]
    payload = last_payload(case.stream)
    assert payload["title"] == "Return delivered items"
    assert payload["flag_words"] == {
        "complaint": ["complained"],
        "asked_for_human": ["real person"],
    }
    assert case.history.first().history_change_reason == "classified"


def test_further_needs_are_kept_beside_the_first(centre: Any, now: datetime) -> None:
    make_intents()
    case = make_case(centre.queue)
    message = make_message(
        case, "I want to return the shoes. I also want to cancel my pending order."
    )
    record = services.classify_case(actor=INTAKE, now=now, case=case, message=message)
    record.refresh_from_db()
    assert (record.intent, record.further) == ("return_items", ["cancel_order"])
    assert last_payload(case.stream)["further"] == ["cancel_order"]
    case.refresh_from_db()
    assert case.intent == "return_items"


def test_later_words_take_nothing_away(centre: Any, now: datetime) -> None:
    case = make_case(centre.queue)
    message = make_message(case)

    def read(**answer: Any) -> None:
        services.classify_case(
            actor=INTAKE, now=now, case=case, message=message, classifier=Canned(**answer)
        )
        case.refresh_from_db()

    read(intent="return_items", priority=1, flags=(RiskFlag.FRAUD,))
    read(intent="", priority=5, flags=())
    assert (case.intent, case.priority, case.risk_flags) == ("return_items", 1, ["fraud"])
    read(intent="cancel_order", priority=4, flags=(RiskFlag.ABUSE,))
    assert (case.intent, case.priority) == ("cancel_order", 1)
    assert case.risk_flags == ["fraud", "abuse"]
    assert ClassificationRecord.objects.filter(case=case).count() == 3


def test_the_first_reading_may_put_a_case_last(centre: Any, now: datetime) -> None:
    case = make_case(centre.queue)
    services.classify_case(
        actor=INTAKE,
        now=now,
        case=case,
        message=make_message(case),
        classifier=Canned(priority=5),
    )
    case.refresh_from_db()
    assert case.priority == 5


def test_an_unclear_need_is_said_to_be_unclear(centre: Any, now: datetime) -> None:
    make_intents()
    case = make_case(centre.queue)
    record = services.classify_case(
        actor=INTAKE, now=now, case=case, message=make_message(case, "Hello there!")
    )
    assert (record.intent, record.leaned_on) == ("", [])
    assert last_payload(case.stream)["title"] == "a need that is not clear yet"


def test_a_message_of_another_case_is_refused(centre: Any, now: datetime) -> None:
    case, other = make_case(centre.queue), make_case(centre.queue)
    with pytest.raises(NotFoundError):
        services.classify_case(actor=INTAKE, now=now, case=case, message=make_message(other))
    assert ClassificationRecord.objects.count() == 0
    assert LedgerEntry.objects.count() == 0


def test_who_may_classify(centre: Any, now: datetime) -> None:
    case = make_case(centre.queue)
    message = make_message(case)
    with pytest.raises(NotFoundError):
        services.classify_case(
            actor=centre.stranger.as_actor(), now=now, case=case, message=message
        )
    with pytest.raises(NotPermittedError):
        services.classify_case(actor=centre.reader.as_actor(), now=now, case=case, message=message)
    assert ClassificationRecord.objects.count() == 0


def test_it_costs_the_same_whatever_the_case_holds(
    centre: Any, now: datetime, django_assert_num_queries: Any
) -> None:
    make_intents()
    case = make_case(centre.queue)
    message = make_message(case)
    services.classify_case(actor=INTAKE, now=now, case=case, message=message)
    for _ in range(2):
        # Savepoint twice, case, intents, version in force, last record, insert, three for the
        # ledger head and its entry, payload and count.
        with django_assert_num_queries(12 - spared()):
            services.classify_case(actor=INTAKE, now=now, case=case, message=message)
        for number in range(5):
            make_message(case, f"Message {number}")
