"""The acts on a case's memory: what they write, what they refuse, what the ledger says."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.memory import services
from cases.memory.models import Case, Customer
from cases.memory.types import (
    CaseStatus,
    Channel,
    Speaker,
    VerificationLevel,
)
from governance.ledger.models import LedgerEntry
from orchestra.core.actors import system
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from tests.factories.cases import (
    contact,
    email_point,
    kinds_of,
    last_payload,
    make_case,
    make_customer,
    memory_rows,
)

TOOLS = system("tools")


def fields_of(error: InvalidInputError) -> list[str]:
    return [found.field for found in error.errors]


class TestOpening:
    def test_a_contact_opens_a_case(self, centre: Any, now: datetime) -> None:
        draft = contact(
            "Please refund the skateboard.",
            queue="returns",
            customer_ref="mia_garcia_4516",
            customer_name="Mia Garcia",
            contact_points=(email_point(),),
            external_ref="chat-1",
        )
        case = services.open_case(actor=centre.agent.as_actor(), now=now, draft=draft)
        case.refresh_from_db()
        assert (case.status, case.queue, case.channel) == ("open", centre.queue, "chat")
        assert (case.subject, case.external_ref) == ("Please refund the skateboard.", "chat-1")
        assert (case.opened_by_kind, case.opened_by_label) == ("agent", "Returns assistant")
        assert (case.verification, case.priority, case.opened_at) == ("none", 3, now)
        assert case.customer is not None
        assert case.customer.ref == "mia_garcia_4516"
        assert case.customer.contact_points == [email_point()]
        message = case.messages.get()
        assert (message.speaker, message.text) == ("customer", "Please refund the skateboard.")
        assert kinds_of(case.stream) == ["case.opened", "message.added"]
        assert last_payload(case.stream)["text"] == "Please refund the skateboard."
        assert case.history.get().actor_label == "Returns assistant"

    def test_without_a_queue_it_stands_in_the_default_one(self, centre: Any, now: datetime) -> None:
        centre.queue.__class__.objects.filter(pk=centre.queue.pk).update(is_default=True)
        case = services.open_case(actor=centre.person.as_actor(), now=now, draft=contact())
        assert case.queue == centre.queue
        assert case.customer is None

    def test_the_same_customer_rejoins_and_has_to_be_verified_again(
        self, centre: Any, now: datetime
    ) -> None:
        actor = centre.agent.as_actor()
        draft = contact(queue="returns", customer_ref="mia")
        case = services.open_case(actor=actor, now=now, draft=draft)
        Case.objects.filter(pk=case.pk).update(verification="strong")
        later = now + timedelta(hours=1)
        again = services.receive_contact(
            actor=actor,
            now=later,
            draft=contact("Any news?", channel=Channel.EMAIL, queue="returns", customer_ref="mia"),
        )
        assert again.rejoined
        assert again.case == case
        assert again.case.verification == VerificationLevel.NONE
        assert [found.channel for found in case.interactions.order_by("pk")] == ["chat", "email"]
        assert kinds_of(case.stream) == [
            "case.opened",
            "message.added",
            "verification.withdrawn",
            "interaction.started",
            "message.added",
        ]
        assert Case.objects.count() == 1

    def test_the_same_external_reference_is_the_same_case(self, centre: Any, now: datetime) -> None:
        actor = centre.agent.as_actor()
        draft = contact(queue="returns", external_ref="chat-1")
        case = services.open_case(actor=actor, now=now, draft=draft)
        Case.objects.filter(pk=case.pk).update(verification="basic", status="resolved")
        again = services.open_case(actor=actor, now=now, draft=draft)
        assert again == case
        assert (again.status, again.verification) == ("open", "basic")
        assert "case.reopened" in kinds_of(case.stream)

    def test_a_new_external_reference_never_rejoins(self, centre: Any, now: datetime) -> None:
        actor = centre.agent.as_actor()
        for number in range(2):
            draft = contact(queue="returns", customer_ref="mia", external_ref=f"chat-{number}")
            services.open_case(actor=actor, now=now, draft=draft)
        assert Case.objects.count() == 2
        assert Customer.objects.count() == 1

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"status": "closed"}, "conflict.case_closed"),
            ({}, "conflict.customer"),
        ],
    )
    def test_an_external_reference_that_is_taken_is_refused(
        self, centre: Any, now: datetime, changes: dict[str, str], code: str
    ) -> None:
        make_customer("otto")
        make_case(centre.queue, external_ref="chat-1", customer=make_customer("mia"), **changes)
        before = memory_rows()
        draft = contact(queue="returns", external_ref="chat-1", customer_ref="otto")
        with pytest.raises(ConflictError) as refused:
            services.open_case(actor=centre.agent.as_actor(), now=now, draft=draft)
        assert refused.value.error_code == code
        assert memory_rows() == before

    def test_a_hidden_case_is_neither_rejoined_nor_told_of(
        self, centre: Any, now: datetime
    ) -> None:
        make_case(centre.other, external_ref="chat-9", customer=make_customer("mia"))
        before = memory_rows()
        draft = contact(queue="returns", external_ref="chat-9", customer_ref="mia")
        with pytest.raises(ConflictError) as refused:
            services.open_case(actor=centre.agent.as_actor(), now=now, draft=draft)
        assert refused.value.error_code == "conflict.external_ref"
        assert refused.value.data == {}
        assert memory_rows() == before

    @pytest.mark.parametrize(
        ("fields", "wrong"),
        [
            ({"text": "a" * 2**20}, ["text"]),
            ({"text": ""}, ["text"]),
            ({"text": "null \x00 character"}, ["text"]),
            ({"text": "half \ud800 pair"}, ["text"]),
            ({"customer_name": "\x00"}, ["customer.name"]),
            ({"queue": "nowhere"}, ["queue"]),
            ({"external_ref": "x" * 201, "customer_ref": "r" * 201},
             ["customer.ref", "external_ref"]),
        ],
    )  # fmt: skip
    def test_bad_input_names_its_fields_and_changes_nothing(
        self, centre: Any, now: datetime, fields: dict[str, str], wrong: list[str]
    ) -> None:
        before = memory_rows()
        draft = contact(**{"text": "Hello", "queue": "returns", **fields})
        with pytest.raises(InvalidInputError) as refused:
            services.open_case(actor=centre.agent.as_actor(), now=now, draft=draft)
        assert fields_of(refused.value) == wrong
        assert memory_rows() == before

    def test_only_who_works_the_queue_opens_cases_there(self, centre: Any, now: datetime) -> None:
        before = memory_rows()
        for actor in (centre.reader.as_actor(), centre.stranger.as_actor()):
            with pytest.raises(NotPermittedError):
                services.open_case(actor=actor, now=now, draft=contact(queue="returns"))
        assert memory_rows() == before


class TestTalking:
    def test_a_message_and_its_entry(self, centre: Any, now: datetime) -> None:
        case = make_case(centre.queue)
        said = now - timedelta(minutes=5)
        message = services.add_message(
            actor=centre.agent.as_actor(),
            now=now,
            case=case,
            speaker=Speaker.AI,
            text="Shall I return it?",
            at=said,
        )
        assert (message.at, message.author_label) == (said, "Returns assistant")
        assert kinds_of(case.stream) == ["message.added"]
        entry = LedgerEntry.objects.get(stream=case.stream)
        assert (entry.subject_kind, entry.subject_id) == ("message", str(message.public_id))

    def test_a_message_lands_in_the_latest_contact(self, centre: Any, now: datetime) -> None:
        case = make_case(centre.queue)
        actor = centre.person.as_actor()
        started = services.start_interaction(actor=actor, now=now, case=case, channel=Channel.VOICE)
        message = services.add_message(
            actor=actor, now=now, case=case, speaker=Speaker.HUMAN, text="Good evening."
        )
        assert message.interaction == started
        assert kinds_of(case.stream) == ["interaction.started", "message.added"]

    @pytest.mark.parametrize(
        ("fields", "error"),
        [
            ({"text": "a" * 2**20}, InvalidInputError),
            ({"text": "\x00"}, InvalidInputError),
            ({"speaker": Speaker.HUMAN}, NotPermittedError),
            ({"at": datetime(2030, 1, 1)}, InvalidInputError),  # noqa: DTZ001  a naive time is the case
        ],
    )
    def test_what_is_refused_changes_nothing(
        self, centre: Any, now: datetime, fields: dict[str, Any], error: type[Exception]
    ) -> None:
        case = make_case(centre.queue)
        before = memory_rows()
        given = {"speaker": Speaker.AI, "text": "Hello", **fields}
        with pytest.raises(error):
            services.add_message(actor=centre.agent.as_actor(), now=now, case=case, **given)
        assert memory_rows() == before

    def test_a_foreign_contact_is_refused(self, centre: Any, now: datetime) -> None:
        case, other = make_case(centre.queue), make_case(centre.queue)
        with pytest.raises(InvalidInputError) as refused:
            services.add_message(
                actor=centre.person.as_actor(),
                now=now,
                case=case,
                speaker=Speaker.CUSTOMER,
                text="Hello",
                interaction=other.interactions.get(),
            )
        assert fields_of(refused.value) == ["interaction"]

    def test_a_closed_case_takes_no_words(self, centre: Any, now: datetime) -> None:
        case = make_case(centre.queue, status=CaseStatus.CLOSED)
        before = memory_rows()
        with pytest.raises(ConflictError) as refused:
            services.add_message(
                actor=centre.person.as_actor(),
                now=now,
                case=case,
                speaker=Speaker.CUSTOMER,
                text="Hello",
            )
        assert refused.value.data["status"] == "closed"
        assert memory_rows() == before

    def test_who_may_not_see_the_case_does_not_find_it(self, centre: Any, now: datetime) -> None:
        case = make_case(centre.queue)
        given: dict[str, Any] = {"now": now, "case": case, "text": "Hello"}
        with pytest.raises(NotFoundError):
            services.add_message(actor=centre.stranger.as_actor(), speaker=Speaker.HUMAN, **given)
        with pytest.raises(NotPermittedError):
            services.add_message(actor=centre.reader.as_actor(), speaker=Speaker.HUMAN, **given)
        assert kinds_of(case.stream) == []
