"""A matter that goes to somebody outside: who may say so, what is asked, what is recorded."""

from datetime import datetime
from typing import Any

import pytest

from cases.handoff import services
from cases.handoff.types import Outside
from cases.memory.models import Case
from cases.memory.types import CaseStatus
from governance.access.types import QueueGrant, Role
from governance.ledger.models import LedgerEntry
from orchestra.core.errors import ConflictError, InvalidInputError, NotFoundError, OrchestraError
from tests.cases.handoff.test_services import offer
from tests.factories.access import make_person
from tests.factories.cases import kinds_of, last_payload, make_case

WORDS = {
    "to": " Parcel carrier ",
    "reason_code": str(Outside.THEIRS_TO_DO),
    "told": "They will write to you by Friday.",
}


def refer(actor: Any, now: datetime, case: Case, **words: str) -> Case:
    return services.refer_outside(
        actor=actor.as_actor(), now=now, case=case, referral=services.Referral(**{**WORDS, **words})
    )


def test_it_is_recorded_and_the_case_stays_as_it_was(centre: Any, now: datetime) -> None:
    case = make_case(centre.queue, holder=centre.person)
    before = Case.objects.values().get(pk=case.pk)
    refer(centre.person, now, case)
    assert Case.objects.values().get(pk=case.pk) == before
    assert kinds_of(case.stream) == ["handoff.referred_outside"]
    assert last_payload(case.stream) == {
        "actor_label": "lena",
        "to": "Parcel carrier",
        "reason_code": "outside.theirs_to_do",
        "reason": "it is theirs to do",
        "told": "They will write to you by Friday.",
    }


def test_an_ai_agent_says_so_while_no_person_has_the_case(centre: Any, now: datetime) -> None:
    case = make_case(centre.queue)
    refer(centre.agent, now, case)
    assert kinds_of(case.stream) == ["handoff.referred_outside"]


@pytest.mark.parametrize("code", list(Outside))
def test_every_reason_reads_in_words(centre: Any, now: datetime, code: Outside) -> None:
    case = make_case(centre.queue)
    refer(centre.person, now, case, reason_code=code)
    assert str(last_payload(case.stream)["reason"]).isprintable()
    assert "." not in str(last_payload(case.stream)["reason"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("to", " "),
        ("to", "x" * 201),
        ("to", "a\x00b"),
        ("told", ""),
        ("told", "x" * 2_001),
        ("told", "a\ud800b"),
        ("reason_code", "because"),
        ("reason_code", "other"),
    ],
)
def test_what_is_missing_too_long_or_unknown_is_refused(
    centre: Any, now: datetime, field: str, value: str
) -> None:
    case = make_case(centre.queue)
    with pytest.raises(InvalidInputError) as refused:
        refer(centre.person, now, case, **{field: value})
    assert [error.field for error in refused.value.errors] == [field]
    assert not LedgerEntry.objects.exists()


def _refused(actor: Any, now: datetime, case: Case, error: type[OrchestraError]) -> OrchestraError:
    before = LedgerEntry.objects.count()
    with pytest.raises(error) as refused:
        refer(actor, now, case)
    assert LedgerEntry.objects.count() == before
    return refused.value


def test_whoever_does_not_have_the_case_is_refused(centre: Any, now: datetime) -> None:
    held = make_case(centre.queue, holder=centre.person)
    works = [QueueGrant.READ, QueueGrant.WORK]
    colleague = make_person("zora", roles=[Role.HUMAN_AGENT], grants={centre.queue: works})
    for actor in (centre.agent, colleague):
        error = _refused(actor, now, held, ConflictError)
        assert error.error_code == "conflict.held_by_another"
        assert centre.person.label in error.message
    _refused(centre.stranger, now, held, NotFoundError)


def test_a_case_that_waits_is_taken_first(centre: Any, now: datetime) -> None:
    found = offer(centre, now)
    error = _refused(centre.person, now, found.case, ConflictError)
    assert error.error_code == "conflict.handoff_waiting"
    services.accept_handoff(actor=centre.person.as_actor(), now=now, handoff_id=found.public_id)
    refer(centre.person, now, found.case)
    assert kinds_of(found.case.stream)[-1] == "handoff.referred_outside"


@pytest.mark.parametrize("status", [CaseStatus.RESOLVED, CaseStatus.CLOSED])
def test_a_case_that_is_over_goes_nowhere(centre: Any, now: datetime, status: CaseStatus) -> None:
    case = make_case(centre.queue, status=status)
    error = _refused(centre.person, now, case, ConflictError)
    assert error.error_code == "conflict.case_state"


def test_who_only_reads_the_case_refers_nothing(centre: Any, now: datetime) -> None:
    _refused(centre.reader, now, make_case(centre.queue), OrchestraError)
