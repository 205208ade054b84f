"""Refused, not answered in time, judged, offered to one person, warm, and never for ever."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.handoff import services
from cases.handoff.models import Handoff
from cases.handoff.types import Reason, Warmth
from cases.memory.models import Case
from cases.memory.selectors import get_case, list_cases
from cases.memory.services import gate_locked
from governance.access.selectors import authority_of
from governance.access.types import Role
from governance.ledger.services import one_act
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from orchestra.core.history import save_as
from tests.cases.handoff.test_services import offer, rows
from tests.factories.access import ALL_GRANTS, FACTORY, make_person
from tests.factories.cases import kinds_of, last_payload, make_case


@pytest.fixture
def other(centre: Any) -> Any:
    return make_person("Second", roles=[Role.HUMAN_AGENT], grants={centre.queue: ALL_GRANTS})


def accept(person: Any, now: datetime, found: Handoff) -> Handoff:
    return services.accept_handoff(actor=person.as_actor(), now=now, handoff_id=found.public_id)


class TestRefusing:
    def test_it_waits_on_for_the_others(self, centre: Any, now: datetime, other: Any) -> None:
        found = offer(centre, now, person=other)
        with pytest.raises(NotPermittedError):
            accept(centre.person, now, found)
        services.refuse_handoff(
            actor=other.as_actor(), now=now, handoff_id=found.public_id, reason=" On the phone. "
        )
        found.refresh_from_db()
        assert (found.state, found.to_person) == ("offered", None)
        assert found.refused_by == [str(other.public_id)]
        assert last_payload(found.case.stream)["reason"] == "On the phone."
        accept(centre.person, now, found)
        with pytest.raises(ConflictError):
            services.refuse_handoff(
                actor=other.as_actor(), now=now, handoff_id=found.public_id, reason="Late."
            )

    def test_a_reason_is_needed(self, centre: Any, now: datetime) -> None:
        found = offer(centre, now)
        before = rows()
        with pytest.raises(InvalidInputError):
            services.refuse_handoff(
                actor=centre.person.as_actor(), now=now, handoff_id=found.public_id, reason=" "
            )
        assert rows() == before


class TestTimingOut:
    def test_the_next_role_is_asked_then_it_is_late_and_still_waits(
        self, centre: Any, now: datetime
    ) -> None:
        centre.queue.next_roles = ["specialist"]
        save_as(centre.queue, actor=FACTORY)
        found = offer(centre, now, person=centre.person)
        assert services.pass_overdue(now=now + timedelta(minutes=14)) == 0
        late = now + timedelta(minutes=15)
        assert services.pass_overdue(now=late) == 1
        found.refresh_from_db()
        assert (found.role, found.to_person, found.is_late) == ("specialist", None, False)
        assert found.reply_due_at == late + timedelta(minutes=15)
        assert services.pass_overdue(now=late + timedelta(minutes=15)) == 1
        assert services.pass_overdue(now=late + timedelta(days=1)) == 0
        found.refresh_from_db()
        assert (found.state, found.is_late, found.asked_again) == ("offered", True, 2)
        assert kinds_of(found.case.stream) == ["handoff.offered", *["handoff.timed_out"] * 2]
        assert last_payload(found.case.stream)["is_last"] is True

    def test_what_was_taken_does_not_time_out(self, centre: Any, now: datetime) -> None:
        found = offer(centre, now)
        accept(centre.person, now, found)
        assert services.pass_overdue(now=now + timedelta(days=1)) == 0


class TestJudging:
    @pytest.mark.parametrize(
        ("sufficient", "missing", "verdict"),
        [(True, (), True), (False, ("entities",), False), (True, ("entities",), False)],
    )
    def test_the_receiver_says_it_once(
        self, centre: Any, now: datetime, *, sufficient: bool, missing: Any, verdict: bool
    ) -> None:
        found = offer(centre, now)
        accept(centre.person, now, found)
        act = {"actor": centre.person.as_actor(), "now": now, "handoff_id": found.public_id}
        services.judge_handoff(**act, sufficient=sufficient, missing=missing)
        found.refresh_from_db()
        assert (found.is_sufficient, found.said_missing) == (verdict, list(missing))
        assert last_payload(found.case.stream)["sufficient"] is verdict
        with pytest.raises(ConflictError) as refused:
            services.judge_handoff(**act, sufficient=True)
        assert refused.value.error_code == "conflict.handoff_judged"

    def test_only_who_took_it_and_only_once_taken(
        self, centre: Any, now: datetime, other: Any
    ) -> None:
        found = offer(centre, now)
        act = {"now": now, "handoff_id": found.public_id, "sufficient": True}
        with pytest.raises(ConflictError):
            services.judge_handoff(actor=centre.person.as_actor(), **act)
        accept(centre.person, now, found)
        with pytest.raises(NotPermittedError):
            services.judge_handoff(actor=other.as_actor(), **act)


class TestRouting:
    def test_a_person_who_could_not_take_it_is_not_asked(self, centre: Any, now: datetime) -> None:
        case = make_case(centre.queue)
        before = rows()
        with pytest.raises(InvalidInputError) as refused:
            offer(centre, now, case, person=centre.stranger)
        assert [error.field for error in refused.value.errors] == ["to.person"]
        assert rows() == before

    @pytest.mark.parametrize(
        ("code", "note", "field"),
        [("because", "", "reason_code"), (str(Reason.OTHER), " ", "note")],
    )
    def test_reasons_are_a_closed_list(
        self, centre: Any, now: datetime, code: str, note: str, field: str
    ) -> None:
        case = make_case(centre.queue)
        with pytest.raises(InvalidInputError) as refused:
            offer(centre, now, case, reason_code=code, note=note)
        assert [error.field for error in refused.value.errors] == [field]

    def test_a_supervisor_takes_what_was_asked_of_another(self, centre: Any, now: datetime) -> None:
        boss = make_person("Boss", roles=[Role.SUPERVISOR], grants={centre.queue: ALL_GRANTS})
        found = offer(centre, now, person=centre.person)
        assert accept(boss, now, found).accepted_by == boss

    def test_warm_keeps_the_sender_until_somebody_has_it(
        self, centre: Any, now: datetime, other: Any
    ) -> None:
        first = offer(centre, now)
        with pytest.raises(InvalidInputError):
            offer(centre, now, warmth=Warmth.WARM)
        accept(centre.person, now, first)
        warm = offer(centre, now, first.case, actor=centre.person.as_actor(), warmth=Warmth.WARM)
        warm.case.refresh_from_db()
        assert warm.case.holder == centre.person
        accept(other, now, warm)
        warm.case.refresh_from_db()
        assert warm.case.holder == other
        assert last_payload(warm.case.stream)["both_present"] is True
        assert warm.transfer == "same_team"


class TestLoops:
    def test_two_owners_do_not_pass_it_for_ever(
        self, centre: Any, now: datetime, other: Any, settings: Any
    ) -> None:
        settings.ORCHESTRA = {**settings.ORCHESTRA, "HANDOFF_PASSES": 2}
        found = offer(centre, now)
        accept(centre.person, now, found)
        case = found.case
        for giver, taker in ((centre.person, other), (other, centre.person)):
            found = offer(centre, now, case, actor=giver.as_actor())
            accept(taker, now, found)
        found = offer(centre, now, case, actor=centre.person.as_actor())
        before = rows()
        with pytest.raises(ConflictError) as refused:
            accept(other, now, found)
        assert refused.value.error_code == "conflict.handoff_loop"
        assert rows() == before
        boss = make_person("Boss", roles=[Role.SUPERVISOR], grants={centre.queue: ALL_GRANTS})
        assert accept(boss, now, found).state == "accepted"

    def test_returns_to_an_agent_end_too(self, centre: Any, now: datetime, settings: Any) -> None:
        settings.ORCHESTRA = {**settings.ORCHESTRA, "HANDOFF_PASSES": 3}
        case: Case | None = None
        back = {"actor": centre.person.as_actor(), "now": now, "reason": "The bot can."}
        found = offer(centre, now, case)
        accept(centre.person, now, found)
        services.return_handoff(**back, handoff_id=found.public_id)
        found = offer(centre, now, found.case)
        accept(centre.person, now, found)
        with pytest.raises(ConflictError) as refused:
            services.return_handoff(**back, handoff_id=found.public_id)
        assert refused.value.data["passes"] == 3


class TestGating:
    def test_no_agent_reads_on_until_a_person_gives_it_back(
        self, centre: Any, now: datetime
    ) -> None:
        found = offer(centre, now, reason_code=str(Reason.POLICY_SPECIALIST))
        agent = authority_of(centre.agent.as_actor())
        with one_act():
            gate_locked(actor=centre.agent.as_actor(), now=now, case=found.case, on=True)
        with pytest.raises(NotPermittedError) as refused:
            get_case(authority=agent, case_id=found.case.public_id)
        assert refused.value.error_code == "not_permitted.case_gated"
        assert not list_cases(authority=agent).exists()
        person = authority_of(centre.person.as_actor())
        assert get_case(authority=person, case_id=found.case.public_id) == found.case
        accept(centre.person, now, found)
        services.return_handoff(
            actor=centre.person.as_actor(), now=now, handoff_id=found.public_id, reason="Safe."
        )
        assert get_case(authority=agent, case_id=found.case.public_id).gated_at is None
        assert kinds_of(found.case.stream)[-2:] == ["case.ungated", "handoff.returned"]
