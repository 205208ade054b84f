"""Rules of a case's memory, as tables and properties."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.memory import rules
from cases.memory.types import (
    CaseAct,
    CaseFilters,
    CaseStatus,
    EvidenceDraft,
    Masking,
    OpenCase,
    Speaker,
    Trust,
    VerificationLevel,
)
from governance.access.types import Role
from orchestra.core.actors import ActorKind
from tests.conftest import NOW
from tests.factories.cases import contact, email_point

LEVELS = st.sampled_from(VerificationLevel)


def open_case(pk: int = 1, **fields: object) -> OpenCase:
    return OpenCase(
        **{
            "pk": pk,
            "status": CaseStatus.OPEN,
            "customer_ref": "mia",
            "external_ref": "",
            "queue_id": 7,
            **fields,
        }
    )


@pytest.mark.parametrize(
    ("draft", "case", "rejoins"),
    [
        ({"customer_ref": "mia"}, {}, True),
        ({"customer_ref": "mia"}, {"status": CaseStatus.HANDED_OFF}, True),
        ({"customer_ref": "mia"}, {"status": CaseStatus.RESOLVED}, False),
        ({"customer_ref": "mia"}, {"status": CaseStatus.CLOSED}, False),
        ({"customer_ref": "mia"}, {"customer_ref": "otto"}, False),
        ({}, {"customer_ref": ""}, False),
        ({"customer_ref": "mia"}, {"queue_id": 8}, False),
        ({"customer_ref": "mia", "intent": "return_items"}, {"intent": "return_items"}, True),
        ({"customer_ref": "mia", "intent": "return_items"}, {"intent": ""}, True),
        ({"customer_ref": "mia", "intent": "return_items"}, {"intent": "cancel_order"}, False),
        ({"customer_ref": "mia", "external_ref": "x-2"}, {"external_ref": "x-1"}, False),
        ({"customer_ref": "mia", "external_ref": "x-2"}, {"external_ref": ""}, True),
        ({"customer_ref": "mia"}, {"external_ref": "x-1"}, True),
        ({"external_ref": "x-1"}, {"external_ref": "x-1", "status": CaseStatus.CLOSED}, True),
        ({"external_ref": "x-1"}, {"external_ref": "x-1", "queue_id": 8, "intent": "a"}, True),
    ],
)
def test_which_case_a_contact_belongs_to(
    *, draft: dict[str, str], case: dict[str, object], rejoins: bool
) -> None:
    candidate = open_case(**case)
    found = rules.rejoins(draft=contact(**draft), queue_id=7, candidates=[candidate])
    assert found == (candidate if rejoins else None)


def test_the_newest_case_is_rejoined_and_the_external_reference_wins() -> None:
    older, newer = open_case(1), open_case(2)
    named = open_case(3, external_ref="x-1", customer_ref="")
    draft = contact(customer_ref="mia")
    assert rules.rejoins(draft=draft, queue_id=7, candidates=[older, newer]) == newer
    draft = contact(customer_ref="mia", external_ref="x-1")
    assert rules.rejoins(draft=draft, queue_id=7, candidates=[older, named, newer]) == named


@given(present=LEVELS, recorded=LEVELS)
def test_recording_never_lowers_a_verification(
    present: VerificationLevel, recorded: VerificationLevel
) -> None:
    after = rules.level_after(present=present, recorded=recorded)
    assert after.strength == max(present.strength, recorded.strength)


@given(asserted=LEVELS, trust=st.sampled_from(Trust), present=LEVELS)
def test_an_ai_agent_never_reaches_more_than_claimed(
    asserted: VerificationLevel, trust: Trust, present: VerificationLevel
) -> None:
    given_trust = rules.trust_of(actor_kind=ActorKind.AGENT, asserted=trust)
    level = rules.recorded_level(trust=given_trust, asserted=asserted)
    assert given_trust is Trust.CLAIMED
    assert level is VerificationLevel.CLAIMED
    after = rules.level_after(present=present, recorded=level)
    assert after.strength <= max(present.strength, VerificationLevel.CLAIMED.strength)


@pytest.mark.parametrize(
    ("kind", "asserted", "stored"),
    [
        (ActorKind.HUMAN, Trust.CLAIMED, Trust.CLAIMED),
        (ActorKind.HUMAN, Trust.HUMAN_CONFIRMED, Trust.HUMAN_CONFIRMED),
        (ActorKind.HUMAN, Trust.TOOL_CONFIRMED, Trust.CLAIMED),
        (ActorKind.SYSTEM, Trust.TOOL_CONFIRMED, Trust.TOOL_CONFIRMED),
        (ActorKind.SYSTEM, Trust.CLAIMED, Trust.CLAIMED),
    ],
)
def test_on_whose_word_a_verification_stands(
    kind: ActorKind, asserted: Trust, stored: Trust
) -> None:
    assert rules.trust_of(actor_kind=kind, asserted=asserted) is stored


@pytest.mark.parametrize(
    ("present", "needed", "meets"),
    [
        (VerificationLevel.NONE, VerificationLevel.NONE, True),
        (VerificationLevel.CLAIMED, VerificationLevel.BASIC, False),
        (VerificationLevel.CLAIMED, VerificationLevel.CLAIMED, False),
        (VerificationLevel.BASIC, VerificationLevel.BASIC, True),
        (VerificationLevel.BASIC, VerificationLevel.STRONG, False),
        (VerificationLevel.STRONG, VerificationLevel.BASIC, True),
    ],
)
def test_a_claim_satisfies_nothing(
    *, present: VerificationLevel, needed: VerificationLevel, meets: bool
) -> None:
    assert rules.satisfies(present=present, needed=needed) is meets


@pytest.mark.parametrize(
    ("roles", "is_system", "unmasked", "masking"),
    [
        ([Role.HUMAN_AGENT], False, True, Masking.NONE),
        ([Role.HUMAN_AGENT], False, False, Masking.PERSONAL),
        ([Role.COMPLIANCE_OFFICER], False, True, Masking.NONE),
        ([Role.QA_ANALYST], False, True, Masking.PERSONAL),
        ([Role.ADMINISTRATOR], False, True, Masking.PERSONAL),
        ([], False, True, Masking.PERSONAL),
        ([], True, True, Masking.NONE),
        ([], True, False, Masking.PERSONAL),
    ],
)
def test_who_sees_personal_data(
    *, roles: list[Role], is_system: bool, unmasked: bool, masking: Masking
) -> None:
    assert rules.masking_for(roles=roles, is_system=is_system, unmasked=unmasked) is masking


@pytest.mark.parametrize(
    ("act", "statuses"),
    [
        (CaseAct.TALK, {"open", "handed_off", "resolved"}),
        (CaseAct.VERIFY, {"open", "handed_off"}),
        (CaseAct.MOVE, {"open", "handed_off", "resolved"}),
        (CaseAct.HOLD, {"open", "handed_off"}),
        (CaseAct.RESOLVE, {"open", "handed_off"}),
        (CaseAct.CLOSE, {"resolved"}),
        (CaseAct.REOPEN, {"resolved", "closed"}),
    ],
)
def test_what_can_be_done_in_which_state(act: CaseAct, statuses: set[str]) -> None:
    assert {str(s) for s in CaseStatus if rules.is_possible(act=act, status=s)} == statuses


@pytest.mark.parametrize(
    ("kind", "speakers"),
    [
        (ActorKind.AGENT, {Speaker.CUSTOMER, Speaker.AI}),
        (ActorKind.HUMAN, {Speaker.CUSTOMER, Speaker.HUMAN}),
        (ActorKind.SYSTEM, set(Speaker)),
    ],
)
def test_who_records_whose_words(kind: ActorKind, speakers: set[Speaker]) -> None:
    assert {s for s in Speaker if rules.may_speak(actor_kind=kind, speaker=s)} == speakers


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", ["blank"]),
        (" \n ", ["blank"]),
        ("a" * 20_000, []),
        ("a" * 20_001, ["too_long"]),
        ("a" * 2**20, ["too_long"]),
        ("é" * 20_000, []),
    ],
)
def test_how_long_a_message_may_be(text: str, codes: list[str]) -> None:
    assert [error.code for error in rules.text_errors(text)] == codes


def test_everything_wrong_with_a_contact_is_named_at_once() -> None:
    draft = contact(
        "",
        customer_ref="r" * 201,
        external_ref="x" * 201,
        contact_points=(email_point(), {"kind": "email"}, email_point("v" * 201)),
    )
    assert [(error.field, error.code) for error in rules.draft_errors(draft)] == [
        ("text", "blank"),
        ("customer.ref", "too_long"),
        ("external_ref", "too_long"),
        ("customer.contact_points[1]", "shape"),
        ("customer.contact_points[2].value", "too_long"),
    ]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"reference": "photo 3"}, []),
        ({"digest": "a" * 64}, []),
        ({}, ["reference"]),
        ({"digest": "A" * 64}, ["digest"]),
        ({"digest": "a" * 63}, ["digest"]),
        ({"reference": "x", "title": " ", "proves": "p" * 501}, ["proves", "title"]),
    ],
)
def test_what_evidence_needs(fields: dict[str, str], wrong: list[str]) -> None:
    draft = EvidenceDraft(
        **{"kind": "photo", "title": "Photo", "proves": "the item is broken", **fields}
    )
    assert [error.field for error in rules.evidence_errors(draft)] == wrong


def test_a_time_needs_an_offset_and_does_not_lie_ahead() -> None:
    assert rules.time_errors(at=None, now=NOW) == []
    assert rules.time_errors(at=NOW - timedelta(days=3), now=NOW) == []
    assert rules.time_errors(at=NOW + timedelta(seconds=30), now=NOW) == []
    ahead = rules.time_errors(at=NOW + timedelta(minutes=2), now=NOW)
    assert [error.code for error in ahead] == ["future"]
    naive = rules.time_errors(at=NOW.replace(tzinfo=None), now=NOW)
    assert [error.code for error in naive] == ["time"]


@given(st.text(min_size=1, max_size=400))
def test_a_subject_is_one_short_line(text: str) -> None:
    subject = rules.subject_of(contact(text))
    assert len(subject) <= 120
    assert "\n" not in subject


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, []),
        ({"status": "open", "risk": "asked_for_human", "opened_after": "2026-11-19T00:00:00Z"}, []),
        (
            {
                "status": "gone",
                "risk": '"',
                "holder_id": "me",
                "opened_after": "2026-11-19",
                "opened_before": "x",
            },
            ["status", "risk", "holder_id", "opened_after", "opened_before"],
        ),
    ],
)
def test_which_filters_are_refused(fields: dict[str, str], wrong: list[str]) -> None:
    assert [error.field for error in rules.filter_errors(CaseFilters(**fields))] == wrong


def test_a_reopened_case_stands_with_who_held_it() -> None:
    assert rules.status_after_reopening(has_holder=True) is CaseStatus.HANDED_OFF
    assert rules.status_after_reopening(has_holder=False) is CaseStatus.OPEN
