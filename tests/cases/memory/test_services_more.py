"""The acts on a case's memory: what they write, what they refuse, what the ledger says."""

from datetime import datetime
from typing import Any

import pytest

from cases.memory import services
from cases.memory.models import Case, Customer, Verification
from cases.memory.types import (
    EvidenceDraft,
    Trust,
    VerificationLevel,
)
from governance.access.selectors import authority_of_person
from orchestra.core.actors import system
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from tests.factories.cases import (
    kinds_of,
    last_payload,
    make_case,
    make_customer,
    memory_rows,
)

TOOLS = system("tools")


def fields_of(error: InvalidInputError) -> list[str]:
    return [found.field for found in error.errors]


class TestVerification:
    def record(self, actor: Any, now: datetime, case: Case, **fields: Any) -> Verification:
        return services.record_verification(
            actor=actor,
            now=now,
            case=case,
            **{
                "level": VerificationLevel.BASIC,
                "method": "email on file",
                "trust": Trust.HUMAN_CONFIRMED,
                **fields,
            },
        )

    def test_what_an_ai_agent_posts_is_a_claim(self, centre: Any, now: datetime) -> None:
        case = make_case(centre.queue)
        found = self.record(
            centre.agent.as_actor(),
            now,
            case,
            level=VerificationLevel.STRONG,
            trust=Trust.TOOL_CONFIRMED,
            customer_ref="mia",
            tool_call_id="made-up",
        )
        case.refresh_from_db()
        assert (found.level, found.trust) == ("claimed", "claimed")
        assert (case.verification, case.customer) == ("claimed", None)
        assert Customer.objects.count() == 0
        assert last_payload(case.stream)["asserted"] == "strong"

    def test_a_tool_that_verifies_raises_and_binds(self, centre: Any, now: datetime) -> None:
        case = make_case(centre.queue)
        self.record(
            TOOLS,
            now,
            case,
            trust=Trust.TOOL_CONFIRMED,
            customer_ref="mia",
            customer_name="Mia Garcia",
            tool_call_id="call-1",
        )
        case.refresh_from_db()
        assert case.verification == "basic"
        assert case.customer is not None
        assert (case.customer.ref, case.customer.name) == ("mia", "Mia Garcia")
        assert kinds_of(case.stream) == ["customer.bound", "verification.recorded"]

    def test_a_person_raises_it_and_nothing_lowers_it(self, centre: Any, now: datetime) -> None:
        case = make_case(centre.queue)
        self.record(centre.person.as_actor(), now, case, level=VerificationLevel.STRONG)
        self.record(centre.person.as_actor(), now, case, level=VerificationLevel.BASIC)
        self.record(centre.agent.as_actor(), now, case, trust=Trust.CLAIMED)
        case.refresh_from_db()
        assert case.verification == "strong"
        assert Verification.objects.filter(case=case).count() == 3

    def test_a_verification_is_withdrawn_openly_by_a_person(
        self, centre: Any, now: datetime
    ) -> None:
        case = make_case(centre.queue, verification="strong")
        with pytest.raises(NotPermittedError):
            services.withdraw_verification(
                actor=centre.agent.as_actor(), now=now, case=case, reason="odd answers"
            )
        services.withdraw_verification(
            actor=centre.person.as_actor(), now=now, case=case, reason="odd answers"
        )
        case.refresh_from_db()
        assert case.verification == "none"
        assert last_payload(case.stream)["reason"] == "odd answers"

    @pytest.mark.parametrize("claimant", ["agent", "person"])
    def test_another_customer_is_refused(self, centre: Any, now: datetime, claimant: str) -> None:
        case = make_case(centre.queue, customer=make_customer("mia"))
        before = memory_rows()
        with pytest.raises(ConflictError) as refused:
            self.record(getattr(centre, claimant).as_actor(), now, case, customer_ref="otto")
        assert refused.value.error_code == "conflict.customer"
        assert memory_rows() == before

    @pytest.mark.parametrize(
        ("fields", "wrong"),
        [
            ({"method": " "}, ["method"]),
            ({"method": "m" * 101}, ["method"]),
            ({"level": VerificationLevel.NONE}, ["level"]),
            ({"customer_ref": "\x00"}, ["customer.ref"]),
        ],
    )
    def test_bad_input_is_refused(
        self, centre: Any, now: datetime, fields: dict[str, Any], wrong: list[str]
    ) -> None:
        case = make_case(centre.queue)
        before = memory_rows()
        with pytest.raises(InvalidInputError) as refused:
            self.record(centre.person.as_actor(), now, case, **fields)
        assert fields_of(refused.value) == wrong
        assert memory_rows() == before

    def test_a_tool_names_its_call(self, centre: Any, now: datetime) -> None:
        with pytest.raises(InvalidInputError):
            self.record(TOOLS, now, make_case(centre.queue), trust=Trust.TOOL_CONFIRMED)

    def test_a_reader_verifies_nobody(self, centre: Any, now: datetime) -> None:
        case = make_case(centre.queue)
        before = memory_rows()
        with pytest.raises(NotPermittedError):
            self.record(centre.reader.as_actor(), now, case)
        assert memory_rows() == before


