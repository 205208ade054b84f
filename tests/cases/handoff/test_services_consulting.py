"""A word asked of a colleague: the case stays, who was asked answers, once."""

from datetime import datetime
from typing import Any

import pytest

from cases.handoff import services
from cases.handoff.types import Consult
from cases.memory.models import Case
from cases.memory.types import CaseStatus
from governance.access.types import QueueGrant, Role
from governance.ledger.models import LedgerEntry
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    OrchestraError,
)
from tests.cases.handoff.test_services import offer
from tests.factories.access import make_person
from tests.factories.cases import kinds_of, last_payload, make_case

WORKS = [QueueGrant.READ, QueueGrant.WORK]


@pytest.fixture
def zora(centre: Any) -> Any:
    return make_person("zora", roles=[Role.SPECIALIST], grants={centre.queue: WORKS})


def ask(actor: Any, now: datetime, case: Case, **to: Any) -> Consult:
    question = services.Question(**{"text": " Is it covered? ", **to})
    return services.ask_colleague(actor=actor.as_actor(), now=now, case=case, question=question)


def answer(actor: Any, now: datetime, case: Case, found: Any, text: str = " Yes. ") -> Consult:
    return services.answer_colleague(
        actor=actor.as_actor(), now=now, case=case, consult_id=getattr(found, "id", found),
        answer=text,
    )  # fmt: skip


def _refused(error: type[OrchestraError], act: Any, *args: Any, **named: Any) -> OrchestraError:
    before = LedgerEntry.objects.count()
    with pytest.raises(error) as refused:
        act(*args, **named)
    assert LedgerEntry.objects.count() == before
    return refused.value


def test_a_person_is_asked_and_answers_while_the_case_stays(
    centre: Any, now: datetime, zora: Any
) -> None:
    case = make_case(centre.queue, holder=centre.person)
    before = Case.objects.values().get(pk=case.pk)
    found = ask(centre.person, now, case, person_id=str(zora.public_id))
    assert (found.who, found.question, found.is_answered) == ("zora", "Is it covered?", False)
    assert last_payload(case.stream)["question"] == "Is it covered?"
    answered = answer(zora, now, case, found)
    assert (answered.answer, answered.answered_by) == ("Yes.", "zora")
    assert Case.objects.values().get(pk=case.pk) == before
    assert kinds_of(case.stream) == ["handoff.consulted", "handoff.consult_answered"]
    error = _refused(ConflictError, answer, zora, now, case, found)
    assert error.error_code == "conflict.consult_answered"
    assert "zora" in error.message


def test_only_who_was_asked_answers(centre: Any, now: datetime, zora: Any) -> None:
    case = make_case(centre.queue, holder=centre.person)
    found = ask(centre.person, now, case, person_id=str(zora.public_id))
    for other in (centre.person, centre.reader, centre.agent):
        _refused(NotPermittedError, answer, other, now, case, found)
    _refused(NotFoundError, answer, centre.stranger, now, case, found)
    _refused(NotFoundError, answer, zora, now, make_case(centre.queue), found)
    _refused(NotFoundError, answer, zora, now, case, "no such question")


def test_a_queue_is_asked_and_whoever_works_it_answers(
    centre: Any, now: datetime, zora: Any
) -> None:
    case = make_case(centre.queue)
    found = ask(centre.agent, now, case, queue_key=centre.queue.key)
    assert (found.who, found.asker_id) == (centre.queue.title, "")
    _refused(NotPermittedError, answer, centre.reader, now, case, found)
    _refused(NotPermittedError, answer, centre.agent, now, case, found)
    assert answer(zora, now, case, found).is_answered


def test_who_cannot_read_the_case_is_not_asked(centre: Any, now: datetime, zora: Any) -> None:
    case = make_case(centre.queue, holder=centre.person)
    for to in (
        {"person_id": str(centre.stranger.public_id)},
        {"queue_key": centre.other.key},
        {"person_id": str(centre.person.public_id)},
        {"person_id": "nobody"},
        {},
        {"person_id": str(zora.public_id), "queue_key": centre.queue.key},
    ):
        _refused(InvalidInputError, ask, centre.person, now, case, **to)
    _refused(NotFoundError, ask, centre.person, now, case, queue_key="nowhere")


@pytest.mark.parametrize("text", ["", " ", "x" * 2_001, "a\x00b", "a\ud800b"])
def test_texts_are_held_to_what_others_are(
    centre: Any, now: datetime, zora: Any, text: str
) -> None:
    case = make_case(centre.queue, holder=centre.person)
    to = str(zora.public_id)
    _refused(InvalidInputError, ask, centre.person, now, case, person_id=to, text=text)
    found = ask(centre.person, now, case, person_id=to)
    _refused(InvalidInputError, answer, zora, now, case, found, text)


def test_whoever_does_not_have_the_case_asks_nothing(centre: Any, now: datetime, zora: Any) -> None:
    to = {"queue_key": centre.queue.key}
    held = make_case(centre.queue, holder=centre.person)
    _refused(ConflictError, ask, zora, now, held, **to)
    _refused(ConflictError, ask, centre.agent, now, held, **to)
    _refused(ConflictError, ask, zora, now, offer(centre, now).case, **to)
    _refused(ConflictError, ask, zora, now, make_case(centre.queue, status="closed"), **to)
    _refused(NotPermittedError, ask, centre.reader, now, make_case(centre.queue), **to)


def test_a_closed_case_takes_no_answer(centre: Any, now: datetime, zora: Any) -> None:
    case = make_case(centre.queue, holder=centre.person)
    found = ask(centre.person, now, case, person_id=str(zora.public_id))
    Case.objects.filter(pk=case.pk).update(status=CaseStatus.CLOSED)
    _refused(ConflictError, answer, zora, now, case, found)
