"""Offer, take, give back, complete: who may, what changes, what the ledger says."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.handoff import services
from cases.handoff.models import Handoff
from cases.handoff.rules import bundle_digest
from cases.handoff.types import BundleInputs, NamedEntity, NextStep
from cases.memory.models import Case
from governance.access.types import QueueGrant, Role
from governance.ledger.models import LedgerEntry
from orchestra.core.actors import system
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from tests.factories.access import make_person
from tests.factories.cases import kinds_of, last_payload, make_case

FULL = BundleInputs(
    intent="Return delivered items",
    entities=(NamedEntity("order_id", "#W1", "customer", confirmed=False),),
    verification="basic",
    next_step=NextStep(title="Check the item", why="The return step waits for it."),
    customer_paragraph="A colleague takes over.",
)


def rows() -> tuple[int, ...]:
    return (
        Handoff.objects.count(),
        LedgerEntry.objects.count(),
        Case.history.model.objects.count(),
    )


def offer(centre: Any, now: datetime, case: Case | None = None, **fields: Any) -> Handoff:
    names = fields.keys() & {"role", "person", "warmth"}
    wanted = services.Wanted(**{name: fields.pop(name) for name in names})
    return services.offer_handoff(
        **{
            "wanted": wanted,
            "actor": centre.agent.as_actor(),
            "now": now,
            "case": case or make_case(centre.queue),
            "queue": centre.queue,
            "reason_code": "customer_request",
            "inputs": FULL,
            **fields,
        }
    )


class TestOffering:
    def test_the_bundle_travels_whole(self, centre: Any, now: datetime) -> None:
        found = offer(centre, now, note="The customer insists.")
        found.refresh_from_db()
        assert (found.state, found.from_label, found.queue) == (
            "offered",
            "Returns assistant",
            centre.queue,
        )
        assert found.reply_due_at == now + timedelta(minutes=15)
        assert found.missing_parts == []
        assert found.bundle["next_step"]["title"] == "Check the item"
        assert found.bundle_digest == bundle_digest(found.bundle)
        assert kinds_of(found.case.stream) == ["handoff.offered"]
        payload = last_payload(found.case.stream)
        assert payload["bundle"] == found.bundle
        assert payload["reason"] == "The customer insists."

    def test_what_is_missing_is_named(self, centre: Any, now: datetime) -> None:
        found = offer(centre, now, inputs=BundleInputs(verification="none"))
        assert found.missing_parts == ["intent", "entities", "next_step", "customer_paragraph"]
        assert found.bundle["intent"] is None

    def test_it_goes_to_another_queue(self, centre: Any, now: datetime) -> None:
        found = offer(centre, now, queue=centre.other)
        found.case.refresh_from_db()
        assert found.case.queue == centre.other
        assert (found.case.status, found.case.holder) == ("open", None)

    def test_one_at_a_time(self, centre: Any, now: datetime) -> None:
        first = offer(centre, now)
        before = rows()
        with pytest.raises(ConflictError) as refused:
            offer(centre, now, first.case)
        assert refused.value.error_code == "conflict.handoff_waiting"
        assert refused.value.data == {"handoff": str(first.public_id)}
        assert rows() == before

    def test_only_a_person_hands_on_what_a_person_holds(self, centre: Any, now: datetime) -> None:
        first = offer(centre, now)
        services.accept_handoff(actor=centre.person.as_actor(), now=now, handoff_id=first.public_id)
        with pytest.raises(ConflictError) as refused:
            offer(centre, now, first.case)
        assert refused.value.error_code == "conflict.handoff_held"
        second = offer(centre, now, first.case, actor=centre.person.as_actor())
        first.refresh_from_db()
        second.case.refresh_from_db()
        assert (first.state, second.state) == ("completed", "offered")
        assert second.case.holder is None
        assert last_payload(second.case.stream)["ends"] == str(first.public_id)

    @pytest.mark.parametrize("status", ["resolved", "closed"])
    def test_a_case_that_is_over_is_not_handed_on(
        self, centre: Any, now: datetime, status: str
    ) -> None:
        case = make_case(centre.queue, status=status)
        before = rows()
        with pytest.raises(ConflictError):
            offer(centre, now, case)
        assert rows() == before

    @pytest.mark.parametrize(
        ("fields", "wrong"),
        [
            ({"reason_code": ""}, "reason_code"),
            ({"reason_code": "r" * 101}, "reason_code"),
            ({"note": "n" * 4001}, "note"),
            ({"note": "\x00"}, "note"),
            ({"inputs": BundleInputs(customer_paragraph="p" * 2001)}, "customer_paragraph"),
        ],
    )
    def test_bad_input_is_named(
        self, centre: Any, now: datetime, fields: dict[str, Any], wrong: str
    ) -> None:
        case = make_case(centre.queue)
        before = rows()
        with pytest.raises(InvalidInputError) as refused:
            offer(centre, now, case, **fields)
        assert [error.field for error in refused.value.errors] == [wrong]
        assert rows() == before

    def test_who_may_hand_over(self, centre: Any, now: datetime) -> None:
        case = make_case(centre.queue)
        before = rows()
        with pytest.raises(NotFoundError):
            offer(centre, now, case, actor=centre.stranger.as_actor())
        with pytest.raises(NotPermittedError):
            offer(centre, now, case, actor=centre.reader.as_actor())
        assert rows() == before


class TestAccepting:
    def test_a_person_takes_the_case(self, centre: Any, now: datetime) -> None:
        found = offer(centre, now)
        later = now + timedelta(minutes=4)
        taken = services.accept_handoff(
            actor=centre.person.as_actor(),
            now=later,
            handoff_id=found.public_id,
            missing=["next_step"],
        )
        taken.refresh_from_db()
        taken.case.refresh_from_db()
        assert (taken.state, taken.accepted_by, taken.accepted_at) == (
            "accepted",
            centre.person,
            later,
        )
        assert taken.said_missing == ["next_step"]
        assert (taken.case.holder, taken.case.status) == (centre.person, "handed_off")
        assert kinds_of(taken.case.stream) == ["handoff.offered", "handoff.accepted"]
        payload = last_payload(taken.case.stream)
        assert payload["waited_seconds"] == 240
        assert payload["bundle_digest"] == found.bundle_digest

    def test_the_second_one_is_told_who_took_it(self, centre: Any, now: datetime) -> None:
        found = offer(centre, now)
        services.accept_handoff(actor=centre.person.as_actor(), now=now, handoff_id=found.public_id)
        other = make_person(
            "nora", roles=[Role.SPECIALIST], grants={centre.queue: [QueueGrant.WORK]}
        )
        before = rows()
        for actor in (other.as_actor(), centre.person.as_actor()):
            with pytest.raises(ConflictError) as refused:
                services.accept_handoff(actor=actor, now=now, handoff_id=found.public_id)
            assert refused.value.error_code == "conflict.handoff_taken"
            assert refused.value.message == "lena took this case at 19:05 UTC."
            assert refused.value.data["holder"] == "lena"
        assert rows() == before

    @pytest.mark.parametrize(
        ("who", "error"),
        [
            ("agent", NotPermittedError),
            ("reader", NotPermittedError),
            ("stranger", NotFoundError),
        ],
    )
    def test_who_may_not(
        self, centre: Any, now: datetime, who: str, error: type[Exception]
    ) -> None:
        found = offer(centre, now)
        before = rows()
        with pytest.raises(error):
            services.accept_handoff(
                actor=getattr(centre, who).as_actor(), now=now, handoff_id=found.public_id
            )
        found.refresh_from_db()
        assert (found.state, rows()) == ("offered", before)

    def test_the_system_takes_nothing(self, centre: Any, now: datetime) -> None:
        found = offer(centre, now)
        with pytest.raises(NotPermittedError):
            services.accept_handoff(actor=system("sweep"), now=now, handoff_id=found.public_id)

    def test_a_role_that_was_asked_for(self, centre: Any, now: datetime) -> None:
        found = offer(centre, now, role="specialist")
        with pytest.raises(NotPermittedError) as refused:
            services.accept_handoff(
                actor=centre.person.as_actor(), now=now, handoff_id=found.public_id
            )
        assert refused.value.data == {"role": "specialist"}
        expert = make_person(
            "nora", roles=[Role.SPECIALIST], grants={centre.queue: [QueueGrant.WORK]}
        )
        services.accept_handoff(actor=expert.as_actor(), now=now, handoff_id=found.public_id)

    @pytest.mark.parametrize("handoff_id", ["no id", "00000000-0000-7000-8000-00000000dead"])
    def test_one_that_does_not_exist(self, centre: Any, now: datetime, handoff_id: str) -> None:
        with pytest.raises(NotFoundError):
            services.accept_handoff(actor=centre.person.as_actor(), now=now, handoff_id=handoff_id)

    def test_a_part_that_is_none(self, centre: Any, now: datetime) -> None:
        found = offer(centre, now)
        with pytest.raises(InvalidInputError) as refused:
            services.accept_handoff(
                actor=centre.person.as_actor(),
                now=now,
                handoff_id=found.public_id,
                missing=["mood"],
            )
        assert [error.field for error in refused.value.errors] == ["missing"]


class TestGivingBack:
    def test_it_goes_back_with_the_reason(self, centre: Any, now: datetime) -> None:
        found = offer(centre, now)
        person = centre.person.as_actor()
        services.accept_handoff(
            actor=person, now=now, handoff_id=found.public_id, missing=["entities"]
        )
        back = services.return_handoff(
            actor=person,
            now=now,
            handoff_id=found.public_id,
            reason="the order is not named",
            missing=["entities", "intent"],
        )
        back.refresh_from_db()
        back.case.refresh_from_db()
        assert (back.state, back.said_missing) == ("returned", ["entities", "intent"])
        assert (back.case.holder, back.case.status) == (None, "open")
        assert kinds_of(back.case.stream)[-1] == "handoff.returned"
        with pytest.raises(ConflictError):
            services.accept_handoff(actor=person, now=now, handoff_id=found.public_id)
        again = offer(centre, now, back.case)
        assert again.state == "offered"

    def test_only_who_holds_it(self, centre: Any, now: datetime) -> None:
        found = offer(centre, now)
        services.accept_handoff(actor=centre.person.as_actor(), now=now, handoff_id=found.public_id)
        other = make_person(
            "nora", roles=[Role.SUPERVISOR], grants={centre.queue: [QueueGrant.WORK]}
        )
        before = rows()
        with pytest.raises(NotPermittedError):
            services.return_handoff(
                actor=other.as_actor(), now=now, handoff_id=found.public_id, reason="mine"
            )
        with pytest.raises(NotPermittedError):
            services.complete_handoff(actor=other.as_actor(), now=now, handoff_id=found.public_id)
        assert rows() == before

    def test_a_reason_is_needed(self, centre: Any, now: datetime) -> None:
        found = offer(centre, now)
        with pytest.raises(InvalidInputError):
            services.return_handoff(
                actor=centre.person.as_actor(), now=now, handoff_id=found.public_id, reason=" "
            )


class TestCompleting:
    def test_it_is_done_once(self, centre: Any, now: datetime) -> None:
        found = offer(centre, now)
        person = centre.person.as_actor()
        with pytest.raises(ConflictError):
            services.complete_handoff(actor=person, now=now, handoff_id=found.public_id)
        services.accept_handoff(actor=person, now=now, handoff_id=found.public_id)
        done = services.complete_handoff(actor=person, now=now, handoff_id=found.public_id)
        done.refresh_from_db()
        done.case.refresh_from_db()
        assert done.state == "completed"
        assert done.case.holder == centre.person
        assert kinds_of(done.case.stream) == [
            "handoff.offered",
            "handoff.accepted",
            "handoff.completed",
        ]
        with pytest.raises(ConflictError):
            services.complete_handoff(actor=person, now=now, handoff_id=found.public_id)
