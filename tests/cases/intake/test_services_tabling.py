"""Tables of priorities come into force by review, and one case's place follows from them."""

from datetime import datetime
from typing import Any

import pytest

from cases.intake import services
from cases.intake.models import PriorityTableVersion
from cases.intake.priorities import SHIPPED, write_table
from cases.intake.selectors import table_in_force
from cases.memory.models import Case
from governance.ledger.models import LedgerEntry
from governance.reviews.registry import documents
from orchestra.core.actors import Actor, ActorKind, system
from orchestra.core.errors import ConflictError, InvalidInputError, NotFoundError, NotPermittedError
from tests.factories.cases import kinds_of, last_payload, make_case, make_message
from tests.factories.intents import make_intents

KEEPER = system("test")
#: Everything with high impact comes first.
OTHER = write_table(SHIPPED) | {
    "table": {
        "high": {"high": 1, "medium": 1, "low": 1},
        "medium": {"high": 2, "medium": 3, "low": 4},
        "low": {"high": 3, "medium": 4, "low": 5},
    }
}


def publish(now: datetime, document: Any = OTHER) -> PriorityTableVersion:
    return services.publish_table(actor=KEEPER, now=now, document=document)


@pytest.mark.django_db
def test_a_table_comes_into_force_once_and_goes(now: datetime) -> None:
    assert table_in_force().version == 0
    first = publish(now)
    assert publish(now) == first
    assert table_in_force().version == 1
    second = publish(now, write_table(SHIPPED))
    assert (second.number, PriorityTableVersion.objects.filter(state="published").count()) == (2, 1)
    services.retire_table(actor=KEEPER, now=now, key="priority")
    assert table_in_force().version == 0
    kinds = list(LedgerEntry.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["priority_table.published"] * 2 + ["priority_table.retired"]
    with pytest.raises(ConflictError):
        services.retire_table(actor=KEEPER, now=now, key="priority")


@pytest.mark.django_db
def test_a_bad_table_and_an_agent_change_nothing(now: datetime) -> None:
    with pytest.raises(InvalidInputError):
        publish(now, {**OTHER, "title": ""})
    assert services.find_table_errors({**OTHER, "title": ""})[0].field == "title"
    with pytest.raises(NotPermittedError):
        services.publish_table(
            actor=Actor(kind=ActorKind.AGENT, id="a", label="A"), now=now, document=OTHER
        )
    assert not PriorityTableVersion.objects.exists()
    assert not LedgerEntry.objects.exists()


def test_it_is_a_kind_of_document_under_review() -> None:
    kind = documents.get("priority_table")
    assert kind.validate(OTHER) == ()
    assert kind.blank is not None
    assert kind.validate(kind.blank(None)) == ()  # type: ignore[arg-type]  it needs nothing of it


def test_words_are_ranked_by_the_table_in_force(centre: Any, now: datetime) -> None:
    make_intents()
    publish(now)
    case = make_case(centre.queue)
    message = make_message(case, "No rush, but somebody used my card.")
    services.classify_case(actor=system("intake"), now=now, case=case, message=message)
    case.refresh_from_db()
    assert (case.impact, case.urgency, case.priority) == (1, 2, 1)


def test_a_persons_choice_is_looked_up_and_recorded(centre: Any, now: datetime) -> None:
    case = make_case(centre.queue)
    actor = centre.person.as_actor()
    row = services.set_priority(actor=actor, now=now, case=case, impact=3, urgency=3)
    assert (row.priority, row.impact, row.urgency) == (5, 3, 3)
    assert last_payload(case.stream)["impact_words"] == "low"
    services.set_priority(actor=actor, now=now, case=case, impact=3, urgency=3)
    assert kinds_of(case.stream) == ["case.priority_set"]
    publish(now)
    row = services.set_priority(actor=actor, now=now, case=case, impact=1, urgency=3)
    assert row.priority == 1
    assert last_payload(case.stream)["table"] == 1


def test_later_words_raise_it_again_and_never_lower_it(centre: Any, now: datetime) -> None:
    make_intents()
    case = make_case(centre.queue)
    services.set_priority(actor=centre.person.as_actor(), now=now, case=case, impact=1, urgency=2)
    for text, expected in (
        ("No rush, whenever it suits you.", (1, 2, 2)),
        ("It is urgent, please answer right now!", (1, 1, 1)),
        ("Not urgent any more.", (1, 1, 1)),
    ):
        message = make_message(case, text)
        services.classify_case(actor=system("intake"), now=now, case=case, message=message)
        case.refresh_from_db()
        assert (case.impact, case.urgency, case.priority) == expected


@pytest.mark.parametrize(("impact", "urgency"), [(None, 1), (1, None), (0, 1), (4, 1), (1, 9)])
def test_both_are_needed(centre: Any, now: datetime, impact: Any, urgency: Any) -> None:
    case = make_case(centre.queue)
    with pytest.raises(InvalidInputError):
        services.set_priority(
            actor=centre.person.as_actor(), now=now, case=case, impact=impact, urgency=urgency
        )
    case.refresh_from_db()
    assert (case.priority, case.impact, case.urgency) == (3, None, None)
    assert kinds_of(case.stream) == []


def test_who_may_set_it(centre: Any, now: datetime) -> None:
    case = make_case(centre.queue)
    given = {"now": now, "case": case, "impact": 1, "urgency": 1}
    with pytest.raises(NotFoundError):
        services.set_priority(actor=centre.stranger.as_actor(), **given)
    with pytest.raises(NotPermittedError):
        services.set_priority(actor=centre.reader.as_actor(), **given)
    with pytest.raises(NotPermittedError):
        services.set_priority(actor=system("intake"), **given)
    Case.objects.filter(pk=case.pk).update(status="closed")
    with pytest.raises(ConflictError):
        services.set_priority(actor=centre.person.as_actor(), **given)
    case.refresh_from_db()
    assert case.impact is None