class TestBinding:
    def test_a_case_has_one_customer(self, centre: Any, now: datetime) -> None:
        case = make_case(centre.queue)
        actor = centre.person.as_actor()
        services.bind_customer(actor=actor, now=now, case=case, customer_ref="mia")
        services.bind_customer(actor=actor, now=now, case=case, customer_ref="mia")
        with pytest.raises(ConflictError):
            services.bind_customer(actor=actor, now=now, case=case, customer_ref="otto")
        case.refresh_from_db()
        assert case.customer is not None
        assert case.customer.ref == "mia"
        assert kinds_of(case.stream) == ["customer.bound"]
        assert not Customer.objects.filter(ref="otto").exists()


class TestEvidence:
    @pytest.mark.parametrize(
        ("who", "trust"), [("agent", "claimed"), ("person", "human_confirmed")]
    )
    def test_trust_follows_who_attaches(
        self, centre: Any, now: datetime, who: str, trust: str
    ) -> None:
        case = make_case(centre.queue)
        draft = EvidenceDraft(
            kind="photo", title="Photo of the box", proves="it is broken", digest="ab" * 32
        )
        found = services.attach_evidence(
            actor=getattr(centre, who).as_actor(),
            now=now,
            case=case,
            draft=draft,
            trust=Trust.HUMAN_CONFIRMED,
        )
        assert found.trust == trust
        assert kinds_of(case.stream) == ["evidence.attached"]

    def test_evidence_without_substance_is_refused(self, centre: Any, now: datetime) -> None:
        case = make_case(centre.queue)
        before = memory_rows()
        with pytest.raises(InvalidInputError) as refused:
            services.attach_evidence(
                actor=centre.person.as_actor(),
                now=now,
                case=case,
                draft=EvidenceDraft(kind="photo", title="", proves=""),
            )
        assert fields_of(refused.value) == ["title", "proves", "reference"]
        assert memory_rows() == before


class TestLifecycle:
    def test_resolve_close_reopen(self, centre: Any, now: datetime) -> None:
        actor = centre.person.as_actor()
        case = make_case(centre.queue)
        services.resolve_case(
            actor=actor, now=now, case=case, outcome="Return requested", confirmed=True
        )
        services.close_case(actor=actor, now=now, case=case)
        case.refresh_from_db()
        assert (case.status, case.outcome, case.outcome_confirmed) == (
            "closed",
            "Return requested",
            True,
        )
        assert (case.resolved_at, case.closed_at) == (now, now)
        services.reopen_case(actor=actor, now=now, case=case, reason="the label never came")
        case.refresh_from_db()
        assert (case.status, case.resolved_at, case.closed_at) == ("open", None, None)
        assert kinds_of(case.stream) == [
            "case.resolved",
            "case.closed",
            "stream.sealed",
            "case.reopened",
        ]
        assert [row.history_change_reason for row in case.history.all()][:3] == [
            "the label never came",
            "closed",
            "resolved",
        ]

    @pytest.mark.parametrize(
        ("status", "act", "fields"),
        [
            ("resolved", "resolve_case", {"outcome": "again", "confirmed": False}),
            ("closed", "resolve_case", {"outcome": "again", "confirmed": False}),
            ("open", "close_case", {}),
            ("handed_off", "close_case", {}),
            ("closed", "close_case", {}),
            ("open", "reopen_case", {"reason": "why"}),
        ],
    )
    def test_a_state_that_does_not_allow_it(
        self, centre: Any, now: datetime, status: str, act: str, fields: dict[str, Any]
    ) -> None:
        case = make_case(centre.queue, status=status)
        before = memory_rows()
        with pytest.raises(ConflictError):
            getattr(services, act)(actor=centre.person.as_actor(), now=now, case=case, **fields)
        assert memory_rows() == before

    def test_an_outcome_is_said(self, centre: Any, now: datetime) -> None:
        with pytest.raises(InvalidInputError) as refused:
            services.resolve_case(
                actor=centre.person.as_actor(),
                now=now,
                case=make_case(centre.queue),
                outcome=" ",
                confirmed=True,
            )
        assert fields_of(refused.value) == ["outcome"]

    def test_a_case_moves_once(self, centre: Any, now: datetime) -> None:
        case = make_case(centre.queue)
        for _ in range(2):
            services.move_case(actor=TOOLS, now=now, case=case, queue=centre.other)
        case.refresh_from_db()
        assert case.queue == centre.other
        assert kinds_of(case.stream) == ["case.moved"]

    def test_a_person_holds_a_case(self, centre: Any, now: datetime) -> None:
        case = make_case(centre.queue)
        services.hold_case(actor=TOOLS, now=now, case=case, user=centre.person)
        case.refresh_from_db()
        assert (case.holder, case.status) == (centre.person, "handed_off")
        assert last_payload(case.stream)["holder"] == "lena"


class TestFlags:
    def test_only_a_person_clears_a_flag_with_a_reason(self, centre: Any, now: datetime) -> None:
        case = make_case(centre.queue, risk_flags=["fraud", "complaint"])
        before = memory_rows()
        given: dict[str, Any] = {"now": now, "case": case, "flag": "fraud"}
        with pytest.raises(NotPermittedError):
            services.clear_risk_flag(actor=centre.agent.as_actor(), reason="fine", **given)
        with pytest.raises(InvalidInputError):
            services.clear_risk_flag(actor=centre.person.as_actor(), reason=" ", **given)
        assert memory_rows() == before
        services.clear_risk_flag(
            actor=centre.person.as_actor(), reason="the bank confirmed it", **given
        )
        case.refresh_from_db()
        assert case.risk_flags == ["complaint"]
        with pytest.raises(ConflictError):
            services.clear_risk_flag(actor=centre.person.as_actor(), reason="again", **given)
        assert kinds_of(case.stream) == ["case.flag_cleared"]


class TestReading:
    def test_opening_a_case_is_recorded(self, centre: Any, now: datetime) -> None:
        case = make_case(centre.queue)
        reader, stranger = (authority_of_person(one) for one in (centre.reader, centre.stranger))
        services.record_read(authority=reader, now=now, case=case, unmasked=True)
        assert kinds_of(case.stream) == ["case.read"]
        assert last_payload(case.stream)["unmasked"] is True
        with pytest.raises(NotFoundError):
            services.record_read(authority=stranger, now=now, case=case)
        assert kinds_of(case.stream) == ["case.read"]
